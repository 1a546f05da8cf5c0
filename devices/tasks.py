"""Background jobs of devices."""

from django.utils import timezone
from procrastinate.contrib.django import app

from devices.battery import forecasts_compute
from devices.bins.learning import bins_learn
from devices.bins.rounds import rounds_plan
from devices.partitions import partitions_ensure
from devices.refusals import refusals_drop
from devices.retention import readings_drop
from devices.rollups import rollups_make


@app.periodic(cron="17 * * * *")
@app.task(name="devices.make_partitions", queueing_lock="devices.make_partitions")
def make_partitions(timestamp: int) -> int:
    """Every hour, so that a machine that was off for weeks soon has this week's partition."""
    return partitions_ensure()


@app.periodic(cron="*/10 * * * *")
@app.task(name="devices.roll_up", queueing_lock="devices.roll_up")
def roll_up(timestamp: int) -> int:
    """Make the hourly figures of hours that are over, and anew those that got late readings."""
    return rollups_make()


@app.periodic(cron="37 18 * * *")
@app.task(name="devices.drop_readings", queueing_lock="devices.drop_readings")
def drop_readings(timestamp: int) -> int:
    """Drop every night (18:37 UTC is 2:37 here) the weeks of raw readings whose time is over; return how many.

    With them go the counts of refused messages that nobody looks at any more.
    """
    refusals_drop()
    return len(readings_drop())


@app.periodic(cron="40 18 * * *")
@app.task(name="devices.forecast_batteries", queueing_lock="devices.forecast_batteries")
def forecast_batteries(timestamp: int) -> int:
    """Every night (18:40 UTC is 2:40 here): what changes within a day is noise."""
    return forecasts_compute(timezone.now())


@app.periodic(cron="47 18 * * *")
@app.task(name="devices.learn_bins", queueing_lock="devices.learn_bins")
def learn_bins(timestamp: int) -> int:
    """Learn every night (18:47 UTC is 2:47 here) how fast bins fill; return of how many."""
    return bins_learn()


@app.periodic(cron="*/10 * * * *")
@app.task(name="devices.plan_collections", queueing_lock="devices.plan_collections")
def plan_collections(timestamp: int) -> int:
    """Plan the rounds that start soon; return how many."""
    return rounds_plan()
