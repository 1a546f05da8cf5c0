"""Obligations typed as lines, by people in a hurry: ``debtor | what | day | amount | creditor``.

Days, sums and parties are read in the ways in which they are usually written; what cannot be read is named by its cell.
"""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from mediation.agreements.drafting import Owed
from mediation.models import Party

CELLS = 5
# 2026-12-5, 2026/12/5, 2026.12.5, 2026年12月5日; always with the year.
DAY = re.compile(r"(\d{4})\s*[-/.年－／．]\s*(\d{1,2})\s*[-/.月－／．]\s*(\d{1,2})\s*[日号]?")
SUM = re.compile(r"(?:人民币|[¥￥])?(\d+(?:\.\d+)?)元?(?:整)?")


def owed_of(line: str, number: int, parties: Sequence[Party]) -> Owed:
    """Return the obligation of a line; ``number``: of the line, from 1; ``parties``: in the order of their numbers.

    Raises ValidationError, which names the line and the cell.
    """
    parts = [part.strip() for part in line.replace("｜", "|").split("|")]
    if not 3 <= len(parts) <= CELLS:
        told = _("Line %(number)s: write debtor | what | day, and amount and creditor where there are any.")
        raise ValidationError(told % {"number": number}, code="invalid")
    debtor, what, day, amount, creditor = parts + [""] * (CELLS - len(parts))
    cell = ""
    try:
        cell = _("debtor")
        owes = _party(debtor, parties)
        cell = _("what is owed")
        said = _said(what)
        cell = _("day of performance")
        due_on = _day(day)
        cell = _("sum owed")
        yuan = _sum(amount) if amount else None
        cell = _("creditor")
        return Owed(debtor=owes, what=said, due_on=due_on, amount=yuan,
                    creditor=_party(creditor, parties) if creditor else None)  # fmt: skip
    except ValueError as error:
        told = {"number": number, "cell": cell, "why": error}
        raise ValidationError(_("Line %(number)s, %(cell)s: %(why)s") % told, code="invalid") from error


def _said(text: str) -> str:
    if not text:
        raise ValueError(_("this is empty."))
    return text


def _day(text: str) -> date:
    found = DAY.fullmatch(text)
    if found is None:
        raise ValueError(_("“%(text)s” is no day with its year, such as 2026-7-1.") % {"text": text})
    try:
        return date(*map(int, found.groups()))
    except ValueError:
        raise ValueError(_("there is no day “%(text)s”.") % {"text": text}) from None


def _sum(text: str) -> Decimal:
    found = SUM.fullmatch(re.sub(r"[\s,，]", "", text))
    if found is None:
        raise ValueError(_("“%(text)s” is no sum in yuan, such as 3000.") % {"text": text})
    try:
        return Decimal(found[1])
    except InvalidOperation:  # digits of another script
        raise ValueError(_("“%(text)s” is no sum in yuan, such as 3000.") % {"text": text}) from None


def _party(text: str, parties: Sequence[Party]) -> Party:
    """Return the party of a number in the list, or of a name that only one of them bears."""
    if text.isdecimal() and 1 <= int(text) <= len(parties):
        return parties[int(text) - 1]
    bearing = [party for party in parties if party.name == "".join(text.split())]
    if len(bearing) != 1:
        told = {"text": text, "last": len(parties)}
        raise ValueError(_("“%(text)s” is no party: write a number from 1 to %(last)s, or the full name.") % told)
    return bearing[0]
