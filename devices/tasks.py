"""Background jobs of devices."""

from procrastinate.contrib.django import app

from devices.bins.learning import bins_learn
from devices.bins.rounds import rounds_plan
from devices.partitions import partitions_ensure


@app.periodic(cron="17 * * * *")
@app.task(name="devices.make_partitions", queueing_lock="devices.make_partitions")
def make_partitions(timestamp: int) -> int:
    """Every hour, so that a machine that was off for weeks soon has this week's partition."""
    return partitions_ensure()


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
