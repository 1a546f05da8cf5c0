"""The figures by which an alarm system is judged (EEMUA 191 edition 3, ISA-18.2): rate, floods, bad actors, priorities.

Counted are occurrences raised since midnight of the first day, told of in time, that were presented to operators; each
figure leads to the list of what it counts. Time is cut into tens of minutes of the clock. An operator's position is an
area: what is looked at, and each of its parts. Nine statements, whatever is counted, and four where a storm is under
way.

EEMUA 191 and ISA-18.2 measure annunciated alarms; what is suppressed by design is listed apart. So alarms that a lost
gateway stands for are left out: the loss is one thing, told and counted as such, with how many alarms it holds back.
An alarm that is shelved, or of a device in maintenance, stays counted: as a rule it was seen before, and a nuisance has
to stay among the bad actors until somebody mends it, shelved or not [J].
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from django.db.models import Count, Exists, FloatField, IntegerField, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Extract, Floor
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.overview.counting import zone_of
from cases.overview.figures import Figure
from devices.models import Alarm, Device, Gateway, Inhibition, Severity, Shelving
from devices.storm_figures import Storm, storms_under_way
from governance.errors import Invalid
from governance.models import Area, AreaKind
from governance.permissions import RoleBackend
from governance.scoping import EVERYWHERE, grants_of

SLOT = timedelta(minutes=10)
# Alarms of one operator in ten minutes: about one is steady, ten begin a flood, fewer than five end it (EEMUA 191).
STEADY, FLOOD, FLOOD_ENDS = 1, 10, 5
# How many of a hundred alarms are to be of high, medium and low priority (EEMUA 191).
TARGET = {Severity.HIGH: 5, Severity.MEDIUM: 15, Severity.LOW: 80}
STALE = timedelta(hours=24)
WORST = 10
DAYS = (1, 7, 30)
# What is counted, in the words of the lists: of the admin, and of the API.
PRESENTED_IN_TIME = {"told": "in_time", "presented": "yes"}
API_PRESENTED_IN_TIME = {"late": "false", "presented": "true"}
PARTS = {
    AreaKind.CITY: AreaKind.STREET,
    AreaKind.DISTRICT: AreaKind.STREET,
    AreaKind.STREET: AreaKind.COMMUNITY,
    AreaKind.COMMUNITY: AreaKind.GRID,
    AreaKind.GRID: AreaKind.GRID,
}


@dataclass(frozen=True)
class Rate:
    """Alarms of an area in the time looked at: the mean of ten minutes, the most of any, the share of time in flood.

    ``slots``: how many tens of minutes; ``peak_at``: when the worst began (None without alarms).
    """

    area: Area | None
    alarms: int
    mean: float
    peak: int
    peak_at: datetime | None
    flooded: int
    slots: int
    page: str
    api: str
    peak_page: str = ""
    peak_api: str = ""

    @property
    def flood_share(self) -> float:
        """Per cent of the time in flood."""
        return round(100 * self.flooded / self.slots, 1)

    @property
    def too_many(self) -> bool:
        """Whether it is more than one operator can deal with."""
        return self.mean > STEADY


@dataclass(frozen=True)
class BadActor:
    """An alarm of a device that is raised most often."""

    device: Device
    alarm_type: str
    label: str
    count: int
    share: float
    page: str
    api: str


@dataclass(frozen=True)
class Priority:
    """How many alarms are of a severity, in per cent, and how many should be."""

    severity: str
    label: str
    figure: Figure
    share: float
    target: int


@dataclass(frozen=True)
class AlarmFigures:
    """All of it. ``total`` is the area looked at, ``areas`` its parts that have alarms, the worst first."""

    since: datetime
    at: datetime
    days: int
    area: Area | None
    total: Rate
    areas: list[Rate]
    now: list[Figure]
    bad_actors: list[BadActor]
    bad_share: float
    priorities: list[Priority]
    storms: list[Storm]


def days_asked(params: Mapping[str, str]) -> int:
    """Return over how many days is counted. Raises Invalid naming ``days``."""
    text = params.get("days", "") or str(DAYS[1])
    if text not in map(str, DAYS):
        raise Invalid(_("Give 1, 7 or 30 days."), field="days", code="out_of_range")
    return int(text)


@dataclass(frozen=True)
class Lists:
    """Addresses of the lists of what is counted, in an area."""

    area: Area | None
    since: datetime

    def page(self, **what) -> str:
        """Return the list in the admin."""
        given = {"area": self.area.pk if self.area else None} | what
        return _address(reverse("admin:devices_alarm_changelist"), given)

    def api(self, **what) -> str:
        """Return the same list in the API."""
        given = {"area": self.area.code if self.area else None} | what
        return _address(reverse("alarm-list"), given)

    def raised(self, page: dict | None = None, api: dict | None = None) -> tuple[str, str]:
        """Return both lists of what was raised since then."""
        day = timezone.localtime(self.since).date().isoformat()
        shown = self.page(raised_at_from=day, **PRESENTED_IN_TIME, **(page or {}))
        return shown, self.api(raised_after=self.since.isoformat(), **API_PRESENTED_IN_TIME, **(api or {}))

    def slot(self, begin: datetime) -> tuple[str, str]:
        """Return both lists of what was raised in the ten minutes from ``begin``."""
        shown = self.page(ten_minutes=begin.isoformat(), **PRESENTED_IN_TIME)
        end = (begin + SLOT).isoformat()
        return shown, self.api(raised_after=begin.isoformat(), raised_before=end, **API_PRESENTED_IN_TIME)


def _address(path: str, given: dict) -> str:
    chosen = {name: value for name, value in given.items() if value not in (None, "")}
    return f"{path}?{urlencode(chosen)}" if chosen else path


def alarm_figures(user, area: Area | None, *, days: int = DAYS[1], now: datetime | None = None) -> AlarmFigures:
    """Return the figures of an area (None: all the person sees) over some days, today included."""
    now = now or timezone.now()
    since = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days - 1)
    alarms = Alarm.objects.visible_to(user)
    alarms = alarms.under(area) if area is not None else alarms
    raised = alarms.presented().filter(late=False, raised_at__gte=since, raised_at__lte=now).order_by()
    kind = PARTS[area.kind] if area is not None else _parts_of(user)
    rates = _Rates.of(raised, kind, since, now)
    lists = Lists(area, since)
    worst = _worst(raised, lists, rates.number)
    return AlarmFigures(
        since=since, at=now, days=days, area=area,
        total=rates.rate(area, rates.every(), lists),
        areas=rates.by_area(),
        now=_now(user, alarms, area, now, lists),
        bad_actors=worst,
        bad_share=_per_cent(sum(one.count for one in worst), rates.number),
        priorities=[_priority(severity, rates, lists) for severity in Severity],
        storms=storms_under_way(user, alarms, area, lists),
    )  # fmt: skip


def _parts_of(user) -> AreaKind:
    """Return the kind of area that a person's work is shown by: that under the largest area they work in."""
    depths = [grant.area_path.count("/") for grant in grants_of(user) if grant.role != "resident"]
    if not depths or any(grant.area_path == EVERYWHERE for grant in grants_of(user)):
        return AreaKind.STREET
    kinds = list(AreaKind)
    return PARTS[kinds[min(max(min(depths) - 2, 0), len(kinds) - 1)]]


