"""Files of many occurrences at once, for pages that show a list of them."""

from collections.abc import Collection

from governance.models import Attachment
from property.models import ServiceRecord


def files_of(records: Collection[ServiceRecord]) -> dict[int, list[Attachment]]:
    """Return the files of occurrences by the occurrence's id, oldest first; one statement."""
    found: dict[int, list[Attachment]] = {}
    rows = Attachment.objects.filter(subject_type="property.servicerecord", subject_id__in=[row.pk for row in records])
    for row in rows.order_by("uploaded_at"):
        found.setdefault(row.subject_id, []).append(row)
    return found
