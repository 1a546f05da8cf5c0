"""When a party to a labour dispute may go to arbitration though it is mediated (domain/mediation.md, "Law").

The mediation term itself stays as it is: this is the party's right, not a limit of the mediator.
"""

from datetime import date, datetime, timedelta

from django.utils import timezone

from mediation.disputes.states import OPEN

# The law's figure, the same everywhere (劳动争议调解仲裁法 14): from the day on which the application was received,
# which is not counted.
DAYS = timedelta(days=15)
# Codes of ``DisputeType``: 拖欠农民工工资, 其他劳动争议.
LABOUR = ("migrant_wages", "labour")


def arbitration_after(type_code: str, state: str, registered_at: datetime) -> date | None:
    """Return the last of the 15 days: without an agreement by then a party may apply for arbitration. None where the
    dispute is not of labour, or nobody mediates it any more."""
    if type_code not in LABOUR or state not in OPEN:
        return None
    return timezone.localdate(registered_at) + DAYS
