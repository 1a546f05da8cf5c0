"""Storms under way, as the figures of the alarm system show them: each with the list of the alarms it counts."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from cases.merging import with_parts
from cases.models import Case
from devices.models import AlarmStorm, DeviceProfile
from governance.models import Area

MOST_STORMS = 10


@dataclass(frozen=True)
class Storm:
    """A storm under way, with how many of its alarms the person sees: those of its case and of the cases under it."""

    row: AlarmStorm
    label: str
    count: int
    page: str
    api: str


def of_case(alarms: QuerySet, number: str) -> QuerySet:
    """Narrow alarms to those of a case, by its number, and of the cases put under it: those of a storm, of which the
    first opened cases of their own."""
    return alarms.filter(case__in=with_parts(Case.objects.filter(number=number).values_list("pk", flat=True)))


def storms_under_way(user, alarms: QuerySet, area: Area | None, lists) -> list[Storm]:
    """Return the storms under way, of ``alarms`` what the person sees; ``lists`` gives the addresses of what is counted
    (``devices.alarm_figures.Lists``). Five statements, or one where there are none."""
    rows = AlarmStorm.objects.visible_to(user).filter(ended_at=None).select_related("area", "case")
    rows = rows.defer("area__boundary").filter(case__closed_at=None)
    if area is not None:
        rows = rows.filter(area__path__startswith=area.path)
    storms = list(rows.order_by("-last_at")[:MOST_STORMS])
    if not storms:
        return []
    whole = with_parts({storm.case_id for storm in storms})
    counted = Counter()
    found = alarms.filter(case__in=whole).order_by().values_list("case", "alarm_type")
    for case, alarm_type, number in found.annotate(number=Count("pk")):
        counted[whole[case], alarm_type] += number
    names = _labels(storms)
    return [
        Storm(
            storm, names.get(storm.alarm_type, storm.alarm_type), counted[storm.case_id, storm.alarm_type],
            lists.page(of_case=storm.case.number, alarm_type=storm.alarm_type),
            lists.api(of_case=storm.case.number, type=storm.alarm_type),
        )
        for storm in storms
    ]  # fmt: skip


def _labels(storms: Iterable[AlarmStorm]) -> dict[str, str]:
    """Return what the alarms of storms are called."""
    rows = DeviceProfile.objects.in_force().filter(statuses__code__in={storm.alarm_type for storm in storms})
    return dict(rows.values_list("statuses__code", "statuses__label"))
