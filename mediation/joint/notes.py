"""Notes of a mediation: the record of the file (人民调解法 27), and what was said in caucus, its writer's alone."""

from datetime import datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.errors import REASON_NEEDED, Conflict, Invalid, NotPermitted
from governance.models import Event, User
from governance.scoping import Grant, grant_for
from governance.transactions import atomically
from mediation.disputes.acting import words_check
from mediation.disputes.querysets import HANDLES
from mediation.joint.acting import dispute_held
from mediation.joint.querysets import WROTE_RECORD
from mediation.models import (
    AccessKind,
    Dispute,
    DisputeAccess,
    DisputeState,
    MediationNote,
    NoteKind,
    Party,
    Sitting,
)

# Until the file is archived, which asks for the record.
WRITES_IN = ("accepted", "mediating", "agreed", "terminated", "closed", "reopened")
# Papers in which the words of a record stand.
TELL_RECORDS = ("paper:record", "paper:whole_file")
KEPT_BACK = "mediation_note.kept_back"


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


def may_keep_back(note: MediationNote, user: User) -> bool:
    """Whether ``user`` wrote this record and may make it a caucus note now."""
    return note.dispute.state != DisputeState.ARCHIVED and grant_for(WROTE_RECORD, note, user) is not None


def note_keep_back(note: MediationNote, *, actor: User, reason: str) -> MediationNote:
    """Make a record a caucus note: its writer took one for the other, and the file would tell all parties.

    From then on nobody but ``actor`` reads it, in no paper and no export; ``takers_of`` names who had read or taken it.
    That it happened stands in the history of the dispute, the reason with the note alone, its words nowhere.
    Raises NotPermitted (not the writer); Conflict (a caucus note already, or the file is archived); Invalid naming
    ``reason``.
    """
    words_check(reason=reason, longest=500)
    if not reason.strip():
        raise Invalid(REASON_NEEDED, field="reason", code="required")
    with atomically():
        held, fresh, grant = _record_held(note, actor)
        MediationNote.objects.filter(pk=fresh.pk).update(kind=NoteKind.CAUCUS)
        fresh.kind = NoteKind.CAUCUS
        told = {"dispute": held.number}
        events.record(KEPT_BACK, fresh, actor=actor, grant=grant, payload=told, text=reason.strip())
        events.record("dispute.record_kept_back", held, actor=actor, grant=grant, payload=told | {"note": fresh.pk})
    return fresh


def _record_held(note: MediationNote, actor: User) -> tuple[Dispute, MediationNote, Grant]:
    """Return the dispute and the record locked, and the role in which ``actor`` wrote it. Raises as
    ``note_keep_back``."""
    held = Dispute.objects.lock(note.dispute_id)
    fresh = MediationNote.objects.select_for_update().get(pk=note.pk)
    fresh.dispute = held
    if fresh.written_by_id == actor.pk and fresh.kind != NoteKind.RECORD:
        raise Conflict(_("This is a caucus note already."), code="caucus")
    grant = grant_for(WROTE_RECORD, fresh, actor)
    if grant is None:
        raise NotPermitted(_("Only who wrote a record may make it a caucus note."))
    if held.state == DisputeState.ARCHIVED:
        raise Conflict(_("The file is archived."), code="archived")
    return held, fresh, grant


def takers_of(note: MediationNote) -> list[DisputeAccess]:
    """Return who read a caucus note, or took it away in a paper or a list, while it was a record, the latest first:
    their copies cannot be called back. Its writer's own readings are left out; what they took away is not: it may have
    been handed on."""
    kept_back = Event.objects.filter(subject_type=note._meta.label_lower, subject_id=note.pk, name=KEPT_BACK).first()
    if kept_back is None:
        return []
    row = f"{note._meta.label_lower} {note.pk}"
    told = Q(what__in=TELL_RECORDS, kind=AccessKind.EXPORTED) | Q(what=row) | Q(what__startswith=f"{row},")
    rows = DisputeAccess.objects.filter(told, dispute=note.dispute_id, at__gte=note.written_at)
    rows = rows.filter(at__lte=kept_back.occurred_at).exclude(person=note.written_by_id, kind=AccessKind.READ)
    return list(rows.select_related("person", "party", "dispute").order_by("-id"))
