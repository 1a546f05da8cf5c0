"""Deadlines of partners: their keys and when each is due. What happens then is in ``handlers.py``.

A paper's reminder is due at nine in the morning so many days before its last day; it is over when that day is.
"""

from datetime import date, datetime, time, timedelta

from governance.clock import SHANGHAI
from governance.timers import cancel_timer, set_timer
from partners.models import Partner, PartnerAgreement, Qualification

RESUMES = "partner.resumes"
QUALIFICATION_ENDS, QUALIFICATION_OVER = "qualification.ends_soon", "qualification.over"
AGREEMENT_ENDS, AGREEMENT_OVER = "agreement.ends_soon", "agreement.over"
MORNING = time(9)
# Both sides are reminded of the end of an agreement so long before [J].
AGREEMENT_REMINDED = timedelta(days=30)
DAY = timedelta(days=1)


def at_morning(day: date) -> datetime:
    """Nine o'clock on a day."""
    return datetime.combine(day, MORNING, SHANGHAI)


def day_over(day: date) -> datetime:
    """The moment at which a day is over."""
    return datetime.combine(day + DAY, time(0), SHANGHAI)


def qualification_timers(row: Qualification) -> None:
    """Set the timers of a verified qualification that has a last day."""
    _paper_timers((QUALIFICATION_ENDS, QUALIFICATION_OVER), row, timedelta(days=row.kind.remind_days))


def agreement_timers(row: PartnerAgreement) -> None:
    """Set the timers of a signed agreement that has a last day."""
    _paper_timers((AGREEMENT_ENDS, AGREEMENT_OVER), row, AGREEMENT_REMINDED)


def _paper_timers(kinds: tuple[str, str], row, before: timedelta) -> None:
    if row.valid_to is not None:
        for kind, due_at in zip(kinds, (at_morning(row.valid_to - before), day_over(row.valid_to)), strict=True):
            set_timer(f"{kind}:{row.pk}", kind, subject_id=row.pk, due_at=due_at)


def paper_timers_stop(paper: str, pk: int) -> None:
    """Cancel the timers of a qualification or an agreement (``paper``) that does not hold any more."""
    for kind in (f"{paper}.ends_soon", f"{paper}.over"):
        cancel_timer(f"{kind}:{pk}")


def resume_timer(partner: Partner) -> None:
    """Set, move or cancel the timer at which a suspension ends by itself."""
    key = f"{RESUMES}:{partner.pk}"
    if partner.suspended_until is None:
        cancel_timer(key)
    else:
        set_timer(key, RESUMES, subject_id=partner.pk, due_at=day_over(partner.suspended_until))
