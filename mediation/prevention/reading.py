"""Reading a hazard that became a dispute is reading the dispute: written down at every door that shows words or photos
(the admin, REST, the phone, ``/files/``). Lists show no words of such a hazard."""

from django.http import Http404

from governance.attachments import on_served
from governance.models import Attachment, AttachmentPurpose, User
from governance.scoping import grant_for
from mediation.access import access_record
from mediation.models import AccessKind, Hazard
from mediation.prevention.querysets import READS

HAZARD = "mediation.hazard"


def hazard_read(hazard: Hazard, *, user: User, kind: str = AccessKind.READ) -> None:
    """Write down that somebody reads a hazard, if it became a dispute; in the role by which they read it."""
    if hazard.dispute_id is None:
        return
    grant = grant_for(Hazard.objects.none().VISIBLE, hazard, user)
    access_record(hazard.dispute, actor=user, kind=kind, what=f"{HAZARD} {hazard.pk}",
                  role=grant.role if grant else "")  # fmt: skip


@on_served(HAZARD)
def photo_opened(attachment: Attachment, user: User) -> None:
    """Who only reported it opens the photos of the own report, not those the mediator took later. Raises Http404."""
    hazard = Hazard.objects.with_rows().get(pk=attachment.subject_id)
    if attachment.purpose != AttachmentPurpose.REPORT and grant_for(READS, hazard, user) is None:
        raise Http404
    hazard_read(hazard, user=user, kind=AccessKind.EXPORTED)
