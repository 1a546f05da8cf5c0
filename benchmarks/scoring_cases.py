"""Real requests replayed as cases, and every figure of theirs computed twice.

Import it after ``Instance.adopt`` and ``django.setup``.
"""

import time
from datetime import date
from pathlib import Path

from benchmarks.instance import ROOT
from cases.models import Case, CaseCategory, FactCursor, Scene, SceneCategory
from cases.replay import read_incidents, replay
from cases.replay_mapping import read_mapping
from cases.replay_set_up import replay_set_up
from cases.scoring import keeping
from cases.scoring.dimensions import dimension_named
from cases.scoring.figures import Days, figures_by, live_ground, whole
from cases.tests import scoring_oracle
from cases.tests.scoring_keys import DIMENSIONS, keys_by
from governance.models import Appointment, Area, User

# The months of the file, which holds about ten thousand requests of each.
MONTHS = [(date(2017, 12, 1), date(2017, 12, 31)), (date(2018, 1, 1), date(2018, 1, 31)),
          (date(2018, 12, 1), date(2018, 12, 31)), (date(2020, 1, 1), date(2020, 1, 31))]  # fmt: skip
EVERY = 200  # cases between two lines of progress


def play(file: Path, count: int) -> tuple[Area, int, float]:
    """Replay requests spread over the file until ``count`` are cases; return where, how many, and cases a second."""
    mapping = read_mapping(ROOT / "fixtures" / "replay" / "la311.toml")
    keeper = Appointment.objects.filter(role="administrator", area__kind="city").select_related("user").first().user
    area = replay_set_up(mapping, actor=keeper).area
    rows = read_incidents(file)
    wanted = min(len(rows), count * 6 // 5)  # about one in six has no place or a kind nobody mapped
    rows = [rows[place * len(rows) // wanted] for place in range(wanted)]
    start, shown = time.perf_counter(), 0

    def progress(outcome):
        nonlocal shown
        if outcome.loaded >= shown + EVERY:
            shown = outcome.loaded
            print(f"\r{shown:,} cases, {shown / (time.perf_counter() - start):.1f}/s", end="", flush=True)

    outcome = replay(rows, mapping=mapping, actor=User.objects.system("replay"), progress=progress)
    print()
    return area, outcome.loaded, outcome.loaded / (time.perf_counter() - start)


def make_scenes(area: Area) -> None:
    """Group the categories of the requests in two scenes: every other one, and the first, which is in both."""
    kinds = list(CaseCategory.objects.filter(pk__in=Case.objects.filter(area=area).values("category")).order_by("code"))
    for code, grouped in (("bench-half", kinds[::2]), ("bench-first", kinds[:1])):
        scene = Scene.objects.create(code=code, name=code, area=area)
        SceneCategory.objects.bulk_create(SceneCategory(scene=scene, category=kind) for kind in grouped)


def compare() -> tuple[int, list[str]]:
    """Compute every figure of the file's months twice; return how many there are and which differ."""
    told, cursor = scoring_oracle.histories(), FactCursor.objects.get()
    ground, count, differing = live_ground(User.objects.system("replay")), 0, []
    for by in DIMENSIONS:
        keys_of = keys_by(by)
        for first, last in MONTHS:
            plain = scoring_oracle.compute(told, first, last, cursor.as_of, keys_of)
            days = Days(first, last)
            found = {None: whole(ground, days)} if by == "whole" else figures_by(ground, days, dimension_named(by))
            counted = {(name, key): one for key, own in found.items() for name, one in own.items() if one.denominator}
            count += len(plain)
            differing += [
                f"{first:%Y-%m} {by} {at}: {plain.get(at)} / {counted.get(at)}"
                for at in sorted({*plain, *counted}, key=str)
                if not same(plain.get(at), counted.get(at))
            ]
    return count, differing


def same(plain: tuple | None, one) -> bool:
    """Tell whether both computations found the same figure."""
    if plain is None or one is None or plain[:2] != (one.numerator, one.denominator):
        return False
    return abs(plain[2] - one.value) <= 1e-6 * max(1, abs(one.value))


def measure(file: Path, cases: int) -> dict:
    """Return rates and comparisons; no answer that somebody waits for."""
    area, loaded, rate = play(file, cases)
    make_scenes(area)
    while keeping.catch_up(wait=True):  # anew, events are read as far as the cursor has come
        pass
    start = time.perf_counter()
    done = keeping.rebuild()
    read = done / (time.perf_counter() - start)
    figures, differing = compare()
    lines = [
        f"{loaded:,} cases replayed through the services at {rate:.1f} a second",
        f"facts of {done:,} cases read anew at {read:,.0f} cases a second",
        f"{figures:,} figures computed twice, {len(differing)} differ", *differing[:20],
    ]  # fmt: skip
    return {"lines": lines, "rows": [], "loaded": loaded, "figures": figures, "differing": differing}
