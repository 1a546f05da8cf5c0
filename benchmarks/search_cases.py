"""The cases a search is measured among, who searches for what, and the plain way beside it.

Import it after ``Instance.adopt`` and ``django.setup``.
"""

import time

from benchmarks.live import percentiles
from cases.models import Case
from cases.search import case_rows
from governance.models import Appointment, Area, OrgUnit
from governance.search.finder import find

RARE = "琉璃瓦"
WORDS = [
    "井盖", "倾斜", "垃圾", "满溢", "路灯", "不亮", "噪音", "扰民", "施工", "扬尘", "占道",
    "经营", "污水", "管道", "堵塞", "树枝", "折断", "电动车", "楼道", "充电", "飞线", "消防",
    "通道", "漏水", "停车", "绿化", "公交", "站牌", "损坏", "护栏", "人行道", "破损", "积水",
    "红绿灯", "故障", "宠物", "违建", "油烟",
]  # fmt: skip
ROADS = ["中山路", "书声巷", "松果街", "临江大道", "学府路", "石埠路", "渡口巷", "船厂街", "桂子苑", "柳堤路"]

FILL = """
INSERT INTO cases_case (version, token, state, source, description, area_id, address, origin, review_reason, result,
                        reported_at, lead_unit_id, dispatched_at)
SELECT 0, 'bench' || n, CASE WHEN n %% 3 = 0 THEN 'dispatched' ELSE 'closed' END, 'hotline',
       (SELECT string_agg(words[1 + (hashint4(n * 31 + place) & 1023) %% array_length(words, 1)], '')
        FROM generate_series(1, 6 + (n %% 7)) AS place)
       || CASE WHEN n %% 100003 = 0 THEN %(rare)s ELSE '' END,
       areas[1 + (n %% array_length(areas, 1))],
       roads[1 + (n %% array_length(roads, 1))] || (n %% 400) || '号', '{}', '', '', now(),
       units[1 + (n %% array_length(units, 1))], now()
FROM generate_series(1, %(count)s) AS n,
     (SELECT %(words)s::text[] AS words, %(roads)s::text[] AS roads, %(areas)s::bigint[] AS areas,
             %(units)s::bigint[] AS units) AS given
"""
PARTS = """
INSERT INTO cases_caseunit (case_id, unit_id, part, position)
SELECT id, lead_unit_id, 'lead', 0 FROM cases_case WHERE token LIKE 'bench%%'
"""


def fill(connection, count: int) -> None:
    """Write the cases; the text index is built afterwards, which is what a restore does too."""
    values = {
        "count": count, "rare": RARE, "words": WORDS, "roads": ROADS,
        "areas": list(Area.objects.filter(kind="grid").values_list("pk", flat=True)),
        "units": list(OrgUnit.objects.filter(kind="department").values_list("pk", flat=True)),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_indexdef('case_text'::regclass)")
        (definition,) = cursor.fetchone()
        cursor.execute("DROP INDEX case_text")
        cursor.execute(FILL, values)
        cursor.execute(PARTS)
        cursor.execute("SET maintenance_work_mem = '256MB'")
        cursor.execute(definition)
        cursor.execute("VACUUM ANALYZE cases_case")
        cursor.execute("ANALYZE cases_caseunit")


def searchers() -> dict[str, object]:
    """Return one person of each kind: the whole city, one community, one department."""
    found = {}
    for role in ("dispatcher", "community_staff", "handler"):
        post = Appointment.objects.filter(role=role, unit__kind__isnull=False).select_related("user").first()
        found[role] = post.user
    return found


def queries(number: str) -> dict[str, str]:
    """Return what is searched for, by what is special about it."""
    return {
        "frequent word": "垃圾", "two frequent words": "垃圾 学府路", "rare word": RARE, "in no text": "琥珀蜜蜡",
        "address": "中山路120号", "number": number, "phone": "+99900004321",
    }  # fmt: skip


def timed(function, *given, **more) -> float:
    """Return the seconds a call took."""
    start = time.perf_counter()
    function(*given, **more)
    return time.perf_counter() - start


def plainly(query: str, user) -> list:
    """Search without the index: each visible row is compared, the newest ten are wanted."""
    rows = case_rows(user)
    for word in query.split():
        rows = rows.filter(description__icontains=word)
    return list(rows.order_by("-pk")[:11])


def measure(cases: int, rounds: int, aim: float) -> dict:
    """Return p50, p99 and max in seconds by searcher and query, and of the plain way."""
    number = Case.objects.filter(token=f"bench{cases // 2}").values_list("number", flat=True).get()
    rows = []
    for role, user in searchers().items():
        for name, query in queries(number).items():
            find(query, user=user, only=["case"])
            taken = percentiles([timed(find, query, user=user, only=["case"]) for _ in range(rounds)])
            plain = percentiles([timed(plainly, query, user) for _ in range(2)])
            rows.append({"who": role, "what": name, "query": query, **taken, "plain": plain["max"]})
    return {"bench": "search", "cases": cases, "rows": rows, "passed": all(row["p99"] < aim for row in rows)}
