"""Background jobs of shared costs. All may run twice."""

from django.utils import timezone
from procrastinate.contrib.django import app

from property.costs.disclosures import disclosures_plan


@app.periodic(cron="23 1 * * *")
@app.task(name="property.plan_disclosures", queueing_lock="property.plan_disclosures")
def plan_disclosures(timestamp: int) -> int:
    """Make what has to be published for quarters and half years that are over; return how many."""
    return disclosures_plan(timezone.localdate())
