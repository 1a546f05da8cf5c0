"""Background jobs of early warning. All may run twice."""

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from mediation.warning.issues import issues_work_out
from mediation.warning.watching import watch_all


@app.periodic(cron="12 * * * *")
@app.task(name="mediation.watch_disputes", queueing_lock="mediation.watch_disputes")
def watch_disputes(timestamp: int) -> int:
    """Look for disputes in the making up to yesterday, once a day; return how many warnings are new or grew."""
    return len(watch_all(timezone.localdate() - timedelta(days=1)))


@app.periodic(cron="52 3 * * *")
@app.task(name="mediation.work_out_hot_issues", queueing_lock="mediation.work_out_hot_issues")
def work_out_hot_issues(timestamp: int) -> int:
    """Group the signals of the last weeks by what they are about; return how many hot issues there are."""
    return issues_work_out(timezone.localdate() - timedelta(days=1))
