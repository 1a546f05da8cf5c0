"""Rain that fills many sensors is one matter: alarms of one type in one grid become one case (docs/decisions/0017).

Which types, how many and within what time is data of the profile (``ProfileStatus.storm_count``). From that many on
one case stands for the grid: alarms that would open a case of their own belong to it instead, and cases that were open
already are put under it. It goes on until the case has ended or ``storm_pause`` passes without another alarm.

Batches that raise such alarms in one grid at the same time wait for each other, after their devices are locked and
before any case is: so there is one case, whoever comes first. The statements of a batch do not grow with the alarms
that join; a storm that begins takes some for its case, and some for each case put under it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import translation
from django.utils.translation import gettext as _

from cases.merging import case_attach
from cases.models import Case
from cases.services import case_open
from devices.alarm_cases import filing
from devices.alarms import is_open
from devices.chattering import standing
from devices.models import Alarm, AlarmStorm, Device, ProfileStatus
from governance import events
from governance.models import Area, AreaKind, User

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(key, 0)) FROM unnest(%s::text[]) AS key"
Place = tuple[int, str]  # grid, alarm type


@dataclass(frozen=True)
class Candidate:
    """A stored alarm about to open a case of its own."""

    alarm: Alarm
    device: Device
    status: ProfileStatus

    @property
    def place(self) -> Place:
        """Where it belongs."""
        return self.device.area_id, self.alarm.alarm_type

    @property
    def may_storm(self) -> bool:
        """Whether alarms of its type come in storms, where it is."""
        return bool(self.status.storm_count) and self.device.area.kind == AreaKind.GRID


def gather(candidates: Iterable[Candidate], *, rising: Iterable[Candidate], actor: User,
           at: datetime) -> list[events.Draft]:  # fmt: skip
    """Give those that belong to a storm its case; return the events to be recorded.

    Call it in the transaction that raised them, their devices locked, before any case is touched. ``rising`` are alarms
    that become of high severity: two batches must not both tell that of one storm (``devices.escalation``).
    """
    places: dict[Place, list[Candidate]] = defaultdict(list)
    for one in candidates:
        if one.may_storm:
            places[one.place].append(one)
    if turns := places.keys() | {one.place for one in rising if one.may_storm}:
        _take_turns(turns)
    if not places:
        return []
    storms = _open_storms(places)
    fellows = _fellows(places)
    told = []
    for place in sorted(places):
        joining, storm = places[place], storms.get(place)
        newest = max(one.alarm.raised_at for one in joining)
        case = standing(storm.case) if storm else None
        if case is not None and newest - storm.last_at <= timedelta(seconds=joining[0].status.storm_pause):
            _join(storm, case, joining, newest)
            continue
        if storm is not None:
            AlarmStorm.objects.filter(pk=storm.pk).update(ended_at=at)
        window = timedelta(seconds=joining[0].status.storm_window)
        others = [alarm for alarm in fellows[place] if abs(alarm.raised_at - newest) <= window]
        if len(others) + len(joining) >= joining[0].status.storm_count:
            told.append(_begin(joining, others, actor, at))
    return told


def _take_turns(places: Iterable[Place]) -> None:
    """Wait for other batches at the same places, in one order."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [sorted(f"alarm_storm:{area}:{alarm_type}" for area, alarm_type in places)])


def _of(places: Iterable[Place], rows) -> list:
    """Narrow rows with an area and an alarm type to those of the places; one statement."""
    areas, types = {area for area, _type in places}, {alarm_type for _area, alarm_type in places}
    found = rows.filter(area__in=areas, alarm_type__in=types)
    return [row for row in found if (row.area_id, row.alarm_type) in places]


def _open_storms(places) -> dict[Place, AlarmStorm]:
    rows = AlarmStorm.objects.filter(ended_at=None).select_related("case__merged_into")
    return {(row.area_id, row.alarm_type): row for row in _of(places, rows)}


def _fellows(places: dict[Place, list[Candidate]]) -> dict[Place, list[Alarm]]:
    """Return the alarms about the time of those whose cases are open, by place; what is released may be days old."""
    every = [one for joining in places.values() for one in joining]
    longest = timedelta(seconds=max(one.status.storm_window for one in every))
    times = [one.alarm.raised_at for one in every]
    about = min(times) - longest, max(times) + longest
    rows = Alarm.objects.filter(late=False, inhibited="", raised_at__range=about, case__isnull=False)
    found = defaultdict(list)
    for alarm in _of(places, rows.select_related("case").order_by("raised_at", "pk")):
        if is_open(alarm.case):
            found[alarm.area_id, alarm.alarm_type].append(alarm)
    return found


def _join(storm: AlarmStorm, case: Case, joining: Sequence[Candidate], newest: datetime) -> None:
    for one in joining:
        one.alarm.case = case
    storm.case, storm.last_at = case, max(storm.last_at, newest)
    storm.alarms += len(joining)
    storm.save(update_fields=["case", "last_at", "alarms"])


def _begin(joining: Sequence[Candidate], others: Sequence[Alarm], actor: User, at: datetime) -> events.Draft:
    first = joining[0]
    number = len(joining) + len(others)
    case = _open_case(first, number, actor, at)
    times = [alarm.raised_at for alarm in [*others, *(one.alarm for one in joining)]]
    storm = AlarmStorm.objects.create(
        area=first.device.area, alarm_type=first.alarm.alarm_type, case=case, began_at=min(times), last_at=max(times),
        alarms=number,
    )  # fmt: skip
    for one in joining:
        one.alarm.case = case
    parts = {alarm.case_id: alarm.case for alarm in others}
    with_parts = set(Case.objects.filter(parent__in=parts).values_list("parent_id", flat=True))
    for pk in sorted(parts):
        if parts[pk].parent_id is None and pk not in with_parts:  # people may have put it somewhere already
            case_attach(parts[pk], parent=case, actor=actor, occurred_at=at)
    payload = {"alarm_type": storm.alarm_type, "alarms": number, "case": case.number}
    return events.Draft("storm.begun", storm, payload, at)


def _open_case(first: Candidate, number: int, actor: User, at: datetime) -> Case:
    """Open the case of the grid; filed as that of one alarm would be, for the same people must go."""
    area: Area = first.device.area
    words = {"area": area.name, "count": number, "label": first.status.label}
    with translation.override(settings.LANGUAGE_CODE):
        text = _("%(area)s: %(count)s devices report “%(label)s” at once. Further ones join this case.") % words
    return case_open(
        actor=actor, description=text, area=area, occurred_at=at,
        origin={"storm": first.alarm.alarm_type, "profile": first.device.profile.code},
        **filing(first.device.profile_id, first.status.standard_id),
    )  # fmt: skip
