"""Background jobs of stewards. They may run twice."""

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from property.stewards.shifts import DAYS_AHEAD, shifts_make


@app.periodic(cron="17 * * * *")
@app.task(name="property.make_shifts", queueing_lock="property.make_shifts")
def make_shifts(timestamp: int) -> int:
    """Make the shifts of the coming days out of the teams' plans; return how many."""
    today = timezone.localdate()
    return shifts_make(today, today + timedelta(days=DAYS_AHEAD))
