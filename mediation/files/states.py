"""Kinds of files of a dispute (domain/mediation.md, "Types and sources", "File")."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class FileKind(models.TextChoices):
    EVIDENCE = "evidence", _("Evidence")
    SIGNED_AGREEMENT = "signed_agreement", _("Signed agreement (scan)")
    TRACK_DOCUMENT = "track_document", _("Document of a track")
    VIDEO_RECORD = "video_record", _("Record of a video sitting")
    OTHER = "other", _("Other paper of the file")


# What whoever works on the dispute adds; documents of a track belong to the track.
OF_THE_FILE = [choice for choice in FileKind.choices if choice[0] != FileKind.TRACK_DOCUMENT]
