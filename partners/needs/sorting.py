"""Sorting a need that nobody filed: by the words that people use of each category."""

from django.utils.translation import gettext as _

from governance.errors import Invalid
from partners.models import NeedCategory

OTHER = "other"


def category_guessed(text: str) -> NeedCategory:
    """Return the category most of whose words stand in ``text``; of equals the first by code, else the one for all
    others. Raises Invalid where there is none at all."""
    rows = list(NeedCategory.objects.filter(is_active=True).order_by("code"))
    named = {row.pk: sum(word in text for word in row.words) for row in rows}
    best = max(rows, key=lambda row: named[row.pk], default=None)
    if best is not None and named[best.pk]:
        return best
    rest = [row for row in rows if row.code == OTHER] or rows
    if not rest:
        raise Invalid(_("Enter the categories of needs first."), field="category", code="required")
    return rest[0]
