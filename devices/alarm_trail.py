"""What happened to one alarm, for its pages."""

from collections import defaultdict

from django.urls import reverse

from devices.models import Alarm
from governance.attachments import attachments_of
from governance.models import Event

EVENTS_SHOWN = 50


def trail_of(alarm: Alarm) -> list[tuple[Event, list[dict]]]:
    """Return what happened to the alarm, newest first, each with the photos that came with it."""
    photos = defaultdict(list)
    for row in attachments_of(alarm):
        photos[row.event_id].append({"url": reverse("file", args=[row.pk]), "content_type": row.content_type})
    rows = Event.objects.filter(subject_type=alarm._meta.label_lower, subject_id=alarm.pk).order_by("-id")
    return [(event, photos[event.pk]) for event in rows.select_related("actor", "unit", "remark")[:EVENTS_SHOWN]]
