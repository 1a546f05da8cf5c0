"""The cases that answers are measured among: two years of a district of 1,000 grids beside the fictional city's own.

Import it after ``Instance.adopt`` and ``django.setup``.
"""

import time

from django.db import connection, transaction

from benchmarks.search_cases import ROADS, WORDS
from cases.hotspots.counting import count_changes
from cases.models import CaseCategory
from cases.scoring import keeping
from governance.config.preparation import demo_fixtures
from governance.config.preparation import load as load_fixtures
from governance.models import Appointment, Area, OrgUnit, User

DAYS = 730
# 10 streets × 10 communities × 10 grids, side by side on 40 × 25 rectangles of some 600 × 750 m.
WEST, SOUTH, WIDTH, HEIGHT, COLUMNS, ROWS = 112.80, 28.05, 0.006, 0.007, 40, 25
PLACES = 60_000
# One case in so many is open, all of the last days; one in so many was rejected.
OPEN_OF, REJECTED_OF, OPEN_DAYS = 50, 25, 3
# Of the fictional city: three classes and three sub-classes of others.
SCENE = "appearance"

# Written in the order in which they were reported, as in daily work: what happened together lies together on the disk.
# The distance of a place from the hottest spots follows the cube of chance: a few places have very many cases.
FILL = """
INSERT INTO cases_case (version, token, state, source, description, category_id, area_id, address, longitude, latitude,
                        origin, review_reason, result, lead_unit_id, extensions, returns, reworks, open_request,
                        appeal_state, arbitrated, reported_at, accepted_at, dispatched_at, submitted_at, closed_at,
                        due_at, promised_at)
SELECT 0, 'bench' || n,
    CASE WHEN opened
        THEN (ARRAY['reported', 'accepted', 'dispatched', 'handling', 'submitted'])[1 + n / %(open_of)s %% 5]
        WHEN rejected THEN 'rejected' ELSE 'closed' END,
    (ARRAY['hotline', 'resident', 'grid_worker', 'sensor'])[1 + n %% 4],
    (SELECT string_agg(words[1 + (hashint4(n * 31 + place) & 1023) %% array_length(words, 1)], '')
        FROM generate_series(1, 6 + (n %% 7)) AS place),
    categories[1 + floor(power(random(), 2) * array_length(categories, 1))::int],
    areas[1 + floor((longitude - %(west)s) / %(width)s)::int
        + %(columns)s * floor((latitude - %(south)s) / %(height)s)::int],
    roads[1 + (n %% array_length(roads, 1))] || (n %% 400) || '号', longitude, latitude, '{}', '', '',
    CASE WHEN NOT rejected THEN units[1 + (n %% array_length(units, 1))] END, 0, 0, 0, '', '', false,
    reported, CASE WHEN NOT rejected THEN reported END, CASE WHEN NOT rejected THEN reported END,
    CASE WHEN NOT opened AND NOT rejected THEN reported + took END,
    CASE WHEN NOT opened AND NOT rejected THEN reported + took + interval '1 hour' END,
    CASE WHEN opened THEN reported + interval '30 hours' END, reported + interval '30 hours'
FROM (
    SELECT n, %(west)s + %(width)s * %(columns)s * (hashint4(place) & 65535) / 65536.0 AS longitude,
        %(south)s + %(height)s * %(rows)s * (hashint4(place * 31 + 7) & 65535) / 65536.0 AS latitude,
        n %% %(open_of)s = 0 AS opened, n %% %(open_of)s <> 0 AND n %% %(rejected_of)s = 0 AS rejected,
        now() - random() * (CASE WHEN n %% %(open_of)s = 0 THEN %(open_days)s ELSE %(days)s END) * interval '1 day'
            AS reported, (4 + n %% 40) * interval '1 hour' AS took
    FROM (SELECT n, floor(power(random(), 3) * %(places)s)::int AS place FROM generate_series(1, %(count)s) AS n) AS put
) AS placed, (
    SELECT %(categories)s::bigint[] AS categories, %(areas)s::bigint[] AS areas, %(units)s::bigint[] AS units,
        %(words)s::text[] AS words, %(roads)s::text[] AS roads
) AS given
ORDER BY reported
"""
LEADS = """
INSERT INTO cases_caseunit (case_id, unit_id, part, position)
SELECT id, lead_unit_id, 'lead', 0 FROM cases_case WHERE token LIKE 'bench%' AND lead_unit_id IS NOT NULL
ORDER BY id
"""
# What the cases' events would be folded into; their events, of which no answer here is read, are left out.
FACTS = """
INSERT INTO cases_casefact (case_id, area_id, category_id, source, excluded, reported_at, valid, verified_at,
    filing_due_at, filed_at, filed_in_time, dispatch_due_at, dispatched_at, dispatched_in_time, right_first,
    contacted_at, contact_unit_id)
SELECT id, area_id, category_id, source, CASE WHEN state = 'rejected' THEN 'rejected' ELSE '' END, reported_at,
    state <> 'rejected', accepted_at, accepted_at, accepted_at, accepted_at IS NOT NULL, dispatched_at, dispatched_at,
    dispatched_at IS NOT NULL, id % 30 > 0, CASE WHEN id % 4 < 2 THEN reported_at + (id % 50) * interval '1 minute' END,
    lead_unit_id
FROM cases_case WHERE token LIKE 'bench%'
ORDER BY id
"""
TURNS = """
INSERT INTO cases_spellfact (case_id, ordinal, area_id, category_id, source, excluded, unit_id, withdrawn,
    dispatched_at, signed_at, acted_at, contacted_at, due_at, handled_at, in_time, overdue_since, extensions, reworks,
    closed_at, closed_in_time, reopened, answered_at, score, solved)
SELECT id, 0, area_id, category_id, source, CASE WHEN id % 99 = 0 THEN 'suspended' ELSE '' END, lead_unit_id,
    id % 40 = 0, dispatched_at, dispatched_at + (id % 90) * interval '1 minute',
    dispatched_at + (id % 300) * interval '1 minute',
    CASE WHEN id % 4 < 2 THEN reported_at + (id % 50) * interval '1 minute' END, promised_at, submitted_at,
    submitted_at <= promised_at, CASE WHEN submitted_at > promised_at THEN promised_at END, (id % 20 = 0)::int,
    (id % 12 = 0)::int, closed_at, closed_at <= promised_at, false, CASE WHEN id % 5 = 0 THEN closed_at END,
    CASE WHEN id % 5 = 0 THEN 1 + id % 5 END, CASE WHEN id % 5 = 0 THEN 'yes' ELSE '' END
FROM cases_case WHERE token LIKE 'bench%' AND dispatched_at IS NOT NULL
ORDER BY id
"""