def _per_cent(count: int, of: int) -> float:
    return round(100 * count / of, 1) if of else 0.0


@dataclass
class _Rates:
    """Alarms by area and ten minutes."""

    since: datetime
    slots: int
    by_zone: dict[int, Counter]
    severities: Counter
    number: int

    @classmethod
    def of(cls, raised: QuerySet, kind: AreaKind, since: datetime, now: datetime) -> "_Rates":
        begins = Value(since.timestamp(), FloatField())
        past = Cast(Extract("raised_at", "epoch", tzinfo=UTC), FloatField()) - begins
        slot = Cast(Floor(past / Value(SLOT.total_seconds())), IntegerField())
        rows = raised.annotate(zone=zone_of(kind), slot=slot).values_list("zone", "slot", "severity")
        by_zone, severities = defaultdict(Counter), Counter()
        for zone, place, severity, number in rows.annotate(number=Count("pk")):
            by_zone[zone][place] += number
            severities[severity] += number
        slots = int((now - since) / SLOT) + 1
        return cls(since, slots, by_zone, severities, severities.total())

    def every(self) -> Counter:
        """Return all alarms by ten minutes."""
        total = Counter()
        for counted in self.by_zone.values():
            total.update(counted)
        return total

    def by_area(self) -> list[Rate]:
        """Return the rates of the parts, the worst first; one statement."""
        areas = Area.objects.filter(pk__in=self.by_zone).defer("boundary")
        found = [self.rate(area, self.by_zone[area.pk], Lists(area, self.since)) for area in areas]
        return sorted(found, key=lambda rate: (-rate.alarms, rate.area.code))

    def rate(self, area: Area | None, counted: Counter, lists: Lists) -> Rate:
        """Return the figures of one area."""
        peak_slot = max(counted, key=lambda place: (counted[place], -place), default=None)
        peak_at = None if peak_slot is None else self.since + peak_slot * SLOT
        peaks = lists.slot(peak_at) if peak_at else ("", "")
        return Rate(
            area, counted.total(), round(counted.total() / self.slots, 2), counted[peak_slot], peak_at,
            flooded(counted), self.slots, *lists.raised(), *peaks,
        )  # fmt: skip


