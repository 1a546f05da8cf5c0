"""Questions as JSON: how templates, copies, the API and the forms of the builder hand them over.

``{"key", "kind", "text", "help", "required", "options": [{"key", "text"}], "other", "rows", "least", "most", "unit",
"low_label", "high_label", "show_if", "jumps"}``; what a kind does not need is left out.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from governance.errors import Invalid
from partners.models import QuestionKind, SurveyQuestion
from partners.surveys.branching import CHOSEN, MATRIX, MULTIPLE, NUMBER, OTHER, RANKING, SCALES, plain
from partners.surveys.conditions import condition_read, jumps_read

KEY = re.compile(r"[a-z0-9_]{1,20}")
MOST_QUESTIONS, MOST_OPTIONS, MOST_ROWS = 60, 30, 20
LONGEST_OPTION = 60
TEXTS = {"help": 300, "unit": 12, "low_label": 20, "high_label": 20}
FIELDS = ("key", "kind", "text", "help", "required", "options", "other", "rows", "least", "most", "unit", "low_label",
          "high_label", "show_if", "jumps")  # fmt: skip
LARGEST = Decimal(10**9)


def question_read(raw: object) -> dict:
    """Return the columns of a question somebody sent, judged one by one. Raises Invalid naming a field.

    What only the whole can tell (conditions on later questions, unreachable ones) is ``checking``'s.
    """
    if not isinstance(raw, Mapping) or set(raw) - set(FIELDS):
        raise Invalid(_("This is no question."), field="questions", code="invalid")
    kind = raw.get("kind")
    if not isinstance(kind, str) or kind not in QuestionKind.values:
        raise Invalid(_("Say what kind of question it is."), field="kind", code="invalid_choice")
    columns = {
        "key": key_read(raw.get("key")), "kind": kind, "text": _words(raw, "text", 200),
        "required": _flag(raw, "required"), "other": _flag(raw, "other") and kind in CHOSEN,
        "options": [], "rows": [], "least": None, "most": None,
        "show_if": condition_read(raw.get("show_if")), "jumps": jumps_read(raw.get("jumps")),
    }  # fmt: skip
    if not columns["text"]:
        raise Invalid(_("Write what is asked."), field="text", code="required")
    columns |= {name: _words(raw, name, most) for name, most in TEXTS.items()}
    if kind in (*CHOSEN, RANKING, MATRIX):
        columns["options"] = _listed(raw, "options", MOST_OPTIONS)
    if kind == MATRIX:
        columns["rows"] = _listed(raw, "rows", MOST_ROWS)
    if kind in (MULTIPLE, NUMBER):
        columns |= {name: _bound(raw, name) for name in ("least", "most")}
    if kind != NUMBER:
        columns["unit"] = ""
    if kind not in SCALES:
        columns["low_label"] = columns["high_label"] = ""
    return columns


def key_read(value: object) -> str:
    """Return the key of a question or option. Raises Invalid."""
    if not isinstance(value, str) or not KEY.fullmatch(value) or value == "end":
        raise Invalid(_("A key has letters a-z, digits and _."), field="key", code="invalid")
    return value


def _words(raw: Mapping, name: str, most: int) -> str:
    value = raw.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or "\0" in value:
        raise Invalid(_("A text is needed."), field=name, code="invalid")
    if len(value.strip()) > most:
        raise Invalid(_("At most %(most)d characters.") % {"most": most}, field=name, code="max_length")
    return value.strip()


def _flag(raw: Mapping, name: str) -> bool:
    value = raw.get(name, False)
    if not isinstance(value, bool):
        raise Invalid(_("Say true or false."), field=name, code="invalid")
    return value


def _listed(raw: Mapping, name: str, most: int) -> list[dict]:
    rows = raw.get(name) or []
    if not isinstance(rows, list) or not all(isinstance(one, Mapping) for one in rows):
        raise Invalid(_("A list is needed."), field=name, code="invalid")
    if len(rows) > most:
        raise Invalid(_("At most %(most)d.") % {"most": most}, field=name, code="max_length")
    found = [{"key": key_read(one.get("key")), "text": _option_words(one, name)} for one in rows]
    for column in ("key", "text"):
        if len({one[column] for one in found}) < len(found):
            raise Invalid(_("Each only once."), field=name, code="twice")
    if OTHER in {one["key"] for one in found}:
        raise Invalid(_("“other” is not a key of an option."), field=name, code="invalid")
    return found


def _option_words(one: Mapping, name: str) -> str:
    value = one.get("text")
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_OPTION or "\0" in value:
        text = _("Each has a text of at most %(most)d characters.") % {"most": LONGEST_OPTION}
        raise Invalid(text, field=name, code="invalid")
    return value.strip()


def _bound(raw: Mapping, name: str) -> Decimal | None:
    value = raw.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise Invalid(_("A number is needed."), field=name, code="invalid")
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise Invalid(_("A number is needed."), field=name, code="invalid") from error
    if not number.is_finite() or abs(number) > LARGEST:
        raise Invalid(_("A number is needed."), field=name, code="invalid")
    return number.quantize(Decimal("0.001"))


def questions_read(raws: object) -> list[dict]:
    """Return the columns of all questions of a questionnaire, in order. Raises Invalid."""
    if not isinstance(raws, list) or len(raws) > MOST_QUESTIONS:
        text = _("A list of at most %(most)d questions is needed.") % {"most": MOST_QUESTIONS}
        raise Invalid(text, field="questions", code="invalid")
    read = [question_read(raw) for raw in raws]
    if len({one["key"] for one in read}) < len(read):
        raise Invalid(_("Two questions have the same key."), field="key", code="twice")
    return read


def question_told(question: SurveyQuestion) -> dict:
    """Return a question as JSON."""
    told = {name: getattr(question, name) for name in FIELDS}
    return told | {name: None if told[name] is None else plain(told[name]) for name in ("least", "most")}


def questions_told(questions: Sequence[SurveyQuestion]) -> list[dict]:
    """Return questions as JSON, in order."""
    return [question_told(question) for question in questions]


def options_written(lines: str, before: Sequence[Mapping], *, field: str, most: int) -> list[dict]:
    """Return options out of lines of text; those that were there before keep their key, so that conditions stay true.

    Raises Invalid naming ``field``.
    """
    texts = [line.strip() for line in lines.splitlines() if line.strip()]
    known = {one["text"]: one["key"] for one in before}
    free = (f"o{number}" for number in range(1, 1000) if f"o{number}" not in known.values())
    rows = [{"key": known.get(text) or next(free), "text": text} for text in texts]
    return _listed({field: rows}, field, most)
