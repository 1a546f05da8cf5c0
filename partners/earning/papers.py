"""Papers of earning points: a title, facts and tables, written as Word (with a code to verify them) or Excel."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO

import segno
from django.utils import timezone
from django.utils.translation import gettext as _
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from governance.exchange.exports import cell_of
from partners.earning.hours import clock_text, issuer_of
from partners.earning.monthly import KindSum, Month
from partners.earning.settling import entries_received
from partners.earning.tariffs import steps_told
from partners.ledger.reasons import reasons_told
from partners.ledger.statement import Liability
from partners.models import Donation, Earning, HoursCertificate, SettlementSheet

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FONT = "宋体"
MOST_LINES = 2_000  # lines of a settlement sheet that are written out; more are said to be


@dataclass(frozen=True)
class Table:
    """A table under a heading."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence]


@dataclass(frozen=True)
class Paper:
    """What is printed or sent: ``facts`` are pairs of label and text; ``name`` is that of the file."""

    name: str
    title: str
    facts: Sequence[tuple[str, str]]
    tables: Sequence[Table] = field(default_factory=list)
    foot: str = ""


def word_of(paper: Paper, verify: str = "") -> bytes:
    """Return a paper as a Word document; ``verify``: the address its code leads to, none where nothing is verified."""
    document = Document()
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(11)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    heading = document.add_paragraph()
    heading.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = heading.add_run(paper.title)
    run.bold, run.font.size = True, Pt(18)
    for label, value in paper.facts:
        line = document.add_paragraph()
        line.add_run(f"{label}：").bold = True
        line.add_run(str(value))
    for table in paper.tables:
        _word_table(document, table)
    if paper.foot:
        document.add_paragraph(paper.foot)
    if verify:
        picture = BytesIO()
        segno.make_qr(verify, error="m").save(picture, kind="png", scale=6, border=2)
        document.add_picture(picture, width=Cm(3.5))
        document.add_paragraph(_("Scan to see whether this paper is genuine and valid: %(url)s") % {"url": verify})
    content = BytesIO()
    document.save(content)
    return content.getvalue()


def _word_table(document, table: Table) -> None:
    document.add_paragraph().add_run(table.title).bold = True
    made = document.add_table(rows=1, cols=len(table.header), style="Table Grid")
    for cell, text in zip(made.rows[0].cells, table.header, strict=True):
        cell.paragraphs[0].add_run(str(text)).bold = True
    for row in table.rows:
        for cell, value in zip(made.add_row().cells, row, strict=True):
            cell.text = str(value)


def excel_of(paper: Paper) -> bytes:
    """Return a paper as an Excel table: facts above, the tables below each other; no cell is ever a formula."""
    book = Workbook()
    sheet = book.active
    sheet.title = paper.name[:31]
    sheet.append([cell_of(paper.title)])
    sheet["A1"].font = Font(bold=True, size=14)
    for label, value in paper.facts:
        sheet.append([cell_of(label), cell_of(value)])
    for table in paper.tables:
        sheet.append([])
        sheet.append([cell_of(table.title)])
        sheet.append([cell_of(text) for text in table.header])
        for cell in sheet[sheet.max_row]:
            cell.font = Font(bold=True)
        for row in table.rows:
            sheet.append([cell_of(value) for value in row])
    if paper.foot:
        sheet.append([])
        sheet.append([cell_of(paper.foot)])
    for number in range(1, 7):
        sheet.column_dimensions[get_column_letter(number)].width = 22
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def _days(first, last) -> str:
    return f"{first:%Y-%m-%d} – {last:%Y-%m-%d}"


def month_paper(month: Month) -> Paper:
    """Return the monthly statement of an account."""
    owner = month.account.user or month.account.unit
    facts = [(_("Account of"), str(owner)), (_("Community"), str(month.account.area)),
             (_("Days"), _days(month.first, month.last))]  # fmt: skip
    sums = [[_("Opening balance"), month.opening], [_("Came in"), month.came_in], [_("Went out"), month.went_out],
            [_("Expired"), month.expired], [_("Closing balance"), month.closing]]  # fmt: skip
    rows = [[row.title, row.came_in, row.went_out] for row in month.categories]
    tables = [
        Table(_("The month in points"), [_("What"), _("Points")], sums),
        Table(_("By category"), [_("What for"), _("Came in"), _("Went out")], rows),
    ]
    return Paper(f"points-{month.first:%Y-%m}-{month.account.pk}", _("Statement of points"), facts, tables,
                 _("Points set aside count as points one has; points owed are taken off."))  # fmt: skip


