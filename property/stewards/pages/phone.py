"""``/m/stewards/``: my shifts and those to take, my rounds, my hours."""

from datetime import timedelta

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.models import Patrol
from cases.pages.mobile.access import refused
from cases.pages.mobile.steps import step_page
from cases.pages.mobile.tasks import ASKED, PhoneButton, TaskCard, phone_buttons, phone_tasks
from cases.pages.mobile.texts import phone_texts
from governance.errors import Refused
from governance.models import Role
from governance.scoping import roles_of
from governance.workflow import available
from property.models import (
    DisputeSighting,
    DutyState,
    HoursEntry,
    JoinRequest,
    OutreachVisit,
    ShiftDuty,
    StewardShift,
    StewardTeam,
)
from property.months import month_asked
from property.serving.querysets import month_after
from property.stewards.duties import EARLY
from property.stewards.hours import duration, months_of
from property.stewards.looks import DUTY_TONES, SIGHTING_TONES
from property.stewards.pages.access import steward_page
from property.stewards.scope import standing_of
from property.stewards.shifts import DAYS_AHEAD, duty_take
from property.stewards.workflow import GIVEN_BACK

MOST = 30
OPEN = (DutyState.TAKEN, DutyState.UNDER_WAY)


def _mine(user):
    """Return the places in shifts that the person holds and that are not over."""
    rows = ShiftDuty.objects.visible_to(user).filter(member__person=user, state__in=OPEN)
    return rows.with_rows().select_related("shift__plan").order_by("shift__starts_at", "pk")


@phone_tasks
def shifts_to_stand(user) -> list[TaskCard]:
    """Shifts of today and tomorrow that the person has taken."""
    if not standing_of(user).teams:
        return []
    until = timezone.now() + timedelta(days=1)
    return [
        TaskCard(
            group=_("Steward shifts"), title=duty.shift.plan.name, url=reverse("phone_stewards:home"),
            text=f"{duty.shift.date:%m-%d} {duty.shift.hours}", place=duty.shift.place,
            badge=duty.get_state_display(), tone=DUTY_TONES[duty.state], order=9,
        )
        for duty in _mine(user).filter(shift__starts_at__lte=until)[:ASKED]
    ]  # fmt: skip


@phone_buttons
def steward_button(user) -> list[PhoneButton]:
    """The way to the stewards' pages, for who is in a team."""
    return [PhoneButton(_("Red stewards"), reverse("phone_stewards:home"), order=30)] if standing_of(user).teams else []


def teams_of(user) -> list[StewardTeam]:
    """Return the teams the person is in today."""
    rows = StewardTeam.objects.filter(pk__in=standing_of(user).teams)
    return list(rows.select_related("estate", "area").defer("area__boundary").order_by("code"))


@steward_page
@require_safe
def home(request):
    """What I have taken, what is to be taken, my rounds of today, my hours."""
    user, now = request.user, timezone.now()
    standing, duties = standing_of(user), list(_mine(user)[:MOST])
    held = ShiftDuty.objects.filter(member__person=user).exclude(state__in=GIVEN_BACK).values("shift_id")
    offered = StewardShift.objects.filter(team__in=standing.teams, starts_at__lt=now + timedelta(days=DAYS_AHEAD))
    offered = list(offered.exclude(pk__in=held).to_come(now).with_rows()[:MOST])
    walks = Role.STEWARD in roles_of(user)
    rounds = Patrol.objects.to_walk(user).of_today().filter(role=Role.STEWARD).with_rows() if walks else []
    month = timezone.localdate().replace(day=1)
    mine = sum(row.minutes for row in months_of(user, month) if row.member.person_id == user.pk)
    context = {
        "teams": teams_of(user),
        "led": standing.led,
        "duties": [
            (duty, DUTY_TONES[duty.state], {step.name: step for step in available(duty, user)},
             duty.shift.starts_at - EARLY <= now, duty.shift.starts_at > now)
            for duty in duties
        ],
        "offered": [(shift, shift.wanted - shift.taken_count) for shift in offered],
        "rounds": rounds,
        "hours": duration(mine),
        "sightings": [(row, SIGHTING_TONES[row.state]) for row in _sightings(user)[:5]],
        "works_here": user.is_staff,
        "texts": phone_texts(),
    }  # fmt: skip
    return render(request, "property/stewards/phone/home.html", context)


def _sightings(user):
    rows = DisputeSighting.objects.visible_to(user).filter(reporter=user)
    return rows.with_rows().order_by("-id")


def found(rows, pk: int):
    """Return a row of those the person sees; raises Http404."""
    row = rows.filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


@steward_page
@require_POST
def take(request, pk):
    """Take a place in a shift."""
    shift, back = found(StewardShift.objects.visible_to(request.user), pk), reverse("phone_stewards:home")
    try:
        duty_take(shift, actor=request.user)
    except Refused as error:
        return refused(request, error, back)
    return redirect(back)


@steward_page
@require_http_methods(["GET", "HEAD", "POST"])
def duty_step(request, pk, name):
    """One transition of a place in a shift; who leads the team goes back to it."""
    duty = found(ShiftDuty.objects.visible_to(request.user).with_rows().select_related("shift__plan"), pk)
    own = duty.member.person_id == request.user.pk
    back = reverse("phone_stewards:home") if own else reverse("phone_stewards:team", args=[duty.team.code])
    return step_page(request, duty, name, back)


@steward_page
@require_http_methods(["GET", "HEAD", "POST"])
def request_step(request, pk, name):
    """Answer somebody who asks to join."""
    asked = found(JoinRequest.objects.visible_to(request.user).with_rows(), pk)
    return step_page(request, asked, name, reverse("phone_stewards:team", args=[asked.team.code]))


@steward_page
@require_safe
def hours(request):
    """My hours of ``?month=`` (2026-11; this month by default), line by line."""
    user = request.user
    month = month_asked(request.GET.get("month", ""), timezone.localdate())
    lines = HoursEntry.objects.visible_to(user).of_month(month).filter(member__person=user).with_rows()
    lines = list(lines.order_by("date", "pk"))
    context = {
        "month": month,
        "before": f"{(month - timedelta(days=1)):%Y-%m}",
        "after": f"{month_after(month):%Y-%m}",
        "lines": [(line, duration(line.minutes)) for line in lines],
        "whole": duration(sum(line.minutes for line in lines)),
        "works_here": user.is_staff,
        "texts": phone_texts(),
    }
    return render(request, "property/stewards/phone/hours.html", context)


def visits_of(user):
    """Return the visits that the person made, the newest first."""
    return OutreachVisit.objects.visible_to(user).filter(member__person=user).with_rows().order_by("-at", "-pk")
