"""Questions as fields of a page, and a posted page as answers: with or without script, on any door."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from partners.models import QuestionKind, SurveyQuestion
from partners.surveys.answers import FIELDS, LONGEST, LONGEST_OTHER
from partners.surveys.branching import CHOSEN, OTHER, SCALES

MOST_CARRIED = 200_000  # characters of answers that a page carries on to the next


@dataclass(frozen=True)
class Field:
    """A question as a page shows it: ``raw`` is what was answered so far, ``error`` what is wrong with it."""

    question: SurveyQuestion
    raw: Mapping
    error: str = ""

    @property
    def name(self) -> str:
        """The beginning of the names of its inputs."""
        return f"a-{self.question.key}"

    @property
    def chosen(self) -> Sequence[str]:
        """The options chosen so far."""
        value = self.raw.get("choices") or ()
        if isinstance(value, str):
            return [value]
        return [one for one in value if isinstance(one, str)] if isinstance(value, list | tuple) else []

    @property
    def options(self) -> list[dict]:
        """What can be chosen, with what is chosen; of a ranking with the place given."""
        rows = [*self.question.options]
        if self.question.other:
            rows.append({"key": OTHER, "text": _("Other")})
        ranked = {key: place for place, key in enumerate(self.chosen, 1)}
        return [one | {"chosen": one["key"] in ranked, "place": ranked.get(one["key"])} for one in rows]

    @property
    def places(self) -> range:
        """The places of a ranking."""
        return range(1, len(self.question.options) + 1)

    @property
    def other(self) -> str:
        """The words beside "other"."""
        return _words(self.raw.get("other"))

    @property
    def steps(self) -> list[dict]:
        """The figures of a scale."""
        first, last = SCALES[self.question.kind]
        return [{"value": one, "chosen": str(one) == self.number} for one in range(first, last + 1)]

    @property
    def number(self) -> str:
        """The number given."""
        value = self.raw.get("number")
        return "" if value is None else str(value)

    @property
    def text(self) -> str:
        """The words given."""
        return _words(self.raw.get("text"))

    @property
    def day(self) -> str:
        """The day given."""
        return _words(self.raw.get("date"))

    @property
    def longest(self) -> int:
        """Characters that fit."""
        return LONGEST.get(self.question.kind, LONGEST_OTHER)

    @property
    def rows(self) -> list[dict]:
        """The rows of a table, each with its columns."""
        cells = self.raw.get("cells")
        cells = cells if isinstance(cells, Mapping) else {}
        return [
            row | {"name": f"{self.name}-{row['key']}",
                   "columns": [one | {"chosen": cells.get(row["key"]) == one["key"]} for one in self.question.options]}
            for row in self.question.rows
        ]  # fmt: skip


def _words(value: object) -> str:
    return value if isinstance(value, str) else ""


def raw_of(question: SurveyQuestion, data) -> dict:
    """Return what a posted page says to a question, not judged; empty for nothing."""
    name = f"a-{question.key}"
    if question.kind in CHOSEN:
        raw = {"choices": data.getlist(name), "other": data.get(f"{name}-other", "")}
        return raw if raw["choices"] else {}
    if question.kind == QuestionKind.RANKING:
        return _ranking(question, name, data)
    if question.kind == QuestionKind.MATRIX:
        cells = {row["key"]: data.get(f"{name}-{row['key']}", "") for row in question.rows}
        return {"cells": {row: column for row, column in cells.items() if column}}
    field = {QuestionKind.NUMBER: "number", QuestionKind.DATE: "date"}.get(question.kind, "text")
    field = "number" if question.kind in SCALES else field
    value = data.get(name, "").strip() if field != "text" else data.get(name, "")
    return {field: value} if value else {}


def _ranking(question: SurveyQuestion, name: str, data) -> dict:
    """Options by the places given to them; two at one place leave one out, so that it is asked again."""
    places = {}
    for option in question.options:
        place = data.get(f"{name}-{option['key']}", "")
        if place.isascii() and place.isdecimal() and len(place) < 4:
            places.setdefault(int(place), option["key"])
    return {"choices": [key for _place, key in sorted(places.items())]} if places else {}


def raws_of(questions: Sequence[SurveyQuestion], data) -> dict[str, dict]:
    """Return what a page with all questions says."""
    found = {question.key: raw_of(question, data) for question in questions}
    return {key: raw for key, raw in found.items() if raw}


def carried_of(questions: Sequence[SurveyQuestion], text: str) -> dict[str, dict]:
    """Return the answers a page carried along; nothing where somebody has meddled with them."""
    if len(text) > MOST_CARRIED:
        return {}
    try:
        found = json.loads(text or "{}")
        json.dumps(found, ensure_ascii=False).encode()  # a lone half of a surrogate pair cannot be kept
    except (ValueError, RecursionError):
        return {}
    keys = {question.key for question in questions}
    if not isinstance(found, dict):
        return {}
    return {
        key: raw for key, raw in found.items()
        if key in keys and isinstance(raw, dict) and not set(raw) - set(FIELDS)
    }  # fmt: skip
