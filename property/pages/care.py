"""``/m/care/``: visits to elderly residents, those to make soon and the missed ones first."""

from datetime import timedelta

from django.db.models import Q
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases.pages.mobile.access import phone_page
from cases.pages.mobile.steps import step_page
from cases.pages.mobile.tasks import ASKED, PhoneButton, TaskCard, phone_buttons, phone_tasks
from cases.pages.mobile.texts import phone_texts
from governance.scoping import roles_of
from governance.workflow import available
from property.models import CareVisit
from property.serving.other_querysets import CARE_ROLES

MOST_SHOWN = 200
SOON = timedelta(days=2)
TONES = {"planned": "violet", "missed": "red", "visited": "green", "cancelled": "grey"}


def _to_make(user):
    day = timezone.localdate() + SOON
    rows, missed = CareVisit.objects.visible_to(user), CareVisit.objects.not_made_up().values("pk")
    rows = rows.filter(Q(pk__in=missed) | Q(state="planned", due_on__lte=day))
    return rows.with_rows().order_by("due_on", "pk")


@phone_tasks
def visits_to_make(user) -> list[TaskCard]:
    """Missed visits of the person's areas, and the planned ones that are usually theirs."""
    if not roles_of(user) & CARE_ROLES:
        return []
    rows = _to_make(user).filter(Q(state="missed") | Q(receiver__visitor=user))[:ASKED]
    return [
        TaskCard(
            group=_("Care visits"),
            title=row.receiver.name,
            url=reverse("phone_property:visit", args=[row.pk]),
            text=row.receiver.needs,
            place=str(row.receiver.dwelling),
            badge=row.get_state_display() if row.state == "missed" else f"{row.due_on:%m-%d}",
            tone=TONES[row.state],
            order=13,
        )
        for row in rows
    ]


@phone_buttons
def care_button(user) -> list[PhoneButton]:
    """The list of visits, for who makes them."""
    if not roles_of(user) & CARE_ROLES:
        return []
    return [PhoneButton(_("Care visits"), reverse("phone_property:care"), order=62)]


@phone_page
@require_safe
def care(request):
    """Visits to make by the day after tomorrow, and all missed ones."""
    rows = _to_make(request.user)[:MOST_SHOWN]
    context = {"visits": [(row, TONES[row.state]) for row in rows], "texts": phone_texts()}
    return render(request, "property/mobile/care.html", context)


def _visit_of(request, pk: int) -> CareVisit:
    visit = CareVisit.objects.visible_to(request.user).with_rows().filter(pk=pk).first()
    if visit is None:
        raise Http404
    return visit


@phone_page
@require_safe
def visit(request, pk):
    """One visit: where, what to look after, when the person was last seen."""
    found = _visit_of(request, pk)
    met = found.receiver.visits.filter(condition__in=["well", "needs_help"])
    context = {
        "visit": found,
        "tone": TONES[found.state],
        "last": met.select_related("visited_by").order_by("-visited_at").first(),
        "steps": available(found, request.user),
        "texts": phone_texts(),
    }
    return render(request, "property/mobile/visit.html", context)


@phone_page
@require_http_methods(["GET", "HEAD", "POST"])
def visit_step(request, pk, name):
    """One transition of a visit."""
    return step_page(request, _visit_of(request, pk), name, reverse("phone_property:visit", args=[pk]))
