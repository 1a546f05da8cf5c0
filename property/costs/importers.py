"""Spreadsheets of an estate's money: cost lines, agreed shares, public income, rules of disclosure."""

from decimal import Decimal, InvalidOperation
from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.exchange.cells import choice, day, text
from governance.exchange.importers import Column, Planned, RowError, importer
from governance.exchange.line_by_line import LineByLine
from governance.exchange.model_importer import Listed, model_importer
from governance.exchange.widgets import ByKey
from governance.models import Area, Dwelling
from property.costs.books import income_cost_record, income_record
from property.costs.periods import line_add, terms_set
from property.costs.workflow import PeriodState
from property.models.books import EstateBooks, IncomeDirection, IncomeKind
from property.models.costs import AgreedShare, CostBasis, CostKind, CostPeriod
from property.models.disclosure import DisclosureRule

ESTATE = Column("estate", gettext_lazy("estate"), required=True, help=gettext_lazy("Code of the estate."))
AMOUNT = Column("amount", gettext_lazy("amount (yuan)"), required=True, help=gettext_lazy("Exact to the fen."))


def yuan(row: dict, field: str) -> Decimal:
    """Return an amount above 0, exact to the fen; 1,234.50 and ¥ are understood. Raises RowError."""
    said = row[field].replace(",", "").replace("，", "").lstrip("¥￥ ").removesuffix("元").strip()
    try:
        amount = Decimal(said)
    except InvalidOperation as error:
        raise RowError(field, _("An amount such as 123.45 is needed.")) from error
    if not amount.is_finite() or not 0 < amount < 10**10:
        raise RowError(field, _("The amount must be above 0."))
    if amount != amount.quantize(Decimal("0.01")):
        raise RowError(field, _("Amounts are exact to the fen."))
    return amount.quantize(Decimal("0.01"))


class OfBooks(LineByLine):
    """Lines that belong to the books of an estate."""

    most_lines = 5_000

    def prepare(self, actor):
        rows = EstateBooks.objects.visible_to(actor).with_rows()
        self.books = {books.estate.code: books for books in rows}

    def books_of(self, row: dict) -> EstateBooks:
        """Return the books of the estate that a line names. Raises RowError."""
        books = self.books.get(row["estate"])
        if books is None:
            raise RowError("estate", _("There are no books of such an estate within your reach."))
        return books


class OfPeriod(OfBooks):
    """Lines that belong to a draft of a cost period."""

    def prepare(self, actor):
        super().prepare(actor)
        rows = CostPeriod.objects.visible_to(actor).with_rows().exclude(state=PeriodState.DISCARDED)
        self.periods = {(period.books.estate.code, period.name): period for period in rows}

    def period_of(self, row: dict) -> CostPeriod:
        """Return the draft that a line names. Raises RowError."""
        self.books_of(row)
        period = self.periods.get((row["estate"], row["period"]))
        if period is None:
            raise RowError("period", _("This estate has no such cost period."))
        if period.state != PeriodState.DRAFT:
            raise RowError("period", _("This cost period is published; correct its lines instead."))
        return period


PERIOD = Column("period", gettext_lazy("cost period"), required=True, help=gettext_lazy("Its name."))


@importer
class CostLineImporter(OfPeriod):
    """Cost lines of drafts; each line of the file adds one."""

    key = "property.costlines"
    label = gettext_lazy("Cost lines")
    permission = "property.add_costline"
    model = "property.costperiod"
    columns = (
        ESTATE,
        PERIOD,
        Column("kind", gettext_lazy("kind"), required=True, help=Listed(CostKind.choices)),
        Column("title", gettext_lazy("title"), required=True),
        AMOUNT,
        Column("supplier", gettext_lazy("paid to")),
    )

    def read(self, row):
        period = self.period_of(row)
        given = {
            "kind": choice(row, "kind", CostKind), "title": text(row, "title", 120), "amount": yuan(row, "amount"),
            "supplier": text(row, "supplier", 80),
        }  # fmt: skip
        self.carried_out(line_add, period, **given)
        key = (period.pk, *given.values())
        return Planned(key, "add", title=f"{period.name} · {given['title']} {given['amount']}")


