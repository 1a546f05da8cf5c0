"""What notices may say about shifts, requests to join and disputes seen, and who is told by themselves.

Rules of notices ring with the community staff (``sighting.reported_urgent``, ``sighting.unanswered``); here members,
and who asked to join, are told. A place that has removed a template tells nobody.
"""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.events import on
from governance.models import User
from governance.notices import Parties, notice_context, notify_if_kept
from governance.notices.telling import moment
from property.models import (
    DisputeSighting,
    DutyState,
    JoinRequest,
    RequestState,
    ShiftDuty,
    StewardMember,
    StewardShift,
)

TEAM = {"team": _("team"), "place": _("place"), "state": _("state")}


@notice_context(
    "property.stewardshift",
    variables=TEAM | {"name": _("name"), "starts": _("begins"), "ends": _("ends")},
    rows=lambda: StewardShift.objects.select_related("team", "plan", "area"),
)
def shift_words(shift: StewardShift, *, public: bool) -> dict:
    """Return a shift in texts."""
    return {
        "team": shift.team.name,
        "place": shift.place,
        "state": shift.get_state_display(),
        "name": shift.plan.name,
        "starts": moment(shift.starts_at),
        "ends": moment(shift.ends_at),
        "url": reverse("phone_stewards:home"),
    }


@notice_context(
    "property.shiftduty",
    variables=TEAM | {"name": _("name"), "starts": _("begins")},
    rows=lambda: ShiftDuty.objects.with_rows().select_related("shift__plan"),
)
def duty_words(duty: ShiftDuty, *, public: bool) -> dict:
    """Return somebody's place in a shift in texts. All read it on the phone pages, whatever account they have: the
    lead, of whom is missing, on the team's."""
    missing = duty.state in (DutyState.NO_SHOW, DutyState.GIVEN_UP)
    page = reverse("phone_stewards:team", args=[duty.team.code]) if missing else reverse("phone_stewards:home")
    return {
        "team": duty.team.name,
        "place": duty.shift.place,
        "state": duty.get_state_display(),
        "name": duty.shift.plan.name,
        "starts": moment(duty.shift.starts_at),
        "url": page,
    }


@notice_context(
    "property.joinrequest",
    variables=TEAM,
    rows=lambda: JoinRequest.objects.with_rows(),
    parties=lambda request: Parties(reporter=request.person_id),
)
def request_words(request: JoinRequest, *, public: bool) -> dict:
    """Return a request to join in texts: the lead answers on the team's page, who asked reads the answer at home."""
    asked = request.state == RequestState.ASKED
    team, home = reverse("phone_stewards:team", args=[request.team.code]), reverse("resident_stewards:home")
    return {
        "team": request.team.name,
        "place": request.team.place_text,
        "state": request.get_state_display(),
        "url": team if asked else home,
    }


@notice_context(
    "property.disputesighting",
    variables=TEAM | {"number": _("number"), "kind": _("kind of dispute"), "due": _("answer due")},
    rows=lambda: DisputeSighting.objects.with_rows(),
    parties=lambda sighting: Parties(reporter=sighting.reporter_id),
)
def sighting_words(sighting: DisputeSighting, *, public: bool) -> dict:
    """Return a sighting in texts: where and of which kind, not what was seen. Who reported has ``told_of``."""
    return {
        "team": sighting.team.name,
        "place": str(sighting.building or sighting.estate or sighting.area),
        "state": sighting.get_state_display(),
        "number": sighting.number,
        "kind": sighting.get_kind_display(),
        "due": moment(sighting.answer_due_at),
        "url": told_of(sighting) if public else reverse("admin:property_disputesighting_change", args=[sighting.pk]),
    }


def told_of(sighting: DisputeSighting) -> str:
    """Return the page of a sighting for who reported it, who may have no list of them in the admin."""
    return reverse("phone_stewards:sighting", args=[sighting.pk])


def _tell(people, key: str, subject, *, but: int | None = None, **context) -> None:
    rows = User.objects.filter(pk__in=people, is_active=True).exclude(pk=but).order_by("pk")
    notify_if_kept(rows, key, subject=subject, context=context)


@on("shift.reminded")
def stewards_reminded(event, shift) -> None:
    """Whoever stands the shift of tomorrow."""
    rows = shift.duties.filter(state=DutyState.TAKEN)
    _tell(rows.values("member__person_id"), "steward_shift_tomorrow", shift)


@on("duty.assigned")
def steward_assigned(event, duty) -> None:
    """Who was given a shift."""
    _tell([duty.member.person_id], "steward_shift_assigned", duty, but=event.actor_id)


@on("duty.called_off")
def steward_called_off(event, duty) -> None:
    """Who had taken a shift that was called off."""
    _tell([duty.member.person_id], "steward_shift_called_off", duty)


@on("duty.no_show")
def leads_told(event, duty) -> None:
    """Who leads the team learns that somebody did not come."""
    _tell(_leads(duty.team_id), "steward_no_show", duty)


@on("duty.given_up")
def leads_told_of_gap(event, duty) -> None:
    """Who leads the team learns that a place is free again."""
    _tell(_leads(duty.team_id), "steward_gave_up", duty, but=event.actor_id)


@on("join.asked")
def leads_asked(event, request) -> None:
    """Who leads the team has somebody to answer."""
    _tell(_leads(request.team_id), "steward_join_asked", request)


@on("join.accepted", "join.declined")
def asker_answered(event, request) -> None:
    """Who asked reads the answer."""
    _tell([request.person_id], "steward_join_answered", request, but=event.actor_id)


@on("sighting.taken", "sighting.taken_by_mediation", "sighting.dismissed", "sighting.became_case")
def reporter_answered(event, sighting) -> None:
    """Who saw the dispute reads that somebody looks after it."""
    _tell([sighting.reporter_id], "steward_sighting_answered", sighting, but=event.actor_id, url=told_of(sighting))


def _leads(team_id: int):
    rows = StewardMember.objects.in_force().filter(team_id=team_id, is_lead=True)
    return rows.values("person_id")
