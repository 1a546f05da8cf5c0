"""The minutes: written, confirmed by each party on the same text, or objected to with a reason."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import OrgUnit, Role, User
from governance.scoping import grants_of
from governance.transactions import atomically
from governance.workflow import carries_out
from property.assembly.acting import carry
from property.assembly.invitation_workflow import WAS_THERE
from property.models import AssemblySession, Invitation, Minutes, MinutesAnswer, SeatRole

LABEL = "property.assemblysession"
OF_UNITS = (SeatRole.PROPERTY_COMPANY, SeatRole.OWNERS_COMMITTEE)
LONGEST = 20_000


@dataclass(frozen=True)
class Party:
    """One that confirms the minutes: the chair, a unit that was there, the residents together."""

    role: str
    unit: OrgUnit | None = None

    @property
    def key(self) -> tuple:
        return self.role, self.unit.pk if self.unit else None

    @property
    def label(self) -> str:
        return str(self.unit) if self.unit else str(SeatRole(self.role).label)


def parties_of(session: AssemblySession) -> list[Party]:
    """Return who has to confirm: the chair always, the others if they were there."""
    there = [row for row in session.invitations.select_related("unit").order_by("id") if row.state in WAS_THERE]
    units = {row.unit_id: Party(row.role, row.unit) for row in there if row.role in OF_UNITS and row.unit_id}
    # Representatives without an account cannot answer here; they sign the paper.
    speakers = [row for row in there if row.role == SeatRole.RESIDENTS and row.person_id]
    residents = [Party(SeatRole.RESIDENTS)] if speakers else []
    return [Party(SeatRole.PARTY), *units.values(), *residents]


def answers_of(session: AssemblySession) -> list[tuple[Party, MinutesAnswer | None]]:
    """Return each party with its answer to the text as it stands, None while it has not answered."""
    minutes = Minutes.objects.filter(session=session).first()
    given = {}
    if minutes is not None:
        rows = minutes.answers.filter(text_version=minutes.text_version).select_related("person")
        given = {(row.role, row.unit_id): row for row in rows.order_by("id")}
    return [(party, given.get(party.key)) for party in parties_of(session)]


def _speaks_for(session: AssemblySession, actor: User) -> list[Party]:
    """Return the parties for which a person answers."""
    grants = grants_of(actor)
    chairs = any(
        grant.role == Role.PARTY_SECRETARY and session.area.path.startswith(grant.area_path) for grant in grants
    )
    units = {grant.unit_id for grant in grants if grant.role in (Role.PROPERTY_MANAGER, Role.OWNERS_COMMITTEE_MEMBER)}
    mine = Invitation.objects.filter(session=session, person=actor, role=SeatRole.RESIDENTS, state__in=WAS_THERE)
    resident = mine.exists()
    return [
        party
        for party in parties_of(session)
        if (party.role == SeatRole.PARTY and chairs)
        or (party.unit is not None and party.unit.pk in units)
        or (party.role == SeatRole.RESIDENTS and resident)
    ]


@carries_out(LABEL, "write")
def minutes_write(session: AssemblySession, *, actor: User, text: str, occurred_at: datetime | None = None, **given):
    """Write the minutes, or a new text of them, which every party is asked about anew."""
    if not text.strip() or len(text) > LONGEST:
        raise Invalid(_("Write between 1 and 20,000 characters."), field="text", code="length")
    at = occurred_at or timezone.now()
    with atomically():
        locked = AssemblySession.objects.lock(session.pk)
        minutes = Minutes.objects.filter(session=locked).first() or Minutes(session=locked, text_version=0)
        minutes.text, minutes.text_version = text.strip(), minutes.text_version + 1
        minutes.written_by, minutes.written_at = actor, at
        payload = {"text_version": minutes.text_version}
        fresh = carry(locked, "write", actor=actor, occurred_at=at, payload=payload, **given)
        minutes.save()
    return fresh


@carries_out(LABEL, "approve")
def minutes_approve(session: AssemblySession, *, actor: User, occurred_at: datetime | None = None, **given):
    """Confirm the text for the party the person speaks for; the last one makes the minutes confirmed.

    Raises NotPermitted for somebody of no party that was there; Conflict without a text, or after having answered.
    """
    at = occurred_at or timezone.now()
    with atomically():
        fresh = _answer(session, "approve", actor=actor, agrees=True, at=at, **given)
        if all(answer is not None and answer.agrees for _party, answer in answers_of(fresh)):
            clock = User.objects.system("timers")
            fresh = carry(fresh, "confirm", actor=clock, occurred_at=at, confirmed_at=at)
    return fresh


@carries_out(LABEL, "object")
def minutes_object(session: AssemblySession, *, actor: User, occurred_at: datetime | None = None, **given):
    """Object to the text, with what is wrong. Raises as ``minutes_approve``."""
    with atomically():
        return _answer(session, "object", actor=actor, agrees=False, at=occurred_at or timezone.now(), **given)


def _answer(session, name: str, *, actor: User, agrees: bool, at: datetime, reason: str = "", **given):
    locked = AssemblySession.objects.lock(session.pk)
    spoken = _speaks_for(locked, actor)
    payload = {"agrees": agrees}
    minutes = Minutes.objects.filter(session=locked).first()
    party = None
    if minutes is not None and spoken:
        open_ = {one.key for one, answer in answers_of(locked) if answer is None}
        party = next((one for one in spoken if one.key in open_), None)
        payload |= {"text_version": minutes.text_version}
    if party is not None:
        payload |= {"party": party.role, "unit": party.unit.pk if party.unit else None}
    # The step's own refusals (role, state, reason) come first.
    fresh = carry(locked, name, actor=actor, occurred_at=at, reason=reason, payload=payload, **given)
    if not spoken:
        raise NotPermitted(_("You do not speak for a party that was there."))
    if minutes is None:
        raise Conflict(_("There are no minutes yet."), code="no_minutes")
    if party is None:
        raise Conflict(_("Your party has answered this text already."), code="answered")
    MinutesAnswer.objects.create(
        minutes=minutes, text_version=minutes.text_version, role=party.role, unit=party.unit, agrees=agrees,
        reason="" if agrees else reason.strip(), person=actor, at=at,
    )  # fmt: skip
    return fresh
