"""A session as people read it: who was there, each topic with what came of it; and the first draft of its minutes."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from property.assembly.agenda import agenda_of
from property.assembly.agenda_workflow import AgendaState
from property.assembly.invitation_workflow import WAS_THERE
from property.models import AgendaItem, AssemblySession, Invitation, Minutes


def people_of(session: AssemblySession) -> list[Invitation]:
    """Return the invitations in order, each with what a line shows."""
    rows = session.invitations.select_related("unit", "person", "seat", "attended_by", "area", "session")
    return sorted(rows, key=lambda row: (not row.counts, row.seat.position if row.seat else 1000, row.pk))


def topics_of(session: AssemblySession) -> list[AgendaItem]:
    """Return the topics in order with everything of their chain: resolution, case, follow-up items and their cases."""
    rows = agenda_of(session).select_related(
        "area", "assembly", "session", "case", "follow_up__case", "resolution", "carried_from__session", "proposer",
    )  # fmt: skip
    return list(rows.prefetch_related("follow_ups__owner_unit", "follow_ups__owner", "follow_ups__case", "seconds"))


def was_there(people: Sequence[Invitation]) -> list[Invitation]:
    """Return those of ``people`` who were in the room."""
    return [row for row in people if row.state in WAS_THERE]


def draft_of(session: AssemblySession) -> str:
    """Return the minutes as written, or else a first draft out of what the session left."""
    minutes = Minutes.objects.filter(session=session).first()
    if minutes is not None:
        return minutes.text
    lines = [_("%(number)s present: %(names)s") % _present(session), ""]
    for number, topic in enumerate(topics_of(session), start=1):
        lines += [f"{number}. {topic.title}"]
        lines += [_("Said: %(text)s") % {"text": topic.discussion}] if topic.discussion else []
        lines += [outcome_text(topic), ""]
    return "\n".join(lines).strip()


def _present(session: AssemblySession) -> dict:
    there = was_there(people_of(session))
    return {"number": len(there), "names": "、".join(row.who for row in there)}


def outcome_text(topic: AgendaItem) -> str:
    """Return in a line what came of a topic."""
    if topic.state == AgendaState.DECIDED:
        return _("Agreed: %(text)s") % {"text": topic.outcome}
    return f"{topic.get_state_display()}：{topic.outcome}" if topic.outcome else str(topic.get_state_display())
