"""A unit's board: its cases in columns by what it has to do next, the most pressing first, kept live."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from cases.admin.my_work import list_url, row_of
from cases.models import Case, CaseUnit, UnitPart
from cases.states import S
from governance.admin.my_work import WorkLink, provides_links
from governance.admin.paging import capped_count
from governance.models import OrgUnit, Role
from governance.permissions import STAFF
from governance.scoping import grants_of, roles_of

SHOWN = 30  # cards of a column
COUNTED = 1000
COLUMNS = [
    ("unsigned", gettext_lazy("To sign for"), "red", (S.DISPATCHED,)),
    ("waiting", gettext_lazy("To begin"), "amber", (S.DISPATCHED, S.REWORKED)),
    ("handling", gettext_lazy("Being handled"), "blue", (S.HANDLING,)),
    ("suspended", gettext_lazy("Suspended"), "grey", (S.SUSPENDED,)),
    ("inspection", gettext_lazy("With the inspection"), "violet", (S.SUBMITTED, S.INSPECTED)),
]
# Whoever sees the cases of every unit in their area may look at any unit's board.
WATCHERS = {Role.OPERATIONS_CENTRE, Role.DISPATCHER, Role.REGISTRAR, Role.ADMINISTRATOR}


def units_of(user) -> list[OrgUnit]:
    """Return the units whose board the person may open: the own ones, for watchers all that lead cases."""
    if roles_of(user) & WATCHERS:
        leading = Case.objects.visible_to(user).open().exclude(lead_unit=None).values("lead_unit")
        return list(OrgUnit.objects.filter(pk__in=leading).order_by("name"))
    own = {grant.unit_id for grant in grants_of(user) if grant.role in (Role.HANDLER, Role.SUPERVISOR)}
    return list(OrgUnit.objects.filter(pk__in=own, is_active=True).order_by("name"))


def columns_of(unit: OrgUnit, user) -> list[dict]:
    """Return the unit's columns: title, cards, count, link to the list that holds what is counted."""
    rows = Case.objects.visible_to(user).filter(lead_unit=unit)
    columns = [_column(rows, unit, *column) for column in COLUMNS]
    helped = CaseUnit.objects.filter(unit=unit, part=UnitPart.ASSISTING, done_at=None).values("case_id")
    helping = Case.objects.visible_to(user).filter(pk__in=helped, state__in=COLUMNS[2][3] + COLUMNS[1][3])
    return [*columns, _filled("assisting", _("We help"), "green", helping, list_url(assisting=unit.pk, queue="open"))]


def _column(rows, unit: OrgUnit, key: str, title, tone: str, states) -> dict:
    found = rows.filter(state__in=states)
    address = {"lead_unit": unit.pk, "state": [str(state) for state in states]}
    if key == "unsigned":
        found, address = rows.unsigned(), {"lead_unit": unit.pk, "queue": "unsigned"}
    elif key == "waiting":
        found = rows.to_begin()
        address = {"lead_unit": unit.pk, "queue": "to_begin"}
    return _filled(key, title, tone, found, list_url(**address))


def _filled(key: str, title, tone: str, rows, url: str) -> dict:
    cards = rows.select_related("area", "lead_unit", "category").defer("area__boundary")
    count = capped_count(rows, COUNTED)
    return {
        "key": key,
        "title": title,
        "tone": tone,
        "count": f"{COUNTED}+" if count >= COUNTED else count,
        "url": url,
        "rows": [row_of(case) for case in cards.order_by(F("due_at").asc(nulls_last=True), "id")[:SHOWN]],
        "more": count > SHOWN,
    }


@require_safe
def board(request):
    """``/admin/cases/case/board/``: the board of a unit (``?unit=<code>``), of the own one without."""
    if not roles_of(request.user) & STAFF:
        raise PermissionDenied
    units = units_of(request.user)
    wanted = request.GET.get("unit", "")
    unit = next((one for one in units if one.code == wanted), None if wanted else next(iter(units), None))
    if wanted and unit is None:
        raise PermissionDenied
    context = {
        **admin.site.each_context(request),
        "title": _("Board of %(unit)s") % {"unit": unit.name} if unit else _("Board"),
        "units": units,
        "unit": unit,
        "columns": columns_of(unit, request.user) if unit else [],
    }
    return TemplateResponse(request, "cases/admin/board.html", context)


@provides_links
def board_link(user) -> list[WorkLink]:
    """The way to the board, for people in units and those who watch them."""
    may = roles_of(user) & (WATCHERS | {Role.HANDLER, Role.SUPERVISOR})
    return [WorkLink(_("Board"), reverse("admin:cases_case_board"))] if may else []
