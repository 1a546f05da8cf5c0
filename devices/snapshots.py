"""Events with a picture: what a video system posts when it sees something. The message goes the way of all messages.

The picture is evidence of the case that the alarm has opened, or of the alarm where there is none; message, alarm,
case and picture are stored in one transaction. A camera that goes on telling of the same adds a picture now and then:
as often as its case is told of an alarm that goes on, and so many of a case at most.
"""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case
from devices.alarm_writes import REPEAT_EVERY
from devices.ingest import readings_ingest
from devices.keys import Credential
from devices.messages import status_word
from devices.models import Alarm
from devices.parcels import IngestResult
from governance.attachments import attach, attachments_of
from governance.errors import Invalid
from governance.models import AttachmentPurpose, Event, User
from governance.photos import Upload
from governance.transactions import atomically

MOST_KEPT = 20  # pictures of one case or alarm [J]


def event_report(*, credential: Credential, device: str, at: str, status: str, snapshot: Upload,
                 received_at: datetime | None = None) -> tuple[IngestResult, Alarm | None, bool]:  # fmt: skip
    """Store a status word of a device with a picture of what it means.

    Returns what became of the message, as ``readings_ingest``; the alarm it tells of, if that is not over; whether the
    picture was kept. It is not where the message was known already or refused, where it tells of no alarm, or where
    there are pictures enough. Raises Invalid for a file that is no image.
    """
    if snapshot.kind != "image":
        raise Invalid(_("Only photos can be sent here."), field="snapshot", code="images_only")
    received_at = received_at or timezone.now()
    with atomically():
        message = {"device": device, "at": at, "status": status}
        result = readings_ingest(credential=credential, messages=[message], received_at=received_at)
        if not result.accepted:
            return result, None, False
        rows = Alarm.objects.active().filter(device__code=device, alarm_type=status_word(status)).select_related("case")
        alarm = rows.first()
        kept = alarm is not None and _keep(alarm.case or alarm, snapshot, received_at)
    return result, alarm, kept


def _keep(subject: Case | Alarm, snapshot: Upload, at: datetime) -> bool:
    """Add a picture to a case or an alarm, beside the newest thing that devices told of it."""
    actor = User.objects.system("devices")
    known = attachments_of(subject).filter(uploaded_by=actor)
    if known.filter(uploaded_at__gt=at - REPEAT_EVERY).exists() or known.count() >= MOST_KEPT:
        return False
    told = Event.objects.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk, actor=actor)
    attach(subject, [snapshot], purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=told.order_by("-id").first())
    return True
