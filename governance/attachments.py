"""Photos and documents of objects: taking them in, and serving them to who may see the object."""

import hashlib
from collections.abc import Callable, Collection, Iterable
from datetime import timedelta

from django.apps import apps
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import models
from django.http import FileResponse, Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from governance.errors import Invalid
from governance.models.attachment import Attachment, AttachmentPurpose, attachment_storage, day_folder
from governance.photos import Upload, UploadRefused, inspect_upload
from governance.transactions import atomically


def read_uploads(files: Iterable, *, field: str = "photos") -> list[Upload]:
    """Judge uploaded files by content and re-encode images without metadata; nothing is stored yet.

    Raises Invalid naming ``field`` and the file's place when there are too many (``ATTACHMENT_MAX_COUNT``), one is too
    large (``ATTACHMENT_MAX_BYTES``) or is neither an image nor a PDF.
    """
    files = list(files)
    if len(files) > settings.ATTACHMENT_MAX_COUNT:
        raise Invalid(
            _("At most %(count)s files at once.") % {"count": settings.ATTACHMENT_MAX_COUNT},
            field=field,
            code="too_many",
        )
    uploads = []
    for place, file in enumerate(files, start=1):
        try:
            uploads.append(inspect_upload(file, max_bytes=settings.ATTACHMENT_MAX_BYTES))
        except UploadRefused as error:
            raise Invalid(
                _("File %(place)s: %(why)s") % {"place": place, "why": error.detail}, field=field, code=error.code
            ) from error
    return uploads


def attach(subject: models.Model, uploads: Iterable[Upload], *, purpose: str, actor, event=None) -> list[Attachment]:
    """Store judged files with ``subject``; call it inside the transaction of the change that brings them.

    ``event`` is what they came with, so that timelines show them beside it. A file whose row cannot be stored is
    removed at once; one whose transaction fails later, by ``sweep``.
    """
    stored = []
    for upload in uploads:
        row = Attachment(
            subject_type=subject._meta.label_lower,
            subject_id=subject.pk,
            purpose=purpose,
            event=event,
            content_type=upload.content_type,
            size=len(upload.data),
            width=upload.width,
            height=upload.height,
            sha256=hashlib.sha256(upload.data).hexdigest(),
            uploaded_by=actor,
            **(_origin_of(upload) if actor.is_staff and purpose in AT_WORK else {}),
        )
        row.file.save("", ContentFile(upload.data), save=False)
        stored.append(row)
    try:
        with atomically():
            Attachment.objects.bulk_create(stored)
    except BaseException:
        remove_files(stored)
        raise
    return stored


# Photos whose origin is kept, for the check of distance and time; only of people at work.
AT_WORK = (AttachmentPurpose.BEFORE, AttachmentPurpose.AFTER, AttachmentPurpose.INSPECTION)


def _origin_of(upload: Upload) -> dict:
    origin = upload.origin
    return {"taken_at": origin.taken_at, "longitude": origin.longitude, "latitude": origin.latitude}


def remove_files(rows: Iterable[Attachment]) -> None:
    """Delete the stored files of attachments whose rows were never committed, or are being deleted."""
    for row in rows:
        row.file.storage.delete(row.file.name)


def attachments_erase(subject_type: str, subject_ids: Collection[int]) -> int:
    """Delete the files of objects, and their rows; return how many. For retention: nothing brings them back.

    Call it last in the transaction that takes the rest out. Files go before it is committed: where it fails after all,
    rows without a file stay, and are deleted the next time.
    """
    rows = list(Attachment.objects.filter(subject_type=subject_type, subject_id__in=subject_ids).select_for_update())
    Attachment.objects.filter(pk__in=[row.pk for row in rows]).delete()
    remove_files(rows)
    return len(rows)


def sweep(days: int = 7) -> int:
    """Remove files stored on the last ``days`` days before today that no attachment names; returns how many.

    Their transaction failed. Today's are left alone: theirs may still be under way.
    """
    storage, gone = attachment_storage(), 0
    for back in range(1, days + 1):
        folder = day_folder(timezone.localdate() - timedelta(days=back))
        if storage.exists(folder):
            stored = {name.partition(".")[0]: f"{folder}/{name}" for name in storage.listdir(folder)[1]}
            known = {str(pk) for pk in Attachment.objects.filter(pk__in=stored).values_list("pk", flat=True)}
            for key in stored.keys() - known:
                storage.delete(stored[key])
                gone += 1
    return gone


def attachments_of(subject: models.Model) -> models.QuerySet[Attachment]:
    """Files of an object, oldest first."""
    return Attachment.objects.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk)


_noted: dict[str, Callable] = {}


def on_served(subject_type: str):
    """Call the decorated ``function(attachment, user)`` before a file of such subjects is handed out: what must leave a
    trace each time it is read, and is therefore kept by no browser. It raises Http404 where somebody who sees the
    subject may not open this one of its files."""

    def connect(function: Callable) -> Callable:
        _noted[subject_type] = function
        return function

    return connect


def opened_by(user, attachment_id) -> FileResponse:
    """Answer with a file to somebody who may see the object it belongs to, noted where it must be. Raises Http404."""
    attachment = Attachment.objects.filter(pk=attachment_id).first()
    if attachment is None or not user.is_authenticated:
        raise Http404
    subjects = apps.get_model(attachment.subject_type)._default_manager
    # Who sees an object sees its files, unless the model is stricter about them (title deeds).
    readable = getattr(subjects, "files_visible_to", subjects.visible_to)
    if not readable(user).filter(pk=attachment.subject_id).exists():
        raise Http404
    noted = _noted.get(attachment.subject_type)
    if noted is None:
        return served(attachment)
    noted(attachment, user)
    response = served(attachment)
    response["Cache-Control"] = "private, no-store"
    return response


def served(attachment: Attachment) -> FileResponse:
    """Answer with the file, never to be run or sniffed by the browser."""
    response = FileResponse(
        attachment.file.open("rb"),
        content_type=attachment.content_type,
        as_attachment=not attachment.content_type.startswith("image/"),
        filename=attachment.file.name.rsplit("/", 1)[-1],
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, max-age=3600"
    return response


@require_safe
def serve_file(request, attachment_id):
    """``/files/<id>/``: the file, if the signed-in person may see the object it belongs to; otherwise 404."""
    return opened_by(request.user, attachment_id)
