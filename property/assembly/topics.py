"""Topics one by one: put forward, seconded, taken on or turned down with a reason, dealt with in the session."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case
from governance import events
from governance.attachments import attach
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import AttachmentPurpose, Role, User
from governance.photos import Upload
from governance.scoping import Grant
from governance.transactions import atomically
from governance.workflow import carries_out
from property.assembly.acting import carry, figures_of
from property.assembly.agenda import next_position, topic_carry_over
from property.assembly.agenda_workflow import AgendaState
from property.assembly.attendance import quorum_check
from property.assembly.session_workflow import BEFORE_NOTICE, SessionState
from property.models import AgendaItem, Assembly, AssemblySession, MinutesAnswer, Resolution, TopicSecond, TopicSource

SESSION, TOPIC = "property.assemblysession", "property.agendaitem"
# So many topics of one person may wait for an answer at a time [J].
MOST_WAITING = 5
TITLE, BODY = 120, 4000
SPOKEN_OF = (SessionState.IN_SESSION, SessionState.MINUTING)


def _check_words(title: str, body: str) -> None:
    if not title.strip():
        raise Invalid(_("Say what it is about."), field="title", code="required")
    for field, text, longest in (("title", title, TITLE), ("body", body, BODY)):
        if len(text.strip()) > longest:
            raise Invalid(_("At most %(number)s characters.") % {"number": longest}, field=field, code="max_length")


def topic_propose(*, actor: User, assembly: Assembly, title: str, body: str = "", photos: Sequence[Upload] = (),
                  occurred_at: datetime | None = None) -> AgendaItem:  # fmt: skip
    """A resident of the place puts a topic forward. Raises NotPermitted, Invalid (title, body), Conflict (too many)."""
    at = occurred_at or timezone.now()
    _check_words(title, body)
    with atomically():
        User.objects.select_for_update(no_key=True).get(pk=actor.pk)
        if not Assembly.objects.of_residents(actor).filter(pk=assembly.pk).exists():
            raise NotPermitted(_("Only residents and owners of the place put topics forward here."))
        if AgendaItem.objects.filter(proposer=actor).waiting().count() >= MOST_WAITING:
            raise Conflict(_("Several of your topics wait for an answer: please wait for it."), code="too_many")
        topic = AgendaItem.objects.create(
            assembly=assembly, area=assembly.area, source=TopicSource.RESIDENT, title=title.strip(),
            body=body.strip(), proposer=actor, proposed_at=at,
        )  # fmt: skip
        payload = figures_of(topic) | {"to": topic.state, "source": topic.source}
        event = events.record(
            "topic.proposed", topic, actor=actor, grant=Grant(Role.RESIDENT), payload=payload, occurred_at=at
        )
        if photos:
            attach(topic, photos, purpose=AttachmentPurpose.REPORT, actor=actor, event=event)
    return topic


def topic_second(topic: AgendaItem, *, actor: User, occurred_at: datetime | None = None) -> TopicSecond:
    """A neighbour seconds a topic; a second time changes nothing. Raises NotPermitted, Conflict."""
    at = occurred_at or timezone.now()
    with atomically():
        locked = AgendaItem.objects.lock(topic.pk)
        if not Assembly.objects.of_residents(actor).filter(pk=locked.assembly_id).exists():
            raise NotPermitted(_("Only residents and owners of the place second topics here."))
        if locked.proposer_id == actor.pk:
            raise Conflict(_("It is your own topic."), code="own")
        if locked.state not in (AgendaState.PROPOSED, AgendaState.ACCEPTED):
            raise Conflict(_("This topic is settled."), code="settled")
        second, fresh = TopicSecond.objects.get_or_create(topic=locked, person=actor, defaults={"at": at})
        if fresh:
            payload = figures_of(locked) | {"seconds": locked.seconds.count()}
            events.record("topic.seconded", locked, actor=actor, grant=Grant(Role.RESIDENT), payload=payload,
                          occurred_at=at)  # fmt: skip
    return second


@carries_out(TOPIC, "accept")
def topic_accept(topic: AgendaItem, *, actor: User, session: AssemblySession | None = None, **given) -> AgendaItem:
    """Take a topic on: for ``session``, else the next one not noticed yet; without one it waits.

    Raises Conflict for a session whose agenda is frozen, Invalid for another assembly's.
    """
    with atomically():
        if session is None:
            coming = AssemblySession.objects.filter(assembly_id=topic.assembly_id, state__in=BEFORE_NOTICE)
            session = coming.order_by("starts_at").first()
        if session is not None:
            session = AssemblySession.objects.lock(session.pk)
            if session.assembly_id != topic.assembly_id:
                raise Invalid(_("This session is another assembly's."), field="session", code="other_assembly")
            if session.state not in BEFORE_NOTICE:
                raise Conflict(_("The agenda of this session is frozen."), field="session", code="frozen")
        position = next_position(session) if session else 0
        return carry(topic, "accept", actor=actor, session=session, position=position, **given)


@carries_out(TOPIC, "reject")
def topic_reject(topic: AgendaItem, *, actor: User, reason: str = "", **given) -> AgendaItem:
    """Turn a topic down; the reason is what its proposer reads."""
    return carry(topic, "reject", actor=actor, reason=reason, answer=reason.strip(), **given)


@carries_out(TOPIC, "withdraw")
def topic_withdraw(topic: AgendaItem, *, actor: User, **given) -> AgendaItem:
    """Take an own topic back."""
    return carry(topic, "withdraw", actor=actor, **given)


def _locked_session(topic: AgendaItem, states, refusal: str) -> AssemblySession | None:
    """Lock the topic's session and refuse with Conflict unless it is in one of ``states``."""
    session = AssemblySession.objects.lock(topic.session_id) if topic.session_id else None
    if session is None or session.state not in states:
        raise Conflict(refusal, code="not_now")
    return session


