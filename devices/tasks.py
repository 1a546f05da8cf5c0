"""Background jobs of devices."""

from procrastinate.contrib.django import app

from devices.partitions import partitions_ensure


@app.periodic(cron="17 * * * *")
@app.task(name="devices.make_partitions", queueing_lock="devices.make_partitions")
def make_partitions(timestamp: int) -> int:
    """Every hour, so that a machine that was off for weeks soon has this week's partition."""
    return partitions_ensure()