def sheet_paper(sheet: SettlementSheet) -> Paper:
    """Return a settlement sheet with every receipt and return it adds up."""
    lines = entries_received(sheet.merchant, sheet.first, sheet.last).select_related("transfer__reverses")
    entries = list(lines.order_by("pk")[: MOST_LINES + 1])
    told = reasons_told(entry.transfer for entry in entries)
    rows = [
        [f"{timezone.localtime(entry.transfer.occurred_at):%Y-%m-%d %H:%M}", str(told[entry.transfer_id]), entry.amount]
        for entry in entries[:MOST_LINES]
    ]
    facts = [
        (_("number of the paper"), sheet.number), (_("Merchant"), str(sheet.merchant.unit)),
        (_("Community"), str(sheet.area)),
        (_("Days"), _days(sheet.first, sheet.last)), (_("Points"), str(sheet.points)),
        (_("Rate (yuan a point)"), str(sheet.rate)), (_("Amount (yuan)"), f"{sheet.amount}"),
        (_("State"), str(sheet.get_state_display())),
    ]  # fmt: skip
    if sheet.paid_by:
        facts.append((_("How it was paid"), sheet.paid_by))
    foot = _("The product moves no money: the amount is paid outside it.")
    if len(entries) > MOST_LINES:
        foot += " " + _("Only the first %(count)d lines are shown.") % {"count": MOST_LINES}
    table = Table(_("What adds up"), [_("When"), _("What for"), _("Points")], rows)
    return Paper(sheet.number, _("Settlement sheet"), facts, [table], foot)


def receipt_paper(gift: Donation, earning: Earning | None) -> Paper:
    """Return the receipt of a donation."""
    facts = [
        (_("Receipt number"), gift.receipt), (_("Received from"), str(gift.partner)),
        (_("Goods or money"), str(gift.get_sort_display())), (_("What was given"), gift.description),
        (_("How many"), str(gift.quantity)), (_("Received on"), f"{gift.received_on:%Y-%m-%d}"),
        (_("Received by"), issuer_of(gift.area)),
    ]  # fmt: skip
    if gift.value is not None:
        facts.append((_("Value as the giver states it (yuan)"), f"{gift.value}"))
    if earning is not None and earning.reversed_at is None:
        facts.append((_("Points"), f"{earning.points} ({steps_told(earning.steps)})"))
    return Paper(gift.receipt, _("Receipt of a donation"), facts, [], _("With thanks for what you gave."))


def certificate_paper(paper: HoursCertificate) -> Paper:
    """Return a certificate of volunteered hours as it was issued; whoever may see it sees the name in full."""
    rows = [[line["day"], line["kind"], line["record"], clock_text(line["minutes"])] for line in paper.lines]
    facts = [
        (_("number of the paper"), paper.number), (_("Issued to"), paper.holder),
        (_("Days"), _days(paper.first, paper.last)),
        (_("Hours of volunteering"), clock_text(paper.minutes)), (_("Issued by"), paper.issuer),
        (_("Issued on"), f"{timezone.localtime(paper.issued_at):%Y-%m-%d}"),
    ]  # fmt: skip
    table = Table(_("Lines of the book"), [_("Day"), _("Kind"), _("Record"), _("Time")], rows)
    return Paper(paper.number, _("Certificate of volunteering"), facts, [table],
                 _("Issued free of charge from the book of volunteered hours."))  # fmt: skip


def liability_paper(rows: Sequence[tuple], moment) -> Paper:
    """Return what communities owed their members in points at a moment."""
    header = [_("Community"), _("With members"), _("Owed"), _("Issued"), _("Redeemed"), _("Expired")]
    lines = [[str(area), *_figures(found)] for area, found in rows]
    facts = [(_("At"), f"{timezone.localtime(moment):%Y-%m-%d %H:%M}")]
    return Paper("liability", _("Liability in points"), facts, [Table(_("By community"), header, lines)])


def _figures(found: Liability) -> list[int]:
    return [found.outstanding, found.owed, found.issued, found.redeemed, found.expired]


def category_paper(kinds: Sequence[KindSum], moved: Sequence[tuple], first, last) -> Paper:
    """Return the report by category of a period."""
    earned = [[row.kind, row.decisions, row.points, row.reversed_points] for row in kinds]
    tables = [
        Table(_("Earned by kind of service"), [_("Kind"), _("How many"), _("Points"), _("Of them reversed")], earned),
        Table(_("Movements"), [_("Movement"), _("What for"), _("How many"), _("Points")], [list(row) for row in moved]),
    ]
    return Paper("categories", _("Points by category"), [(_("Days"), _days(first, last))], tables)
