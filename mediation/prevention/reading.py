"""Reading a hazard that became a dispute, or a signal that led to it, is reading the dispute: written down at every
door that shows words or photos (the admin, REST, the phone, ``/files/``). Lists show no words of such a row, and the
search box of a list finds none by its words (``unread``): what it finds by a word, it tells."""

from django.db.models import QuerySet
from django.http import Http404

from governance.attachments import on_served
from governance.models import Attachment, AttachmentPurpose, User
from governance.scoping import grant_for
from mediation.access import access_record
from mediation.models import AccessKind, Hazard, Signal
from mediation.prevention.querysets import READS, READS_SIGNALS

HAZARD, SIGNAL = "mediation.hazard", "mediation.signal"


def hazard_read(hazard: Hazard, *, user: User, kind: str = AccessKind.READ) -> None:
    """Write down that somebody reads a hazard, if it became a dispute; in the role by which they read it."""
    if hazard.dispute_id is None:
        return
    grant = grant_for(Hazard.objects.none().VISIBLE, hazard, user)
    access_record(hazard.dispute, actor=user, kind=kind, what=f"{HAZARD} {hazard.pk}",
                  role=grant.role if grant else "")  # fmt: skip


def photos_elsewhere(hazard: Hazard) -> int:
    """Return how many photos stay with the row another part of the product handed over (a steward's sighting): who may
    open them is decided there, so that the hazard says no more than that they are."""
    if not hazard.origin_type or hazard.erased_at:
        return 0
    return Attachment.objects.filter(subject_type=hazard.origin_type, subject_id=hazard.origin_id).count()


def signal_read(signal: Signal, *, user: User) -> bool:
    """Return whether somebody reads the words of a signal; where it led to a dispute that is written down, in the role
    by which they read it. Who has only its masked row reads nothing, and nothing is written."""
    grant = grant_for(READS_SIGNALS, signal, user)
    if grant is not None and signal.disputed:
        access_record(signal.hazard.dispute, actor=user, what=f"{SIGNAL} {signal.pk}", role=grant.role)
    return grant is not None


def unread(rows: QuerySet) -> QuerySet:
    """Return the hazards or signals whose words may be searched: those that are no dispute's."""
    return rows.filter(dispute=None) if rows.model is Hazard else rows.filter(hazard__dispute=None)


@on_served(HAZARD)
def photo_opened(attachment: Attachment, user: User) -> None:
    """Who only reported it opens the photos of the own report, not those the mediator took later. Raises Http404."""
    hazard = Hazard.objects.with_rows().get(pk=attachment.subject_id)
    if attachment.purpose != AttachmentPurpose.REPORT and grant_for(READS, hazard, user) is None:
        raise Http404
    hazard_read(hazard, user=user, kind=AccessKind.EXPORTED)
