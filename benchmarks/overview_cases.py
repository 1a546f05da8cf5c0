"""The operations centre's overview: who looks at it, and what is timed.

Import it after ``Instance.adopt`` and ``django.setup``.
"""

from django.utils import timezone

from benchmarks.case_seed import SCENE, timed
from benchmarks.live import percentiles
from benchmarks.search_cases import WORDS
from cases.models import Case, DispatchRule, Scene
from cases.overview.overview import Where, overview_of, pressing_cases, recent_cases
from cases.rules.services import loaded
from cases.rules.trials import try_out
from governance.models import User

TRIAL_DAYS = 30


def whole(user: User, where: Where) -> None:
    """Compute all that the page and the API show."""
    overview_of(user, where)
    recent_cases(user, where)
    pressing_cases(user, where)


def measure(people: dict[str, User], rounds: int) -> dict:
    """Return p50, p99 and max in seconds by viewer and scene, and how long a dry run of a rule took."""
    rows = []
    scene = Scene.objects.select_related("area").get(code=SCENE)
    for who, user in people.items():
        for what, where in {"overview": Where(), "overview of a scene": Where(scene)}.items():
            whole(user, where)
            taken = percentiles([timed(whole, user, where) for _ in range(rounds)])
            rows.append({"who": who, "what": what, **taken})
    rule = loaded(DispatchRule.objects.get(code="gas-smell").pk)
    rule.words = WORDS[:3]
    trial = timed(try_out, rule, days=TRIAL_DAYS, now=timezone.now())
    lines = [
        f"{Case.objects.count():,} cases, {Case.objects.open().count():,} open",
        f"dry run of a rule over {TRIAL_DAYS} days: {trial:.1f} s",
    ]
    return {"lines": lines, "rows": rows}
