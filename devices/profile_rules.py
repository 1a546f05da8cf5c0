"""The rules of profiles, kept in memory: the version in force of a profile does not change (``devices.profiles``)."""

from collections.abc import Iterable

from django.db.models import Prefetch

from devices.models import DeviceProfile, ProfileStatus
from devices.rules import Rules

# With what an alarm needs to open its case.
STATUSES = Prefetch("statuses", ProfileStatus.objects.select_related("standard__category"))
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
        rows = DeviceProfile.objects.filter(pk__in=missing).select_related("category")
        for profile in rows.prefetch_related(STATUSES, "metrics"):
            _kept[profile.pk] = Rules.of(profile)
    return {pk: _kept[pk] for pk in wanted}


def forget_rules() -> None:
    """Read profiles anew: one was changed."""
    _kept.clear()
