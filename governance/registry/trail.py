"""History and evidence of one residency or ownership, as its reader may see them."""

from collections import defaultdict

from governance.attachments import attachments_of
from governance.events import label_of
from governance.masking import masked_name
from governance.models import Attachment, Event, Ownership, Residency, Role
from governance.registry.people import reads_people
from governance.registry.querysets import SEES_EVIDENCE
from governance.scoping import grant_for

Tie = Residency | Ownership


def evidence_for(tie: Tie, user) -> list[Attachment]:
    """Return the files of a row that ``user`` may open; at most one statement."""
    return list(attachments_of(tie)) if grant_for(SEES_EVIDENCE, tie, user) else []


def trail_for(tie: Tie, user) -> list[dict]:
    """Return everything that happened to a row, oldest first; two statements.

    Who may not read the person reads neither the names of residents nor what anybody wrote.
    """
    files = defaultdict(list)
    for row in evidence_for(tie, user):
        files[row.event_id].append({"id": str(row.pk), "url": f"/files/{row.pk}/", "content_type": row.content_type})
    clear = reads_people(tie, user)
    rows = Event.objects.filter(subject_type=tie._meta.label_lower, subject_id=tie.pk)
    return [
        _entry(event, files[event.pk], clear) for event in rows.select_related("actor", "unit", "remark").order_by("id")
    ]


def _entry(event: Event, files: list[dict], clear: bool) -> dict:
    actor, remark = event.actor.get_full_name(), getattr(event, "remark", None)
    return {
        "id": event.pk,
        "name": event.name,
        "label": str(label_of(event.name)),
        "at": event.occurred_at,
        "actor": masked_name(actor) if event.role == Role.RESIDENT and not clear else actor,
        "role": event.role,
        "role_label": Role(event.role).label,
        "unit": event.unit.name if event.unit else "",
        "text": remark.text if remark and clear else "",
        "files": files,
    }