@carries_out(TOPIC, "place")
def topic_place(topic: AgendaItem, *, actor: User, position: int, **given) -> AgendaItem:
    """Give a topic another place on an agenda that is not frozen; the others move along."""
    with atomically():
        session = _locked_session(topic, BEFORE_NOTICE, _("The agenda of this session is frozen."))
        others = [item for item in session.agenda.order_by("position", "id") if item.pk != topic.pk]
        position = max(1, min(position, len(others) + 1))
        fresh = carry(topic, "place", actor=actor, position=position, **given)
        others.insert(position - 1, fresh)
        for number, item in enumerate(others, start=1):
            if item.position != number:
                AgendaItem.objects.filter(pk=item.pk).update(position=number)
    return fresh


@carries_out(TOPIC, "take_off")
def topic_take_off(topic: AgendaItem, *, actor: User, **given) -> AgendaItem:
    """Take a topic off an agenda that is not frozen. Raises Conflict for an unfinished item: it stays until done."""
    with atomically():
        if topic.source == TopicSource.FOLLOW_UP:
            raise Conflict(_("An unfinished item stands on the agenda until it is done."), code="unfinished")
        _locked_session(topic, BEFORE_NOTICE, _("The agenda of this session is frozen."))
        return carry(topic, "take_off", actor=actor, **given)


@carries_out(SESSION, "add_item")
def session_add_item(session: AssemblySession, *, actor: User, title: str, body: str = "", case: Case | None = None,
                     occurred_at: datetime | None = None, **given) -> AssemblySession:  # fmt: skip
    """Put a topic of the chair, or from a case the person sees, on the agenda. After the notice it can be talked about
    and put off, not decided.
    """
    at = occurred_at or timezone.now()
    _check_words(title, body)
    with atomically():
        locked = AssemblySession.objects.lock(session.pk)
        topic = AgendaItem.objects.create(
            assembly=locked.assembly, area=locked.area, session=locked, position=next_position(locked), case=case,
            source=TopicSource.CASE if case else TopicSource.CHAIR, title=title.strip(), body=body.strip(),
            proposer=actor, state=AgendaState.ACCEPTED, proposed_at=at,
        )  # fmt: skip
        payload = {"topic": topic.number, "case": case.number if case else None}
        return carry(locked, "add_item", actor=actor, occurred_at=at, payload=payload, **given)


@carries_out(TOPIC, "discuss")
def topic_discuss(topic: AgendaItem, *, actor: User, discussion: str, **given) -> AgendaItem:
    """Write down what was said, while the session goes on or its minutes are written.

    Raises Conflict once a party has confirmed the minutes as they stand: it is part of what they confirmed.
    """
    with atomically():
        session = _locked_session(topic, SPOKEN_OF, _("The session is not going on."))
        answers = MinutesAnswer.objects.filter(minutes__session=session, text_version=F("minutes__text_version"))
        if answers.filter(agrees=True).exists():
            raise Conflict(_("A party has confirmed the minutes: write a new text of them first."), code="confirmed")
        return carry(topic, "discuss", actor=actor, discussion=discussion.strip(), **given)


@carries_out(TOPIC, "decide")
def topic_decide(topic: AgendaItem, *, actor: User, outcome: str, occurred_at: datetime | None = None,
                 **given) -> AgendaItem:  # fmt: skip
    """Keep what was agreed. Raises Conflict for a topic that did not stand on the notice, without a quorum, or while
    the session is not going on; Invalid naming ``outcome``.
    """
    if not outcome.strip():
        raise Invalid(_("Say what was agreed."), field="outcome", code="required")
    at = occurred_at or timezone.now()
    with atomically():
        session = _locked_session(topic, [SessionState.IN_SESSION], _("The session is not going on."))
        if not AgendaItem.objects.filter(pk=topic.pk, on_notice=True).exists():
            raise Conflict(
                _("It did not stand on the notice: it can be talked about, not decided."), code="not_noticed"
            )
        quorum_check(session)
        return carry(topic, "decide", actor=actor, occurred_at=at, outcome=outcome.strip(), decided_at=at, **given)


@carries_out(TOPIC, "note")
def topic_note(topic: AgendaItem, *, actor: User, outcome: str = "", **given) -> AgendaItem:
    """Keep that it was talked over without a decision."""
    with atomically():
        _locked_session(topic, [SessionState.IN_SESSION], _("The session is not going on."))
        return carry(topic, "note", actor=actor, outcome=outcome.strip(), **given)


@carries_out(TOPIC, "defer")
def topic_defer(topic: AgendaItem, *, actor: User, reason: str = "", occurred_at: datetime | None = None,
                **given) -> AgendaItem:  # fmt: skip
    """Put a topic off to the next session, with a reason."""
    with atomically():
        _locked_session(topic, [SessionState.IN_SESSION], _("The session is not going on."))
        at = occurred_at or timezone.now()
        return topic_carry_over(topic, actor=actor, reason=reason, at=at, **given)


@carries_out(TOPIC, "tie")
def topic_tie(topic: AgendaItem, *, actor: User, resolution: Resolution, **given) -> AgendaItem:
    """Tie a topic to the resolution that came of it. Raises Invalid for one of another place."""
    assembly = topic.assembly
    estates = {resolution.estate_id} - {None}
    elsewhere = assembly.estate_id and estates and estates != {assembly.estate_id}
    if elsewhere or not (assembly.area.contains(resolution.area) or resolution.area.contains(assembly.area)):
        raise Invalid(_("This resolution is of another place."), field="resolution", code="elsewhere")
    payload = {"resolution": resolution.pk}
    return carry(topic, "tie", actor=actor, payload=payload, resolution=resolution, **given)
