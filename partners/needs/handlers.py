"""What needs do when a deadline is missed, when a case ends, and when a hot-spot signal is made a need."""

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.hotspots.takers import register_taker
from cases.models import Case
from governance.events import on
from governance.models import Area, Dwelling, Estate, User
from governance.timers import fires
from partners.models import Need, NeedState, Survey
from partners.needs.acting import clock, tell
from partners.needs.deadlines import CALL_DUE, VERIFY_DUE
from partners.needs.deciding import need_reopen, need_solve, need_take_back
from partners.needs.making import need_from_answer, need_from_signal
from partners.surveys.needs_link import Candidate, register_need_maker


@fires(VERIFY_DUE)
def verify_due(timer) -> None:
    """Nobody has verified a need in time."""
    need = Need.objects.lock(timer.subject_id)
    if need.state == NeedState.REGISTERED:
        tell("need.verify_overdue", need, timer.due_at)


@fires(CALL_DUE)
def call_due(timer) -> None:
    """Nobody has called those who raised a need in time."""
    need = Need.objects.lock(timer.subject_id)
    if need.state == NeedState.SOLVED:
        tell("need.call_back_overdue", need, timer.due_at)


@on("case.closed", "case.rejected", "case.cancelled", "case.reopened", "case.merged")
def case_told_back(event, case: Case) -> None:
    """What became of a case is told to the need it was opened for, in the case's own transaction.

    Here the case is locked before the need. No service locks an existing case after a need, so nobody waits in a ring.
    """
    for need in Need.objects.filter(case=case).order_by("pk"):
        _told_back(event, case, Need.objects.lock(need.pk))


def _told_back(event, case: Case, need: Need) -> None:
    given = {"actor": clock(), "occurred_at": event.occurred_at, "payload": {"case": case.number}}
    words = {"number": case.number}
    if event.name == "case.closed" and need.state == NeedState.TRANSFERRED:
        need_solve(need, evidence=_("Case %(number)s was closed.") % words, **given)
    elif event.name in ("case.rejected", "case.cancelled") and need.state == NeedState.TRANSFERRED:
        need_take_back(need, reason=_("Case %(number)s ended without a result.") % words, **given)
    elif event.name == "case.reopened" and need.state == NeedState.SOLVED:
        need_reopen(need, reason=_("Case %(number)s was reopened.") % words, **given)
    elif event.name == "case.merged" and case.merged_into_id:
        need.case = case.merged_into
        need.save(update_fields=["case"])
        tell("need.case_merged", need, event.occurred_at, case=case.merged_into.number, merged=case.number)


def need_of_signal(signal) -> tuple[str, str] | None:
    """Return number and state of the need that came of a hot-spot signal, and the address of its page."""
    need = Need.objects.made_of(signal).order_by("-pk").first()
    if need is None:
        return None
    return f"{need.number} {need.get_state_display()}", reverse("admin:partners_need_change", args=[need.pk])


register_taker(need_from_signal, need_of_signal)


@register_need_maker
def need_of_answer(candidate: Candidate, *, actor: User, survey: Survey) -> Need:
    """Make a need of what was answered to a questionnaire; who answered raised it, where the answer names them."""
    return need_from_answer(
        actor=actor, origin=survey, title=candidate.title, description=candidate.text,
        area=Area.objects.get(pk=candidate.area_id),
        estate=Estate.objects.filter(pk=candidate.estate_id).first(),
        dwelling=Dwelling.objects.select_related("building__estate").filter(pk=candidate.dwelling_id).first(),
        user=User.objects.filter(pk=candidate.person_id).first(),
        people=candidate.count if candidate.count > 1 else None,
    )  # fmt: skip
