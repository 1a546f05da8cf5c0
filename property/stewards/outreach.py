"""Outreach visits: logged by who was there, counted, and their questions made a case."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, CaseSource
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
MAY_PASS_ON = {Role.COMMUNITY_STAFF: IN_AREA} | {role: OWN[role] | LEADS[role] for role in OWN}


def outreach_log(*, actor: User, team: StewardTeam, topic: str, result: str, at: datetime | None = None,
                 minutes: int = 15, dwelling: Dwelling | None = None, place: str = "", questions: str = "",
                 photos: Sequence[Upload] = (), now: datetime | None = None) -> OutreachVisit:  # fmt: skip
    """Log a visit of the own; its minutes are counted.

    Raises NotPermitted for who is not in the team on that day; Invalid naming the field (a place outside the team's, a
    time to come or more than a week ago, questions without words).
    """
    now = now or timezone.now()
    at = at or now
    if at > now + timedelta(minutes=10) or at < now - LATEST:
        raise Invalid(_("A visit is logged within a week."), field="at", code="out_of_range")
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
        end = at + timedelta(minutes=minutes)
        hours_count(member, kind=HoursKind.OUTREACH, date=day, begin=at, end=end, at=now, visit=visit)
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


def outreach_pass_on(visit: OutreachVisit, *, actor: User, description: str = "",
                     at: datetime | None = None) -> Case:  # fmt: skip
    """Make a case of what was asked on a visit; ``description`` is by default what was asked.

    Raises NotPermitted, Conflict where it became a case already, Invalid where nothing was asked.
    """
    at = at or timezone.now()
    with atomically():
        rows = OutreachVisit.objects.select_for_update(of=("self",)).select_related("team__area", "area", "member")
        locked = rows.get(pk=visit.pk)
        grant = grant_for(MAY_PASS_ON, locked, actor)
        if grant is None:
            raise NotPermitted(_("Who was there, or leads the team, passes it on."))
        if locked.case_id is not None:
            raise Conflict(_("It became a case already."), code="passed_on")
        told = description.strip() or locked.questions
        if not told:
            raise Invalid(_("Say what was asked."), field="description", code="required")
        locked.case = case_report(
            actor=actor, source=source_of(grant.role), description=told, area=locked.area,
            address=locked.place_text, origin={"outreach_visit": locked.pk}, occurred_at=at,
        )  # fmt: skip
        locked.save(update_fields=["case"])
        payload = {"visit": locked.pk, "case": locked.case.number}
        events.record("steward.visit_case", locked, actor=actor, grant=grant, payload=payload, occurred_at=at)
    return locked.case


def source_of(role: str) -> str:
    """Return the source of a case that a team passes on: a member with an account only reports as a resident."""
    return CaseSource.RESIDENT if role == Role.RESIDENT else CaseSource.STEWARD
