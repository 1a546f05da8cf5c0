"""Judging what somebody answered, exactly along the way: pure, the same for pages, the API and paper.

An answer comes as ``{"choices": [...], "other": "", "number": 3, "text": "", "date": "2026-01-31", "cells": {row:
column}}`` with what its kind of question needs. Answers to questions that are not on the way are left out, by whatever
door.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from governance.errors import Invalid
from partners.surveys.branching import (
    CHOSEN,
    DATE,
    LONG,
    MATRIX,
    MULTIPLE,
    NUMBER,
    OTHER,
    RANKING,
    SCALES,
    SHORT,
    SINGLE,
    Asked,
    Given,
    plain,
    walk,
)

# Longest texts [J].
LONGEST = {SHORT: 200, LONG: 2000}
LONGEST_OTHER = 100
LARGEST = Decimal(10**9)
PLACES = 3
NUMERAL = re.compile(r"-?[0-9]{1,10}(\.[0-9]{1,3})?")
FIELDS = ("choices", "other", "number", "text", "date", "cells")
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2100, 12, 31)


@dataclass(frozen=True)
class Judged:
    """What was said on the way, and what is wrong, by question."""

    answers: dict[str, Given]
    wrong: dict[str, Invalid]


def judged(questions: Sequence[Asked], raws: Mapping[str, object]) -> Judged:
    """Judge the answers of a whole questionnaire. Raises Invalid only for a question that there is not."""
    known = {question.key for question in questions}
    for key in raws:
        if key not in known:
            raise Invalid(_("There is no such question."), field=str(key)[:20], code="unknown_question")
    answers, wrong = {}, {}

    def answer(question: Asked) -> Given | None:
        try:
            return judge(question, raws.get(question.key))
        except Invalid as refusal:
            wrong[question.key] = refusal
            return None

    for question, given in walk(questions, answer):
        if given is not None:
            answers[question.key] = given
    return Judged(answers, wrong)


def judge(question: Asked, raw: object) -> Given | None:
    """Return the answer to one question, or None for none. Raises Invalid naming the question."""
    if raw is None:
        raw = {}
    if not isinstance(raw, Mapping) or set(raw) - set(FIELDS):
        raise _refused(question, "invalid", _("This is no answer."))
    given = _JUDGES[question.kind](question, raw)
    if given is None and question.required:
        raise _refused(question, "required", _("Please answer this question."))
    return given


def _refused(question: Asked, code: str, text: str) -> Invalid:
    return Invalid(text, field=question.key, code=code)


def _words(question: Asked, value: object, most: int) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or "\0" in value:
        raise _refused(question, "invalid", _("A text is needed."))
    words = value.strip()
    if len(words) > most:
        raise _refused(question, "max_length", _("At most %(most)d characters.") % {"most": most})
    return words


def _listed(question: Asked, value: object) -> list[str]:
    if isinstance(value, str):
        value = [value] if value else []
    if value is None:
        return []
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise _refused(question, "invalid", _("Choose from the options."))
    chosen = [one for one in value if one]
    if len(set(chosen)) != len(chosen):
        raise _refused(question, "twice", _("Each only once."))
    if set(chosen) - set(question.choosable):
        raise _refused(question, "invalid_choice", _("Choose from the options."))
    return chosen


def _chosen(question: Asked, raw: Mapping) -> Given | None:
    chosen = _listed(question, raw.get("choices"))
    words = _words(question, raw.get("other"), LONGEST_OTHER)
    if not chosen:
        return None
    if OTHER in chosen and not words:
        raise _refused(question, "other_text", _("Say what else in a few words."))
    if question.kind == SINGLE and len(chosen) > 1:
        raise _refused(question, "too_many", _("Choose one only."))
    if question.kind == MULTIPLE:
        _count_check(question, len(chosen))
    in_order = tuple(option for option in question.choosable if option in chosen)
    return Given(choices=in_order, text=words if OTHER in chosen else "")


def _count_check(question: Asked, count: int) -> None:
    if question.least is not None and count < question.least:
        raise _refused(question, "too_few", _("Choose at least %(least)d.") % {"least": question.least})
    if question.most is not None and count > question.most:
        raise _refused(question, "too_many", _("Choose at most %(most)d.") % {"most": question.most})


def _ranked(question: Asked, raw: Mapping) -> Given | None:
    ranked = _listed(question, raw.get("choices"))
    if not ranked:
        return None
    if len(ranked) < len(question.options):
        raise _refused(question, "too_few", _("Put all of them in order."))
    return Given(choices=tuple(ranked))


def _number(question: Asked, raw: Mapping) -> Decimal | None:
    value = raw.get("number")
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise _refused(question, "invalid", _("A number is needed."))
    text = str(value).strip()
    if not NUMERAL.fullmatch(text):
        raise _refused(question, "invalid", _("A number is needed, with three decimal places at most."))
    try:
        number = Decimal(text)
    except InvalidOperation as error:  # pragma: no cover - the pattern lets no such text through
        raise _refused(question, "invalid", _("A number is needed.")) from error
    if abs(number) > LARGEST:
        raise _refused(question, "too_large", _("This number is too large."))
    return number


def _measured(question: Asked, raw: Mapping) -> Given | None:
    number = _number(question, raw)
    if number is None:
        return None
    if question.least is not None and number < question.least:
        raise _refused(question, "min_value", _("At least %(least)s.") % {"least": plain(question.least)})
    if question.most is not None and number > question.most:
        raise _refused(question, "max_value", _("At most %(most)s.") % {"most": plain(question.most)})
    return Given(number=number)


def _scaled(question: Asked, raw: Mapping) -> Given | None:
    number = _number(question, raw)
    if number is None:
        return None
    first, last = SCALES[question.kind]
    if number != int(number) or not first <= number <= last:
        text = _("A whole number from %(first)d to %(last)d is needed.") % {"first": first, "last": last}
        raise _refused(question, "invalid_choice", text)
    return Given(number=Decimal(int(number)))


def _text(question: Asked, raw: Mapping) -> Given | None:
    words = _words(question, raw.get("text"), LONGEST[question.kind])
    return Given(text=words) if words else None


def _day(question: Asked, raw: Mapping) -> Given | None:
    value = raw.get("date")
    if value is None or value == "":
        return None
    text = _("A date such as 2026-01-31 is needed.")
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise _refused(question, "invalid", text)
    try:
        day = date.fromisoformat(value)
    except ValueError as error:
        raise _refused(question, "invalid", text) from error
    if not FIRST_DAY <= day <= LAST_DAY:
        raise _refused(question, "too_far", _("A day between 1900 and 2100 is needed."))
    return Given(day=day)


def _cells(question: Asked, raw: Mapping) -> Given | None:
    cells = raw.get("cells") or {}
    if not isinstance(cells, Mapping):
        raise _refused(question, "invalid", _("Choose from the options."))
    filled = {row: column for row, column in cells.items() if column not in (None, "")}
    if set(filled) - set(question.rows) or not all(column in question.options for column in filled.values()):
        raise _refused(question, "invalid_choice", _("Choose from the options."))
    if filled and question.required and len(filled) < len(question.rows):
        raise _refused(question, "too_few", _("Please answer each row."))
    return Given(cells=tuple((row, filled[row]) for row in question.rows if row in filled)) if filled else None


_JUDGES = (
    dict.fromkeys(CHOSEN, _chosen)
    | dict.fromkeys(SCALES, _scaled)
    | {NUMBER: _measured, SHORT: _text, LONG: _text, DATE: _day, RANKING: _ranked, MATRIX: _cells}
)
