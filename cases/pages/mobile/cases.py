"""``/m/report/`` and ``/m/cases/<number>/``: report a case, look at one, move it on."""

from http import HTTPStatus

from django.conf import settings
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases.admin.looks import TONES
from cases.models import Case
from cases.pages.mobile.access import blame, notice, phone_page, status_of
from cases.pages.mobile.forms import PhoneReportForm, most_photos
from cases.pages.mobile.once import opened_once
from cases.pages.mobile.steps import step_page
from cases.pages.mobile.tasks import ON_THE_SPOT
from cases.pages.mobile.texts import phone_texts
from cases.permissions import REPORTERS
from cases.services import case_report
from cases.timeline import timeline_of
from governance.errors import Refused
from governance.scoping import roles_of
from governance.workflow import Step, available


@phone_page
@require_http_methods(["GET", "HEAD", "POST"])
def report(request):
    """The form; a good report leads on to the case."""
    if not roles_of(request.user) & REPORTERS:
        return notice(request, _("This was not done"), _("You may not report cases."), HTTPStatus.FORBIDDEN)
    if request.method != "POST":
        return _report_page(request, PhoneReportForm(user=request.user))
    form = PhoneReportForm(request.POST, request.FILES, user=request.user)
    if not form.is_valid():
        return _report_page(request, form, HTTPStatus.BAD_REQUEST)
    try:
        number = opened_once(request, form, lambda: _reported(request.user, form))
    except Refused as error:
        blame(form, error)
        return _report_page(request, form, status_of(error))
    if Case.objects.visible_to(request.user).filter(number=number).exists():
        return redirect("phone:case", number)
    return redirect("phone:today")


def _reported(user, form: PhoneReportForm) -> Case:
    given = form.cleaned_data
    # A point says more than the area chosen before; both together must agree.
    area = given["area"] if given["longitude"] is None else None
    return case_report(
        actor=user, source=form.source, description=given["description"], area=area, longitude=given["longitude"],
        latitude=given["latitude"], address=given["address"], category=given["category"], photos=given["photos"],
    )  # fmt: skip


def _report_page(request, form, status: int = HTTPStatus.OK):
    context = {
        "form": form,
        "photos_lost": bool(request.FILES),
        "max_photos": most_photos(),
        "tiles": settings.MAP_TILES,
        "texts": phone_texts(),
    }
    return render(request, "cases/mobile/report.html", context, status=status)


def _case_of(request, number: str) -> Case:
    rows = Case.objects.visible_to(request.user).with_rows()
    case = rows.filter(number=number).first()
    if case is None:
        raise Http404
    return case


@phone_page
@require_safe
def case(request, number):
    """The case, what happened, and what the person may do now."""
    found = _case_of(request, number)
    trail = timeline_of(found)
    context = {
        "case": found,
        "tone": TONES[found.state],
        "steps": sorted(available(found, request.user), key=_as_needed),
        "timeline": trail[::-1],
        "photos": [photo for entry in trail for photo in entry["photos"] if photo["content_type"][:6] == "image/"],
        "texts": phone_texts(),
    }
    return render(request, "cases/mobile/case.html", context)


def _as_needed(step: Step) -> tuple:
    """What is done on the spot first, what undoes somebody's work last."""
    return step.name not in ON_THE_SPOT, step.backward, step.target is None


@phone_page
@require_http_methods(["GET", "HEAD", "POST"])
def case_step(request, number, name):
    """One transition of a case."""
    found = _case_of(request, number)
    return step_page(request, found, name, reverse("phone:case", args=[found.number]))