def flooded(counted: Mapping[int, int]) -> int:
    """Return in how many tens of minutes there was a flood: from ten alarms on, until there are fewer than five."""
    number, last, inside = 0, None, False
    for place in sorted(counted):
        if inside and last is not None and place > last + 1:
            inside = False  # ten minutes without any
        inside = counted[place] >= (FLOOD_ENDS if inside else FLOOD)
        number += inside
        last = place
    return number


def _worst(raised: QuerySet, lists: Lists, total: int) -> list[BadActor]:
    rows = raised.values_list("device", "alarm_type").annotate(number=Count("pk")).order_by("-number", "device")[:WORST]
    found = list(rows)
    devices = Device.objects.select_related("profile", "area").defer("area__boundary").prefetch_related(
        "profile__statuses"
    ).in_bulk([device for device, _type, _number in found])  # fmt: skip
    return [
        BadActor(
            devices[pk], alarm_type, devices[pk].profile.label_of(alarm_type), number, _per_cent(number, total),
            *lists.raised({"device": devices[pk].code, "alarm_type": alarm_type},
                          {"device": devices[pk].code, "type": alarm_type}),
        )
        for pk, alarm_type, number in found
    ]  # fmt: skip


def chattering(rows: QuerySet) -> QuerySet:
    """Narrow alarms to those shelved now because they chatter."""
    shelved = Shelving.objects.filter(
        device=OuterRef("device"), alarm_type=OuterRef("alarm_type"), ended_at=None, chattering=True
    )  # fmt: skip
    return rows.filter(Exists(shelved), inhibited=Inhibition.SHELVED)


def standing_long(rows: QuerySet, now: datetime | None = None) -> QuerySet:
    """Narrow alarms to those that are not over for more than a day: stale in the words of EEMUA 191."""
    return rows.filter(cleared_at=None, raised_at__lt=(now or timezone.now()) - STALE)


