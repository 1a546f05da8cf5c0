"""A day of messages from the named sources of the fictional city: taken through the door's own service.

Some cannot be taken, as happens: a word nobody mapped, a number with a comma, a place outside the source's area.
"""

import json
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from cases.intake.receiving import messages_take
from cases.models import DeadLetter, IntakeSource

FILE = settings.BASE_DIR / "fixtures" / "demo" / "messages.json"


def load_messages(*, now: datetime | None = None) -> int:
    """Take the messages of the day before ``now``, the oldest first; returns how many could not be taken."""
    now = now or timezone.now()
    sources = {source.code: source for source in IntakeSource.objects.select_related("area", "unit")}
    rows = sorted(json.loads(FILE.read_text()), key=lambda row: -row["hours_ago"])
    for row in rows:
        messages_take(sources[row["source"]], [row["message"]], at=now - timedelta(hours=row["hours_ago"]))
    return DeadLetter.objects.waiting().count()
