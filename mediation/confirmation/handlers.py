"""An agreement takes effect: the term for confirmation begins; its day is put right: the term moves. Its days come: it
is called to mind. The calendar changes: its last day is reckoned again."""

from governance.events import on
from governance.models import CalendarDay
from governance.timers import fires
from mediation.agreements.acting import carry
from mediation.confirmation.applying import confirmation_open, last_day_reckon, last_days_reckon
from mediation.confirmation.reminders import REMIND, reminders_set, reminders_stop
from mediation.confirmation.states import NOT_APPLIED
from mediation.disputes.acting import clock
from mediation.models import ConfirmationState, JudicialConfirmation, MediationRule


@on("agreement.effective")
def term_begins(event, agreement) -> None:
    """In the transaction in which the agreement takes effect."""
    confirmation_open(agreement, at=event.occurred_at)


@on("mediation_agreement.day_corrected")
def term_moves(event, agreement) -> None:
    """The term began on another day: its last day and the reminders still to come follow it."""
    found = JudicialConfirmation.objects.filter(agreement=agreement).values_list("pk", flat=True).first()
    if found is None:
        return
    row = JudicialConfirmation.objects.lock(found)
    last_day_reckon(row, at=event.occurred_at)
    reminders_stop(row)
    if row.state == ConfirmationState.ELIGIBLE:
        reminders_set(row, after=event.occurred_at)


@on("mediation_agreement.replaced")
def term_ends(event, agreement) -> None:
    """Nobody is asked any more about what a newer agreement replaced; what is before the court stays there. The dispute
    is locked already."""
    found = JudicialConfirmation.objects.filter(agreement=agreement, state__in=NOT_APPLIED).first()
    if found is not None:
        reminders_stop(carry(found, "replace", actor=clock(), occurred_at=event.occurred_at))


@fires(REMIND)
def term_runs(timer) -> None:
    """Nobody has applied yet."""
    row = JudicialConfirmation.objects.lock(timer.subject_id)
    if row.state == ConfirmationState.ELIGIBLE:
        day = timer.payload["day"]
        payload = {"day": day, "last_day": row.last_day.isoformat()}
        carry(row, "remind", actor=clock(), day=day, payload=payload, occurred_at=timer.due_at)


@on("config.changed")
def term_reckoned_again(event, subject) -> None:
    """A day of rest was entered, or the rule changed: the terms that run there end when they end now."""
    if isinstance(subject, (CalendarDay, MediationRule)):
        last_days_reckon(subject.area, at=event.occurred_at)
