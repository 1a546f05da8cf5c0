"""Background jobs of prevention. All may run twice."""

from procrastinate.contrib.django import app

from mediation.prevention.retention import signals_forget


@app.periodic(cron="22 4 * * *")
@app.task(name="mediation.forget_signals", queueing_lock="mediation.forget_signals")
def forget_signals(timestamp: int) -> int:
    """Empty old signals of what tells of persons; return how many."""
    return signals_forget()
