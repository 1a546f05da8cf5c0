"""Background jobs of prevention. All may run twice."""

from procrastinate.contrib.django import app

from mediation.prevention.retention import hazards_forget, signals_forget


@app.periodic(cron="22 4 * * *")
@app.task(name="mediation.forget_signals", queueing_lock="mediation.forget_signals")
def forget_signals(timestamp: int) -> int:
    """Empty old signals of what tells of persons; return how many."""
    return signals_forget()


@app.periodic(cron="27 4 * * *")
@app.task(name="mediation.forget_hazards", queueing_lock="mediation.forget_hazards")
def forget_hazards(timestamp: int) -> int:
    """Empty hazards excluded long ago of what tells of persons; return how many."""
    return hazards_forget()
