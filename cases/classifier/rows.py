"""Labelled texts out of files (CSV with the columns ``text`` and ``label``, also gzipped) and out of closed cases."""

import csv
import gzip
import io
from pathlib import Path

from django.utils.translation import gettext as _

from cases.models import Case
from governance.errors import Invalid

LONGEST = 100_000  # characters of a text
MOST_CASES = 50_000  # of the newest closed cases


def rows_of_file(path: str) -> tuple[list[str], list[str]]:
    """Return texts and labels of a file. Raises Invalid naming the row (the first after the header is 2) and column."""
    csv.field_size_limit(10 * LONGEST)
    reader = csv.DictReader(io.StringIO(_content(path), newline=""))
    for column in ("text", "label"):
        if column not in (reader.fieldnames or ()):
            raise Invalid(_("The file has no column “%(name)s”.") % {"name": column}, field=column, code="required")
    texts, labels = [], []
    for number, row in enumerate(reader, start=2):
        for column in ("text", "label"):
            if not (row[column] or "").strip():
                told = {"number": number, "name": column}
                raise Invalid(_("Row %(number)s: “%(name)s” is empty.") % told, field=column, code="required")
        texts.append(row["text"][:LONGEST])
        labels.append(row["label"].strip())
    if not texts:
        raise Invalid(_("The file has no rows."), field="text", code="required")
    return texts, labels


def _content(path: str) -> str:
    try:
        raw = Path(path).read_bytes()
        return (gzip.decompress(raw) if path.endswith(".gz") else raw).decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise Invalid(_("%(path)s cannot be read: %(why)s") % {"path": path, "why": error}, field="file") from error


def rows_of_cases() -> tuple[list[str], list[str]]:
    """Return descriptions and category codes of the newest closed cases: what people settled on in the end."""
    rows = Case.objects.filter(state="closed", category__isnull=False).order_by("-id")
    pairs = list(rows.values_list("description", "category__code")[:MOST_CASES])
    return [text for text, _code in pairs], [code for _text, code in pairs]
