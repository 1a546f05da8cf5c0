"""The year of cases the overview is measured among, who looks at it, and what is timed.

Import it after ``Instance.adopt`` and ``django.setup``.
"""

from django.utils import timezone

from benchmarks.live import percentiles
from benchmarks.search_cases import ROADS, WORDS, timed
from cases.models import Case, CaseCategory, DispatchRule, Scene
from cases.overview.overview import Where, overview_of, pressing_cases, recent_cases
from cases.rules.services import loaded
from cases.rules.trials import try_out
from governance.models import Appointment, Area, OrgUnit, User

# One in OPEN_OF cases is open, most of them young; the others were closed a day or so after they were reported.
OPEN_OF = 50
FILL = """
INSERT INTO cases_case (version, token, state, source, description, area_id, address, origin, review_reason, result,
                        category_id, lead_unit_id, longitude, latitude, extensions, returns, reworks, open_request,
                        appeal_state, arbitrated, reported_at, accepted_at, dispatched_at, submitted_at, closed_at,
                        due_at, promised_at)
SELECT 0, 'bench' || n,
       CASE WHEN opened THEN (ARRAY['reported', 'accepted', 'dispatched', 'handling', 'submitted'])[1 + n %% 5]
            ELSE 'closed' END,
       (ARRAY['hotline', 'resident', 'grid_worker', 'sensor'])[1 + n %% 4],
       (SELECT string_agg(words[1 + (hashint4(n * 31 + place) & 1023) %% array_length(words, 1)], '')
        FROM generate_series(1, 6 + (n %% 7)) AS place),
       areas[1 + (n %% array_length(areas, 1))], roads[1 + (n %% array_length(roads, 1))] || (n %% 400) || '号',
       '{}', '', '', categories[1 + (n %% array_length(categories, 1))], units[1 + (n %% array_length(units, 1))],
       112.90 + (n %% 1000) / 100000.0, 28.20 + (n %% 997) / 100000.0, 0, 0, 0, '', '', false,
       reported, reported, reported, CASE WHEN opened THEN NULL ELSE reported + took END,
       CASE WHEN opened THEN NULL ELSE reported + took END,
       CASE WHEN opened THEN reported + interval '30 hours' END, reported + interval '30 hours'
FROM (SELECT n, n %% %(open_of)s = 0 AS opened,
             now() - CASE WHEN n %% %(open_of)s = 0 THEN (n %% 4320) * interval '1 minute'
                          ELSE n * interval '365 days' / %(count)s END AS reported,
             (4 + n %% 40) * interval '1 hour' AS took
      FROM generate_series(1, %(count)s) AS n) AS given,
     (SELECT %(words)s::text[] AS words, %(roads)s::text[] AS roads, %(areas)s::bigint[] AS areas,
             %(units)s::bigint[] AS units, %(categories)s::bigint[] AS categories) AS lists
"""
PARTS = """
INSERT INTO cases_caseunit (case_id, unit_id, part, position)
SELECT id, lead_unit_id, 'lead', 0 FROM cases_case WHERE token LIKE 'bench%%'
"""


def keys(rows) -> list[int]:
    return list(rows.values_list("pk", flat=True))


def fill(connection, count: int) -> None:
    """Write the cases of a year; the text index, which nothing here asks, is left out while they are written."""
    values = {
        "count": count, "open_of": OPEN_OF, "words": WORDS, "roads": ROADS,
        "areas": keys(Area.objects.filter(kind="grid")),
        "units": keys(OrgUnit.objects.filter(kind="department")),
        "categories": keys(CaseCategory.objects.exclude(parent=None)),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX case_text")
        cursor.execute(FILL, values)
        cursor.execute(PARTS)
        cursor.execute("VACUUM ANALYZE cases_case")
        cursor.execute("ANALYZE cases_caseunit")


def viewers() -> dict[str, User]:
    """Return one person of each kind: the whole city, one community, one department."""
    found = {}
    for role in ("operations_centre", "community_staff", "handler"):
        post = Appointment.objects.filter(role=role, unit__kind__isnull=False).select_related("user").first()
        found[role] = post.user
    return found


def whole(user, where: Where) -> None:
    """Compute all that the page and the API show."""
    overview_of(user, where)
    recent_cases(user, where)
    pressing_cases(user, where)


def measure(rounds: int, aim: float) -> dict:
    """Return p50, p99 and max in seconds by viewer and scene, and of the dry run of a rule."""
    rows = []
    scene = Scene.objects.select_related("area").order_by("position").first()
    for role, user in viewers().items():
        for name, where in {"all": Where(), "one scene": Where(scene)}.items():
            whole(user, where)
            rows.append({"who": role, "what": name, **percentiles([timed(whole, user, where) for _ in range(rounds)])})
    rule = loaded(DispatchRule.objects.get(code="gas-smell").pk)
    rule.words = WORDS[:3]
    trial = {"days": 30, "seconds": round(timed(try_out, rule, days=30, now=timezone.now()), 3)}
    open_now = Case.objects.open().count()
    passed = all(row["p99"] < aim for row in rows)
    return {"bench": "overview", "cases": Case.objects.count(), "open": open_now, "rows": rows, "trial": trial,
            "passed": passed}  # fmt: skip
