"""Statements and receipts as papers: a title, facts and tables that pages, Excel and Word all show alike.

Built from figures without a household in them (``statements``), but for a receipt, which is its household's own.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from property.costs.statements import shown_figures
from property.models.books import IncomeKind, Payment, PaymentKind
from property.models.costs import CostKind, CostPeriod, CostSource
from property.models.disclosure import Disclosure, DisclosureKind


@dataclass(frozen=True)
class Table:
    """A table under a heading; cells are texts or yuan (``Decimal``)."""

    title: str
    header: list[str]
    rows: list[list]


@dataclass(frozen=True)
class Paper:
    """What is shown, printed or sent: ``facts`` are pairs of label and text."""

    title: str
    facts: list[tuple[str, str]]
    tables: list[Table] = field(default_factory=list)
    foot: str = ""


def _shown(kind: str, choices) -> str:
    return str(choices(kind).label) if kind in choices.values else _("Other")


def _days(first: date, last: date) -> str:
    return f"{first:%Y-%m-%d} – {last:%Y-%m-%d}"


def share_words(period: CostPeriod) -> dict[str, str]:
    """Return by source how it was agreed: a fixed amount, or its part of all parts."""
    shares = list(period.shares.all())
    whole = sum((share.weight or 0 for share in shares), Decimal(0))
    found = {}
    for share in shares:
        if share.fixed is not None:
            found[share.source] = _("fixed")
        else:
            found[share.source] = f"{share.weight.normalize():f} / {whole.normalize():f}"
    return found


def statement_paper(period: CostPeriod) -> Paper:
    """Return the statement of a published period: as disclosed, or as it stands."""
    figures = shown_figures(period)
    return Paper(
        _("Statement of shared costs: %(period)s") % {"period": period},
        _facts_of(period),
        [_lines_of(figures), _parts_of(period, figures), _households_of(period, figures), *_subsidy_of(figures)],
        _("Households are charged by dwelling; who owes what is told to nobody else."),
    )


def _facts_of(period: CostPeriod) -> list[tuple[str, str]]:
    facts = [(_("Days"), _days(period.first, period.last)), (_("State"), str(period.get_state_display()))]
    if period.agreement:
        facts.append((_("Agreed in"), period.agreement))
    if period.resolution_id:
        facts.append((_("Resolution"), str(period.resolution)))
    if period.notice_until:
        facts.append((_("Objections until"), f"{period.notice_until:%Y-%m-%d}"))
    if period.due_on:
        facts.append((_("To be paid by"), f"{period.due_on:%Y-%m-%d}"))
    return facts


def _lines_of(figures: dict) -> Table:
    rows = []
    for line in figures["lines"]:
        corrected = "；".join(f"{row['day']} {Decimal(row['amount']):+}" for row in line["corrections"])
        rows.append([_shown(line["kind"], CostKind), line["title"], Decimal(line["stands"]), Decimal(line["amount"]),
                     corrected, line["supplier"]])  # fmt: skip
    total = sum((Decimal(line["amount"]) for line in figures["lines"]), Decimal("0.00"))
    rows.append([_("All together"), "", Decimal(figures["total"]), total, "", ""])
    header = [_("Kind"), _("Title"), _("Amount (yuan)"), _("As published"), _("Corrected by"), _("Paid to")]
    return Table(_("What it cost"), header, rows)


def _parts_of(period: CostPeriod, figures: dict) -> Table:
    words = share_words(period)
    rows = [
        [str(label), words.get(source, "—"), Decimal(figures["parts"][source])] for source, label in CostSource.choices
    ]
    return Table(_("Who bears it"), [_("Borne by"), _("As agreed"), _("Amount (yuan)")], rows)


def _households_of(period: CostPeriod, figures: dict) -> Table:
    rows = [
        [_("Household part goes"), str(period.get_basis_display())],
        [_("Dwellings charged"), str(figures["dwellings"])],
    ]
    if period.due_on:
        rows += [[_("Came in"), Decimal(figures["paid"])], [_("Still to come"), Decimal(figures["arrears"])]]
    if figures["subsidy_received"] is not None and not figures.get("subsidy"):  # disclosed before it had a table
        rows.append([_("Subsidy received (yuan)"), Decimal(figures["subsidy_received"])])
    return Table(_("Households"), [_("What"), _("Figure")], rows)


def _subsidy_of(figures: dict) -> list[Table]:
    """Return how the subsidy stands after settlement, each correction and each movement as a line of its own."""
    told = figures.get("subsidy")
    if not told:
        return []
    rows = [[_("Borne as published"), "", Decimal(told["published"])]]
    for row in told["corrections"]:
        amount = Decimal(row["amount"])
        words = _("Correction of %(title)s: more is claimed") if amount > 0 else _(
            "Correction of %(title)s: is given back"
        )  # fmt: skip
        rows.append([words % {"title": row["title"]}, row["day"], amount])
    rows.append([_("Borne now"), "", Decimal(told["borne"])])
    rows.append([_("Received at settlement"), "", Decimal(figures["subsidy_received"])])
    for row in told["lines"]:
        amount = Decimal(row["amount"])
        words = _("Came in later") if amount > 0 else _("Returned")
        rows.append([_("Reversal") if row.get("is_reversal") else words, row["day"], amount])
    rows.append([_("Still to be claimed"), "", Decimal(told["to_claim"])])
    rows.append([_("Still to be returned"), "", Decimal(told["to_return"])])
    return [Table(_("Government subsidy"), [_("What"), _("Day"), _("Amount (yuan)")], rows)]


def disclosure_paper(disclosure: Disclosure) -> Paper:
    """Return what was published about the fund or public income."""
    figures = disclosure.figures
    facts = [(_("Days"), _days(disclosure.first, disclosure.last))]
    if disclosure.published_at:
        facts.append((_("Published at"), f"{timezone.localtime(disclosure.published_at):%Y-%m-%d}"))
    if disclosure.kind == DisclosureKind.FUND:
        facts.append((_("Kept at"), figures["bank"]))
        tables = _fund_tables(figures)
    else:
        tables = _income_tables(figures)
    return Paper(_("Disclosure: %(what)s") % {"what": disclosure}, facts, tables)


def _balance(rows: list) -> Table:
    return Table(_("Balance"), [_("What"), _("Amount (yuan)")], [[label, Decimal(value)] for label, value in rows])


def _income_tables(figures: dict) -> list[Table]:
    kinds = [
        [_shown(row["kind"], IncomeKind), *(Decimal(row[name]) for name in ("income", "cost", "net"))]
        for row in figures["lines"]
    ]
    header = [_("Kind of income"), _("Income"), _("Reasonable cost"), _("Net")]
    balance = [
        (_("Balance before"), figures["opening"]), (_("Bore of shared costs"), figures["shared"]),
        (_("Balance after"), figures["closing"]),
    ]  # fmt: skip
    return [Table(_("Public income"), header, kinds), _balance(balance)]


def _fund_tables(figures: dict) -> list[Table]:
    uses = [[row["day"], row["purpose"], row["resolution"], Decimal(row["amount"])] for row in figures["uses"]]
    header = [_("Day"), _("Purpose"), _("Resolution"), _("Amount (yuan)")]
    balance = [
        (_("Balance before"), figures["opening"]),
        (_("Came in"), figures["came_in"]),
        (_("Balance after"), figures["closing"]),
    ]
    return [Table(_("Uses of the maintenance fund"), header, uses), _balance(balance)]


def receipt_paper(payment: Payment) -> Paper:
    """Return the receipt of a payment, for the household that paid."""
    titles = {
        PaymentKind.PAYMENT: _("Receipt"), PaymentKind.REFUND: _("Receipt of money given back"),
        PaymentKind.REVERSAL: _("Reversal of a receipt"),
    }  # fmt: skip
    facts = [
        (_("Number"), payment.receipt),
        (_("Dwelling"), payment.dwelling.address),
        (_("Account"), f"{payment.account.code} {payment.account.names}".strip()),
        (_("Amount (yuan)"), f"{abs(payment.amount)}"),
        (_("Way of payment"), str(payment.get_method_display())),
        (_("Day"), f"{payment.paid_on:%Y-%m-%d}"),
    ]
    if payment.reference:
        facts.append((_("Number of the transfer"), payment.reference))
    if payment.reverses_id:
        facts.append((_("Reverses receipt"), payment.reverses.receipt))
    issuer = payment.books.company.name if payment.books.company else str(payment.books.estate.area)
    return Paper(f"{payment.books.estate} · {titles[payment.kind]}", facts, _covers_of(payment),
                 _("Issued by %(issuer)s") % {"issuer": issuer})  # fmt: skip


def _covers_of(payment: Payment) -> list[Table]:
    if payment.kind != PaymentKind.PAYMENT:
        return []
    names = dict(CostPeriod.objects.filter(pk__in=[key for key, _part in payment.covers]).values_list("pk", "name"))
    rows = [[names[key], Decimal(part)] for key, part in payment.covers]
    credit = payment.amount - sum((row[1] for row in rows), Decimal("0.00"))
    if credit:
        rows.append([_("Credit for the next bills"), credit])
    return [Table(_("Paid for"), [_("Cost period"), _("Amount (yuan)")], rows)]
