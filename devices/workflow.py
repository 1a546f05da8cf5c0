"""What people may do to alarms and devices. An alarm's condition itself changes only by what devices report
(``devices.ingest``), but for the look that a latched alarm waits for.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.states import ENDED
from devices.querysets import ACKNOWLEDGES, INSTALLS, KEEPS_DEVICES, SHELVES, SYSTEM
from governance.workflow import step


class AlarmState(models.TextChoices):
    """Whether somebody has taken notice."""

    UNACKNOWLEDGED = "unacknowledged", _("Not acknowledged")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")


def awaits_a_look(alarm) -> bool:
    return alarm.condition == "awaiting"


def nobody_else_looks(alarm) -> bool:
    """Its case is over, or it has none: else the look that the case brings is what ends it."""
    return alarm.case is None or alarm.case.state in ENDED


def shelved(alarm) -> bool:
    """One that is over keeps why it was held back, but is held back no more; its shelving has a list of its own."""
    return alarm.cleared_at is None and alarm.inhibited == "shelved"


def not_shelved(alarm) -> bool:
    return alarm.cleared_at is None and not alarm.inhibited


class AlarmSteps(models.Model):
    """The transitions; ``Alarm`` inherits them."""

    class Meta:
        abstract = True

    @step(
        label=_("Acknowledge"),
        source=[AlarmState.UNACKNOWLEDGED],
        target=AlarmState.ACKNOWLEDGED,
        allow=ACKNOWLEDGES,
        event="alarm.acknowledged",
    )
    def acknowledge(self, *, by, acknowledged_at):
        """Somebody has seen it and knows; also possible when the condition is over."""
        self.acknowledged_by, self.acknowledged_at = by, acknowledged_at

    @step(
        label=_("Reset: it was looked at"),
        source=list(AlarmState),
        target=AlarmState.ACKNOWLEDGED,
        allow=ACKNOWLEDGES,
        event="alarm.reset",
        reason=True,
        guards=[awaits_a_look, nobody_else_looks],
    )
    def reset(self, *, by, reset_at):
        """A latched alarm that is normal again is over: somebody has looked."""
        self.acknowledged_by, self.acknowledged_at = self.acknowledged_by or by, self.acknowledged_at or reset_at

    @step(
        label=_("Shelve"),
        source=list(AlarmState),
        target=None,
        allow=SHELVES,
        event="alarm.shelved",
        reason=True,
        guards=[not_shelved],
    )
    def shelve(self, *, inhibited):
        """Held back for a time; it goes on being judged."""
        self.inhibited = inhibited

    @step(
        label=_("Change the end of the shelving"),
        source=list(AlarmState),
        target=None,
        allow=SHELVES,
        event="alarm.shelving_changed",
        reason=True,
        guards=[shelved],
    )
    def change_shelving(self):
        """The work takes longer or less long, or the end was wrong; nothing is dispatched in between."""

    @step(label=_("Unshelve"), source=list(AlarmState), target=None, allow=SHELVES | SYSTEM, event="alarm.unshelved",
          guards=[shelved])  # fmt: skip
    def unshelve(self):
        """Shown and dispatched again, if it is still there."""


class DeviceState(models.TextChoices):
    """Life of a device. Only what is in service or in maintenance is judged; in maintenance alarms are held back."""

    REGISTERED = "registered", _("Registered")
    IN_SERVICE = "in_service", _("In service")
    MAINTENANCE = "maintenance", _("In maintenance")
    DISABLED = "disabled", _("Disabled")
    RETIRED = "retired", _("Retired")


D = DeviceState
JUDGED = (D.IN_SERVICE, D.MAINTENANCE)


class DeviceSteps(models.Model):
    """The transitions; ``Device`` inherits them."""

    class Meta:
        abstract = True

    @step(
        label=_("Put in service"),
        source=[D.REGISTERED, D.DISABLED],
        target=D.IN_SERVICE,
        allow=KEEPS_DEVICES,
        event="device.put_in_service",
    )
    def put_in_service(self, *, in_service_at):
        """It stands where it should and was heard: from now on it raises alarms."""
        self.in_service_at = in_service_at

    @step(
        label=_("Claim on site"),
        source=[D.REGISTERED, D.DISABLED],
        target=None,
        allow=INSTALLS,
        event="device.claimed",
        quiet=True,
    )
    def claim(self, *, moved_to):
        """Somebody stands at it; ``moved_to``: the place it has in truth, or None."""
        if moved_to is not None:
            self.longitude, self.latitude = moved_to

    @step(
        label=_("Put in service on site"),
        source=[D.REGISTERED, D.DISABLED],
        target=D.IN_SERVICE,
        allow=INSTALLS,
        event="device.put_in_service",
        quiet=True,
    )
    def commission(self, *, in_service_at):
        """Who claimed it has seen its test alarm arrive."""
        self.in_service_at = in_service_at

    @step(
        label=_("Begin maintenance"),
        source=[D.IN_SERVICE],
        target=D.MAINTENANCE,
        allow=KEEPS_DEVICES | SYSTEM,
        event="device.maintenance_begun",
        reason=True,
    )
    def begin_maintenance(self, *, until, case=None):
        """Somebody works on it until then: what it reports is judged and kept, nobody is sent."""
        self.maintenance_until, self.maintenance_case = until, case

    @step(
        label=_("Change the end of the maintenance"),
        source=[D.MAINTENANCE],
        target=None,
        allow=KEEPS_DEVICES,
        event="device.maintenance_changed",
        reason=True,
    )
    def change_maintenance(self, *, until):
        """The work takes longer or less long, or the end was wrong; what is held back stays held back until then."""
        self.maintenance_until = until

    @step(
        label=_("End maintenance"),
        source=[D.MAINTENANCE],
        target=D.IN_SERVICE,
        allow=KEEPS_DEVICES | SYSTEM,
        event="device.maintenance_ended",
    )
    def end_maintenance(self):
        """What is still abnormal then is dispatched."""
        self.maintenance_until = self.maintenance_case = None

    @step(
        label=_("Disable"),
        source=[D.IN_SERVICE, D.MAINTENANCE],
        target=D.DISABLED,
        allow=KEEPS_DEVICES,
        event="device.disabled",
        backward=True,
    )
    def disable(self):
        """What it reports is stored and not judged any more."""
        self.maintenance_until = self.maintenance_case = None

    @step(
        label=_("Retire"),
        source=[D.REGISTERED, D.IN_SERVICE, D.MAINTENANCE, D.DISABLED],
        target=D.RETIRED,
        allow=KEEPS_DEVICES,
        event="device.retired",
        backward=True,
    )
    def retire(self, *, retired_at):
        """Taken down for good: its messages are refused."""
        self.maintenance_until = self.maintenance_case = None
        self.retired_at = retired_at

    @step(
        label=_("Undo the retirement"),
        source=[D.RETIRED],
        target=D.REGISTERED,
        allow=KEEPS_DEVICES,
        event="device.taken_back",
        reason=True,
    )
    def take_back(self):
        """It was retired by mistake, or stands again: under its old code it waits to be put up."""
        self.retired_at = self.in_service_at = None
