"""Redemption on the first page of who runs it: what is to be prepared and handed over."""

from django.urls import reverse
from django.utils.translation import gettext as _

from governance.admin.my_work import WorkList, WorkRow, provides_work, work_list
from governance.scoping import roles_of, visible_q
from partners.models import Redemption
from partners.rewards.looks import REDEMPTION_TONES
from partners.rewards.querysets import RUN_BY, RUNS


def redemption_row(row: Redemption) -> WorkRow:
    """Show a redemption."""
    return WorkRow(
        url=reverse("admin:partners_redemption_change", args=[row.pk]), title=row.title, text=row.who,
        place=row.area.name, badge=_("Ready") if row.ready_at else row.get_state_display(),
        tone=REDEMPTION_TONES[row.state], due_at=row.until, note=row.time_text,
    )  # fmt: skip


@provides_work
def redemptions_work(user) -> list[WorkList]:
    """What members come for."""
    if not roles_of(user) & set(RUN_BY):
        return []
    rows = Redemption.objects.filter(visible_q(RUNS, user), state="held", merchant=None).with_rows().order_by("until")
    base = reverse("admin:partners_redemption_changelist")
    return [work_list("redemptions", _("Redemptions to hand over"), rows, redemption_row,
                      f"{base}?state__exact=held", order=18)]  # fmt: skip
