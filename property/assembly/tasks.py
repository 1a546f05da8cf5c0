"""Background jobs of assemblies. They may run twice."""

from django.utils import timezone
from procrastinate.contrib.django import app

from property.assembly.making import sessions_make_ahead
from property.assembly.replanning import sessions_replan


@app.periodic(cron="23 1 * * *")
@app.task(name="property.make_sessions", queueing_lock="property.make_sessions")
def make_sessions(timestamp: int) -> int:
    """Make the sessions of this and the coming months out of the assemblies' rules, and move those whose day became a
    holiday; return how many.
    """
    return sessions_make_ahead(timezone.localdate()) + sessions_replan()
