"""Background jobs of earning points. All may run twice."""

from procrastinate.contrib.django import app

from partners.earning.closings import months_close


@app.periodic(cron="25 1 * * *")
@app.task(name="partners.close_months", queueing_lock="partners.close_months")
def close_months(timestamp: int) -> int:
    """Keep the figures of months that are over; return how many."""
    return months_close()
