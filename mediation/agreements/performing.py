"""Whether obligations are performed: what the committee records, urges, and tells (人民调解法 31-32)."""

from datetime import date, datetime
from decimal import Decimal

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid
from governance.models import Event, User
from governance.transactions import atomically
from governance.workflow import carries_out
from mediation.agreements.acting import OBLIGATION, carry, day_check, hold_dispute
from mediation.agreements.deadlines import obligation_timer_stop, obligation_timers
from mediation.agreements.obligation_workflow import back_name
from mediation.models import AgreementState, Obligation, ObligationState

NOTHING = {"paid": "0", "urged_at": None, "told_at": None}
UNTIL_LATE = (ObligationState.DUE, ObligationState.PART)
FORWARD = ("obligation.performed", "obligation.part", "obligation.urged", "obligation.told_of_litigation")


def _held(obligation: Obligation, name: str, actor: User) -> Obligation:
    """Return the obligation locked, after its dispute. Raises NotPermitted; Conflict: nothing is owed before the
    agreement holds."""
    hold_dispute(obligation, name, actor)
    locked = Obligation.objects.lock(obligation.pk)
    if locked.agreement.state != AgreementState.EFFECTIVE:
        raise Conflict(_("The agreement is not in effect."), code="not_effective")
    return locked


@carries_out(OBLIGATION, "perform_whole")
def obligation_perform(obligation: Obligation, *, actor: User, on: date | None = None, found_on: date | None = None,
                       **given) -> Obligation:  # fmt: skip
    """Record that all of it was done or paid, on a day (default today). ``found_on``: a visit of that day found it so,
    and nobody said when it was: neither in time nor late is recorded. Raises Invalid naming ``on``; as ``perform``."""
    with atomically():
        locked = _held(obligation, "perform_whole", actor)
        known = on is not None or found_on is None
        day = day_check(on or found_on, "on", earliest=locked.agreement.made_on)
        payload = {"on": day.isoformat(), "late": day > locked.due_on} if known else {
            "on": None, "late": None, "found_on": day.isoformat()}  # fmt: skip
        days = {"on": day} if known else {"on": None, "found_on": day}
        fresh = carry(locked, "perform_whole", actor=actor, paid=locked.amount or Decimal(0),
                      payload=payload | {"before": _known(locked)}, **days, **given)  # fmt: skip
        obligation_timer_stop(fresh)
    return fresh


@carries_out(OBLIGATION, "perform_part")
def obligation_perform_part(obligation: Obligation, *, actor: User, paid: Decimal | None = None,
                            **given) -> Obligation:  # fmt: skip
    """Record that some of it was done; ``paid``: the sum so far in yuan, where it is about money.

    Raises Invalid naming ``paid`` (none, or as much as is owed: that is all of it); as ``perform``.
    """
    with atomically():
        locked = _held(obligation, "perform_part", actor)
        if locked.amount is None and paid:
            raise Invalid(_("This obligation is not about money."), field="paid", code="no_money")
        if locked.amount is not None and not (paid is not None and locked.paid <= paid < locked.amount and paid > 0):
            raise Invalid(
                _("More than what was paid before and less than what is owed."), field="paid", code="out_of_range"
            )
        return carry(locked, "perform_part", actor=actor, paid=paid or Decimal(0), payload={"before": _known(locked)},
                     **given)  # fmt: skip


@carries_out(OBLIGATION, "urge")
def obligation_urge(obligation: Obligation, *, actor: User, occurred_at: datetime | None = None,
                    **given) -> Obligation:  # fmt: skip
    """Record that the debtor was urged. Raises Conflict (``not_due``: its last day is not over); as ``perform``."""
    at = occurred_at or timezone.now()
    with atomically():
        locked = _held(obligation, "urge", actor)
        if locked.due_on >= timezone.localdate(at):
            raise Conflict(_("Its last day is not over yet."), code="not_due")
        payload = {"before": _known(locked)}
        return carry(locked, "urge", actor=actor, occurred_at=at, at=at, payload=payload, **given)


@carries_out(OBLIGATION, "tell_of_litigation")
def obligation_tell(obligation: Obligation, *, actor: User, occurred_at: datetime | None = None,
                    **given) -> Obligation:  # fmt: skip
    """Record that the creditor was told of the way to court. As ``perform``."""
    at = occurred_at or timezone.now()
    with atomically():
        locked = _held(obligation, "tell_of_litigation", actor)
        payload = {"before": _known(locked)}
        return carry(locked, "tell_of_litigation", actor=actor, occurred_at=at, at=at, payload=payload, **given)


@carries_out(OBLIGATION, "correct")
def obligation_correct(obligation: Obligation, *, actor: User, **given) -> Obligation:
    """Take back what was recorded last, by mistake; a reason is needed. What had been recorded before it stays, a day
    that is over since counts anew. As ``perform``."""
    with atomically():
        locked = _held(obligation, "correct", actor)
        event = _last_recorded(locked)
        last = event.payload if event else {}
        # Told by an older release it does not say what was before: all is owed again.
        state, known = (last["from"], last["before"]) if "before" in last else (ObligationState.DUE, NOTHING)
        days = {name: known[name] and datetime.fromisoformat(known[name]) for name in ("urged_at", "told_at")}
        fresh = carry(locked, back_name(state), actor=actor, paid=Decimal(known["paid"]), **days, **given)
        if fresh.state in UNTIL_LATE and not _told(fresh, "obligation.overdue").exists():
            obligation_timers([fresh])
    return fresh


def _known(row: Obligation) -> dict:
    """Return what a step may change, as it stands before: the event keeps it for a correction."""
    return {"paid": str(row.paid), "urged_at": row.urged_at and row.urged_at.isoformat(),
            "told_at": row.told_at and row.told_at.isoformat()}  # fmt: skip


def _told(row: Obligation, *names: str) -> QuerySet[Event]:
    return Event.objects.filter(subject_type=row._meta.label_lower, subject_id=row.pk, name__in=names)


def _last_recorded(row: Obligation) -> Event | None:
    """Return the event of the last step that was not taken back."""
    taken_back = 0
    for event in _told(row, *FORWARD, "obligation.corrected").order_by("-id"):
        if event.name == "obligation.corrected":
            taken_back += 1
        elif taken_back:
            taken_back -= 1
        else:
            return event
    return None


def owed_still(obligation: Obligation) -> date | None:
    """Return the day on which it was last recorded as still owed though its last day was over (urged, told of the way
    to court, performed in part); None where it was not."""
    moments = [moment for moment in (obligation.urged_at, obligation.told_at) if moment]
    if obligation.state == ObligationState.PART and (last := _last_recorded(obligation)):
        moments.append(last.occurred_at)
    found = max((timezone.localdate(moment) for moment in moments), default=None)
    return found if found is not None and found > obligation.due_on else None


def obligation_lapse(obligation: Obligation, *, actor: User, at: datetime) -> Obligation:
    """Say that its last day is over."""
    return carry(obligation, "lapse", actor=actor, occurred_at=at)