def load() -> None:
    """Load the fictional city without its history."""
    load_fixtures(demo_fixtures())


def fill(count: int, *, facts: bool) -> str:
    """Write areas, cases and their counts, and ``facts`` if wanted; return a line about it.

    In one transaction, so that the product's own worker does not count before; the text index is left out, as nothing
    here searches.
    """
    keeping.rebuild()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP INDEX case_text")
        cursor.execute(FILL, _values(count))
        cursor.execute(LEADS)
        for statement in (FACTS, TURNS) if facts else ():
            cursor.execute(statement)
        start = time.perf_counter()
        count_changes()
        counting = time.perf_counter() - start
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return f"counted {count:,} cases in {counting:.1f} s,"


def _values(count: int) -> dict:
    return {
        "count": count, "west": WEST, "south": SOUTH, "width": WIDTH, "height": HEIGHT, "columns": COLUMNS,
        "rows": ROWS, "places": PLACES, "days": DAYS, "open_of": OPEN_OF, "rejected_of": REJECTED_OF,
        "open_days": OPEN_DAYS, "words": WORDS, "roads": ROADS, "areas": [area.pk for area in _areas()],
        "categories": _keys(CaseCategory.objects.filter(parent__isnull=False)),
        "units": _keys(OrgUnit.objects.filter(kind="department")),
    }  # fmt: skip


def _keys(rows) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _areas() -> list[Area]:
    """Make the district; return its grids."""
    above = [Area.objects.create(kind="district", code="990188", name="量测区", parent=_centre().area)]
    for kind in ("street", "community", "grid"):
        Area.objects.bulk_create(
            Area(kind=kind, code=f"{area.code}{number:03}", name=f"{area.name}{number}", parent=area)
            for area in above
            for number in range(1, 11)
        )
        above = list(Area.objects.filter(kind=kind, parent__in=above).order_by("code"))
    return above


def _centre() -> Appointment:
    """Return the post of somebody of the operations centre of the whole city."""
    posts = Appointment.objects.filter(role="operations_centre", area__kind="city")
    return posts.select_related("user", "unit", "area").order_by("pk").first()


def people() -> dict[str, User]:
    """Return who asks: the operations centre, staff of ever smaller parts of the district, a department's handler."""
    centre = _centre()
    found = {"city": centre.user}
    for kind, code in (("street", "990188004"), ("community", "990188004005"), ("grid", "990188004005006")):
        found[kind] = User.objects.create_user(f"bench-{kind}", is_staff=True)
        area = Area.objects.get(code=code)
        Appointment.objects.create(user=found[kind], unit=centre.unit, role="community_staff", area=area)
    department = OrgUnit.objects.filter(kind="department").order_by("pk").first()
    found["handler"] = User.objects.create_user("bench-handler", is_staff=True)
    Appointment.objects.create(user=found["handler"], unit=department, role="handler", area=centre.area)
    return found


def timed(function, *given, **more) -> float:
    """Return the seconds a call took."""
    start = time.perf_counter()
    function(*given, **more)
    return time.perf_counter() - start
