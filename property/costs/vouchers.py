"""The documents (vouchers) that came with lines of money."""

from collections import defaultdict
from collections.abc import Sequence

from django.db import models

from governance.models import Attachment


def vouchers_of(lines: Sequence[models.Model]) -> list[tuple[models.Model, Attachment]]:
    """Return the documents of lines of one model, each with its line, oldest first; one statement.

    Whether a reader may open one is judged when the file is asked for (``governance.attachments``).
    """
    if not lines:
        return []
    by_key = {line.pk: line for line in lines}
    files = Attachment.objects.filter(subject_type=lines[0]._meta.label_lower, subject_id__in=by_key)
    return [(by_key[file.subject_id], file) for file in files.order_by("uploaded_at")]


def with_vouchers(lines: Sequence[models.Model]) -> list[tuple[models.Model, list[Attachment]]]:
    """Return each line with its documents; one statement."""
    found = defaultdict(list)
    for line, file in vouchers_of(lines):
        found[line.pk].append(file)
    return [(line, found[line.pk]) for line in lines]
