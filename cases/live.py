"""Cases on the live push: what staff see of them, and the socket by which a reporter follows one."""

import re
from collections.abc import Sequence

from django.urls import reverse

from cases.models import Case
from cases.timeline import public_progress
from governance.live import coalesce, describe, list_by_area
from governance.live.sockets import NOT_FOUND, LiveSocket
from governance.live.threads import in_language, in_thread

TOKEN = re.compile(r"[A-Za-z0-9_-]{1,40}")


@describe("cases.case", rows=lambda: Case.objects.with_rows().defer("area__boundary"))
def live_rows(cases: Sequence[Case]) -> dict[int, dict]:
    """Return what a toast or a list row shows of each case; needs no further statement."""
    return {
        case.pk: {
            "number": case.number,
            "state": case.state,
            "state_label": case.get_state_display(),
            "category": str(case.category) if case.category else "",
            "area": str(case.area),
            "address": case.address,
            "due_at": case.due_at,
            "overdue": case.overdue,
            "lead_unit": str(case.lead_unit) if case.lead_unit else "",
            "version": case.version,
            "url": reverse("admin:cases_case_change", args=[case.pk]),
        }
        for case in cases
    }


# Steps of a few cases keep what a page shows of each; what a storm brings in one grid is told together [J].
coalesce("cases.case", tell=list_by_area("admin:cases_case_changelist"), whole=3)


class ReportSocket(LiveSocket):
    """``/ws/v1/reports/<token>/``: whoever has the tracking token sees how far the case is, and each step at once.

    Sends {"type": "progress", ...what ``cases.timeline.public_progress`` tells}: on connecting and when it changes.
    """

    async def connect(self):
        await self.accept()
        self.token = self.scope["url_route"]["kwargs"]["token"]
        self.shown = None
        await self.relay.where()
        await self.join()
        self.number = self.relay.number
        await self._show()

    async def follow(self):
        missed = range(self.number + 1, self.relay.number + 1)
        self.number = self.relay.number
        if any(self._concerns(number) for number in missed):
            await self._show()

    def _concerns(self, number: int) -> bool:
        """Tell whether a batch may be about this case; one that is gone may."""
        batch = self.relay.batches.get(number)
        return batch is None or any(event.subject in self.subjects for event in batch.events)

    async def _show(self) -> None:
        case = await in_thread(_followed, self.token)
        if case is None:
            await self.refuse(NOT_FOUND, "not_found", "no such report")
        # A report merged into another case moves with that one.
        self.subjects = {("cases.case", pk) for pk in (case.pk, case.merged_into_id) if pk}
        progress = {"type": "progress"} | await in_language(self.language, public_progress, case)
        if progress != self.shown:
            self.shown = progress
            await self.say(progress)


def _followed(token: str) -> Case | None:
    if not TOKEN.fullmatch(token):
        return None
    return Case.objects.followed().filter(token=token).first()
