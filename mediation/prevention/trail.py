"""What happened to a hazard, for its pages."""

from django.db.models import Model

from governance.attachments import attachments_of
from governance.models import Event


def trail_of(obj: Model) -> list[Event]:
    """Return what happened to an object, newest first, each with its photos in ``photos``; two statements."""
    rows = Event.objects.filter(subject_type=obj._meta.label_lower, subject_id=obj.pk)
    trail = list(rows.select_related("actor", "unit", "remark").order_by("-id")[:200])
    photos: dict[int, list] = {}
    for attachment in attachments_of(obj):
        photos.setdefault(attachment.event_id, []).append(attachment)
    for event in trail:
        event.photos = photos.get(event.pk, [])
    return trail
