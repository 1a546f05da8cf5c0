"""The answers of the hot spots: who asks what, and what is timed. Import it after ``Instance.adopt`` and setup."""

from collections.abc import Callable
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from benchmarks.case_seed import SCENE, timed
from benchmarks.live import percentiles
from cases.hotspots.asking import Question
from cases.hotspots.places import by_area, by_cell
from cases.hotspots.rebuild import rebuild
from cases.hotspots.repeats import LONGEST, repeat_places
from cases.hotspots.scope import scope_of, shared
from cases.hotspots.spans import Window
from cases.hotspots.trend import trend
from cases.hotspots.types import frequent_types
from cases.hotspots.watch import watch
from cases.models import CaseCategory, HotSpotRule, Scene
from governance.models import Area, User

Ask = Callable[[User], object]


def questions() -> dict[str, Ask]:
    """Return the answers by name: each a function of a person."""
    today = timezone.localdate()
    sub = CaseCategory.objects.filter(parent__isnull=False).order_by("pk").first()
    scene = Scene.objects.select_related("area").get(code=SCENE)
    kinds = {"all": {}, "class": {"category": sub.parent}, "sub-class": {"category": sub}, "scene": {"scene": scene}}

    def asking(answer, days, asked, **options) -> Ask:
        window = Window.ending(today, days)
        within = shared(None, asked.get("scene"))
        return lambda user: answer(Question(window, scope_of(user, within), **asked), **options)

    found = {}
    for name, kind in kinds.items():
        for days in (7, 28, 90, 365):
            found[f"hexagons {days} days, {name}"] = asking(by_cell, days, kind)
        for days in (28, 365):
            found[f"areas {days} days, {name}"] = asking(by_area, days, kind, kind="community")
        for days in (90, 365):
            found[f"trend {days} days, {name}"] = asking(trend, days, kind)
    for name in ("all", "scene"):
        for days in (7, 28, 90, 365):
            found[f"frequent types {days} days, {name}"] = asking(frequent_types, days, kinds[name])
        for days in (30, LONGEST):
            found[f"repeat places {days} days, {name}"] = asking(repeat_places, days, kinds[name])
    return found


def rows_kept() -> str:
    """Return how many rows each table of the counts has, in words."""
    kept = []
    with connection.cursor() as cursor:
        for table in ("casespot", "daytally", "celltally", "areatally"):
            cursor.execute(f"SELECT count(*) FROM cases_{table}")
            kept.append(f"{table} {cursor.fetchone()[0]:,}")
    return ", ".join(kept)


def measure(people: dict[str, User], rounds: int) -> dict:
    """Ask everything, count anew, scan a night; times in seconds."""
    rows = []
    for who in ("city", "street", "community", "grid"):
        for what, ask in questions().items():
            ask(people[who])
            rows.append({"who": who, "what": what, **percentiles([timed(ask, people[who]) for _ in range(rounds)])})
    lines = [f"rows kept: {rows_kept()}", f"counted anew in {timed(rebuild):.1f} s"]
    city = Area.objects.get(pk=scope_of(people["city"]).tops[0].pk)
    rule = HotSpotRule.objects.create(code="bench", name="bench", area=city, is_active=False)
    day, actor = timezone.localdate() - timedelta(days=1), User.objects.system("hotspots")
    signals = []
    watched = timed(lambda: signals.extend(watch(rule, day, actor=actor)))
    return {"lines": [*lines, f"one night's watch: {watched:.1f} s, {len(signals)} signals"], "rows": rows}
