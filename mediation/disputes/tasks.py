"""Background jobs of disputes. All may run twice."""

from procrastinate.contrib.django import app

from mediation.disputes.retention import disputes_forget


@app.periodic(cron="32 4 * * *")
@app.task(name="mediation.forget_contacts", queueing_lock="mediation.forget_contacts")
def forget_contacts(timestamp: int) -> int:
    """Empty archived files of what they need not tell any more; return how many."""
    return disputes_forget()
