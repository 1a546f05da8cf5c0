"""Resetting, shelving and unshelving alarms: by every role through API and admin, one by one and several at once."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from cases.models import Case
from cases.tests.api import client_of
from devices.models import OFFLINE, Alarm, ProfileStatus, Shelving
from devices.profile_rules import forget_rules
from devices.shelving import alarm_shelve
from devices.tests import test_admin
from devices.tests.fleet import at, message
from devices.tests.test_admin import ALARMS, page_of
from devices.tests.test_api_alarms import STAFF
from governance.models import Event
from governance.testing import snapshot

SHELVES = {"operations_centre", "dispatcher"}
LOOKS = {"operations_centre", "dispatcher", "grid_worker", "community_staff", "handler"}
SOON = (timezone.now() + timedelta(hours=4)).isoformat()
# transition: (what is sent, who may)
TABLE = {
    "shelve": ({"until": SOON, "reason": "附近施工"}, SHELVES),
    "change_shelving": ({"until": SOON, "reason": "延长"}, SHELVES),
    "unshelve": ({}, SHELVES),
    "reset": ({"reason": "已到场"}, LOOKS),
}


def prepared(fleet, name) -> Alarm:
    """Return an alarm to which the transition can be done."""
    ProfileStatus.objects.filter(code="tilted").update(latched=True)
    forget_rules()
    fleet.ingest(message(0, status="tilted"))
    if name == "reset":
        fleet.ingest(message(1, status="normal"), received_at=at(1))
        # an open case brings the look by itself; after one that was cancelled somebody says that it was taken
        Case.objects.update(state="cancelled")
    alarm = Alarm.objects.get()
    if name in ("change_shelving", "unshelve"):
        centre = fleet.city.user("operations_centre")
        alarm = alarm_shelve(alarm, actor=centre, until=timezone.now() + timedelta(hours=1), reason="施工")
    return alarm


def press(user, alarm, name, data):
    return client_of(user).post(f"/api/v1/alarms/{alarm.pk}/transitions/{name}/", data, format="json")


def form_of(alarm, name) -> str:
    return reverse("admin:devices_alarm_transition", args=[alarm.pk, name])


def press_button(user, alarm, name, data):
    return test_admin.client_of(user).post(form_of(alarm, name), data)


@pytest.mark.parametrize("name", TABLE)
def test_each_step_is_open_to_its_roles_and_to_no_others(fleet, name):
    data, allowed = TABLE[name]
    alarm = prepared(fleet, name)
    before = snapshot(alarm)
    for role in [*STAFF, "resident"]:
        user = fleet.city.user(role)
        if role in allowed:
            for door, status in ((press, 200), (press_button, 302)):
                with transaction.atomic():
                    assert door(user, alarm, name, data).status_code == status, role
                    assert snapshot(alarm)["_events"] > before["_events"], role
                    transaction.set_rollback(True)
        else:
            assert press(user, alarm, name, data).status_code in (403, 404), role
            assert press_button(user, alarm, name, data).status_code in (302, 403, 404), role
            assert snapshot(alarm) == before, role


@pytest.mark.parametrize("name", TABLE)
def test_nobody_elsewhere_touches_it(fleet, name):
    data, allowed = TABLE[name]
    alarm = prepared(fleet, name)
    before = snapshot(alarm)
    for role in sorted(allowed):
        assert press(fleet.city.outsider(role), alarm, name, data).status_code == 404, role
    assert press(None, alarm, name, data).status_code == 401
    assert snapshot(alarm) == before


@pytest.mark.parametrize(("data", "attr"), [
    ({"reason": "施工"}, "until"),
    ({"until": "2020-01-01T00:00:00+08:00", "reason": "施工"}, "until"),
    ({"until": (timezone.now() + timedelta(days=8)).isoformat(), "reason": "施工"}, "until"),
    ({"until": "soon", "reason": "施工"}, "until"),
    ({"until": SOON}, "reason"),
])  # fmt: skip
def test_wrong_input_of_a_shelving_is_named_and_changes_nothing(fleet, data, attr):
    alarm = prepared(fleet, "shelve")
    before, user = snapshot(alarm), fleet.city.user("dispatcher")
    response = press(user, alarm, "shelve", data)
    assert (response.status_code, response.json()["errors"][0]["attr"]) == (400, attr)
    assert press_button(user, alarm, "shelve", data).status_code == 400
    assert snapshot(alarm) == before and not Shelving.objects.exists()


def shelve_many(user, *alarms, **data):
    sent = {"action": "shelve_selected", "_selected_action": [alarm.pk for alarm in alarms]} | data
    return test_admin.client_of(user).post(ALARMS, sent)


@pytest.mark.parametrize("action", ["shelve_selected", "acknowledge_selected"])
@pytest.mark.parametrize("key", ["abc", "1.5", "\x00", "-"])
def test_what_is_no_row_of_the_list_is_refused(fleet, action, key):
    alarm, user = prepared(fleet, "shelve"), fleet.city.user("dispatcher")
    before = snapshot(alarm)
    sent = {"action": action, "_selected_action": [alarm.pk, key], "until": SOON, "reason": "检修"}
    answer = test_admin.client_of(user).post(ALARMS, sent, follow=True)
    assert answer.status_code == 200 and "所选的行不属于本列表" in answer.content.decode()
    assert snapshot(alarm) == before


def test_several_are_shelved_at_once_each_judged_by_itself(fleet):
    # given two alarms, one of them shelved already
    first = prepared(fleet, "unshelve")
    fleet.ingest(message(2, status="missing"), received_at=at(2))
    second = Alarm.objects.get(alarm_type="missing")
    user = fleet.city.user("dispatcher")
    # when both are selected, then it is asked until when and why, and nothing has changed
    response = shelve_many(user, first, second)
    assert response.status_code == 200 and 'name="until"' in response.content.decode()
    assert shelve_many(user, first, second, until=SOON, reason="").status_code == 400
    assert Event.objects.filter(name="alarm.shelved").count() == 1
    # when that is said, then the one is shelved and the other left as it was
    before = snapshot(first)
    response = shelve_many(user, first, second, until=SOON, reason="施工")
    assert response.status_code == 200 and 'name="until"' not in response.content.decode()
    second.refresh_from_db()
    assert second.inhibited == "shelved" and snapshot(first) == before


@pytest.mark.parametrize("role", sorted(set(STAFF) - SHELVES))
def test_nobody_else_shelves_several(fleet, role):
    alarm = prepared(fleet, "shelve")
    before = snapshot(alarm)
    shelve_many(fleet.city.user(role), alarm, until=SOON, reason="施工")
    assert snapshot(alarm) == before


@pytest.mark.parametrize(("name", "query", "shown"), [
    ("shelve", "waiting", True), ("shelve", "held_back", False), ("shelve", "awaiting", False),
    ("unshelve", "waiting", False), ("unshelve", "held_back", True), ("unshelve", "active", True),
    ("reset", "awaiting", True), ("reset", "active", True), ("reset", "over", False),
])  # fmt: skip
def test_the_console_tells_them_apart(fleet, name, query, shown):
    alarm = prepared(fleet, name)
    html = test_admin.get(fleet.city.user("dispatcher"), ALARMS, condition=query)
    assert (page_of(alarm) in html) == shown
    # and the work list asks nobody about what is held back
    work = test_admin.get(fleet.city.user("dispatcher"), reverse("admin:index"))
    assert (page_of(alarm) in work) == (name != "unshelve")


def test_a_stale_alarm_says_so(fleet):
    alarm = prepared(fleet, "shelve")
    user = fleet.city.user("dispatcher")
    assert client_of(user).get(f"/api/v1/alarms/{alarm.pk}/").json()["stale"] is False
    Alarm.objects.create(
        device=fleet.cover, alarm_type=OFFLINE, severity="low", area=fleet.city.grid, device_at=at(60),
        received_at=at(60), raised_at=at(60), last_at=at(60),
    )  # fmt: skip
    assert client_of(user).get(f"/api/v1/alarms/{alarm.pk}/").json()["stale"] is True
    for url in (ALARMS, page_of(alarm), page_of(fleet.cover)):
        assert "设备离线" in test_admin.get(user, url), url