def _now(user, alarms: QuerySet, area: Area | None, now: datetime, lists: Lists) -> list[Figure]:
    """Return what stands at this moment; four statements."""
    presented = Q(cleared_at=None) & ~Q(inhibited=Inhibition.SUPPRESSED)
    counted = alarms.aggregate(
        active=Count("pk", filter=presented),
        waiting=Count("pk", filter=Q(cleared_at=None, inhibited="", state="unacknowledged")),
        stale=Count("pk", filter=presented & Q(raised_at__lt=now - STALE)),
        suppressed=Count("pk", filter=Q(cleared_at=None, inhibited=Inhibition.SUPPRESSED)),
        chattering=Count("pk", filter=Q(pk__in=chattering(Alarm.objects.order_by()).values("pk"))),
    )
    labels = {
        "active": (_("Active"), {"active": "true", "presented": "true"}),
        "waiting": (_("Active, not acknowledged"),
                    {"active": "true", "acknowledged": "false", "held_back": "false"}),
        "stale": (_("Standing for more than a day"), {"standing": "true", "presented": "true"}),
        "chattering": (_("Chattering, shelved by itself"), {"chattering": "true"}),
        "suppressed": (_("Held back: gateway lost"), {"active": "true", "presented": "false"}),
    }  # fmt: skip
    found = [
        Figure(key, label, counted[key], _now_page(lists, key), lists.api(**api),
               counted[key] > 0 and key in ("stale", "chattering"))
        for key, (label, api) in labels.items()
    ]  # fmt: skip
    return [*found, _shelved(user, area, now), *_lost_gateways(user, area), _too_much(user, area, now)]


def _shelved(user, area: Area | None, now: datetime) -> Figure:
    """Return how many shelvings are in force: the same rows as their list, whether the alarm is there now or not."""
    rows = Shelving.objects.visible_to(user).in_force(now)
    number = (rows.under(area) if area is not None else rows).count()
    return Figure(
        "shelved", _("Shelved"), number,
        _address(reverse("admin:devices_shelving_changelist"), {"area": area.pk if area else None}),
        _address(reverse("shelving-list"), {"area": area.code if area else None}),
    )  # fmt: skip


def _now_page(lists: Lists, key: str) -> str:
    """Return the list of the console; its choice "active" also shows what a lost gateway stands for."""
    return lists.page(condition=key, **({"presented": "yes"} if key in ("active", "stale") else {}))


def _lost_gateways(user, area: Area | None) -> list[Figure]:
    """Return how many gateways are lost, for who sees gateways."""
    if not RoleBackend().has_perm(user, "devices.view_gateway"):
        return []
    gateways = Gateway.objects.visible_to(user).lost()
    number = (gateways.under(area) if area is not None else gateways).count()
    return [Figure(
        "gateways_lost", _("Gateways lost"), number,
        _address(reverse("admin:devices_gateway_changelist"), {"lost": "yes", "area": area.pk if area else None}),
        _address(reverse("gateway-list"), {"lost": "true", "area": area.code if area else None}), number > 0,
    )]  # fmt: skip


def _too_much(user, area: Area | None, now: datetime) -> Figure:
    """Return how many devices send more than they may."""
    devices = Device.objects.visible_to(user).in_use().filter(refused_at__gte=now - STALE)
    number = (devices.under(area) if area is not None else devices).count()
    shown = {"area": area.pk} if area else {}
    listed = {"area": area.code} if area else {}
    return Figure(
        "rate_limited", _("Devices that send too much"), number,
        _address(reverse("admin:devices_device_changelist"), {"too_much": "yes", "in_use": "yes", **shown}),
        _address(reverse("device-list"), {"too_much": "true", "in_use": "true", **listed}), number > 0,
    )  # fmt: skip


def _priority(severity: Severity, rates: _Rates, lists: Lists) -> Priority:
    count = rates.severities[severity.value]
    shown, listed = lists.raised({"severity": severity.value}, {"severity": severity.value})
    figure = Figure(severity.value, str(severity.label), count, shown, listed)
    return Priority(severity.value, str(severity.label), figure, _per_cent(count, rates.number), TARGET[severity])
