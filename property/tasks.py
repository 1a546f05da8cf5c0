"""Background jobs of red property. All may run twice."""

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from property.reminders.terms import endings_tell
from property.serving.occurrences import DAYS_AHEAD, records_make


@app.periodic(cron="11 * * * *")
@app.task(name="property.make_services", queueing_lock="property.make_services")
def make_services(timestamp: int) -> int:
    """Make the occurrences of the coming days out of the published service lists; return how many."""
    today = timezone.localdate()
    return records_make(today, today + timedelta(days=DAYS_AHEAD))


@app.periodic(cron="37 0 * * *")
@app.task(name="property.tell_endings", queueing_lock="property.tell_endings")
def tell_endings(timestamp: int) -> int:
    """Tell of contracts and terms that end in so many days; return how many were told of."""
    return endings_tell(timezone.localdate())
