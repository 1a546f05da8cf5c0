"""A cost period shared out: its lines and terms as the split reads them, the weights of its dwellings."""

from decimal import Decimal
from fractions import Fraction

from django.db.models import Sum
from django.utils.translation import gettext as _

from governance.errors import Invalid
from governance.models import Dwelling, DwellingUse
from property.costs.split import CannotSplit, Shared, share_out
from property.models.costs import CostBasis, CostPeriod

# Parking spaces and store rooms pay no property fee of their own unless it is agreed [J].
CHARGED_USES = (DwellingUse.RESIDENTIAL, DwellingUse.COMMERCIAL)


def weights_of(period: CostPeriod) -> dict[int, Fraction]:
    """Return the weight of each dwelling that is charged, by code; of a published period those it was published with.

    Raises Invalid where a dwelling has no floor area and it goes by that.
    """
    if period.state != "draft":
        rows = period.charges.filter(correction=None).order_by("dwelling__code")
        return {key: Fraction(weight) for key, weight in rows.values_list("dwelling", "weight")}
    if period.basis == CostBasis.AGREED:
        rows = period.agreed.order_by("dwelling__code").values_list("dwelling", "weight")
        return {key: Fraction(weight) for key, weight in rows}
    rows = Dwelling.objects.filter(
        building__estate=period.books.estate_id, building__is_active=True, is_active=True, use__in=CHARGED_USES
    ).order_by("code")
    if period.basis == CostBasis.DWELLING:
        return dict.fromkeys(rows.values_list("pk", flat=True), Fraction(1))
    unknown = rows.filter(floor_area=None)
    if missing := list(unknown.values_list("code", flat=True)[:5]):
        raise Invalid(
            _("Floor areas are missing: %(codes)s (%(count)s in all).")
            % {"codes": ", ".join(missing), "count": unknown.count()},
            field="basis", code="no_area",
        )  # fmt: skip
    return {key: Fraction(area) for key, area in rows.values_list("pk", "floor_area")}


def charges_of(period: CostPeriod) -> dict[int, Decimal]:
    """Return what each dwelling is charged so far, corrections included."""
    return dict(period.charges.order_by().values_list("dwelling").annotate(whole=Sum("amount")))


def shared(period: CostPeriod, weights: dict[int, Fraction]) -> Shared:
    """Share out what the lines of a period come to. Raises Invalid."""
    total = period.lines.aggregate(whole=Sum("amount"))["whole"]
    if total is None:
        raise Invalid(_("There is no cost line yet."), code="empty")
    terms = [share.term for share in period.shares.order_by("id")]
    try:
        return share_out(total, terms, weights)
    except CannotSplit as error:
        told = {
            "too_much_fixed": _("The fixed amounts are more than the whole cost of %(total)s yuan."),
            "nobody": _("Nobody bears what is left of the cost of %(total)s yuan."),
        }[error.code]
        raise Invalid(told % {"total": total}, code=error.code) from error
