"""Devices on a map: each as a point in the colour of how it is, or, where there are too many, counted by hexagon."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import isfinite

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.hotspots.cells import cell_at, larger
from devices.models import OFFLINE, Alarm, Device, Severity
from devices.workflow import DeviceState
from governance.admin.paging import capped_count
from governance.errors import Invalid

# More points than a map can show apart, and more than a phone draws at once [J].
MOST_POINTS = 2000
MOST_CELLS = 600
# H3, finest first: 200 m to 22 km edges. Counted by the finest that needs no more than MOST_CELLS hexagons.
RESOLUTIONS = (9, 8, 7, 6, 5, 4)
# How a device is, worst first: what its worst alarm says that is not held back; offline or not in service; normal.
LOOKS = {
    "high": ("red", gettext_lazy("High severity")),
    "medium": ("amber", gettext_lazy("Medium severity")),
    "low": ("blue", gettext_lazy("Low severity")),
    "away": ("grey", gettext_lazy("Offline or not in service")),
    "normal": ("green", gettext_lazy("Normal")),
}
_WORST = {look: place for place, look in enumerate(LOOKS)}


@dataclass(frozen=True)
class Box:
    """A rectangle in WGS-84 degrees."""

    west: float
    south: float
    east: float
    north: float

    def within(self, rows):
        """Return the devices in it."""
        return rows.filter(
            longitude__gte=self.west, longitude__lte=self.east, latitude__gte=self.south, latitude__lte=self.north
        )


def box_of(text: str) -> Box:
    """Read ``west,south,east,north``. Raises Invalid, naming ``bbox``."""
    parts = text.split(",")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        numbers = []
    if len(numbers) != 4 or not all(isfinite(number) for number in numbers):
        raise Invalid(_("Four numbers are needed: west, south, east, north, in WGS-84 degrees."), field="bbox")
    box = Box(*numbers)
    if not (-180 <= box.west < box.east <= 180 and -90 <= box.south < box.north <= 90):
        raise Invalid(_("West lies before east and south before north, within the degrees of the Earth."), field="bbox")
    return box


@dataclass(frozen=True)
class Place:
    """A device on the map; ``words``: its active alarms that are not held back, worst first."""

    device: Device
    look: str
    words: list[str]


@dataclass(frozen=True)
class Cell:
    """The devices of a hexagon, counted by how they are; ``look`` is the worst of them."""

    cell: int
    looks: Counter = field(default_factory=Counter)

    @property
    def count(self) -> int:
        return self.looks.total()

    @property
    def look(self) -> str:
        return min(self.looks, key=_WORST.__getitem__)


@dataclass(frozen=True)
class DeviceMap:
    """``places`` of all devices asked for; where they are more than MOST_POINTS none, and ``cells`` in their stead."""

    places: list[Place]
    cells: list[Cell]

    @property
    def looks(self) -> Counter:
        """How many devices there are of each look."""
        found = Counter(place.look for place in self.places)
        return sum((cell.looks for cell in self.cells), found)


def map_of(rows, *, most: int = MOST_POINTS) -> DeviceMap:
    """Return the map of ``rows``, devices the reader may see; four statements at most, however many there are.

    Retired devices are nowhere.
    """
    rows = rows.in_use().order_by("code")
    if capped_count(rows, most + 1) > most:
        return DeviceMap([], _cells(rows))
    devices = list(rows.select_related("profile").prefetch_related("profile__statuses"))
    alarms = _alarms(rows)
    return DeviceMap([_place(device, alarms[device.pk]) for device in devices], [])


def _alarms(rows) -> dict[int, list[tuple[str, str, str]]]:
    """Return the active alarms of devices: type, severity and why it is held back."""
    found = defaultdict(list)
    active = Alarm.objects.active().filter(device__in=rows.order_by()).order_by("-id")
    for pk, *alarm in active.values_list("device_id", "alarm_type", "severity", "inhibited"):
        found[pk].append(tuple(alarm))
    return found


def look_of(state: str, alarms: Iterable[tuple[str, str, str]]) -> str:
    """Return how a device is: ``alarms`` are its active ones."""
    alarms = list(alarms)
    severities = {severity for word, severity, held in alarms if word != OFFLINE and not held}
    for severity in Severity.values:
        if severity in severities:
            return severity
    offline = any(word == OFFLINE for word, _severity, _held in alarms)
    return "away" if offline or state != DeviceState.IN_SERVICE else "normal"


def _place(device: Device, alarms: list[tuple[str, str, str]]) -> Place:
    shown = sorted((_WORST[severity], word) for word, severity, held in alarms if not held)
    return Place(device, look_of(device.state, alarms), [device.profile.label_of(word) for _rank, word in shown])


def _cells(rows) -> list[Cell]:
    alarms = _alarms(rows)
    counted: dict[int, Counter] = defaultdict(Counter)
    for pk, longitude, latitude, state in rows.order_by().values_list("pk", "longitude", "latitude", "state"):
        counted[cell_at(longitude, latitude, RESOLUTIONS[0])][look_of(state, alarms.get(pk, ()))] += 1
    for resolution in RESOLUTIONS[1:]:
        if len(counted) <= MOST_CELLS:
            break
        coarser: dict[int, Counter] = defaultdict(Counter)
        for cell, looks in counted.items():
            coarser[larger(cell, resolution)] += looks
        counted = coarser
    return sorted((Cell(cell, looks) for cell, looks in counted.items()), key=lambda found: (-found.count, found.cell))
