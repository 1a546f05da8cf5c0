"""Runs of imports: who brought which file, what it would do or did, and how far it is."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.exchange.querysets import ImportRunQuerySet
from governance.models.area import Area
from governance.models.person import User


class ImportState(models.TextChoices):
    CHECKED = "checked", _("Checked")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class ImportRun(models.Model):
    """One file on its way in: checked, confirmed by the person who brought it, stored whole or not at all.

    ``importer`` is a key of ``governance.exchange.importers``. Counts are lines. ``errors`` holds the first
    ``KEPT_ERRORS`` as ``[file, line, column, message]`` (``error_count`` counts them all), ``rows`` the first
    ``KEPT_ROWS`` planned as ``[line, action, title]``, only until the run ends. ``done_steps`` of ``steps`` (each line
    is one step to judge and one to store) and ``cancel_requested`` are written by a connection of their own while the
    rows are stored in one transaction. ``area`` is where the person may import; empty for commands.
    """

    KEPT_ERRORS = 1000
    KEPT_ROWS = 50

    importer = models.CharField(_("import of"), max_length=60)
    options = models.JSONField(_("settings"), default=dict, editable=False)
    file_name = models.CharField(_("file"), max_length=200)
    size = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField(max_length=64)
    state = models.CharField(_("state"), max_length=10, choices=ImportState, default=ImportState.CHECKED)
    started_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("started by"))
    area = models.ForeignKey(Area, models.PROTECT, null=True, related_name="+", verbose_name=_("area"))
    lines = models.PositiveIntegerField(_("lines"), default=0)
    adds = models.PositiveIntegerField(_("new"), default=0)
    changes = models.PositiveIntegerField(_("changed"), default=0)
    same = models.PositiveIntegerField(_("unchanged"), default=0)
    error_count = models.PositiveIntegerField(_("errors"), default=0)
    errors = models.JSONField(default=list, editable=False)
    rows = models.JSONField(default=list, editable=False)
    notes = models.JSONField(default=list, editable=False)
    failure = models.CharField(_("why it failed"), max_length=500, blank=True)
    steps = models.PositiveIntegerField(default=0, editable=False)
    done_steps = models.PositiveIntegerField(default=0, editable=False)
    cancel_requested = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(_("brought at"), default=timezone.now, editable=False)
    started_at = models.DateTimeField(_("started at"), null=True, editable=False)
    ended_at = models.DateTimeField(_("ended at"), null=True, editable=False)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["started_by", "-id"], name="importrun_own"),
            models.Index(fields=["state"], condition=models.Q(state="running"), name="importrun_running"),
            models.Index(fields=["sha256"], condition=models.Q(state="done"), name="importrun_content"),
        ]

    def __str__(self):
        return self.file_name

    @property
    def percent(self) -> int:
        """How far the run is, 0 to 100."""
        return 100 if self.state == ImportState.DONE else self.done_steps * 100 // self.steps if self.steps else 0


class ImportFile(models.Model):
    """A file until its run has ended. It may hold personal data and secrets: ``content`` is encrypted
    (``governance.exchange.runs``), and is not kept longer."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="files")
    name = models.CharField(max_length=200)
    content = models.BinaryField()

    class Meta:
        verbose_name = _("imported file")
        verbose_name_plural = _("imported files")
        ordering = ["id"]

    def __str__(self):
        return self.name
