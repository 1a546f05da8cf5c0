"""Outreach visits: logged by who was there, counted, and their questions made a case."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, CaseSource
from cases.patrols import CLOCK_SKEW
from cases.services import case_report
from governance import events
from governance.attachments import attach
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import AttachmentPurpose, Dwelling, Role, User
from governance.photos import Upload
from governance.scoping import grant_for
from governance.transactions import atomically
from property.models import HoursKind, OutreachVisit, StewardTeam
from property.stewards.hours import hours_count
from property.stewards.members import member_of
from property.stewards.scope import IN_AREA, LEADS, OF_TEAM, OWN

# How long afterwards a visit may still be logged [J].
LATEST = timedelta(days=7)
# Who is a steward by role in another community passes on here as every member with an account.
MAY_PASS_ON = {
    Role.COMMUNITY_STAFF: IN_AREA,
    Role.STEWARD: IN_AREA & (OWN[Role.STEWARD] | LEADS[Role.STEWARD]),
    Role.RESIDENT: OWN[Role.RESIDENT] | LEADS[Role.RESIDENT],
}


def outreach_log(*, actor: User, team: StewardTeam, topic: str, result: str, at: datetime | None = None,
                 minutes: int = 15, dwelling: Dwelling | None = None, place: str = "", questions: str = "",
                 photos: Sequence[Upload] = (), now: datetime | None = None) -> OutreachVisit:  # fmt: skip
    """Log a visit of the own that began ``at`` (by default so that it has just ended); its minutes are counted.

    Raises NotPermitted for who is not in the team on that day; Invalid naming the field (a place outside the team's, a
    visit that has not ended or was more than a week ago, questions without words).
    """
    now = now or timezone.now()
    length = timedelta(minutes=minutes)
    at = at or now - length
    if not now - LATEST <= at <= now + CLOCK_SKEW - length:
        raise Invalid(_("A visit is logged when it is over, within a week."), field="at", code="out_of_range")
    with atomically():
        member = member_of(actor, team, timezone.localdate(at))
        if member is None:
            raise NotPermitted(_("Only members of the team log its visits."))
        visit = OutreachVisit(
            team=member.team, member=member, area=dwelling.area if dwelling else member.team.area, topic=topic.strip(),
            dwelling=dwelling, place=place.strip(), at=at, minutes=minutes, result=result, questions=questions.strip(),
        )  # fmt: skip
        grant = grant_for(OF_TEAM, visit, actor)
        if grant is None:
            raise NotPermitted(_("Only members of the team log its visits."))
        _judge(visit)
        visit.save(force_insert=True)
        payload = {"visit": visit.pk, "team": team.code, "result": result, "minutes": minutes}
        event = events.record("steward.visit_logged", visit, actor=actor, grant=grant, payload=payload, occurred_at=at)
        attach(visit, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
        day = timezone.localdate(at)
        hours_count(member, kind=HoursKind.OUTREACH, date=day, begin=at, end=at + length, at=now, visit=visit)
    return visit


def _judge(visit: OutreachVisit) -> None:
    if visit.dwelling is not None and not serves(visit.team, visit.dwelling):
        raise Invalid(_("This dwelling lies outside the team's place."), field="dwelling", code="outside")
    if visit.dwelling is None and not visit.place:
        raise Invalid(_("Say where: a dwelling or a place."), field="place", code="required")
    if visit.result == "questions" and not visit.questions:
        raise Invalid(_("Say what was asked."), field="questions", code="required")
    try:
        visit.full_clean(validate_constraints=False)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Invalid(messages[0], field=field) from error


def serves(team: StewardTeam, dwelling: Dwelling) -> bool:
    """Tell whether a dwelling lies in a team's place."""
    if team.estate_id:
        return dwelling.building.estate_id == team.estate_id
    return team.area.contains(dwelling.area)


def outreach_pass_on(visit: OutreachVisit, *, actor: User, description: str, at: datetime | None = None) -> Case:
    """Make a case of what was asked on a visit. ``description`` is written for everybody who reads cases: what people
    said, and where they live, stays here; the case knows the building.

    Raises NotPermitted, Conflict where it became a case already, Invalid without a description.
    """
    at = at or timezone.now()
    with atomically():
        rows = OutreachVisit.objects.select_for_update(of=("self",))
        rows = rows.select_related("team__area", "team__estate", "area", "member", "dwelling__building__estate")
        locked = rows.get(pk=visit.pk)
        grant = grant_for(MAY_PASS_ON, locked, actor)
        if grant is None:
            raise NotPermitted(_("Who was there, or leads the team, passes it on."))
        if locked.case_id is not None:
            raise Conflict(_("It became a case already."), code="passed_on")
        if not description.strip():
            raise Invalid(_("Say what is to be passed on."), field="description", code="required")
        building = locked.dwelling and locked.dwelling.building
        locked.case = case_report(
            actor=actor, source=source_of(grant.role), description=description.strip(), area=locked.area,
            address=str(building or locked.team.place_text), origin={"outreach_visit": locked.pk}, occurred_at=at,
        )  # fmt: skip
        locked.save(update_fields=["case"])
        payload = {"visit": locked.pk, "case": locked.case.number}
        events.record("steward.visit_case", locked, actor=actor, grant=grant, payload=payload, occurred_at=at)
    return locked.case


def source_of(role: str) -> str:
    """Return the source of a case that a team passes on: a member with an account only reports as a resident."""
    return CaseSource.RESIDENT if role == Role.RESIDENT else CaseSource.STEWARD
