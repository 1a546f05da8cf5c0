"""History of a row, with what was written and the files that came with it."""

from django.db.models import Model

from governance.attachments import attachments_of
from governance.models import Event


def trail_of(obj: Model) -> list[Event]:
    """Return what happened to an object, newest first, each with its files in ``files``; two statements."""
    rows = Event.objects.filter(subject_type=obj._meta.label_lower, subject_id=obj.pk)
    trail = list(rows.select_related("actor", "unit", "remark").order_by("-id")[:200])
    files: dict[int, list] = {}
    for attachment in attachments_of(obj):
        files.setdefault(attachment.event_id, []).append(attachment)
    for event in trail:
        event.files = files.get(event.pk, [])
    return trail
