"""What residents read of sessions and topics: no names of people, minutes once they are published."""

from collections.abc import Sequence

from property.assembly.record import outcome_text, topics_of
from property.assembly.session_workflow import READ_BY_ALL, SessionState
from property.models import AgendaItem, AssemblySession, FollowUpItem, Minutes, TopicSecond

# In these states the agenda is settled and told.
AGENDA_TOLD = (
    SessionState.NOTICED, SessionState.IN_SESSION, SessionState.MINUTING, SessionState.CONFIRMED,
    SessionState.PUBLISHED, SessionState.ARCHIVED,
)  # fmt: skip


def item_told(item: FollowUpItem) -> dict:
    """Return a follow-up item as residents read it: the unit that does it, not the person."""
    return {
        "number": item.number, "title": item.title, "state": item.state, "state_label": item.get_state_display(),
        "unit": item.owner_unit.name if item.owner_unit else "", "due_on": item.due_on, "overdue": item.overdue,
        "case": item.case.number if item.case else None,
        "case_state_label": item.case.get_state_display() if item.case else "",
    }  # fmt: skip


def session_told(session: AssemblySession) -> dict:
    """Return a session as residents read it: the agenda from the notice on, what came of it once it is published."""
    told, read = session.state in AGENDA_TOLD, session.state in READ_BY_ALL
    minutes = Minutes.objects.filter(session=session).first() if read else None
    return {
        "id": session.pk, "assembly": session.assembly.code, "assembly_name": session.assembly.name,
        "month": f"{session.month:%Y-%m}", "state": session.state, "state_label": session.get_state_display(),
        "starts_at": session.starts_at, "ends_at": session.ends_at, "place": session.place_text,
        "agenda": [_line(topic, read=read) for topic in topics_of(session)] if told else [],
        "minutes": minutes.text if minutes else None, "published_at": session.published_at,
    }  # fmt: skip


def _line(topic: AgendaItem, *, read: bool) -> dict:
    return {
        "id": topic.pk, "number": topic.number, "title": topic.title, "source": topic.source,
        "source_label": topic.get_source_display(), "on_notice": topic.on_notice,
        "outcome": outcome_text(topic) if read else "",
        "resolution": topic.resolution.title if topic.resolution and read else "",
        "items": [item_told(item) for item in topic.follow_ups.all()] if read else [],
    }  # fmt: skip


def topics_told(topics: Sequence[AgendaItem], user) -> list[dict]:
    """Return topics of a list as residents read them; three statements for any number."""
    mine = set(TopicSecond.objects.filter(person=user, topic__in=topics).values_list("topic_id", flat=True))
    items: dict[int, list[FollowUpItem]] = {}
    rows = FollowUpItem.objects.filter(agenda_item__in=topics).select_related("owner_unit", "case").order_by("id")
    for item in rows:
        items.setdefault(item.agenda_item_id, []).append(item)
    return [_topic(topic, user, topic.pk in mine, items.get(topic.pk, [])) for topic in topics]


def topic_told(topic: AgendaItem, user) -> dict:
    """Return one topic as residents read it."""
    return topics_told([topic], user)[0]


def _topic(topic: AgendaItem, user, seconded: bool, items: Sequence[FollowUpItem]) -> dict:
    own = topic.proposer_id == user.pk
    session = topic.session if topic.session and topic.session.state != SessionState.DRAFT else None
    read = session is not None and session.state in READ_BY_ALL
    return {
        "id": topic.pk, "number": topic.number, "title": topic.title, "body": topic.body, "state": topic.state,
        "state_label": topic.get_state_display(), "source": topic.source, "source_label": topic.get_source_display(),
        "assembly": topic.assembly.code, "assembly_name": topic.assembly.name, "own": own,
        "seconds": topic.seconds_count, "seconded": seconded,
        "may_second": not own and not seconded and topic.state in ("proposed", "accepted"),
        "may_withdraw": own and topic.state == "proposed", "answer": topic.answer if own else "",
        "session": session.pk if session else None, "session_label": str(session) if session else "",
        "outcome": outcome_text(topic) if read else "",
        "resolution": topic.resolution.title if topic.resolution and read else "",
        "items": [item_told(item) for item in items] if read else [], "proposed_at": topic.proposed_at,
    }  # fmt: skip
