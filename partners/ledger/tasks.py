"""Background jobs of the points bank. All may run twice."""

from procrastinate.contrib.django import app

from partners.ledger.expiry import lots_expire


@app.periodic(cron="7 0 * * *")
@app.task(name="partners.expire_points", queueing_lock="partners.expire_points")
def expire_points(timestamp: int) -> int:
    """Let the points expire whose last day is over; return how many lots."""
    return lots_expire()
