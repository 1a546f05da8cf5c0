"""Background jobs of cases. All may run twice."""

import time
from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from cases.hotspots.counting import count_changes
from cases.hotspots.watch import watch_all
from cases.intake.retention import letters_forget
from cases.patrol_plans import DAYS_AHEAD, plans_make_rounds
from cases.scoring.keeping import catch_up

# One run reads events into facts for so long; what is left is the next minute's.
READING_SECONDS = 45


@app.periodic(cron="17 * * * *")
@app.task(name="cases.make_rounds", queueing_lock="cases.make_rounds")
def make_rounds(timestamp: int) -> int:
    """Make the rounds of the coming days out of the plans in use; return how many."""
    today = timezone.localdate()
    return plans_make_rounds(today, today + timedelta(days=DAYS_AHEAD))


@app.periodic(cron="* * * * *")
@app.task(name="cases.read_facts", queueing_lock="cases.read_facts")
def read_facts(timestamp: int) -> None:
    """Read new events into the facts that figures are counted from, or more cases while all are read anew."""
    end = time.monotonic() + READING_SECONDS
    while catch_up() and time.monotonic() < end:
        pass


@app.periodic(cron="37 3 * * *")
@app.task(name="cases.forget_messages", queueing_lock="cases.forget_messages")
def forget_messages(timestamp: int) -> int:
    """Empty the messages of sources that were settled long ago; return how many."""
    return letters_forget()


@app.periodic(cron="* * * * *")
@app.task(name="cases.count_changes", queueing_lock="cases.count_changes")
def count_hot_spots(timestamp: int) -> int:
    """Count the cases that changed into the hot spots; return how many changes there were."""
    return count_changes()


@app.periodic(cron="37 * * * *")
@app.task(name="cases.watch_hot_spots", queueing_lock="cases.watch_hot_spots")
def watch_hot_spots(timestamp: int) -> int:
    """Look for clusters of the days up to yesterday, once a day; return how many signals there were."""
    return len(watch_all(timezone.localdate() - timedelta(days=1)))
