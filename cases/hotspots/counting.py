"""Keeping the counts true: cases noted as changed are counted anew, a bunch at a time.

A trigger of the database notes the id of each case that is reported, moved to another category, rejected, cancelled,
merged and so on, inside the transaction that does it. ``count_changes`` takes the notes, compares how each case was
counted with how it is now, and adds the differences. One process counts at a time, so counters never wait for each
other and writers never for a counter; whatever order the notes come in, the counts end where the cases are.
"""

from collections.abc import Collection

from django.db import connection
from django.utils import timezone

from cases.hotspots.cells import place_of
from cases.hotspots.tallies import ALL
from cases.models import CaseChange, TallyState
from governance import events
from governance.transactions import atomically

# Key of the database lock of whoever counts: "spots" in ASCII.
LOCK = 0x73706F7473
BUNCH = 10_000
# When more notes are waiting, only the cases are counted, and everything is summed up once at the end.
MANY = 50_000

TAKE = """
DELETE FROM cases_casechange WHERE id IN (SELECT id FROM cases_casechange ORDER BY id LIMIT %s) RETURNING case_id
"""
WHERE = "SELECT id, longitude, latitude, area_id, address FROM cases_case WHERE id = ANY(%s)"
_COLUMNS = "case_id, place, day, area_id, category_id, category_class_id, cases, reports"
_AS_COUNTED = "place, day, area_id, category_id, category_class_id"
# How the given cases are counted now, how they were, and what is to be added for it.
_NOW = """
WITH given AS (SELECT * FROM unnest(%(found)s::bigint[], %(places)s::bigint[]) AS given (case_id, place)),
fresh AS (
    SELECT one.id AS case_id, given.place, (one.reported_at AT TIME ZONE 'Asia/Shanghai')::date AS day, one.area_id,
        one.category_id, coalesce(category.parent_id, category.id) AS category_class_id,
        (one.state NOT IN ('rejected', 'cancelled', 'merged'))::int::smallint AS cases,
        (one.state NOT IN ('rejected', 'cancelled'))::int::smallint AS reports
    FROM given JOIN cases_case AS one ON one.id = given.case_id
    LEFT JOIN cases_casecategory AS category ON category.id = one.category_id
),
"""
_SUMS = f"""
moved AS (
    SELECT {_AS_COUNTED}, sum(cases) AS cases, sum(reports) AS reports FROM (
        SELECT {_AS_COUNTED}, cases, reports FROM fresh
        UNION ALL
        SELECT {_AS_COUNTED}, -cases, -reports FROM cases_casespot WHERE case_id = ANY(%(ids)s)
    ) AS either GROUP BY {_AS_COUNTED} HAVING sum(cases) <> 0 OR sum(reports) <> 0
),
{", ".join(f"into_{kept.table} AS ({kept.add('moved')})" for kept in ALL)},
"""
_SPOTS = f"""
gone AS (
    DELETE FROM cases_casespot WHERE case_id = ANY(%(ids)s) AND NOT EXISTS (
        SELECT FROM fresh WHERE fresh.case_id = cases_casespot.case_id)
)
INSERT INTO cases_casespot ({_COLUMNS}) SELECT {_COLUMNS} FROM fresh
ON CONFLICT (case_id) DO UPDATE
SET ({_AS_COUNTED}, cases, reports) = ROW (
    excluded.place, excluded.day, excluded.area_id, excluded.category_id, excluded.category_class_id, excluded.cases,
    excluded.reports)
"""
COUNT, COUNT_ONLY = _NOW + _SUMS + _SPOTS, _NOW + _SPOTS
# Classes are those of today; a category may have been put under another since its cases were counted.
CLASSES = """
UPDATE cases_casespot AS spot SET category_class_id = coalesce(category.parent_id, category.id)
FROM cases_casecategory AS category
WHERE category.id = spot.category_id
    AND spot.category_class_id IS DISTINCT FROM coalesce(category.parent_id, category.id)
"""


def count_changes() -> int:
    """Count the cases noted as changed and return how many notes were taken; 0 where somebody else is counting."""
    taken, sums = 0, not CaseChange.objects.order_by("id")[MANY:].exists()
    while True:
        with atomically():
            if not alone():
                return taken
            began = timezone.now()
            with connection.cursor() as cursor:
                cursor.execute(TAKE, [BUNCH])
                noted = [row[0] for row in cursor.fetchall()]
            count_cases(set(noted), sums=sums)
            taken += len(noted)
            if len(noted) < BUNCH:
                _complete(began)
                return taken


def alone(*, wait: bool = False) -> bool:
    """Take the counter's place until the end of the transaction; False where it is taken (not with ``wait``)."""
    with connection.cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            return True
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return cursor.fetchone()[0]


def _complete(at) -> None:
    """Every note has been taken: the counts hold for all that was done before ``at``."""
    state, _made = TallyState.objects.select_for_update().get_or_create(pk=1)
    if state.is_stale:
        _sum_up()
    state.counted_at, state.is_stale = at, False
    state.save(update_fields=["counted_at", "is_stale"])


def count_cases(ids: Collection[int], *, sums: bool = True) -> None:
    """Count these cases as they are now, whatever they were counted as before; inside the counter's transaction.

    Without ``sums`` the counts are left to be summed up anew once all is done.
    """
    if not ids:
        return
    if not sums:
        TallyState.objects.update_or_create(pk=1, defaults={"is_stale": True})
    with connection.cursor() as cursor:
        cursor.execute(WHERE, [list(ids)])
        places = {row[0]: place_of(*row[1:]) for row in cursor.fetchall()}
        cursor.execute(
            COUNT if sums else COUNT_ONLY, {"ids": list(ids), "found": list(places), "places": list(places.values())}
        )


def sum_up() -> None:
    """Make the counts anew out of how each case is counted; readers see the old ones until it is done."""
    with atomically():
        alone(wait=True)
        _sum_up()


def _sum_up() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '128MB'")
        cursor.execute(CLASSES)
        for kept in ALL:
            for statement in kept.make_anew("cases_casespot"):
                cursor.execute(statement, [])


@events.on("config.changed")
def tree_moved(event, subject) -> None:
    """A category or an area was put somewhere else: what is summed up by class or area has to be anew."""
    moved = {"cases.casecategory", "governance.area"}
    if event.payload["model"] in moved and "parent" in event.payload["fields"] and not event.payload["added"]:
        TallyState.objects.update_or_create(pk=1, defaults={"is_stale": True})
