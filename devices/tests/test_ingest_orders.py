"""Random batches of one device sent at the same moment on connections of their own: what is stored and answered must be
what the oracle says of the same batches in some order, one after the other."""

import os
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import replace
from itertools import count, permutations

import pytest
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import build_city
from devices.models import Device
from devices.tests.fleet import at, build_fleet, message
from devices.tests.oracle import Oracle, Tilt
from devices.tests.test_ingest_property import MESSAGES, TILTS, expected, pass_time, set_up, stored

pytestmark = pytest.mark.django_db(transaction=True)
# A longer search by hand, as in test_ingest_property.
EXAMPLES = int(os.environ.get("DEVICES_EXAMPLES", "20"))
BATCHES = st.lists(st.lists(MESSAGES, min_size=1, max_size=3), min_size=2, max_size=3)
STEPS = st.lists(st.tuples(st.sampled_from([0.5, 1, 5, 31]), BATCHES), min_size=1, max_size=5)
NUMBERS = count(1)


def told(code: str, now: float, status, tilt) -> dict:
    metrics = {} if tilt is None else {"metrics": {"tilt": tilt}}
    return message(now, code, **({"status": status} if status else {}), **metrics)


def sent_at_once(fleet, code: str, now: float, batches) -> list[tuple[int, int]]:
    """Send each batch on its own connection; return (accepted, duplicate) of each."""

    def send(batch):
        try:
            result = fleet.ingest(*[told(code, *said) for said in batch], received_at=at(now))
            assert result.rejected == []
            return result.accepted, result.duplicate
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(batches)) as pool:
        return list(pool.map(send, batches))


def in_some_order(oracle: Oracle, now: float, batches, answers) -> list[Oracle]:
    """Return what the oracle may have become: one for each order of the batches in which they get these answers."""
    found = []
    for order in permutations(range(len(batches))):
        one = deepcopy(oracle)
        if all(one.send(now, batches[place]) == answers[place] for place in order):
            found.append(one)
    return found


@pytest.fixture
def fleet(transactional_db):
    return build_fleet(build_city())


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
    derandomize="DEVICES_EXAMPLES" not in os.environ,
)
@given(TILTS, STEPS)
def test_batches_at_the_same_moment_come_in_some_order(fleet, tilt: Tilt, steps):
    # given a cover nobody has heard of
    cover = Device.objects.create(
        code=f"MC-{next(NUMBERS):06}", name="智能井盖", profile=fleet.cover_profile, area=fleet.city.grid,
        longitude=fleet.city.point[0], latitude=fleet.city.point[1], unit=fleet.city.municipal, gateway=fleet.gateway,
    )  # fmt: skip
    set_up(tilt, cases=False, code=cover.code)
    possible, now, again = [Oracle(tilt=replace(tilt), sends=False)], 0.0, []
    for wait, drawn in steps:
        now += wait
        pass_time(at(now))
        for oracle in possible:
            oracle.advance(now)
        # when batches come at once, of which one repeats a message of before
        batches = [[(now + offset, status, figure) for offset, status, figure in batch] for batch in drawn]
        batches[0] += again
        again = batches[-1][-1:]
        answers = sent_at_once(fleet, cover.code, now, batches)
        # then it is as if they had come one after the other
        candidates = [one for oracle in possible for one in in_some_order(oracle, now, batches, answers)]
        is_there = stored(cover.code)
        possible = [one for one in candidates if expected(one) == is_there]
        assert possible, (is_there, [expected(one) for one in candidates])
