"""What notices may say about a case, and who has a part in it."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from governance.notices import Parties, notice_context
from governance.notices.telling import moment

VARIABLES = {
    "number": _("number"),
    "category": _("category"),
    "standard": _("filing standard"),
    "area": _("area"),
    "state": _("state"),
    "due": _("end of the running stage"),
    "promised": _("promised until"),
    "lead_unit": _("lead unit"),
    "assisting_units": _("assisting units"),
    "supervising_units": _("supervising units"),
}


def parties_of(case: Case) -> Parties:
    """Return the units by part and the reporter; reads the prefetched ``units``."""
    units: dict[str, list[int]] = {}
    for row in case.units.all():
        units.setdefault(row.part, []).append(row.unit_id)
    return Parties(units, case.reporter_id)


@notice_context(
    "cases.case",
    variables=VARIABLES,
    rows=lambda: Case.objects.with_rows().select_related("standard__category").defer("area__boundary"),
    parties=parties_of,
)
def case_words(case: Case, *, public: bool) -> dict:
    """Return a case in texts. The reporter's page is the one with the tracking token, staff get the case's own."""
    page = ("cases_pages:follow", [case.token]) if public else ("admin:cases_case_change", [case.pk])
    return {
        "number": case.number,
        "category": str(case.category) if case.category else "",
        "standard": str(case.standard) if case.standard and not public else "",
        "area": case.area.name,
        "state": case.get_state_display(),
        "due": moment(case.due_at) if not public else "",
        "promised": moment(case.promised_at),
        "lead_unit": case.lead_unit.name if case.lead_unit else "",
        "assisting_units": _named(case, "assisting"),
        "supervising_units": _named(case, "supervising"),
        "url": reverse(page[0], args=page[1]),
    }


def _named(case: Case, part: str) -> str:
    return "、".join(str(unit) for unit in case.units_as(part))
