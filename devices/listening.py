"""When somebody listened: the silence of a device counts only while the doors for readings were open.

Kept in the database as times without a break (``Listening``), so that a restart of a minute costs a minute and not the
whole wait, and an outage of the product itself raises nothing: what a device might have said meanwhile, nobody heard.
It is noted with each sign of life of a door: of the live process, which takes HTTP, and of the MQTT bridge where one is
expected (it shows none while it has no broker); whatever the timers process has to do meanwhile, that looks too. While
one of the doors is closed nobody can say of a device that it is silent: which door it uses is not known [J].
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max

from devices.models import DeviceProfile, Listening
from devices.models.profile import offline_after
from governance import heartbeats
from governance.transactions import atomically

LIVE, MQTT = "live", "mqtt"
# Doors beat every five seconds; one that has not for so long counts as closed.
LONGEST_GAP = heartbeats.FRESH
KEPT = timedelta(days=60)  # longer than any device may be silent [J]
PAGE = 100
# Books are written some time after their moment, and devices seen a step later than noted.
SPARE = timedelta(minutes=5)


def doors_open() -> bool:
    """Tell whether all doors for readings that there should be show signs of life; a statement for each."""
    bridge = [MQTT] if MQTT in settings.EXPECTED_PROCESSES else []
    return all(heartbeats.is_alive(door) for door in [LIVE, *bridge])


def listening_note(at: datetime) -> None:
    """Note that the doors are open at a moment; after a break a new time begins, in place of one that had no length."""
    with atomically():
        newest = Listening.objects.select_for_update().order_by("-until", "-pk").first()
        if newest is None or (at - newest.until > LONGEST_GAP and newest.until > newest.began_at):
            Listening.objects.create(began_at=at, until=at)
            Listening.objects.filter(until__lt=at - KEPT).delete()
        elif at - newest.until > LONGEST_GAP:
            Listening.objects.filter(pk=newest.pk).update(began_at=at, until=at)
        elif at > newest.until:
            Listening.objects.filter(pk=newest.pk).update(until=at)


@heartbeats.with_beats(LIVE, MQTT)
def note_with_a_beat(at: datetime) -> None:
    """A door shows a sign of life: if the others do too, they are open."""
    if doors_open():
        listening_note(at)


@dataclass(frozen=True)
class Heard:
    """The times (from, until) in which somebody listened, the newest first; without any, all time counts as such."""

    times: tuple[tuple[datetime, datetime], ...] | None = None

    @classmethod
    def known(cls, at: datetime) -> "Heard":
        """Read what is kept, as far back from a moment as any device may be silent; two statements, and one for each
        hundred breaks more. Where nothing was ever noted all time counts.
        """
        slowest = DeviceProfile.objects.in_force().aggregate(slowest=Max("reporting_interval"))["slowest"]
        longest = offline_after(slowest or 0) + SPARE
        rows = Listening.objects.order_by("-until", "-pk").values_list("began_at", "until")
        times: list[tuple[datetime, datetime]] = []
        while page := list(rows[len(times) : len(times) + PAGE]):
            times += page
            if cls(tuple(times)).back(at, longest) is not None:
                break
        return cls(tuple(times) or None)

    def back(self, at: datetime, silence: timedelta) -> datetime | None:
        """Return the moment since which somebody has listened for so long, all breaks left out; None where nobody has
        for that long."""
        if self.times is None:
            return at - silence
        for began_at, until in self.times:
            until = min(until, at)
            if until - began_at >= silence:
                return until - silence
            if until > began_at:
                silence -= until - began_at
                at = began_at  # two processes may have begun at once: no time counts twice
        return None
