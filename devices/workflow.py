"""What people may do to an alarm. The condition itself changes only by what devices report (``devices.ingest``)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from devices.querysets import ACKNOWLEDGES
from governance.workflow import step


class AlarmState(models.TextChoices):
    """Whether somebody has taken notice."""

    UNACKNOWLEDGED = "unacknowledged", _("Not acknowledged")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")


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
