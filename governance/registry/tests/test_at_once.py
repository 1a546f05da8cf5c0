"""Two people at the same moment, on two connections."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from governance.models import Event, Ownership, Residency
from governance.registry.tests.doors import api, api_url, press_page


def at_once(*jobs) -> list:
    """Run the jobs together, each on its own connection, and return what they return."""
    barrier = threading.Barrier(len(jobs), timeout=20)

    def run(job):
        try:
            barrier.wait()
            return job()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def presser(user, tie, name):
    client = api(user)
    return lambda: client.post(api_url(tie, f"transitions/{name}/"), {}, format="json").status_code


def test_two_members_of_staff_confirm_the_same_claim(committed_registry):
    registry = committed_registry
    tie = registry.claim()
    staff, admin = registry.user("community_staff"), registry.user("administrator")
    # when both press at once, one by the API and one in the admin, then one wins and the other is told
    codes = at_once(presser(staff, tie, "verify"), lambda: press_page(admin, tie, "verify").status_code)
    assert sorted(codes) in ([200, 409], [302, 409])
    assert Event.objects.filter(name="residency.verified").count() == 1
    assert Residency.objects.get().version == 1


@pytest.mark.parametrize("_round", range(3))
def test_two_co_owners_confirmed_at_once_never_own_more_than_the_whole(committed_registry, _round):
    registry = committed_registry
    # given two claims of two thirds each
    share = {"share_numerator": 2, "share_denominator": 3}
    first = registry.claim(Ownership, **share)
    second = registry.claim(Ownership, actor=registry.neighbour, **share)
    staff, admin = registry.user("community_staff"), registry.user("administrator")
    # when both are confirmed at once, then one is and the other is refused
    codes = at_once(presser(staff, first, "verify"), presser(admin, second, "verify"))
    assert sorted(codes) == [200, 409]
    assert sum(row.share for row in Ownership.objects.current()) <= 1
    assert Event.objects.filter(name="ownership.verified").count() == 1


def test_two_voters_named_at_once_leave_one(committed_registry):
    registry = committed_registry
    first, second = registry.owner("甲", (1, 2)), registry.owner("乙", (1, 2))
    staff, admin = registry.user("community_staff"), registry.user("administrator")
    codes = at_once(presser(staff, first, "name_voter"), presser(admin, second, "name_voter"))
    assert codes == [200, 200]
    assert Ownership.objects.filter(is_voter=True).count() == 1
    assert Event.objects.filter(name="ownership.voter_named").count() == 2
    assert Event.objects.filter(name="ownership.voter_replaced").count() == 1


def test_a_person_who_claims_twice_at_once_has_one_claim(committed_registry):
    registry = committed_registry
    client = api(registry.user("resident"))
    body = {"relation": "residency", "dwelling": "gy-3-2-501", "kind": "owner"}
    codes = at_once(*[lambda: client.post("/api/v1/me/dwellings/", body, format="json").status_code] * 2)
    assert sorted(codes) == [201, 409] and Residency.objects.count() == 1
