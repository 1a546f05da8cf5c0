"""``/m/stewards/visits/`` and ``/m/stewards/disputes/``: what a member writes on the spot."""

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases.pages.mobile.steps import step_page
from cases.pages.mobile.texts import phone_texts
from governance.models import Attachment
from governance.repeats import made_once
from governance.workflow import available
from property.models import DisputeSighting
from property.stewards.forms import OutreachForm, PassOnForm, PlanForm, SightingForm
from property.stewards.looks import SIGHTING_TONES
from property.stewards.outreach import outreach_log, outreach_pass_on
from property.stewards.pages.access import steward_page
from property.stewards.pages.phone import MOST, found, teams_of, visits_of
from property.stewards.pages.written import HOME, form_page
from property.stewards.planning import shift_plan
from property.stewards.scope import standing_of
from property.stewards.sightings import sighting_report


def _of_team(request, form_class, service, *, title: str, lead: str, done, teams=None):
    """A form for one of the own teams; what is sent goes to ``service``, and then where ``done(made)`` says."""
    teams = teams_of(request.user) if teams is None else teams
    if not teams:
        raise Http404
    return form_page(
        request, lambda data, files: form_class(data, files, teams=teams),
        lambda given: done(service(actor=request.user, **given)), title=title, lead=lead,
    )  # fmt: skip


@steward_page
@require_http_methods(["GET", "HEAD", "POST"])
def shift_new(request):
    """Plan a shift on one day, for who leads the team."""
    led = standing_of(request.user).led
    return _of_team(
        request, PlanForm, shift_plan, title=_("Plan a shift"), lead="",
        teams=[team for team in teams_of(request.user) if team.pk in led], done=lambda made: reverse(HOME),
    )  # fmt: skip


@steward_page
@require_http_methods(["GET", "HEAD", "POST"])
def visit_new(request):
    """Log an outreach visit."""
    return _of_team(
        request, OutreachForm, outreach_log, title=_("Log an outreach visit"), lead="",
        done=lambda made: reverse("phone_stewards:visits"),
    )  # fmt: skip


@steward_page
@require_safe
def visits(request):
    """My visits; what was asked may be passed on."""
    rows = visits_of(request.user)[:MOST]
    in_team = bool(standing_of(request.user).teams)
    context = {"visits": rows, "in_team": in_team, "works_here": request.user.is_staff, "texts": phone_texts()}
    return render(request, "property/stewards/phone/visits.html", context)


@steward_page
@require_http_methods(["GET", "HEAD", "POST"])
def visit_pass_on(request, pk):
    """Write what is to be passed on of what was asked, and make a case of it."""
    visit, back = found(visits_of(request.user), pk), reverse("phone_stewards:visits")

    def carry_out(given):
        outreach_pass_on(visit, actor=request.user, **given)
        return back

    return form_page(request, lambda data, _files: PassOnForm(data), carry_out, title=_("Make it a case"),
                     lead=visit.questions, back=back)  # fmt: skip


@steward_page
@require_http_methods(["GET", "HEAD", "POST"])
def sighting_new(request):
    """Report a dispute that was seen."""
    lead = _("Do not step in where it is dangerous. The community staff get this at once.")
    teams = teams_of(request.user)
    if not teams:
        raise Http404
    shown: list[SightingForm] = []  # the form that is sent comes last

    def make(data, files):
        shown.append(SightingForm(data, files, teams=teams))
        return shown[-1]

    def carry_out(given):
        said = [given[name] for name in ("team", "kind", "building", "place", "words")]
        made = made_once(shown[-1], user=request.user, what="sighting", said=said, number=lambda made: made.number,
                         make=lambda: sighting_report(actor=request.user, **given))  # fmt: skip
        return reverse("phone_stewards:sighting", args=[made.pk])

    return form_page(request, make, carry_out, title=_("Report a dispute"), lead=lead)


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
