"""Open cases as marks on a map, coloured by how pressing they are."""

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse

from cases.models import Case
from governance.templatetags.jiceng import PRESSING, remaining_text

# Tones of the map: late, soon late, in time, nothing runs.
LATE, SOON, CALM, NONE = "red", "amber", "blue", "grey"


def tone_of(due_at: datetime | None, now: datetime) -> str:
    """Return the tone of a case whose running stage ends at ``due_at``."""
    if due_at is None:
        return NONE
    if due_at < now:
        return LATE
    return SOON if due_at - now < PRESSING else CALM


def marks_of(cases: Iterable[Case], now: datetime) -> list[dict]:
    """Return the marks of cases with a point, the most pressing last so that it lies on top."""
    marks = [
        {
            "at": [case.longitude, case.latitude],
            "text": " · ".join(part for part in _words(case, now) if part),
            "tone": tone_of(case.due_at, now),
            "url": reverse("admin:cases_case_change", args=[case.pk]),
            "number": case.number,
        }
        for case in cases
    ]
    return marks[::-1]


def _words(case: Case, now: datetime) -> list[str]:
    left = remaining_text(case.due_at, now) if case.due_at else ""
    return [case.number, str(case.category or ""), case.description[:30], left]
