"""Which steps of topics and invitations make sense now: doors offer these and no others.

The services refuse the rest with their own words; this only keeps buttons away that would lead to a refusal.
"""

from django.db import models
from django.utils import timezone

from governance.workflow import Step, available
from property.assembly.attendance import sign_in_open
from property.assembly.proposals import may_have_one
from property.assembly.session_workflow import BEFORE_NOTICE, TO_COME, SessionState
from property.assembly.topics import SPOKEN_OF
from property.models import AgendaItem, Invitation, TopicSource

IN_SESSION = (SessionState.IN_SESSION,)
# Steps of a topic that need its session in one of these states.
TOPIC_NEEDS = {
    "place": BEFORE_NOTICE, "take_off": BEFORE_NOTICE, "discuss": SPOKEN_OF, "decide": IN_SESSION, "note": IN_SESSION,
    "defer": IN_SESSION,
}  # fmt: skip
IN_THE_ROOM = ("sign_in", "leave", "undo")
BEFOREHAND = ("come", "decline", "withdraw")


def offered(obj: models.Model, user) -> list[Step]:
    """Return the steps of ``obj`` to be shown to ``user``; reads its ``session``, which callers load with it."""
    steps = available(obj, user)
    if isinstance(obj, AgendaItem):
        return [step for step in steps if _of_topic(obj, step.name)]
    if isinstance(obj, Invitation):
        return [step for step in steps if _of_invitation(obj, step.name)]
    return steps


def _of_topic(topic: AgendaItem, name: str) -> bool:
    state = topic.session.state if topic.session else None
    if name in TOPIC_NEEDS and state not in TOPIC_NEEDS[name]:
        return False
    if name == "decide":
        return topic.on_notice
    if name == "propose":
        return may_have_one(topic)
    return name != "take_off" or topic.source != TopicSource.FOLLOW_UP


def _of_invitation(row: Invitation, name: str) -> bool:
    if name in IN_THE_ROOM:
        return sign_in_open(row.session, timezone.now())
    return name not in BEFOREHAND or row.session.state in TO_COME
