"""Commands to devices: they wait until the device is heard."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from devices.command_workflow import WAITING, CommandState, CommandSteps
from devices.models.device import Device
from devices.querysets import CommandQuerySet
from governance.models import User
from governance.workflow import FSMField, WorkflowModel


class DeviceCommand(CommandSteps, WorkflowModel):
    """An order to a device (``devices.commands``): handed out with the answer to what it reports, one at a time.

    ``name`` and ``payload`` follow a command of the device's profile. ``sent_at``, ``last_sent_at`` and ``deliveries``
    tell of the handing out, which is repeated until the device answers (``answer``) or ``expires_at`` has come.
    ``published``: the broker took it, and no device has fetched it by another way.
    """

    LOCK_WITH = ("device__area",)

    device = models.ForeignKey(Device, models.PROTECT, related_name="commands", verbose_name=_("device"))
    name = models.CharField(_("command"), max_length=40)
    payload = models.JSONField(_("parameters"), default=dict, blank=True)
    state = FSMField(
        _("state"), max_length=10, choices=CommandState, default=CommandState.QUEUED, protected=True, editable=False
    )
    queued_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("given by"))
    queued_at = models.DateTimeField(_("ordered at"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"))
    sent_at = models.DateTimeField(_("first handed out"), null=True, blank=True)
    last_sent_at = models.DateTimeField(_("last handed out"), null=True, blank=True)
    deliveries = models.PositiveIntegerField(_("times handed out"), default=0)
    published = models.BooleanField(_("published by MQTT"), default=False, editable=False)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    answer = models.CharField(_("answer of the device"), max_length=200, blank=True)

    objects = CommandQuerySet.as_manager()

    class Meta:
        verbose_name = _("command to a device")
        verbose_name_plural = _("commands to devices")
        ordering = ["-id"]
        indexes = [
            # What ingest asks of every device it hears: nearly always empty.
            models.Index(fields=["device", "id"], condition=Q(state__in=list(WAITING)), name="device_command_waiting"),
            models.Index(fields=["device", "-id"], name="device_command_newest"),
        ]
        constraints = [
            models.CheckConstraint(
                name="device_command_settled",
                condition=Q(state__in=list(WAITING), settled_at=None)
                | (~Q(state__in=list(WAITING)) & Q(settled_at__isnull=False)),
            ),
        ]

    def __str__(self):
        return f"{self.device.code} {self.name}"

    @property
    def standing(self) -> str:
        """Where it stands, for people: what was published need not have reached a device that was not heard since."""
        if self.state != CommandState.SENT or not self.published:
            return self.get_state_display()
        seen = self.device.last_seen_at
        if seen is None or seen <= self.sent_at:
            return str(_("Published, device not heard since"))
        return self.get_state_display()

    @property
    def label(self) -> str:
        """What a person reads for the command: as the profile of its device has it now, else its name."""
        known = self.device.profile.commands.all()
        return next((command.label for command in known if command.name == self.name), self.name)

    @property
    def area(self):
        """The area of its device: where it counts."""
        return self.device.area

    @property
    def area_id(self) -> int:
        """The area of its device."""
        return self.device.area_id
