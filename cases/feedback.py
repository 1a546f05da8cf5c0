"""What reporters say after closing: was it solved, how good was it, open it again. Everyone is asked, also those whose
report was merged into another case: they answer for that one with the token of their own.
"""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.clocks import limit_row
from cases.models import Case, CaseRating, CaseReporter, CaseState, Solved, Stage
from cases.services import case_move
from governance import events
from governance.clock import Span
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Role, User
from governance.scoping import Anywhere, Grant, Own, grant_for
from governance.transactions import atomically
from governance.work_calendars import NATIONAL
from governance.workflow import carries_out

# How long after closing a reporter may answer and reopen, where nothing is set for the stage [J].
USUAL_TIME = timedelta(days=30)
RATES = {Role.SYSTEM: Anywhere(), Role.RESIDENT: Own("reporter")}


def time_for_feedback() -> timedelta:
    """Return how long after closing a reporter may answer and reopen; later a new report is due."""
    row = limit_row(Stage.FEEDBACK)
    return NATIONAL.length(Span(row.limit_amount, row.limit_unit)) if row else USUAL_TIME


def main_of(case: Case) -> Case:
    """Return the case that a report lives on in: itself, or the one it was merged into."""
    return case.merged_into or case


def ask_reporters(case: Case, *, at: datetime) -> None:
    """Record for the closed case and each report merged into it that somebody is asked how it went; notices follow.

    Only reports by somebody who can be asked (a person, a name with a phone). Call it in the closing's transaction.
    """
    reports = Case.objects.filter(Q(pk=case.pk) | Q(merged_into=case)).filter(
        Exists(CaseReporter.objects.filter(Q(user__isnull=False) | ~Q(phone=""), case=OuterRef("pk")))
    )
    hub = User.objects.system("public")
    for report in reports.select_related("area").defer("area__boundary").order_by("pk"):
        payload = {"number": report.number} | ({"for": case.number} if report.pk != case.pk else {})
        events.record(
            "case.feedback_asked", report, actor=hub, grant=Grant(Role.SYSTEM), payload=payload, occurred_at=at
        )


@carries_out("cases.case", "reopen")
def case_reopen(case: Case, *, actor, occurred_at: datetime | None = None, **given) -> Case:
    """Reopen a closed case within the time for feedback; a dispatcher decides who goes on.

    The reporter of a merged report reopens the case it was merged into.
    """
    at = occurred_at or timezone.now()
    main = main_of(case)
    allowed = time_for_feedback()
    if main.closed_at is not None and main.state == CaseState.CLOSED and at - main.closed_at > allowed:
        raise Conflict(
            _("It was closed more than %(days)s days ago. Please report it anew.") % {"days": allowed.days},
            code="too_late",
        )
    payload = {}
    if main is not case:
        if grant_for(RATES, case, actor) is None:
            raise NotPermitted(_("Only the reporter may do this."))
        # The reporter of the merged one is nobody to the other case: the public door acts for them.
        actor, payload = User.objects.system("public"), {"by_merged": case.number}
    return case_move(main, "reopen", actor=actor, occurred_at=at, payload=payload, **given)


def case_rate(case: Case, *, actor: User, score: int, solved: str, comment: str = "",
              occurred_at: datetime | None = None) -> CaseRating:  # fmt: skip
    """Keep a reporter's answer after closing: score 1-5, solved yes / partly / no; once per report and closing.

    Raises Conflict when the case is not closed or this closing was rated already, Invalid for other figures.
    """
    if not isinstance(score, int) or not 1 <= score <= 5:
        raise Invalid(_("The score goes from 1 to 5."), field="score", code="out_of_range")
    if solved not in Solved.values:
        raise Invalid(_("Say whether it is solved: yes, partly or no."), field="solved", code="invalid_choice")
    with atomically():
        locked = Case.objects.lock(case.pk)
        grant = grant_for(RATES, locked, actor)
        if grant is None:
            raise NotPermitted(_("Only the reporter may rate a case."))
        main = main_of(locked)
        if main.state != CaseState.CLOSED:
            raise Conflict(_("Only a closed case can be rated."))
        if locked.ratings.filter(closed_at=main.closed_at).exists():
            raise Conflict(_("This case was rated already."), code="rated_already")
        at = occurred_at or timezone.now()
        rating = CaseRating.objects.create(
            case=locked, score=score, solved=solved, comment=comment.strip(), closed_at=main.closed_at, rated_at=at
        )
        payload = {"number": locked.number, "score": score, "solved": solved}
        if main is not locked:
            payload["for"] = main.number
        events.record("case.rated", locked, actor=actor, grant=grant, payload=payload, occurred_at=at)
    return rating


@carries_out("cases.case", "contact")
def case_contact(case: Case, *, actor, occurred_at: datetime | None = None, **given) -> Case:
    """Somebody spoke to the reporter for the first time."""
    at = occurred_at or timezone.now()
    return case_move(case, "contact", actor=actor, contacted_at=at, occurred_at=at, **given)
