"""``/m/stewards/visits/`` and ``/m/stewards/disputes/``: what a member writes on the spot."""

from http import HTTPStatus

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.pages.mobile.access import blame, refused, status_of
from cases.pages.mobile.forms import most_photos
from cases.pages.mobile.steps import step_page
from cases.pages.mobile.texts import phone_texts
from governance.errors import Refused
from governance.models import Attachment
from governance.workflow import available
from property.models import DisputeSighting
from property.stewards.forms import OutreachForm, PlanForm, SightingForm
from property.stewards.looks import SIGHTING_TONES
from property.stewards.outreach import outreach_log, outreach_pass_on
from property.stewards.pages.access import steward_page
from property.stewards.pages.phone import MOST, found, teams_of, visits_of
from property.stewards.planning import shift_plan
from property.stewards.scope import standing_of
from property.stewards.sightings import sighting_report

HOME = "phone_stewards:home"


def _written(request, form_class, service, *, title: str, lead: str, done, teams=None):
    """Show a form for one of the own teams; hand what is sent to ``service`` and go where ``done(made)`` says."""
    teams, status = teams_of(request.user) if teams is None else teams, HTTPStatus.OK
    if not teams:
        raise Http404
    form = form_class(teams=teams)
    if request.method == "POST":
        form, status = form_class(request.POST, request.FILES, teams=teams), HTTPStatus.BAD_REQUEST
        if form.is_valid():
            try:
                return redirect(done(service(actor=request.user, **form.cleaned_data)))
            except Refused as error:
                if error.field is None:
                    return refused(request, error, reverse(HOME))
                blame(form, error)
                status = status_of(error)
    context = {
        "title": title,
        "lead": lead,
        "form": form,
        "fields": [field for field in form.visible_fields() if field.name != "photos"],
        "photos_lost": bool(request.FILES),
        "max_photos": most_photos(),
        "works_here": request.user.is_staff,
        "texts": phone_texts(),
    }
    return render(request, "property/stewards/phone/write.html", context, status=status)


@steward_page
@require_http_methods(["GET", "HEAD", "POST"])
def shift_new(request):
    """Plan a shift on one day, for who leads the team."""
    led = standing_of(request.user).led
    return _written(
        request, PlanForm, shift_plan, title=_("Plan a shift"), lead="",
        teams=[team for team in teams_of(request.user) if team.pk in led], done=lambda made: reverse(HOME),
    )  # fmt: skip


@steward_page
@require_http_methods(["GET", "HEAD", "POST"])
def visit_new(request):
    """Log an outreach visit."""
    return _written(
        request, OutreachForm, outreach_log, title=_("Log an outreach visit"), lead="",
        done=lambda made: reverse("phone_stewards:visits"),
    )  # fmt: skip


@steward_page
@require_safe
def visits(request):
    """My visits; what was asked may be passed on."""
    rows = visits_of(request.user)[:MOST]
    context = {"visits": rows, "works_here": request.user.is_staff, "texts": phone_texts()}
    return render(request, "property/stewards/phone/visits.html", context)


@steward_page
@require_POST
def visit_pass_on(request, pk):
    """Make a case of what was asked."""
    visit, back = found(visits_of(request.user), pk), reverse("phone_stewards:visits")
    try:
        outreach_pass_on(visit, actor=request.user)
    except Refused as error:
        return refused(request, error, back)
    return redirect(back)


@steward_page
@require_http_methods(["GET", "HEAD", "POST"])
def sighting_new(request):
    """Report a dispute that was seen."""
    lead = _("Do not step in where it is dangerous. The community staff get this at once.")
    return _written(
        request, SightingForm, sighting_report, title=_("Report a dispute"), lead=lead,
        done=lambda made: reverse("phone_stewards:sighting", args=[made.pk]),
    )  # fmt: skip


def _sighting_of(request, pk: int) -> DisputeSighting:
    return found(DisputeSighting.objects.visible_to(request.user).with_rows().select_related("answered_by"), pk)


@steward_page
@require_safe
def sighting(request, pk):
    """A dispute that was seen: for who reported it and for who answers."""
    one = _sighting_of(request, pk)
    context = {
        "sighting": one,
        "tone": SIGHTING_TONES[one.state],
        "steps": available(one, request.user),
        "photos": Attachment.objects.filter(subject_type="property.disputesighting", subject_id=one.pk),
        "works_here": request.user.is_staff,
        "texts": phone_texts(),
    }
    return render(request, "property/stewards/phone/sighting.html", context)


@steward_page
@require_http_methods(["GET", "HEAD", "POST"])
def sighting_step(request, pk, name):
    """One transition of a dispute that was seen."""
    return step_page(request, _sighting_of(request, pk), name, reverse("phone_stewards:sighting", args=[pk]))
