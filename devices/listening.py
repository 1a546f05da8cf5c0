"""When somebody listened: the silence of a device counts only while the doors for readings were open.

Kept in the database as times without a break (``Listening``), so that a restart of a minute costs a minute and not the
whole wait, and an outage of the product itself raises nothing: what a device might have said meanwhile, nobody heard.
The timers process looks every few seconds whether the doors show signs of life: the live process, which takes HTTP, and
the MQTT bridge where one is expected (it shows none while it has no broker). While one of them is closed nobody can say
of a device that it is silent: which door it uses is not known [J].
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from devices.models import Listening
from governance import heartbeats
from governance.transactions import atomically

LIVE, MQTT = "live", "mqtt"
# Between two looks there are five seconds; where there is more, nobody looked.
LONGEST_GAP = timedelta(seconds=15)
KEPT = timedelta(days=60)  # longer than any device may be silent [J]


def doors_open() -> bool:
    """Tell whether all doors for readings that there should be show signs of life; a statement for each."""
    bridge = [MQTT] if MQTT in settings.EXPECTED_PROCESSES else []
    return all(heartbeats.is_alive(door) for door in [LIVE, *bridge])


def listening_note(at: datetime) -> None:
    """Note that the doors are open at a moment; after a break a new time begins."""
    with atomically():
        newest = Listening.objects.select_for_update().order_by("-until").first()
        if newest is None or at - newest.until > LONGEST_GAP:
            Listening.objects.create(began_at=at, until=at)
            Listening.objects.filter(until__lt=at - KEPT).delete()
        elif at > newest.until:
            Listening.objects.filter(pk=newest.pk).update(until=at)


@dataclass(frozen=True)
class Heard:
    """The times (from, until) in which somebody listened, the newest first; without any, all time counts as such."""

    times: tuple[tuple[datetime, datetime], ...] | None = None

    @classmethod
    def known(cls) -> "Heard":
        """Read what is kept; one statement."""
        return cls(tuple(Listening.objects.order_by("-until").values_list("began_at", "until")))

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
