"""What a mapping would make of a sample message: nothing is stored."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from cases.dispatch import REVIEW_REASONS, Unresolved, plan_for
from cases.intake.forms import message_form
from cases.intake.mapping import FIELDS, rules_of
from cases.intake.receiving import reading_of
from cases.models import Case, IntakeSource
from cases.places import area_of_place
from governance.errors import Refused


@dataclass(frozen=True)
class Line:
    """One of our fields: what the message says, what that means here, and what is wrong with it."""

    label: str
    text: str
    meaning: str
    wrong: str


@dataclass(frozen=True)
class Preview:
    """What would become of a message: ``outcome`` in words; ``good`` says whether it would be a case."""

    lines: list[Line]
    outcome: str
    good: bool


def preview(source: IntakeSource, mapping: dict, message) -> Preview:
    """Judge a message as if it came in under ``mapping``. Raises Invalid for a mapping that cannot be read."""
    external_id, reading = reading_of(rules_of(mapping), message)
    form = message_form(reading.values, source)
    wrong: dict[str, str] = {}
    for fault in [*reading.errors, *form.faults()]:
        wrong.setdefault(fault["field"], fault["detail"])
    outcome, good = _outcome(source, form.cleaned_data, wrong)
    meant = {**form.cleaned_data, "external_id": external_id}
    lines = [
        Line(
            str(label),
            reading.values.get(name, ""),
            _meaning(meant.get(name), reading.values.get(name, "")),
            wrong.pop(name, ""),
        )
        for name, label in FIELDS.items()
    ]
    return Preview([line for line in lines if line.text or line.meaning or line.wrong], outcome, good)


def _meaning(value, text: str) -> str:
    """Return what a value stands for, where that is more than the text itself."""
    meaning = "" if value is None else f"{value:.6f}" if isinstance(value, float) else str(value)
    return "" if meaning == text else meaning


def _outcome(source: IntakeSource, said: dict, wrong: dict[str, str]) -> tuple[str, bool]:
    if "message" in wrong:
        return wrong["message"], False
    if wrong:
        return _("It would be kept as a dead letter."), False
    try:
        place = area_of_place(said["area"] or source.area, said["longitude"], said["latitude"])
    except Refused as error:
        wrong[error.field or ""] = str(error.detail)
        return _("It would be kept as a dead letter."), False
    standard = said["standard"]
    category = said["category"] or (standard.category if standard else None)
    told = {"area": place, "category": category or "—"}
    if category is None or not source.files_at_once:
        return _("A case in %(area)s (%(category)s) that waits for a registrar.") % told, True
    plan = plan_for(Case(area=place, category=category, standard=standard))
    if isinstance(plan, Unresolved):
        told["why"] = REVIEW_REASONS[plan.code]
        return _("A case in %(area)s (%(category)s) that waits for a dispatcher: %(why)s") % told, True
    return _("A case in %(area)s (%(category)s), dispatched: %(why)s") % (told | {"why": plan.reason}), True
