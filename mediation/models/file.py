"""Files of a dispute."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import User
from mediation.files.querysets import FileQuerySet
from mediation.files.states import FileKind
from mediation.models.dispute import Dispute
from mediation.models.joint import OfDisputeMixin, Track


class DisputeFile(OfDisputeMixin, models.Model):
    """A paper of the file of a dispute as photos or PDF; its ``pages`` files are attachments of this row.

    ``track``: whose document it is; ``for_court``: the clerk of the court that is asked for confirmation reads it too
    (民诉解释 354). Added by mistake, its content is taken away (``removed_at``); that it was there stays known.
    """

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="files", verbose_name=_("dispute"))
    kind = models.CharField(_("kind of file"), max_length=16, choices=FileKind)
    track = models.ForeignKey(
        Track, models.PROTECT, null=True, blank=True, related_name="files", verbose_name=_("track of joint mediation")
    )
    caption = models.CharField(_("what the file shows"), max_length=200, blank=True)
    for_court = models.BooleanField(_("for the court"), default=False)
    pages = models.PositiveSmallIntegerField(_("number of files"))
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("file added by"))
    added_at = models.DateTimeField(_("file added at"), default=timezone.now)
    removed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("file taken away by")
    )
    removed_at = models.DateTimeField(_("file taken away at"), null=True, blank=True)

    objects = FileQuerySet.as_manager()

    class Meta:
        verbose_name = _("file of a dispute")
        verbose_name_plural = _("files of disputes")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="dispute_file_track_of_document",
                condition=Q(kind="track_document", track__isnull=False) | (~Q(kind="track_document") & Q(track=None)),
            ),
            models.CheckConstraint(
                name="dispute_file_removed_whole",
                condition=Q(removed_at=None, removed_by=None)
                | Q(removed_at__isnull=False, removed_by__isnull=False, caption=""),
            ),
        ]
        indexes = [models.Index(fields=["dispute", "-id"], name="dispute_file_of")]

    def __str__(self):
        return f"{self.dispute.number} {self.get_kind_display()}"
