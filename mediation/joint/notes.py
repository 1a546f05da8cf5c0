"""Notes of a mediation: the record of the file (人民调解法 27), and what was said in caucus, its writer's alone."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Invalid
from governance.models import User
from governance.transactions import atomically
from mediation.disputes.acting import words_check
from mediation.disputes.querysets import HANDLES
from mediation.joint.acting import dispute_held
from mediation.models import Dispute, MediationNote, NoteKind, Party, Sitting

# Until the file is archived, which asks for the record.
WRITES_IN = ("accepted", "mediating", "agreed", "terminated", "closed", "reopened")


def note_write(dispute: Dispute, *, actor: User, kind: str, text: str, sitting: Sitting | None = None,
               party: Party | None = None, occurred_at: datetime | None = None) -> MediationNote:  # fmt: skip
    """Write a note. One of a caucus leaves no event; nobody but ``actor`` ever reads it.

    Raises NotPermitted; Conflict (not accepted yet, or archived); Invalid naming ``kind``, ``text``, ``sitting`` or
    ``party``.
    """
    at = occurred_at or timezone.now()
    words_check(text=text, longest=8000)
    if kind not in NoteKind.values:
        raise Invalid(_("Choose one of the values."), field="kind", code="invalid_choice")
    if not text.strip():
        raise Invalid(_("Write something."), field="text", code="required")
    for field, row in (("sitting", sitting), ("party", party)):
        if row is not None and row.dispute_id != dispute.pk:
            raise Invalid(_("This is of another dispute."), field=field, code="elsewhere")
    with atomically():
        held, grant = dispute_held(dispute, HANDLES, actor, states=WRITES_IN)
        note = MediationNote.objects.create(
            dispute=held, kind=kind, text=text.strip(), sitting=sitting, party=party, written_by=actor, written_at=at
        )
        if kind == NoteKind.RECORD:
            payload = {"dispute": held.number, "sitting": sitting.pk if sitting else None}
            events.record("mediation_note.written", note, actor=actor, grant=grant, payload=payload, occurred_at=at)
    return note
