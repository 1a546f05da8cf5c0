"""``/m/needs/``: visits on site, logged in a minute with the needs that were heard; the own ones of the last weeks."""

from http import HTTPStatus

from django.conf import settings
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases.pages.mobile.access import blame, notice, phone_page, status_of
from cases.pages.mobile.forms import most_photos
from cases.pages.mobile.tasks import PhoneButton, phone_buttons
from cases.pages.mobile.texts import phone_texts
from governance.errors import Refused
from partners.models import Need, NeedVisit
from partners.needs.figures import visit_figures
from partners.needs.looks import need_tone
from partners.needs.places import communities_of
from partners.needs.querysets import VISITING_ROLES
from partners.needs.raising_forms import VisitForm
from partners.needs.visits import may_visit, visit_log

MOST = 30


@phone_buttons
def visit_button(user) -> list[PhoneButton]:
    """The form of a visit, for who hears people in a community."""
    return (
        [PhoneButton(_("Visit: what people need"), reverse("phone_needs:visits"), order=62)] if may_visit(user) else []
    )


@phone_page
@require_safe
def visits(request):
    """The own visits, newest first, each with the needs heard; figures of the own community."""
    user = request.user
    rows = NeedVisit.objects.visible_to(user).filter(visitor=user).with_rows().order_by("-at", "-pk")[:MOST]
    found = list(rows)
    heard: dict[int, list] = {}
    needs = Need.objects.filter(origin_type="partners.needvisit", origin_id__in=[visit.pk for visit in found])
    for need in needs.select_related("category").order_by("pk"):
        heard.setdefault(need.origin_id, []).append((need, need_tone(need)))
    places = communities_of(user, VISITING_ROLES)
    context = {
        "visits": [(visit, heard.get(visit.pk, [])) for visit in found],
        "figures": [(area, visit_figures(user, area)) for area in places[:3]],
        "may_visit": may_visit(user),
        "texts": phone_texts(),
    }
    return render(request, "partners/needs/phone/visits.html", context)


@phone_page
@require_http_methods(["GET", "HEAD", "POST"])
def visit_new(request):
    """The form; what is sent well leads on to the list."""
    if not may_visit(request.user):
        return notice(request, _("This was not done"), _("You do not log visits here."), HTTPStatus.FORBIDDEN)
    form, status = VisitForm(user=request.user), HTTPStatus.OK
    if request.method == "POST":
        form, status = VisitForm(request.POST, request.FILES, user=request.user), HTTPStatus.BAD_REQUEST
        if form.is_valid():
            try:
                visit_log(actor=request.user, **form.values())
                return redirect("phone_needs:visits")
            except Refused as error:
                blame(form, error)
                status = status_of(error)
    context = {
        "form": form, "photos_lost": bool(request.FILES), "max_photos": most_photos(), "tiles": settings.MAP_TILES,
        "texts": phone_texts(),
    }  # fmt: skip
    return render(request, "partners/needs/phone/visit.html", context, status=status)
