"""Who is in a team: asking to join, being accepted, leaving."""

from collections.abc import Sequence
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.attachments import attach
from governance.errors import Conflict, Invalid, NotPermitted
from governance.events import on
from governance.models import AttachmentPurpose, Role, User
from governance.photos import Upload
from governance.scoping import Grant, Own, grant_for
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from property.models import DutyState, JoinRequest, MemberKind, RequestState, ShiftDuty, StewardMember, StewardTeam
from property.residents import estates_of
from property.stewards.scope import MANAGES, standing_of

ASKS = {Role.RESIDENT: Own("person")}


def membership_q(**of) -> Q:
    """Return the filter of people who are members today; ``of`` narrows the memberships (``team=...``)."""
    rows = StewardMember.objects.in_force().filter(team__is_active=True, **of)
    return Q(pk__in=rows.values("person_id"))


def member_of(user: User, team: StewardTeam, day: date) -> StewardMember | None:
    """Return the membership that ``user`` holds in a team on ``day``."""
    rows = StewardMember.objects.in_force(day).filter(person=user, team=team, team__is_active=True)
    return rows.select_related("team__area", "team__estate", "person").first()


def was_steward(user: User) -> bool:
    """Tell whether somebody is in a team, or was in one: what was counted then stays theirs to read."""
    return bool(standing_of(user).teams) or StewardMember.objects.filter(person=user).exists()


def teams_near(user: User):
    """Return the teams in use of the places in which ``user`` lives or owns a dwelling."""
    homes = list(estates_of(user).select_related("area"))
    near = Q(estate__in=homes)
    for home in homes:
        near |= Q(estate=None, area_id__in=home.area.lineage)
    return StewardTeam.objects.filter(near, is_active=True).order_by("code")


def join_ask(*, actor: User, team: StewardTeam, words: str = "", at: datetime | None = None) -> JoinRequest:
    """Ask to join the team of the own place as a volunteer.

    Raises Invalid for a team elsewhere, Conflict where the person is in it, or has asked already.
    """
    at = at or timezone.now()
    with atomically():
        team = StewardTeam.objects.select_for_update(of=("self",)).select_related("area").get(pk=team.pk)
        if not teams_near(actor).filter(pk=team.pk).exists():
            raise Invalid(_("This team does not serve a home of yours."), field="team", code="elsewhere")
        if member_of(actor, team, timezone.localdate(at)) is not None:
            raise Conflict(_("You are in this team already."), code="member")
        if JoinRequest.objects.filter(team=team, person=actor, state="asked").exists():
            raise Conflict(_("You have asked already: please wait for the answer."), code="asked")
        made = JoinRequest(team=team, area=team.area, person=actor, words=words.strip(), asked_at=at)
        made.save(force_insert=True)
        events.record("join.asked", made, actor=actor, grant=Grant(Role.RESIDENT),
                      payload={"team": team.code, "to": made.state}, occurred_at=at)  # fmt: skip
    return made


def _answer(request: JoinRequest, name: str, *, actor: User, photos: Sequence[Upload] = (), payload: dict | None = None,
            **given) -> JoinRequest:  # fmt: skip
    with atomically():
        told = {"team": request.team.code} | (payload or {})
        fresh, event = perform(request, name, actor=actor, payload=told, **given)
        attach(fresh, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    return fresh


@carries_out("property.joinrequest", "accept")
def join_accept(request: JoinRequest, *, actor: User, occurred_at: datetime | None = None, **given) -> JoinRequest:
    """Take somebody in as a volunteer from today on. Raises Conflict where the person is in the team already."""
    at = occurred_at or timezone.now()
    with atomically():
        locked = JoinRequest.objects.lock(request.pk)
        member = None
        if grant_for(MANAGES, locked, actor) is not None and locked.state == RequestState.ASKED:
            member = _joined(locked, timezone.localdate(at))
        payload = {"member": member.pk} if member else {}
        return _answer(locked, "accept", actor=actor, occurred_at=at, member=member, payload=payload, **given)


def _joined(request: JoinRequest, day: date) -> StewardMember:
    if not request.team.is_active:
        raise Conflict(_("This team is no longer in use."), code="inactive")
    member = StewardMember(team=request.team, person=request.person, kind=MemberKind.VOLUNTEER, valid_from=day)
    try:
        member.full_clean()
    except ValidationError as error:
        raise Conflict(" ".join(error.messages), code="member") from error
    try:
        with transaction.atomic():
            member.save(force_insert=True)
    except IntegrityError as error:  # the community entered the person at the same moment
        raise Conflict(_("This person is in the team in this time already."), code="member") from error
    return member


@carries_out("property.joinrequest", "decline")
def join_decline(request: JoinRequest, **given) -> JoinRequest:
    """Say no, with a reason that the person reads."""
    return _answer(request, "decline", **given)


@carries_out("property.joinrequest", "withdraw")
def join_withdraw(request: JoinRequest, **given) -> JoinRequest:
    """Take the own request back."""
    return _answer(request, "withdraw", **given)


def member_end(member: StewardMember, *, actor: User, last_day: date, reason: str,
               at: datetime | None = None) -> StewardMember:  # fmt: skip
    """End a membership with ``last_day``; shifts taken after it are given up.

    Raises NotPermitted, or Invalid for a day before the first, after the day it ends anyway, or without a reason.
    """
    at = at or timezone.now()
    with atomically():
        rows = StewardMember.objects.select_for_update(of=("self",)).select_related("team__area", "person")
        locked = rows.get(pk=member.pk)
        grant = grant_for(MANAGES, locked, actor)
        if grant is None:
            raise NotPermitted(_("You do not lead this team."))
        if not reason.strip():
            raise Invalid(_("Say why."), field="reason", code="required")
        if last_day < locked.valid_from or (locked.valid_to is not None and last_day > locked.valid_to):
            raise Invalid(_("The last day lies within the term."), field="last_day", code="out_of_range")
        locked.valid_to = last_day
        locked.save(update_fields=["valid_to"])
        events.record("steward.ended", locked, actor=actor, grant=grant, text=reason.strip(), occurred_at=at,
                      payload={"team": locked.team.code, "last_day": f"{last_day}"})  # fmt: skip
        duties_drop(locked, at)
    return locked


def duties_drop(member: StewardMember, at: datetime) -> None:
    """Give up what a member has taken for days after the last one."""
    if member.valid_to is None:
        return
    rows = ShiftDuty.objects.filter(member=member, state=DutyState.TAKEN, shift__date__gt=member.valid_to)
    for duty in rows.order_by("pk"):
        perform(duty, "give_up", actor=User.objects.system("timers"), reason=_("No longer in the team."),
                occurred_at=at, payload={"shift": duty.shift_id})  # fmt: skip


@on("config.changed")
def member_changed(event, subject) -> None:
    """The same where the community ends a membership."""
    if isinstance(subject, StewardMember):
        duties_drop(subject, event.occurred_at)
