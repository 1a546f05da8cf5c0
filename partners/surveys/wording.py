"""Conditions and jumps in words, for who builds a questionnaire."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from partners.models import SurveyQuestion
from partners.surveys.branching import END, Condition, Jump


def condition_text(condition: Condition | None, questions: Sequence[SurveyQuestion]) -> str:
    """Return a condition in words; empty for none."""
    if condition is None:
        return ""
    parts = [_atom_text(atom, questions) for atom in condition.atoms]
    return (_(" and ") if condition.match == "all" else _(" or ")).join(parts)


def _atom_text(atom, questions: Sequence[SurveyQuestion]) -> str:
    found = next((row for row in questions if row.key == atom.question), None)
    number = found.position if found else "?"
    value = found.text_of(atom.value) if found else atom.value
    said = {
        "is": _("question %(number)s is “%(value)s”"), "is_not": _("question %(number)s is not “%(value)s”"),
        "at_least": _("question %(number)s is at least %(value)s"),
        "at_most": _("question %(number)s is at most %(value)s"), "answered": _("question %(number)s was answered"),
        "unanswered": _("question %(number)s was not answered"),
    }[atom.op]  # fmt: skip
    return said % {"number": number, "value": value}


def jumps_text(jumps: Sequence[Jump], questions: Sequence[SurveyQuestion]) -> str:
    """Return jumps in words; empty for none."""
    told = []
    for jump in jumps:
        found = next((row for row in questions if row.key == jump.to), None)
        to = _("the end") if jump.to == END else _("question %(number)s") % {"number": found.position if found else "?"}
        when = condition_text(jump.when, questions)
        told.append((_("if %(when)s: on to %(to)s") if when else _("on to %(to)s")) % {"when": when, "to": to})
    return "；".join(told)
