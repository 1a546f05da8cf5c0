"""The rules of profiles, kept in memory: how the version in force judges does not change (``devices.profiles``).

What may change while it is in force (its name, category and scene, and the filing standards themselves) is not taken
from here: ``alarm_cases.filing`` reads it anew.
"""

from collections.abc import Iterable

from devices.models import DeviceProfile
from devices.rules import Rules

MOST_KEPT = 500
_kept: dict[int, Rules] = {}


def rules_of(profiles: Iterable[int]) -> dict[int, Rules]:
    """Return the rules of profiles by their keys; two or three statements for those not in memory."""
    wanted = set(profiles)
    missing = wanted - _kept.keys()
    if missing:
        if len(_kept) > MOST_KEPT:
            _kept.clear()
            missing = wanted
        for profile in DeviceProfile.objects.filter(pk__in=missing).prefetch_related("statuses", "metrics"):
            _kept[profile.pk] = Rules.of(profile)
    return {pk: _kept[pk] for pk in wanted}


def forget_rules() -> None:
    """Read profiles anew: one was changed."""
    _kept.clear()
