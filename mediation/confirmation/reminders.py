"""The term of a confirmation and its reminders: on days 7, 20 and 27 after the agreement took effect (the rule's data).

Reminders come at nine in the morning. Whoever mediates is told; what the parties are told is another door's matter.
"""

from datetime import datetime, time, timedelta

from governance.clock import SHANGHAI
from governance.models import Timer
from governance.timers import cancel_timer, set_timer
from mediation.confirmation.eligibility import last_day_of
from mediation.disputes.rules import rule_for
from mediation.models import JudicialConfirmation

REMIND = "mediation.confirmation_reminder"
HOUR = time(9)


def reminder_days(confirmation: JudicialConfirmation) -> list[int]:
    """Return on which days of the term it is called to mind, those within the term only."""
    agreement = confirmation.agreement
    rule = rule_for(agreement.dispute.area, agreement.effective_on)
    length = (last_day_of(agreement).day - agreement.effective_on).days
    return sorted({day for day in rule.reminder_days if day <= length})


def reminders_set(confirmation: JudicialConfirmation, *, after: datetime) -> None:
    """Set a timer for each of the days that is to come ``after`` a moment: nobody is reminded of a day gone by."""
    begins = confirmation.agreement.effective_on
    for day in reminder_days(confirmation):
        due_at = datetime.combine(begins + timedelta(days=day), HOUR, SHANGHAI)
        if due_at > after:
            set_timer(f"{REMIND}:{confirmation.pk}:{day}", REMIND, subject_id=confirmation.pk, due_at=due_at,
                      payload={"day": day})  # fmt: skip


def reminders_stop(confirmation: JudicialConfirmation) -> None:
    """Cancel what is still to come, by whichever rule and day of effect it was set."""
    open_ = Timer.objects.filter(kind=REMIND, subject_id=confirmation.pk, fired_at=None, cancelled_at=None)
    for key in open_.values_list("key", flat=True):
        cancel_timer(key)
