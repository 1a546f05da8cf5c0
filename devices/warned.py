"""Messages that are taken although something of them is odd: what is done about it, and what their sender is told."""

from django.utils.translation import gettext as _

from devices.messages import Sample
from devices.models import OFFLINE
from devices.parcels import Rejection
from devices.rules import Rules

CLOCK_SKEWED, UNKNOWN_STATUS, NOT_REPORTED = "clock_skewed", "unknown_status", "status_not_reported"


def set_word_aside(sample: Sample, rules: Rules) -> None:
    """Keep a status word that is not to be judged; what no device says of itself is not kept."""
    sample.word_judged = False
    if not rules.knows(sample.status):
        sample.warned = sample.status
    if sample.status == OFFLINE:
        sample.status = None


def not_reported() -> str:
    """Return what a sender is told whose device says that it is offline."""
    return _("That it is “%(status)s” no device says.") % {"status": OFFLINE}


def warnings_of(sample: Sample) -> list[Rejection]:
    """Return what the sender of a message that is taken is told of it."""
    found = []
    if sample.warned == OFFLINE:
        found.append(Rejection(sample.index, NOT_REPORTED, not_reported()))
    elif sample.warned:
        told = _("Devices of this profile have no status “%(status)s”: it is kept and not judged.")
        found.append(Rejection(sample.index, UNKNOWN_STATUS, told % {"status": sample.warned}))
    if sample.skewed:
        told = _("Its time %(at)s lies ahead of ours: it counts from when it came in.")
        words = {"at": sample.device_at.isoformat(timespec="seconds")}
        found.append(Rejection(sample.index, CLOCK_SKEWED, told % words))
    return found
