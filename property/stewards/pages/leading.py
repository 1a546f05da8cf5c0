"""``/m/stewards/teams/``: the team; and what who leads it does there, with or without a role in the admin."""

from collections import defaultdict
from datetime import timedelta

from django.db.models import Q
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases.models import Patrol
from cases.pages.mobile.steps import step_page
from cases.pages.mobile.texts import phone_texts
from governance.scoping import grant_for
from governance.workflow import available
from property.models import DutyState, JoinRequest, RequestState, ShiftDuty, StewardMember, StewardShift, StewardTeam
from property.stewards.forms import AssignForm, CorrectForm, EndForm
from property.stewards.hours import hours_correct
from property.stewards.looks import DUTY_TONES, REQUEST_TONES
from property.stewards.members import member_end
from property.stewards.pages.access import steward_page
from property.stewards.pages.phone import MOST, found
from property.stewards.pages.written import form_page
from property.stewards.rounds import findings_of
from property.stewards.scope import MANAGES, standing_of
from property.stewards.shifts import duty_assign
from property.stewards.workflow import HELD

FORM = ["GET", "HEAD", "POST"]
DAYS_SHOWN = 31


@steward_page
@require_safe
def team(request, code):
    """Who is in the team and stands which shift; for who walks its rounds, what they found; and the lead's work."""
    user = request.user
    one = StewardTeam.objects.visible_to(user).filter(code=code, pk__in=standing_of(user).teams).with_rows().first()
    if one is None:
        raise Http404
    leads = one.pk in standing_of(user).led
    walked = Patrol.objects.visible_to(user)
    context = {
        "team": one,
        "members": StewardMember.objects.in_force().filter(team=one).select_related("person"),
        "leads": leads,
        "shifts": _shifts(one, user),
        "asked": _asked(one, user) if leads else [],
        "missed": _missed(one, user) if leads else [],
        "walks": walked.filter(route__steward_route__team=one).exists(),
        "findings": findings_of(one).filter(patrol__in=walked)[:MOST],
        "me": user.pk,
        "works_here": user.is_staff,
        "texts": phone_texts(),
    }  # fmt: skip
    return render(request, "property/stewards/phone/team.html", context)


def _shifts(one: StewardTeam, user) -> list[tuple]:
    """Return the shifts to come, each with the names of who holds a place in it; two statements."""
    shifts = list(StewardShift.objects.visible_to(user).filter(team=one).to_come().with_rows()[:MOST])
    names = defaultdict(list)
    for duty in ShiftDuty.objects.visible_to(user).filter(shift__in=shifts, state__in=HELD).with_rows().order_by("pk"):
        names[duty.shift_id].append(str(duty.member.person))
    return [(shift, names[shift.pk]) for shift in shifts]


def _asked(one: StewardTeam, user) -> list[tuple]:
    rows = JoinRequest.objects.visible_to(user).filter(team=one, state=RequestState.ASKED).with_rows()
    return [(row, REQUEST_TONES[row.state], available(row, user)) for row in rows.order_by("pk")[:MOST]]


def _missed(one: StewardTeam, user) -> list[tuple]:
    """Return who did not come, or was ended by the clock, lately."""
    since = timezone.localdate() - timedelta(days=DAYS_SHOWN)
    rows = ShiftDuty.objects.accounted_to(user).filter(team=one, shift__date__gte=since)
    rows = rows.filter(Q(state=DutyState.NO_SHOW) | Q(by_clock=True)).with_rows().select_related("shift__plan")
    return [(row, DUTY_TONES[row.state], available(row, user)) for row in rows.order_by("-pk")[:MOST]]


def _page_of(one: StewardTeam) -> str:
    return reverse("phone_stewards:team", args=[one.code])


def _managed(request, rows, pk: int):
    """Return a row of a team that the person leads or manages; raises Http404."""
    row = found(rows.visible_to(request.user).with_rows(), pk)
    if grant_for(MANAGES, row, request.user) is None:
        raise Http404
    return row


@steward_page
@require_http_methods(FORM)
def shift_step(request, pk, name):
    """One transition of a shift: calling it off."""
    shift = _managed(request, StewardShift.objects, pk)
    return step_page(request, shift, name, _page_of(shift.team))


@steward_page
@require_http_methods(FORM)
def shift_assign(request, pk):
    """Give a member a place in a shift."""
    shift = _managed(request, StewardShift.objects, pk)
    back = _page_of(shift.team)

    def carry_out(given):
        duty_assign(shift, actor=request.user, **given)
        return back

    return form_page(request, lambda data, _files: AssignForm(data, shift=shift), carry_out,
                     title=_("Assign somebody"), lead=str(shift), back=back)  # fmt: skip


def _of_member(request, pk, form_class, service, *, title: str, lead: str = ""):
    member = _managed(request, StewardMember.objects, pk)
    back = _page_of(member.team)

    def carry_out(given):
        service(member, actor=request.user, **given)
        return back if member.team_id in standing_of(request.user).teams else reverse("phone_stewards:home")

    return form_page(request, lambda data, _files: form_class(data), carry_out, title=title % {"member": member.person},
                     lead=lead, back=back)  # fmt: skip


@steward_page
@require_http_methods(FORM)
def member_correct(request, pk):
    """Correct the hours of a member by a line of their own."""
    lead = _("What was counted stays; the correction is a line beside it.")
    return _of_member(request, pk, CorrectForm, hours_correct, title=_("Correct hours: %(member)s"), lead=lead)


@steward_page
@require_http_methods(FORM)
def member_leave(request, pk):
    """End a membership."""
    return _of_member(request, pk, EndForm, member_end, title=_("End: %(member)s"))
