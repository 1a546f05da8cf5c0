"""Shares of the owners of a dwelling, and the one who votes for them. Fractions are exact: three thirds are 1."""

from fractions import Fraction

from django.utils.translation import gettext as _

from governance.errors import Conflict
from governance.models import Dwelling, Ownership


def locked_dwelling(pk: int) -> Dwelling:
    """Return the dwelling, locked until the end of the transaction: all changes to its people take turns."""
    rows = Dwelling.objects.select_for_update(of=("self",)).with_address().select_related("area")
    return rows.defer("area__boundary").get(pk=pk)


def verified_share(dwelling: Dwelling, *, without: Ownership | None = None) -> Fraction:
    """Return what the verified owners have together, ``without`` not counted; one statement."""
    rows = Ownership.objects.current().filter(dwelling=dwelling)
    if without is not None:
        rows = rows.exclude(pk=without.pk)
    return sum((Fraction(*pair) for pair in rows.values_list("share_numerator", "share_denominator")), Fraction(0))


def check_room(ownership: Ownership, taken: Fraction) -> None:
    """Refuse a share that no longer fits beside those already ``taken``; call it under the dwelling's lock."""
    if taken + ownership.share > 1:
        raise Conflict(
            _("The owners confirmed already have %(taken)s; with %(share)s more it would be above the whole.")
            % {"taken": taken, "share": ownership.share_text},
            code="shares_exceed",
        )
