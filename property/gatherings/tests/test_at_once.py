"""Two processes sign people up at the same moment: no place is given twice."""

from datetime import timedelta

import pytest
from django.db.models import Sum
from django.utils import timezone

from conftest import build_city
from governance.testing import processes_at_once
from property.gatherings.tests.festival import build_square
from property.models import NeighbourEvent, SignUp
from property.tests.neighbourhood import build_neighbourhood

# Another process: reads whom to sign up, and does it when told to; says the state, or the code of the refusal, of each.
CLERK = """
import json, sys, django
django.setup()
from governance.errors import Refused
from governance.models import User
from property.gatherings.signing import sign_up
from property.models import NeighbourEvent
names = json.loads(sys.stdin.readline())
event, people = NeighbourEvent.objects.get(), [User.objects.get(username=name) for name in names]
print("ready", flush=True)
sys.stdin.readline()
answers = []
for person in people:
    try:
        answers.append(sign_up(event, actor=person).state)
    except Refused as error:
        answers.append(error.code)
print(json.dumps(answers), flush=True)
"""


@pytest.mark.django_db(transaction=True)
def test_two_processes_give_no_place_twice_and_sign_nobody_up_twice():
    # given an event with 3 places, and two lists of people; the last person is on both
    square = build_square(build_neighbourhood(build_city()))
    starts = timezone.now() + timedelta(days=5)
    event = square.open(venue=None, place="花园", starts_at=starts, ends_at=starts + timedelta(hours=2), places=3)
    names = [one.username for one in square.neighbours]
    # when both lists are worked off at the same moment
    first, second = processes_at_once(CLERK, [*names[:4], names[7]], [names[7], *names[4:7]])
    # then three have a place, in the order in which they asked, and one of the two for the last person is told so
    rows = SignUp.objects.filter(event=event)
    assert sorted([*first, *second]).count("waiting") == 5
    assert [first[4], second[0]].count("signed_up") >= 1
    assert rows.holding().aggregate(total=Sum("size"))["total"] == NeighbourEvent.objects.get().taken == 3
    assert list(rows.order_by("turn").values_list("state", flat=True)) == ["signed_up"] * 3 + ["waiting"] * 5
    # and, as no test's transaction is around it: each step of an event answers outside of one
    event = square.step(event, "resize", places=4)
    assert (event.places, event.taken) == (4, 4)
    for name, given in (
        ("add_task", {"title": "布置", "wanted": 1}),
        ("close", {}),
        ("reopen", {"sign_up_until": starts, "reason": "还有空位"}),
        ("postpone", {"reason": "暴雨"}),
    ):
        assert square.step(event, name, **given).pk == event.pk
    row = rows.get(state="offered")
    assert square.step(row, "take", by=row.person).state == "signed_up"
    assert square.step(row, "cancel", by=row.person).state == "cancelled"
