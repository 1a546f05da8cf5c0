"""The documents (vouchers) that came with lines of money."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import models

from governance.models import Attachment


def vouchers_of(lines: Iterable[models.Model]) -> list[tuple[models.Model, Attachment]]:
    """Return the documents of lines of one model, each with its line, oldest first; one statement.

    Whether a reader may open one is judged when the file is asked for (``governance.attachments``).
    """
    by_key = {line.pk: line for line in lines}
    if not by_key:
        return []
    label = next(iter(by_key.values()))._meta.label_lower
    files = Attachment.objects.filter(subject_type=label, subject_id__in=by_key)
    return [(by_key[file.subject_id], file) for file in files.order_by("uploaded_at")]


def with_vouchers(lines: Sequence[models.Model]) -> list[tuple[models.Model, list[Attachment]]]:
    """Return each line with its documents; one statement."""
    found = defaultdict(list)
    for line, file in vouchers_of(lines):
        found[line.pk].append(file)
    return [(line, found[line.pk]) for line in lines]
