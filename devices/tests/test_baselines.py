"""Baselines: what is judged is how far a figure is from them; what is stored is what came."""

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cases.tests.api import client_of
from devices.baselines import baseline_set
from devices.models import Alarm, DeviceBaseline, ProfileMetric, Reading
from devices.profile_rules import forget_rules
from devices.profiles import profile_draft, profile_try
from devices.tests import test_admin
from devices.tests.fleet import at, message
from devices.tests.test_life import KEEPERS, OTHERS
from governance.models import Event
from governance.testing import snapshot

API, PAGE = "/api/v1/devices/MC-001/baseline/", "/admin/devices/device/{}/baseline/"


@pytest.fixture(autouse=True)
def relative(fleet):
    """Covers whose tilt is judged by its distance from the baseline (15 raises, 10 clears)."""
    ProfileMetric.objects.filter(profile=fleet.cover_profile).update(relative_to_baseline=True)
    forget_rules()


def zero(fleet, value, device=None):
    actor = fleet.city.user("operations_centre")
    return baseline_set(device or fleet.cover, actor=actor, metric="tilt", value=value)


def tilts(fleet, minutes, tilt, device="MC-001"):
    fleet.ingest(message(minutes, device, metrics={"tilt": tilt}), received_at=at(minutes))


def test_the_distance_is_judged_and_the_reading_stays_as_it_came(fleet):
    # given a cover in a road that slopes by 12 degrees
    zero(fleet, 12)
    tilts(fleet, 0, 26.5)  # 14.5 from its baseline
    assert not Alarm.objects.exists()
    # when it is 15 from it, either way, it is tilted
    tilts(fleet, 1, 27)
    alarm = Alarm.objects.get()
    assert (alarm.alarm_type, alarm.value, alarm.active) == ("tilted", 15, True)
    tilts(fleet, 2, 2)  # 10 from it: clear
    assert not Alarm.objects.active().exists()
    tilts(fleet, 40, -3)  # 15 from it the other way
    assert Alarm.objects.active().exists()
    # and what is stored is what was measured
    assert list(Reading.objects.order_by("at").values_list("value", flat=True)) == [26.5, 27, 2, -3]


def test_a_new_baseline_counts_from_the_next_sample(fleet):
    tilts(fleet, 0, 16)
    assert Alarm.objects.active().exists()
    # when the road was resurfaced, and whoever answers for it says that this is how it lies now
    row = zero(fleet, None)
    assert row.value == 16
    tilts(fleet, 1, 16)
    assert not Alarm.objects.active().exists()
    event = Event.objects.get(name="device.baseline_set")
    assert (event.payload["before"], event.payload["value"]) == (None, 16)
    # and it is replaced, not doubled
    zero(fleet, 3.5)
    assert list(DeviceBaseline.objects.values_list("value", flat=True)) == [3.5]


def test_one_statement_more_for_any_batch_and_none_where_no_metric_is_relative(fleet):
    zero(fleet, 1)
    minutes = iter(range(0, 900, 10))

    def statements(*devices) -> int:
        batch = [message(next(minutes), device, metrics={"tilt": 2}) for device in devices]
        with CaptureQueriesContext(connection) as queries:
            fleet.ingest(*batch, received_at=at(900))
        return sum("devices_devicebaseline" in query["sql"] for query in queries)

    assert statements("MC-001") == statements("MC-001", "MC-001", "MC-001") == 1
    assert statements("TB-001") == 0


def test_a_dry_run_judges_by_the_baseline_too(fleet):
    # given readings 14.5 from the baseline, and a draft that raises from 14
    zero(fleet, 12)
    tilts(fleet, 0, 26.5)
    draft = profile_draft(fleet.cover_profile, actor=fleet.city.user("administrator"))
    draft.metrics.update(high=14)
    with time_machine.travel(at(5), tick=False):
        trial = profile_try(draft, actor=fleet.city.user("administrator"), days=1)
    assert (trial.were, trial.would) == (0, 1)


@pytest.mark.parametrize("role", sorted(KEEPERS | OTHERS))
def test_each_role_and_the_baseline(fleet, role):
    user, outsider = fleet.city.user(role), fleet.city.outsider(role)
    before, page = snapshot(fleet.cover), PAGE.format(fleet.cover.pk)
    body = {"metric": "tilt", "value": 4}
    for person in (user, outsider):
        if person is user and role in KEEPERS:
            with transaction.atomic():
                assert client_of(person).post(API, body, format="json").status_code == 200
                assert test_admin.client_of(person).post(page, body | {"value": 5}).status_code == 302
                assert DeviceBaseline.objects.get().value == 5
                transaction.set_rollback(True)
        else:
            assert client_of(person).post(API, body, format="json").status_code in (403, 404)
            assert test_admin.client_of(person).post(page, body).status_code in (302, 403, 404)
            assert not DeviceBaseline.objects.exists() and snapshot(fleet.cover) == before


@pytest.mark.parametrize(("body", "attr"), [
    ({"metric": "battery", "value": 1}, "metric"),
    ({"metric": "tilt"}, "value"),  # nothing was reported yet
    ({"metric": "tilt", "value": "x"}, "value"),
    ({"value": 1}, "metric"),
])  # fmt: skip
def test_what_is_wrong_with_a_baseline_is_named(fleet, body, attr):
    response = client_of(fleet.city.user("operations_centre")).post(API, body, format="json")
    assert (response.status_code, response.json()["errors"][0]["attr"]) == (400, attr)
    assert not DeviceBaseline.objects.exists()
