"""The agenda of a session as a whole: what goes on it by itself, its freezing with the notice, what is left over.

All of these are called under the session's lock, by the session's steps.
"""

from datetime import datetime

from django.db.models import F, Max, Q
from django.utils.translation import gettext as _

from governance import events
from governance.models import Role, User
from governance.scoping import Grant
from property.assembly.acting import carry, figures_of
from property.assembly.agenda_workflow import AgendaState
from property.assembly.follow_up_workflow import FollowUpState
from property.assembly.session_workflow import TO_COME, SessionState
from property.models import AgendaItem, Assembly, AssemblySession, FollowUpItem, TopicSource

# Sessions on whose agenda an unfinished item stands already, if it stands on any: it returns once at a time.
STILL_OPEN = (*TO_COME, SessionState.IN_SESSION)
PUT_OFF = (SessionState.POSTPONED, SessionState.INQUORATE)


def next_position(session: AssemblySession) -> int:
    """Return the number of the next topic on an agenda."""
    return (session.agenda.aggregate(last=Max("position"))["last"] or 0) + 1


def agenda_of(session: AssemblySession):
    """Return the topics of a session in order."""
    return AgendaItem.objects.filter(session=session).order_by("position", "id")


def agenda_gather(session: AssemblySession, *, at: datetime) -> int:
    """Put on the agenda what waits: topics taken on, and unfinished follow-up items; return how many.

    Two sessions of an assembly gather one after the other, so that an item does not return to both.
    """
    Assembly.objects.select_for_update(of=("self",), no_key=True).get(pk=session.assembly_id)
    clock, number = User.objects.system("timers"), next_position(session)
    gathered = []
    for item in _waiting(session, at).select_for_update(of=("self",)).order_by("id"):
        item.session, item.position, item.on_notice = session, number + len(gathered), False
        item.save(update_fields=["session", "position", "on_notice"])
        gathered.append(item)
    standing = Q(returns__session__state__in=STILL_OPEN, returns__source=TopicSource.FOLLOW_UP)
    unfinished = FollowUpItem.objects.filter(assembly=session.assembly, made_at__lte=at).unfinished()
    for item in unfinished.exclude(pk__in=FollowUpItem.objects.filter(standing).values("pk")).order_by("due_on", "id"):
        gathered.append(_returned(session, item, number + len(gathered), clock, at))
    for item in gathered:
        item.session = session
        payload = figures_of(item) | {"source": item.source, "item": item.follow_up_id}
        events.record("topic.gathered", item, actor=clock, grant=Grant(Role.SYSTEM), payload=payload, occurred_at=at)
    return len(gathered)


def _waiting(session: AssemblySession, at: datetime):
    """Topics taken on for the next session, and unfinished items of one that was put off or whose time went by: those
    do not wait until somebody sets it a new date.
    """
    stalled = Q(session__state__in=PUT_OFF) | Q(session__state__in=TO_COME, session__ends_at__lt=at)
    left = stalled & Q(source=TopicSource.FOLLOW_UP) & ~Q(session=session)
    rows = AgendaItem.objects.filter(Q(session=None) | left, assembly=session.assembly, state=AgendaState.ACCEPTED)
    return rows.exclude(follow_up__in=session.agenda.exclude(follow_up=None).values("follow_up"), source="follow_up")


def _returned(session, item: FollowUpItem, position: int, clock: User, at: datetime) -> AgendaItem:
    return AgendaItem.objects.create(
        assembly=session.assembly, area=session.area, session=session, position=position, proposer=clock,
        source=TopicSource.FOLLOW_UP, title=item.title[:120], follow_up=item, state=AgendaState.ACCEPTED,
        proposed_at=at,
    )  # fmt: skip


def agenda_freeze(session: AssemblySession, *, at: datetime) -> list[str]:
    """Mark the topics as standing on the notice; return their numbers. Items done meanwhile are noted as that."""
    clock = User.objects.system("timers")
    topics = []
    for item in agenda_of(session).filter(state=AgendaState.ACCEPTED).select_related("follow_up"):
        if item.follow_up is not None and item.follow_up.state == FollowUpState.CLOSED:
            carry(item, "note", actor=clock, occurred_at=at, outcome=_("Done before the session."))
        else:
            topics.append(item)
    AgendaItem.objects.filter(pk__in=[item.pk for item in topics]).update(on_notice=True, version=F("version") + 1)
    return [item.number for item in topics]


def agenda_release(session: AssemblySession, *, at: datetime) -> None:
    """Let the topics of a cancelled session wait for the next one; unfinished items return there by themselves."""
    clock = User.objects.system("timers")
    for item in agenda_of(session).filter(state=AgendaState.ACCEPTED):
        if item.source == TopicSource.FOLLOW_UP:
            carry(item, "defer", actor=clock, reason=_("The session was cancelled."), occurred_at=at)
            continue
        item.session, item.on_notice = None, False
        item.save(update_fields=["session", "on_notice"])
        payload = figures_of(item) | {"from_session": session.pk}
        events.record("topic.released", item, actor=clock, grant=Grant(Role.SYSTEM), payload=payload, occurred_at=at)


def agenda_wind_up(session: AssemblySession, *, actor: User, at: datetime) -> int:
    """Settle what a session has left over: talked over is noted, the rest is put off; return how many were put off."""
    clock, carried = User.objects.system("timers"), 0
    for item in agenda_of(session).filter(state=AgendaState.ACCEPTED):
        if item.discussion and item.source == TopicSource.FOLLOW_UP:
            carry(item, "note", actor=clock, occurred_at=at, outcome="")
        else:
            topic_carry_over(item, actor=clock, reason=_("The session did not come to it."), at=at)
            carried += 1
    return carried


def topic_carry_over(item: AgendaItem, *, actor: User, reason: str, at: datetime, **given) -> AgendaItem:
    """Put a topic off; a new one goes to the next session. Unfinished items return by themselves, without one."""
    fresh = carry(item, "defer", actor=actor, reason=reason, occurred_at=at, **given)
    if fresh.source != TopicSource.FOLLOW_UP:
        AgendaItem.objects.create(
            assembly=fresh.assembly, area=fresh.area, source=TopicSource.PUT_OFF, title=fresh.title, body=fresh.body,
            proposer=fresh.proposer, case=fresh.case, follow_up=fresh.follow_up, resolution=fresh.resolution,
            carried_from=fresh, state=AgendaState.ACCEPTED, proposed_at=at,
        )  # fmt: skip
    return fresh
