"""The states of a command to a device. Handing out and answers are the device's; people may take a command back."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from devices.querysets import KEEPS_ITS_DEVICE, SYSTEM
from governance.workflow import step


class CommandState(models.TextChoices):
    """Where a command stands."""

    QUEUED = "queued", _("Waits for the device")
    SENT = "sent", _("Handed out")
    CONFIRMED = "confirmed", _("Carried out")
    FAILED = "failed", _("Failed on the device")
    EXPIRED = "expired", _("Expired")
    CANCELLED = "cancelled", _("Taken back")


C = CommandState
WAITING = (C.QUEUED, C.SENT)


def was_sent(command) -> bool:
    return command.sent_at is not None


def is_published(command) -> bool:
    return command.published


class CommandSteps(models.Model):
    """The transitions; ``DeviceCommand`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Hand out"), source=[C.QUEUED], target=C.SENT, allow=SYSTEM, event="device.command_sent", quiet=True)
    def send(self, *, at):
        """The device was told for the first time; it is told again until it answers."""
        self.sent_at = self.last_sent_at = at
        self.deliveries = 1

    @step(
        label=_("Publish"), source=[C.QUEUED], target=C.SENT, allow=SYSTEM, event="device.command_published",
        quiet=True,
    )  # fmt: skip
    def publish(self, *, at):
        """The broker has taken it for the device, which need not listen: nobody knows until it is heard."""
        self.sent_at = self.last_sent_at = at
        self.deliveries, self.published = 1, True

    @step(
        label=_("Fetch"), source=[C.SENT], target=None, allow=SYSTEM, event="device.command_fetched", quiet=True,
        guards=[is_published],
    )  # fmt: skip
    def fetch(self, *, at):
        """What the broker had taken for the device it has fetched itself, or was told with an answer: it has it now."""
        self.last_sent_at, self.published = at, False
        self.deliveries += 1

    @step(
        label=_("Confirm"), source=[C.SENT, C.EXPIRED], target=C.CONFIRMED, allow=SYSTEM,
        event="device.command_confirmed", quiet=True, guards=[was_sent],
    )  # fmt: skip
    def confirm(self, *, at, answer=""):
        """The device has done it; also when it says so late."""
        self.settled_at, self.answer = at, answer

    @step(
        label=_("Fail"), source=[C.SENT, C.EXPIRED], target=C.FAILED, allow=SYSTEM, event="device.command_failed",
        quiet=True, guards=[was_sent],
    )  # fmt: skip
    def fail(self, *, at, answer=""):
        """The device could not do it."""
        self.settled_at, self.answer = at, answer

    @step(
        label=_("Expire"), source=[C.QUEUED, C.SENT], target=C.EXPIRED, allow=SYSTEM, event="device.command_expired",
        quiet=True,
    )  # fmt: skip
    def expire(self, *, at):
        """Its time is over: it is handed out no more."""
        self.settled_at = at

    @step(
        label=_("Take back"), source=[C.QUEUED, C.SENT], target=C.CANCELLED, allow=KEEPS_ITS_DEVICE,
        event="device.command_cancelled", backward=True,
    )  # fmt: skip
    def cancel(self, *, at):
        """Handed out no more; a device that was told already may still do it."""
        self.settled_at = at