@importer
class AgreedShareImporter(OfPeriod):
    """The agreed weight of each dwelling in a draft; a line again changes it."""

    key = "property.agreedshares"
    label = gettext_lazy("Agreed shares of dwellings")
    permission = "property.add_agreedshare"
    model = "property.costperiod"
    most_lines = 50_000
    columns = (
        ESTATE,
        PERIOD,
        Column("dwelling", gettext_lazy("dwelling"), required=True, help=gettext_lazy("Code of the dwelling.")),
        Column("weight", gettext_lazy("agreed share"), required=True, help=gettext_lazy("Any number, 0 or more.")),
    )

    def prepare(self, actor):
        super().prepare(actor)
        estates = [books.estate_id for books in self.books.values()]
        rows = Dwelling.objects.filter(building__estate__in=estates, is_active=True)
        self.dwellings = {row.code: row for row in rows.select_related("building")}
        stored = AgreedShare.objects.filter(period__in=[period.pk for period in self.periods.values()])
        self.stored = {(row.period_id, row.dwelling_id): row for row in stored}

    def read(self, row):
        period = self.period_of(row)
        dwelling = self.dwellings.get(row["dwelling"])
        if dwelling is None or dwelling.building.estate_id != period.books.estate_id:
            raise RowError("dwelling", _("There is no such dwelling in this estate."))
        weight = _weight(row)
        stored = self.stored.get((period.pk, dwelling.pk))
        action = "add" if stored is None else "same" if stored.weight == weight else "change"
        row_to_store = stored or AgreedShare(period=period, dwelling=dwelling)
        row_to_store.weight = weight
        return Planned((period.pk, dwelling.pk), action, {"row": row_to_store}, f"{dwelling.code} {weight}")

    def save(self, planned):
        """Store a part of the plan under the locks of the drafts, as one change of terms each."""
        rows = [one.values["row"] for one in planned]
        for pk in sorted({row.period_id for row in rows}):
            period = CostPeriod.objects.get(pk=pk)
            terms = {share.source: (share.weight, share.fixed) for share in period.shares.all()}
            terms_set(period, actor=self.actor, basis=CostBasis.AGREED, terms=terms)
        AgreedShare.objects.bulk_create([row for row in rows if row.pk is None])
        AgreedShare.objects.bulk_update([row for row in rows if row.pk is not None], ["weight"])


def _weight(row: dict) -> Decimal:
    try:
        weight = Decimal(row["weight"])
    except InvalidOperation as error:
        raise RowError("weight", _("A number is needed.")) from error
    if not weight.is_finite() or not 0 <= weight < 10**8 or weight != weight.quantize(Decimal("0.0001")):
        raise RowError("weight", _("A number of 0 or more with at most four places is needed."))
    return weight


@importer
class IncomeImporter(OfBooks):
    """Public income and its reasonable cost, as lines of the ledger."""

    key = "property.income"
    label = gettext_lazy("Public income")
    permission = "property.add_incomeentry"
    columns = (
        ESTATE,
        Column("booked_on", gettext_lazy("day"), required=True, help="2026-01-31"),
        Column(
            "direction", gettext_lazy("sort of line"), required=True, help=gettext_lazy("Income, or reasonable cost.")
        ),
        Column("kind", gettext_lazy("kind of income"), required=True, help=Listed(IncomeKind.choices)),
        AMOUNT,
        Column("purpose", gettext_lazy("purpose"), required=True),
    )

    def read(self, row):
        books, direction = self.books_of(row), choice(row, "direction", IncomeDirection)
        services = {IncomeDirection.INCOME: income_record, IncomeDirection.COST: income_cost_record}
        if direction not in services:
            raise RowError("direction", _("Income, or reasonable cost."))
        given = {
            "kind": choice(row, "kind", IncomeKind), "amount": yuan(row, "amount"), "booked_on": day(row, "booked_on"),
            "purpose": text(row, "purpose", 200),
        }  # fmt: skip
        self.carried_out(services[direction], books, **given)
        key = (books.pk, direction, *given.values())
        return Planned(key, "add", title=f"{books} · {given['purpose']} {given['amount']}")


importer(
    model_importer(
        DisclosureRule,
        by=("code",),
        fields=("code", "kind", "area", "months", "days", "valid_from", "source"),
        foreign={"area": partial(ByKey, Area)},
    )
)
