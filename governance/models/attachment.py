"""Photos and documents that belong to some object."""

import uuid
from datetime import date

from django.core.files.storage import storages
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models.event import Event
from governance.models.person import User


class AttachmentPurpose(models.TextChoices):
    REPORT = "report", _("Report")
    BEFORE = "before", _("Before")
    AFTER = "after", _("After")
    INSPECTION = "inspection", _("Inspection")
    EVIDENCE = "evidence", _("Evidence")


def day_folder(day: date) -> str:
    """Return the folder of files stored on ``day``."""
    return f"{day:%Y/%m/%d}"


def stored_name(attachment, _filename) -> str:
    """Name the stored file by date and id; the uploader's file name is never used as a path."""
    suffix = {"image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf"}[attachment.content_type]
    return f"{day_folder(timezone.localdate())}/{attachment.id}.{suffix}"


def attachment_storage():
    return storages["default"]


class Attachment(models.Model):
    """A file of an object, served only to who may see that object (``governance.attachments``).

    Images are re-encoded without metadata on entry; ``content_type`` is judged by content. ``size`` in bytes, ``width``
    and ``height`` in pixels. ``taken_at``, ``longitude`` and ``latitude`` (WGS-84) are what the camera wrote into a
    photo of somebody at work, read before it is removed from the file; of residents' photos nothing is kept.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject_type = models.CharField(_("subject type"), max_length=60)
    subject_id = models.BigIntegerField(_("subject"))
    event = models.ForeignKey(
        Event, models.PROTECT, null=True, blank=True, related_name="attachments", verbose_name=_("came with")
    )
    purpose = models.CharField(_("purpose"), max_length=20, choices=AttachmentPurpose)
    file = models.FileField(_("file"), upload_to=stored_name, storage=attachment_storage, max_length=120)
    content_type = models.CharField(_("type"), max_length=40)
    size = models.PositiveIntegerField(_("size in bytes"))
    width = models.PositiveIntegerField(_("width"), null=True, blank=True)
    height = models.PositiveIntegerField(_("height"), null=True, blank=True)
    taken_at = models.DateTimeField(_("taken at"), null=True, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("uploaded by"))
    uploaded_at = models.DateTimeField(_("uploaded at"), default=timezone.now)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["uploaded_at"]
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="attachment_subject")]

    def __str__(self):
        return f"{self.get_purpose_display()} {self.content_type}"
