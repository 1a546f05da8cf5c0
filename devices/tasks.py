"""Background jobs of devices."""

from django.utils import timezone
from procrastinate.contrib.django import app

from devices.battery import forecasts_compute
from devices.partitions import partitions_ensure


@app.periodic(cron="17 * * * *")
@app.task(name="devices.make_partitions", queueing_lock="devices.make_partitions")
def make_partitions(timestamp: int) -> int:
    """Every hour, so that a machine that was off for weeks soon has this week's partition."""
    return partitions_ensure()


@app.periodic(cron="40 2 * * *")
@app.task(name="devices.forecast_batteries", queueing_lock="devices.forecast_batteries")
def forecast_batteries(timestamp: int) -> int:
    """Every night: what changes within a day is noise."""
    return forecasts_compute(timezone.now())
