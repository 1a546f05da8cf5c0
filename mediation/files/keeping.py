"""Files of a dispute are added, marked for the court, taken away; each step leaves an event of numbers and codes.

The content is an attachment as everywhere: judged by what it is, photos encoded anew without position or time.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.attachments import attach, attachments_of, remove_files
from governance.errors import REASON_NEEDED, Conflict, Invalid, NotPermitted
from governance.models import AttachmentPurpose, User
from governance.photos import Upload
from governance.scoping import Grant, grant_for
from governance.transactions import atomically
from mediation.confirmation.states import AT_COURT
from mediation.disputes.acting import figures_of, tell, words_check
from mediation.disputes.querysets import HANDLES
from mediation.files.querysets import ADDS_TO_TRACK
from mediation.files.states import FileKind
from mediation.joint.states import TrackState
from mediation.models import (
    Agreement,
    AgreementState,
    Dispute,
    DisputeFile,
    DisputeState,
    JudicialConfirmation,
    Track,
)

LONGEST_CAPTION = 200
MOST = 200  # files of one dispute at a time [J]
SIGNED = (AgreementState.SIGNED_BY_PARTIES, AgreementState.SIGNED_BY_MEDIATOR, AgreementState.EFFECTIVE,
          AgreementState.REPLACED)  # fmt: skip
TAKES_PART = (TrackState.ACCEPTED, TrackState.WORKING, TrackState.RESULT)


def file_add(dispute: Dispute, *, actor: User, kind: str, uploads: Sequence[Upload], caption: str = "",
             for_court: bool = False, track: Track | None = None,
             occurred_at: datetime | None = None) -> DisputeFile:  # fmt: skip
    """Add photos or PDF to the file of a dispute, or a document to a ``track`` of it.

    By who carries the dispute on; the document of a track also by its organ, as long as it takes part. Raises
    NotPermitted; Conflict (archived, the track does not take part, too many); Invalid naming ``files``, ``kind``,
    ``caption``, ``track`` or ``for_court``.
    """
    at = occurred_at or timezone.now()
    words_check(caption=caption, longest=LONGEST_CAPTION)
    if kind not in FileKind.values:
        raise Invalid(_("Choose one of the values."), field="kind", code="invalid_choice")
    with atomically():
        held = Dispute.objects.lock(dispute.pk)
        grant, keeps = _grant(held, track, actor)
        if (kind == FileKind.TRACK_DOCUMENT) != (track is not None):
            field = "kind" if track is not None else "track"
            raise Invalid(_("The document of a track belongs to its track."), field=field, code="of_a_track")
        if not uploads:
            raise Invalid(_("Add the file: photos or a PDF."), field="files", code="required")
        if for_court and not keeps:
            raise Invalid(_("Whoever mediates decides what the court reads."), field="for_court", code="not_yours")
        if DisputeFile.objects.filter(dispute=held).kept().count() >= MOST:
            raise Conflict(_("At most %(count)s files of one dispute.") % {"count": MOST}, code="too_many")
        row = DisputeFile.objects.create(
            dispute=held, kind=kind, track=track, caption=caption.strip(), for_court=for_court, pages=len(uploads),
            added_by=actor, added_at=at,
        )  # fmt: skip
        event = tell("dispute.file_added", held, actor=actor, grant=grant, at=at, file=row.pk, kind=kind,
                     pages=row.pages, track=track and track.pk)  # fmt: skip
        attach(row, uploads, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    return row


def file_mark(row: DisputeFile, *, actor: User, for_court: bool, unreceived: bool = False) -> DisputeFile:
    """Let the clerk of the court read it with an application for confirmation, or no longer. ``unreceived``: the court
    has not received the application with which it was laid before it, by mistake.

    Raises NotPermitted, Conflict (archived, taken away, ``at_court``: what was laid before the court stays there).
    """
    with atomically():
        fresh, grant = _held(row, actor)
        if fresh.for_court and not for_court and not unreceived and at_court(fresh.dispute):
            raise Conflict(_("Confirmation was applied for: what the court was given stays with it."), code="at_court")
        if fresh.for_court != for_court:
            fresh.for_court = for_court
            fresh.save(update_fields=["for_court"])
            tell("dispute.file_marked", fresh.dispute, actor=actor, grant=grant, file=fresh.pk, for_court=for_court)
    return fresh


def file_remove(row: DisputeFile, *, actor: User, reason: str) -> DisputeFile:
    """Take away what was added by mistake: the content and the caption are gone for good, the row stays.

    By who carries the dispute on; the document of a track also by its organ. Raises NotPermitted, Conflict (archived:
    人民调解法 27; taken away before; ``evidence``: it proves an agreement that was signed), Invalid naming ``reason``.
    """
    words_check(reason=reason, longest=500)
    with atomically():
        fresh, grant = _held(row, actor, organ=True)
        if not reason.strip():
            raise Invalid(REASON_NEEDED, field="reason", code="required")
        _proof_check(fresh)
        fresh.removed_at, fresh.removed_by, fresh.caption = timezone.now(), actor, ""
        fresh.save(update_fields=["removed_at", "removed_by", "caption"])
        payload = figures_of(fresh.dispute) | {"file": fresh.pk, "kind": fresh.kind}
        events.record("dispute.file_removed", fresh.dispute, actor=actor, grant=grant, payload=payload,
                      text=reason.strip())  # fmt: skip
        content = list(attachments_of(fresh))
        attachments_of(fresh).delete()
        transaction.on_commit(lambda: remove_files(content))
    return fresh


def at_court(dispute: Dispute) -> bool:
    """Whether confirmation of an agreement of the dispute was applied for."""
    return JudicialConfirmation.objects.filter(dispute=dispute, state__in=AT_COURT).exists()


def _proof_check(row: DisputeFile) -> None:
    """Refuse to destroy what proves an agreement: its scan, and what is for the court. Raises Conflict."""
    if row.kind != FileKind.SIGNED_AGREEMENT and not row.for_court:
        return
    if at_court(row.dispute) or Agreement.objects.filter(dispute=row.dispute, state__in=SIGNED).exists():
        raise Conflict(_("The agreement is signed: its scan, and what is for the court, stays in the file (People's "
                         "Mediation Law, Article 27)."), code="evidence")  # fmt: skip


def may_add(dispute: Dispute, user: User) -> bool:
    """Whether the person adds files to the dispute now."""
    return dispute.state != DisputeState.ARCHIVED and grant_for(HANDLES, dispute, user) is not None


def may_add_to(track: Track, user: User) -> bool:
    """Whether the person adds documents to a track now."""
    possible = track.state in TAKES_PART and track.dispute.state != DisputeState.ARCHIVED
    return possible and grant_for(ADDS_TO_TRACK, track, user) is not None


def _grant(held: Dispute, track: Track | None, actor: User) -> tuple[Grant, bool]:
    """Return in which role a file is added, and whether by who carries the dispute on. Raises NotPermitted, Conflict,
    Invalid."""
    if track is not None and track.dispute_id != held.pk:
        raise Invalid(_("This track is of another dispute."), field="track", code="elsewhere")
    mine = grant_for(HANDLES, held, actor)
    fresh = track and Track.objects.lock(track.pk)
    grant = mine or (fresh and grant_for(ADDS_TO_TRACK, fresh, actor))
    if grant is None:
        raise NotPermitted(_("You do not work on this dispute."))
    if held.state == DisputeState.ARCHIVED:
        raise Conflict(_("The file is archived."), code="archived")
    if fresh and fresh.state not in TAKES_PART:
        told = {"state": fresh.get_state_display()}
        raise Conflict(_("Not possible now: the track is “%(state)s”.") % told, code="state")
    return grant, mine is not None


def _held(row: DisputeFile, actor: User, *, organ: bool = False) -> tuple[DisputeFile, Grant]:
    """Return a file locked, its dispute before it, and the role of who may change it. Raises NotPermitted, Conflict."""
    held = Dispute.objects.lock(row.dispute_id)
    fresh = DisputeFile.objects.select_for_update(of=("self",)).with_rows().get(pk=row.pk)
    grant = grant_for(HANDLES, held, actor)
    if grant is None and organ and fresh.track is not None:
        grant = grant_for(ADDS_TO_TRACK, fresh.track, actor)
    if grant is None:
        raise NotPermitted(_("You do not work on this dispute."))
    if held.state == DisputeState.ARCHIVED:
        raise Conflict(_("The file is archived."), code="archived")
    if fresh.removed_at is not None:
        raise Conflict(_("The file was taken away."), code="removed")
    fresh.dispute = held
    return fresh, grant
