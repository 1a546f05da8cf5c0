"""Counting everything anew: for a first filling, after a change of resolutions, or when in doubt."""

from collections.abc import Callable

from django.db import connection

from cases.hotspots.counting import BUNCH, alone, count_cases, sum_up
from cases.models import TallyState
from governance.transactions import atomically

NEXT = """
SELECT id FROM (
    (SELECT id FROM cases_case WHERE id > %(after)s ORDER BY id LIMIT %(bunch)s)
    UNION
    (SELECT case_id FROM cases_casespot WHERE case_id > %(after)s ORDER BY case_id LIMIT %(bunch)s)
) AS both_kinds ORDER BY id LIMIT %(bunch)s
"""


def rebuild(*, again: bool = False, say: Callable[[int], None] = lambda case: None) -> int:
    """Count every case anew and sum everything up anew; return how many cases were looked at.

    Goes on where an interrupted rebuild stopped, unless ``again``. People work and figures stay true meanwhile.
    ``say`` gets the id of the last case after each bunch.
    """
    looked_at = 0
    if again:
        TallyState.objects.update_or_create(pk=1, defaults={"rebuilt_to": None})
    while True:
        with atomically():
            alone(wait=True)
            state, _made = TallyState.objects.get_or_create(pk=1)
            with connection.cursor() as cursor:
                cursor.execute(NEXT, {"after": state.rebuilt_to or 0, "bunch": BUNCH})
                ids = [row[0] for row in cursor.fetchall()]
            if not ids:
                break
            count_cases(ids, sums=False)
            state.rebuilt_to = ids[-1]
            state.save(update_fields=["rebuilt_to"])
        looked_at += len(ids)
        say(ids[-1])
    sum_up()
    TallyState.objects.filter(pk=1).update(rebuilt_to=None, is_stale=False)
    return looked_at
