"""Background jobs of stewards. They may run twice."""

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from property.stewards.rounds import rounds_hand_back
from property.stewards.shifts import DAYS_AHEAD, shifts_make


@app.periodic(cron="17 * * * *")
@app.task(name="property.make_shifts", queueing_lock="property.make_shifts")
def make_shifts(timestamp: int) -> int:
    """Make the shifts of the coming days out of the teams' plans; return how many."""
    today = timezone.localdate()
    return shifts_make(today, today + timedelta(days=DAYS_AHEAD))


@app.periodic(cron="7 * * * *")
@app.task(name="property.hand_back_rounds", queueing_lock="property.hand_back_rounds")
def hand_back_rounds(timestamp: int) -> int:
    """Leave the rounds of whose term is over to the team; return how many plans and rounds."""
    return rounds_hand_back()
