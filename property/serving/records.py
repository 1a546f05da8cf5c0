"""What is done by a service list: reported with a photo, looked at on site, excused; what is missed becomes a case."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from cases.dispatch.plans import stored
from cases.models import Case, CaseSource
from cases.services import case_open, evidence_add
from cases.states import OPEN
from governance.attachments import attach
from governance.errors import Conflict, Invalid
from governance.models import AttachmentPurpose, User
from governance.photos import Upload
from governance.timers import cancel_timer, fires
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from property.models import RecordState, ServiceRecord
from property.serving.occurrences import TIME_OVER, timer_key, told

# How long before its time an occurrence may be reported as done [J].
EARLY = timedelta(minutes=30)


def _perform(record: ServiceRecord, name: str, *, actor, photos: Sequence[Upload] = (), purpose=AttachmentPurpose.AFTER,
             **given) -> ServiceRecord:  # fmt: skip
    with atomically():
        fresh, event = perform(record, name, actor=actor, payload=told(record), **given)
        if photos:
            attach(fresh, photos, purpose=purpose, actor=actor, event=event)
    return fresh


@carries_out("property.servicerecord", "complete")
def record_complete(record: ServiceRecord, *, actor: User, version=None, reason="", occurred_at: datetime | None = None,
                    photos: Sequence[Upload] = ()) -> ServiceRecord:  # fmt: skip
    """Report an occurrence as done, from half an hour before its time to its end; with a photo where one is needed.

    Raises Invalid without the photo, Conflict outside that time.
    """
    at = occurred_at or timezone.now()
    with atomically():
        fresh = _perform(
            record, "complete", actor=actor, version=version, reason=reason, occurred_at=at, photos=photos,
            done_by=actor, done_at=at,
        )  # fmt: skip
        if at < fresh.starts_at - EARLY:
            raise Conflict(_("Its time has not come yet."), code="too_early")
        if at > fresh.ends_at:
            raise Conflict(_("Its time is over."), code="too_late")
        if fresh.item.needs_photo and not any(photo.kind == "image" for photo in photos):
            raise Invalid(_("A photo of what was done is needed."), field="photos", code="required")
        cancel_timer(timer_key(fresh))
    return fresh


@carries_out("property.servicerecord", "check_on_site")
def record_check(record: ServiceRecord, *, actor: User, version=None, reason="", occurred_at=None,
                 photos: Sequence[Upload] = ()) -> ServiceRecord:  # fmt: skip
    """Confirm on site what was reported as done."""
    return _perform(record, "check_on_site", actor=actor, version=version, reason=reason, occurred_at=occurred_at,
                    photos=photos, purpose=AttachmentPurpose.INSPECTION)  # fmt: skip


@carries_out("property.servicerecord", "refuse")
def record_refuse(record: ServiceRecord, *, actor: User, version=None, reason="", occurred_at: datetime | None = None,
                  photos: Sequence[Upload] = ()) -> ServiceRecord:  # fmt: skip
    """Say that it was not done as reported: it counts as missed, and a case is opened for the company."""
    at = occurred_at or timezone.now()
    with atomically():
        fresh = _perform(record, "refuse", actor=actor, version=version, reason=reason, occurred_at=at, photos=photos,
                         purpose=AttachmentPurpose.INSPECTION)  # fmt: skip
        return _becomes_case(fresh, at)


@carries_out("property.servicerecord", "excuse")
def record_excuse(record: ServiceRecord, *, actor: User, version=None, reason="", occurred_at=None,
                  photos: Sequence[Upload] = ()) -> ServiceRecord:  # fmt: skip
    """Excuse an occurrence with a reason; a case that was opened for it stays, whoever has it closes it."""
    with atomically():
        fresh = _perform(record, "excuse", actor=actor, version=version, reason=reason, occurred_at=occurred_at,
                         photos=photos, purpose=AttachmentPurpose.EVIDENCE)  # fmt: skip
        cancel_timer(timer_key(fresh))
    return fresh


@fires(TIME_OVER)
def time_over(timer) -> None:
    """Mark an occurrence that nobody reported as missed, and open the case."""
    record = ServiceRecord.objects.lock(timer.subject_id)
    if record.state == RecordState.PLANNED:
        missed = _perform(record, "miss", actor=User.objects.system("timers"), occurred_at=record.ends_at)
        _becomes_case(missed, timezone.now())


def _becomes_case(record: ServiceRecord, at: datetime) -> ServiceRecord:
    """Open a case for the company, or add to the open one of an earlier miss of the same item."""
    system, data = User.objects.system("timers"), told(record) | {"service_record": record.pk}
    earlier = ServiceRecord.objects.filter(item=record.item_id, case__state__in=OPEN).order_by("-date").first()
    if earlier is not None:
        record.case = Case.objects.get(pk=earlier.case_id)
        evidence_add(record.case, actor=system, kind="service_missed", data=data, happened_at=at)
    else:
        record.case = case_open(
            actor=system, source=CaseSource.PATROL, description=stored(lambda: _words(record)), category=None,
            standard=record.item.miss_standard, area=record.area, address=str(record.estate),
            origin=data | {"company": record.company.code}, occurred_at=at,
        )  # fmt: skip
    record.save(update_fields=["case"])
    return record


def _words(record: ServiceRecord) -> str:
    return _("%(estate)s: “%(item)s” of %(date)s was not done by the service list (%(standard)s).") % {
        "estate": record.estate, "item": record.item, "date": f"{record.date:%Y-%m-%d}",
        "standard": record.item.standard,
    }  # fmt: skip
