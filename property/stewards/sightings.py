"""Disputes that a steward saw: handed to community staff at once, answered within a time, reminded of where not.

Where mediation comes in (issue 8): ``HANDED_OVER`` names the two events by which a sighting is handed over. Property
lies above mediation, so its call to take a sighting as a hazard is a handler here, ``@on(*HANDED_OVER)``: it runs in
the transaction of the report, gets the ``DisputeSighting`` as the event's subject, and fails with it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import CaseSource
from cases.services import case_report
from governance import events
from governance.attachments import attach
from governance.errors import Invalid, NotPermitted
from governance.models import AreaKind, AttachmentPurpose, Building, User
from governance.photos import Upload
from governance.scoping import grant_for
from governance.timers import cancel_timer, fires, set_timer
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from property.models import DisputeSighting, DisputeUrgency, SightingState, StewardTeam
from property.stewards.members import member_of
from property.stewards.scope import OF_TEAM
from property.stewards.workflow import ANSWERS

HANDED_OVER = ("sighting.reported", "sighting.reported_urgent")
ANSWER_DUE = "steward.sighting_due"
# The community staff of an area answer; a larger one has none.
OF_A_COMMUNITY = (AreaKind.COMMUNITY, AreaKind.GRID)
# How long community staff have for an answer [J].
LIMITS = {DisputeUrgency.URGENT: timedelta(hours=1), DisputeUrgency.NORMAL: timedelta(hours=24)}


def timer_key(sighting: DisputeSighting) -> str:
    """Return the key of the timer that reminds of an answer."""
    return f"sighting:{sighting.pk}:due"


def told(sighting: DisputeSighting) -> dict:
    """Return what events say of a sighting: not what was seen, nor of whom."""
    return {"number": sighting.number, "team": sighting.team.code, "kind": sighting.kind, "urgency": sighting.urgency}


def sighting_report(*, actor: User, team: StewardTeam, kind: str, words: str, urgency: str = DisputeUrgency.NORMAL,
                    building: Building | None = None, place: str = "", seen_at: datetime | None = None,
                    photos: Sequence[Upload] = (), at: datetime | None = None) -> DisputeSighting:  # fmt: skip
    """Hand a dispute seen in the team's place over to community staff.

    Raises NotPermitted for who is not in the team; Invalid naming the field.
    """
    at = at or timezone.now()
    with atomically():
        member = member_of(actor, team, timezone.localdate(at))
        if member is None:
            raise NotPermitted(_("Only members of the team report what they saw."))
        if urgency not in LIMITS:
            raise Invalid(_("Say how urgent it is."), field="urgency", code="invalid")
        team = member.team
        sighting = DisputeSighting(
            team=team, area=building.area if building else team.area, estate=team.estate, building=building,
            place=place.strip(), kind=kind, urgency=urgency, words=words.strip(), reporter=actor,
            seen_at=seen_at or at, answer_due_at=at + LIMITS[urgency],
        )  # fmt: skip
        grant = grant_for(OF_TEAM, sighting, actor)
        if grant is None:
            raise NotPermitted(_("Only members of the team report what they saw."))
        _judge(sighting, at)
        sighting.save(force_insert=True)
        name = "sighting.reported_urgent" if urgency == DisputeUrgency.URGENT else "sighting.reported"
        payload = told(sighting) | {"to": sighting.state}
        event = events.record(name, sighting, actor=actor, grant=grant, payload=payload, occurred_at=at)
        attach(sighting, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
        set_timer(timer_key(sighting), ANSWER_DUE, subject_id=sighting.pk, due_at=sighting.answer_due_at)
    return sighting


def _judge(sighting: DisputeSighting, at: datetime) -> None:
    if not sighting.words:
        raise Invalid(_("Say what was seen."), field="words", code="required")
    if sighting.seen_at > at + timedelta(minutes=10):
        raise Invalid(_("This time lies in the future."), field="seen_at", code="in_future")
    building, team = sighting.building, sighting.team
    if building is None and team.area.kind not in OF_A_COMMUNITY:
        told = _("Say at which building: the people of its community get it.")
        raise Invalid(told, field="building", code="required")
    if building is not None:
        sighting.estate = building.estate
        outside = building.estate_id != team.estate_id if team.estate_id else not team.area.contains(building.area)
        if outside:
            raise Invalid(_("This building lies outside the team's place."), field="building", code="outside")
    try:
        sighting.full_clean(validate_constraints=False)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Invalid(messages[0], field=field) from error


def _answered(sighting: DisputeSighting, name: str, *, actor: User, photos: Sequence[Upload], occurred_at,
              **given) -> DisputeSighting:  # fmt: skip
    at = occurred_at or timezone.now()
    with atomically():
        payload = told(sighting) | given.pop("payload", {})
        fresh, event = perform(sighting, name, actor=actor, occurred_at=at, answered_by=actor, answered_at=at,
                               payload=payload, **given)  # fmt: skip
        attach(fresh, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
        cancel_timer(timer_key(fresh))
    return fresh


@carries_out("property.disputesighting", "take")
def sighting_take(sighting: DisputeSighting, *, actor: User, version=None, reason="", occurred_at=None,
                  photos: Sequence[Upload] = ()) -> DisputeSighting:  # fmt: skip
    """Look after it from now on."""
    return _answered(sighting, "take", actor=actor, version=version, reason=reason, occurred_at=occurred_at,
                     photos=photos)  # fmt: skip


def sighting_taken_by_mediation(pk: int, *, by: User, at: datetime) -> None:
    """Write down that the mediator ``by`` looked after it, where nobody of the community has answered yet; for the
    handler of mediation's events, in their transaction."""
    with atomically():
        sighting = DisputeSighting.objects.lock(pk)
        if sighting.state == SightingState.HANDED_OVER:
            perform(sighting, "take_by_mediation", actor=User.objects.system("mediation"), occurred_at=at,
                    answered_by=by, answered_at=at, payload=told(sighting))  # fmt: skip
            cancel_timer(timer_key(sighting))


