"""The cases the hot spots are measured among, and who asks what. Import it after ``Instance.adopt`` and setup."""

import time
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from benchmarks.live import percentiles
from cases.hotspots.asking import Question
from cases.hotspots.counting import count_changes
from cases.hotspots.places import by_area, by_cell
from cases.hotspots.rebuild import rebuild
from cases.hotspots.repeats import LONGEST, repeat_places
from cases.hotspots.scope import scope_of
from cases.hotspots.spans import Window
from cases.hotspots.trend import trend
from cases.hotspots.types import frequent_types
from cases.hotspots.watch import watch
from cases.models import CaseCategory, HotSpotRule
from governance.config.preparation import demo_fixtures
from governance.config.preparation import load as load_fixtures
from governance.models import Appointment, Area, User

DAYS = 730
# A district of 10 streets × 10 communities × 10 grids, side by side on 40 × 25 rectangles of some 600 × 750 m.
WEST, SOUTH, WIDTH, HEIGHT, COLUMNS, ROWS = 112.80, 28.05, 0.006, 0.007, 40, 25
PLACES = 60_000

# The distance of a place from the hottest spots follows the cube of chance: a few places have very many cases.
FILL = """
INSERT INTO cases_case (version, token, state, source, description, category_id, area_id, address, longitude, latitude,
                        origin, review_reason, result, reported_at)
SELECT 0, 'bench' || n, CASE WHEN n %% 25 = 0 THEN 'rejected' ELSE 'closed' END, 'hotline', '',
    categories[1 + floor(power(random(), 2) * array_length(categories, 1))::int],
    areas[1 + floor((longitude - %(west)s) / %(width)s)::int
        + %(columns)s * floor((latitude - %(south)s) / %(height)s)::int],
    '', longitude, latitude, '{}', '', '', now() - random() * %(days)s * interval '1 day'
FROM (
    SELECT n, %(west)s + %(width)s * %(columns)s * (hashint4(place) & 65535) / 65536.0 AS longitude,
        %(south)s + %(height)s * %(rows)s * (hashint4(place * 31 + 7) & 65535) / 65536.0 AS latitude
    FROM (SELECT n, floor(power(random(), 3) * %(places)s)::int AS place FROM generate_series(1, %(count)s) AS n) AS put
) AS placed, (SELECT %(categories)s::bigint[] AS categories, %(areas)s::bigint[] AS areas) AS given
"""


def fill(connection, count: int) -> float:
    """Write areas and cases, the text index left out as nothing here searches; return how long counting them took.

    All in one transaction, so that the product's own worker does not count before.
    """
    load_fixtures(demo_fixtures())
    with transaction.atomic():
        _write(connection, count)
        counting = timed(count_changes)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return counting


def _write(connection, count: int) -> None:
    areas = _areas()
    values = {
        "count": count, "west": WEST, "south": SOUTH, "width": WIDTH, "height": HEIGHT, "columns": COLUMNS,
        "rows": ROWS, "places": PLACES, "days": DAYS, "areas": [area.pk for area in areas],
        "categories": list(CaseCategory.objects.filter(parent__isnull=False).values_list("pk", flat=True)),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX case_text")
        cursor.execute(FILL, values)


def _areas() -> list[Area]:
    """Make the district; return its grids."""
    above = [Area.objects.create(kind="district", code="990188", name="量测区", parent=Area.objects.get(parent=None))]
    for kind in ("street", "community", "grid"):
        Area.objects.bulk_create(
            Area(kind=kind, code=f"{area.code}{number:03}", name=f"{area.name}{number}", parent=area)
            for area in above
            for number in range(1, 11)
        )
        above = list(Area.objects.filter(kind=kind, parent__in=above).order_by("code"))
    return above


def people() -> dict[str, User]:
    """Return one person for each size of area: the whole city and ever smaller parts of the district."""
    model = Appointment.objects.filter(role="dispatcher").select_related("unit").first()
    found = {"city": model.user}
    for kind, code in (("street", "990188004"), ("community", "990188004005"), ("grid", "990188004005006")):
        found[kind] = User.objects.create_user(f"bench-{kind}", is_staff=True)
        area = Area.objects.get(code=code)
        Appointment.objects.create(user=found[kind], unit=model.unit, role="community_staff", area=area)
    return found


def questions() -> dict[str, object]:
    """Return the answers by name: each a function of a person."""
    today = timezone.localdate()
    sub = CaseCategory.objects.filter(parent__isnull=False).order_by("pk").first()
    kinds = {"all": None, "class": sub.parent, "sub-class": sub}

    def asking(answer, days, category=None, **options):
        window = Window.ending(today, days)
        return lambda user: answer(Question(window, scope_of(user), category), **options)

    found = {}
    for name, kind in kinds.items():
        for days in (7, 28, 90, 365):
            found[f"hexagons {days} days, {name}"] = asking(by_cell, days, kind)
        for days in (28, 365):
            found[f"areas {days} days, {name}"] = asking(by_area, days, kind, kind="community")
        for days in (90, 365):
            found[f"trend {days} days, {name}"] = asking(trend, days, kind)
    for days in (7, 28, 90, 365):
        found[f"frequent types {days} days"] = asking(frequent_types, days)
    for days in (30, LONGEST):
        found[f"repeat places {days} days"] = asking(repeat_places, days)
    return found


def timed(function, *given) -> float:
    """Return the seconds a call took."""
    start = time.perf_counter()
    function(*given)
    return time.perf_counter() - start


def measure(connection, cases: int, rounds: int, aim: float) -> dict:
    """Ask everything, count anew, scan a night; times in seconds."""
    kept = {}
    with connection.cursor() as cursor:
        for table in ("casespot", "daytally", "celltally", "areatally"):
            cursor.execute(f"SELECT count(*) FROM cases_{table}")
            kept[table] = cursor.fetchone()[0]
    rows = []
    for who, user in people().items():
        for what, ask in questions().items():
            ask(user)
            taken = percentiles([timed(ask, user) for _ in range(rounds)])
            rows.append({"who": who, "what": what, **taken})
    again = timed(rebuild)
    city = Area.objects.get(parent=None)
    rule = HotSpotRule.objects.create(code="bench", name="bench", area=city, is_active=False)
    signals = []
    day, actor = timezone.localdate() - timedelta(days=1), User.objects.system("hotspots")
    watched = timed(lambda: signals.extend(watch(rule, day, actor=actor)))
    return {
        "bench": "hotspots", "cases": cases, "rebuild": again, "rows_kept": kept, "rows": rows,
        "watch": watched, "signals": len(signals), "passed": all(row["p99"] < aim for row in rows),
    }  # fmt: skip
