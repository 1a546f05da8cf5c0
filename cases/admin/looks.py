"""How cases look to staff: colours of states, icons of sources, lines of place and source."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.html import format_html
from django.utils.timezone import localtime

from cases.dispatch import REVIEW_REASONS
from cases.dispatch.plans import percent
from cases.models import Case, CaseSource, CaseState, Dispatch
from governance.models import OrgUnit

TONES = {
    CaseState.REPORTED: "amber",
    CaseState.VERIFIED: "amber",
    CaseState.ACCEPTED: "violet",
    CaseState.DISPATCHED: "blue",
    CaseState.HANDLING: "blue",
    CaseState.SUBMITTED: "violet",
    CaseState.INSPECTED: "green",
    CaseState.CLOSED: "grey",
    CaseState.REJECTED: "grey",
    CaseState.CANCELLED: "grey",
    CaseState.SUSPENDED: "grey",
    CaseState.MERGED: "grey",
    CaseState.ARBITRATION: "red",
    CaseState.RETURNED: "red",
    CaseState.REWORKED: "red",
    CaseState.REOPENED: "red",
}
ICONS = {
    CaseSource.SENSOR: "sensors",
    CaseSource.GRID_WORKER: "directions_walk",
    CaseSource.RESIDENT: "person",
    CaseSource.HOTLINE: "call",
    CaseSource.DEPARTMENT: "apartment",
    CaseSource.PATROL: "route",
    CaseSource.STEWARD: "volunteer_activism",
    CaseSource.VIDEO: "videocam",
    CaseSource.ASSEMBLY: "groups",
}


def when(at) -> str:
    """Return a time in short."""
    return format_html('<span class="jc-when">{}</span>', localtime(at).strftime("%m-%d %H:%M")) if at else "—"


def place_of(case: Case) -> str:
    """Return area and address in one line."""
    return f"{case.area} · {case.address}" if case.address else str(case.area)


def review_text(case: Case) -> str:
    """Return why a dispatcher must decide, in words; "" when none need to."""
    return str(REVIEW_REASONS.get(case.review_reason, case.review_reason))


def runner_up_of(dispatches: Sequence[Dispatch]) -> dict:
    """Return who else came into question for the last dispatch: unit, label, share in words; one statement or none."""
    beside = dispatches[-1].runner_up if dispatches else {}
    if not beside:
        return {}
    unit = OrgUnit.objects.filter(code=beside.get("unit")).first() if beside.get("unit") else None
    share = beside.get("confidence")
    label = beside.get("label", "")
    named = unit.name if unit else label
    return {"unit": named, "label": "" if label == named else label, "share": "" if share is None else percent(share)}


def page_url(case: Case) -> str:
    """Return the address of a case's page."""
    return reverse("admin:cases_case_change", args=[case.pk])