@carries_out("property.disputesighting", "dismiss")
def sighting_dismiss(sighting: DisputeSighting, *, actor: User, version=None, reason="", occurred_at=None,
                     photos: Sequence[Upload] = ()) -> DisputeSighting:  # fmt: skip
    """Say why there is nothing to settle."""
    return _answered(sighting, "dismiss", actor=actor, version=version, reason=reason, occurred_at=occurred_at,
                     photos=photos)  # fmt: skip


@carries_out("property.disputesighting", "open_case")
def sighting_open_case(sighting: DisputeSighting, *, actor: User, description: str, version=None, reason="",
                       occurred_at: datetime | None = None,
                       photos: Sequence[Upload] = ()) -> DisputeSighting:  # fmt: skip
    """Open a case for what a unit has to put right. ``description`` is written for everybody who reads cases: what was
    seen stays here."""
    if not description.strip():
        raise Invalid(_("Say what is wrong."), field="description", code="required")
    at = occurred_at or timezone.now()
    with atomically():
        locked = DisputeSighting.objects.lock(sighting.pk)
        may = grant_for(ANSWERS, locked, actor) is not None
        case = None
        if may and locked.state in (SightingState.HANDED_OVER, SightingState.TAKEN):
            case = case_report(
                actor=actor, source=CaseSource.STEWARD, description=description, area=locked.area,
                address=str(locked.building or locked.estate or ""), origin={"dispute_sighting": locked.pk},
                occurred_at=at,
            )  # fmt: skip
        payload = {"case": case.number} if case else {}
        return _answered(locked, "open_case", actor=actor, version=version, reason=reason, occurred_at=at,
                         photos=photos, case=case, payload=payload)  # fmt: skip


@fires(ANSWER_DUE)
def answer_due(timer) -> None:
    """Remind where nobody has answered; ``notices`` rings with the community staff."""
    sighting = DisputeSighting.objects.lock(timer.subject_id)
    if sighting.state == SightingState.HANDED_OVER:
        perform(sighting, "remind", actor=User.objects.system("timers"), occurred_at=timer.due_at, at=timer.due_at,
                payload=told(sighting))  # fmt: skip
