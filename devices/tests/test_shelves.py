"""What is shelved now: all shelvings in force, whether their alarm is there or not, and taking them back."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.models import Case
from cases.tests.api import client_of
from devices.models import Alarm, ProfileStatus, Shelving
from devices.profile_rules import forget_rules
from devices.shelving import alarm_shelve, shelving_change, shelving_lift
from devices.tests import test_admin
from devices.tests.fleet import message
from devices.tests.test_alarm_steps import SHELVES
from devices.tests.test_api_alarms import STAFF, get
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event, Timer
from governance.workflow import act, available

API, LIST, FIGURES = "/api/v1/alarm-shelvings/", reverse("admin:devices_shelving_changelist"), "/api/v1/alarms/figures/"


def say(fleet, minutes, **said):
    """Let the cover say something so many minutes from now."""
    now = timezone.now()
    told = {"device": "MC-001", "at": (now + timedelta(minutes=minutes)).isoformat()} | said
    assert fleet.ingest(told, received_at=now).accepted == 1


@pytest.fixture
def shelved(fleet):
    """A tilted cover, shelved for an hour."""
    say(fleet, -3, status="tilted")
    until = timezone.now() + timedelta(hours=1)
    alarm_shelve(Alarm.objects.get(), actor=fleet.city.user("dispatcher"), until=until, reason="附近施工")
    return fleet


def row_of(user):
    (row,) = get(user, API)["results"]
    return row


def test_a_shelving_stays_listed_when_its_alarm_is_over(shelved):
    user = shelved.city.user("dispatcher")
    row = row_of(user)
    alarm = Alarm.objects.get()
    assert (row["device"], row["alarm_type"], row["label"], row["alarm"], row["active"], row["reason"]) == (
        "MC-001", "tilted", "井盖倾斜", alarm.pk, True, "附近施工",
    )  # fmt: skip
    assert row["shelved_by"] == str(user) and not row["chattering"]
    # when the alarm is over
    say(shelved, -1, status="normal")
    alarm.refresh_from_db()
    # then it keeps why it was held back, offers nothing about it any more, and the shelving is still there
    assert (alarm.active, alarm.inhibited) == (False, "shelved")
    assert [step.name for step in available(alarm, user)] == ["acknowledge"]
    assert row_of(user)["active"] is False
    page = test_admin.get(user, LIST)
    assert "附近施工" in page and "井盖倾斜" in page and str(user) in page
    assert "井盖倾斜" not in test_admin.get(user, LIST, active="yes").split("changelist-form")[-1]
    # and the figure counts the same rows as both lists
    figure = {found["key"]: found for found in get(user, FIGURES)["now"]}["shelved"]
    assert figure["count"] == 1 == len(get(user, figure["alarms"])["results"])
    assert test_admin.client_of(user).get(figure["page"]).context["cl"].result_count == 1


def test_the_list_says_of_the_condition_what_the_console_says(shelved):
    # given a latched alarm that is normal again and waits for a look
    ProfileStatus.objects.filter(code="tilted").update(latched=True)
    forget_rules()
    say(shelved, -1, status="normal")
    user = shelved.city.user("dispatcher")
    assert Alarm.objects.get().condition == "awaiting"
    # then both lists say so, and the alarm's page until when it is shelved
    for address in (LIST, reverse("admin:devices_alarm_changelist")):
        assert "待核实" in test_admin.get(user, address).split("changelist-form")[-1]
    until = timezone.localtime(Shelving.objects.get().until)
    assert f"已搁置至 {until:%Y-%m-%d %H:%M}" in test_admin.get(user, test_admin.page_of(Alarm.objects.get()))
    assert f"已搁置至 {until:%Y-%m-%d %H:%M}" in test_admin.get(user, f"/m/alarms/{Alarm.objects.get().pk}/")
    # and one of all alarms of a device is told of as well; when it ends, nothing more is said
    Shelving.objects.update(alarm_type="")
    assert "已搁置至" in test_admin.get(user, test_admin.page_of(Alarm.objects.get()))
    Shelving.objects.update(alarm_type="tilted")
    act(Alarm.objects.get(), "unshelve", actor=user)
    assert "已搁置至" not in test_admin.get(user, test_admin.page_of(Alarm.objects.get()))
    forget_rules()


def test_what_is_taken_back_without_an_alarm_holds_back_nothing_more(shelved):
    say(shelved, -2, status="normal")
    user = shelved.city.user("dispatcher")
    before = Case.objects.count()
    url = f"{API}{Shelving.objects.get().pk}/unshelve/"
    assert client_of(user).post(url, {"reason": "施工结束"}, format="json").status_code == 204
    assert get(user, API)["results"] == [] and Shelving.objects.get().ended_at is not None
    event = Event.objects.get(name="alarm.unshelved")
    assert (event.subject_id, event.actor, event.remark.text) == (Alarm.objects.get().pk, user, "施工结束")
    assert client_of(user).post(url, {}, format="json").status_code == 404
    with pytest.raises(Conflict):
        shelving_lift(Shelving.objects.get(), actor=user)
    # when the cover is tilted again, then it is dispatched
    say(shelved, -1, status="tilted")
    alarm = Alarm.objects.get()
    assert (alarm.active, alarm.inhibited) == (True, "")
    assert Case.objects.count() == before and alarm.case is not None  # the same occurrence, with its case


def test_what_is_there_is_dispatched_when_it_is_taken_back(fleet):
    say(fleet, -5, status="normal")
    say(fleet, -4, status="tilted")
    until = timezone.now() + timedelta(hours=1)
    alarm_shelve(Alarm.objects.get(), actor=fleet.city.user("dispatcher"), until=until, reason="x")
    Alarm.objects.update(case=None)
    shelving_lift(Shelving.objects.get(), actor=fleet.city.user("dispatcher"))
    alarm = Alarm.objects.get()
    assert alarm.inhibited == "" and alarm.case is not None


@pytest.mark.parametrize("role", [*STAFF, "resident"])
@pytest.mark.parametrize("there", [True, False])
def test_who_may_shelve_takes_back_and_nobody_else(shelved, role, there):
    if not there:
        say(shelved, -1, status="normal")
    user, row = shelved.city.user(role), Shelving.objects.get()
    answer = client_of(user).post(f"{API}{row.pk}/unshelve/", {}, format="json")
    seen = Shelving.objects.visible_to(user).exists()
    assert answer.status_code == (204 if role in SHELVES else 403 if seen else 404)
    row.refresh_from_db()
    assert (row.ended_at is not None) == (role in SHELVES)
    assert Event.objects.filter(name="alarm.unshelved").exists() == (role in SHELVES)


@pytest.mark.parametrize("role", ["dispatcher", "grid_worker"])
def test_several_are_taken_back_in_the_list(shelved, role):
    data = {"action": "unshelve_selected", "_selected_action": [Shelving.objects.get().pk]}
    test_admin.client_of(shelved.city.user(role)).post(LIST, data)
    assert Shelving.objects.in_force().exists() == (role not in SHELVES)


def test_only_what_is_in_force_is_listed(shelved):
    user = shelved.city.user("administrator")
    for changed in ({"until": timezone.now() - timedelta(seconds=1)}, {"ended_at": timezone.now()}):
        before = Shelving.objects.values("until", "ended_at").get()
        Shelving.objects.update(shelved_at=timezone.now() - timedelta(hours=1), **changed)
        assert get(user, API)["results"] == []
        assert "附近施工" not in test_admin.get(user, LIST)
        Shelving.objects.update(**before)
    here, elsewhere = shelved.city.grid.code, shelved.city.other_grid.code
    for asked, number in [({"device": "MC-001"}, 1), ({"device": "X"}, 0), ({"type": "tilted"}, 1),
                          ({"active": "false"}, 0), ({"chattering": "true"}, 0), ({"area": here}, 1),
                          ({"area": elsewhere}, 0)]:  # fmt: skip
        assert len(get(user, API, **asked)["results"]) == number, asked


def test_the_list_takes_the_same_statements_for_any_number(shelved):
    client = client_of(shelved.city.user("dispatcher"))

    def statements():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(API).status_code == 200
        return len(captured)

    statements()
    few = statements()
    shelved.ingest(message(0, "TB-001", status="full"))
    for alarm in Alarm.objects.filter(alarm_type="full"):
        until = timezone.now() + timedelta(hours=1)
        alarm_shelve(alarm, actor=shelved.city.user("dispatcher"), until=until, reason="x")
    assert Shelving.objects.in_force().count() == 2
    assert statements() == few


def shelf_timers() -> list:
    rows = Timer.objects.filter(kind="device.shelf_ends", fired_at=None, cancelled_at=None)
    return list(rows.values_list("due_at", flat=True))


def test_the_end_is_moved_and_nothing_is_dispatched_in_between(shelved):
    # given a shelved alarm whose case was closed: it would open another
    alarm, dispatcher = Alarm.objects.get(), shelved.city.user("dispatcher")
    Alarm.objects.update(case=None)
    before, longer = Shelving.objects.get().until, timezone.now() + timedelta(days=2)
    # when the work takes longer
    act(alarm, "change_shelving", actor=dispatcher, until=longer, reason="施工延长")
    # then one timer has the new end, nobody is sent, and the trail says from when to when
    row, alarm = Shelving.objects.get(), Alarm.objects.get()
    assert (row.until, row.ended_at, shelf_timers()) == (longer, None, [longer])
    assert (alarm.inhibited, alarm.case) == ("shelved", None)
    told = Event.objects.get(name="alarm.shelving_changed")
    assert (told.payload["until_before"], told.payload["until"]) == (before.isoformat(), longer.isoformat())
    assert (told.actor, told.remark.text, row.reason) == (dispatcher, "施工延长", "附近施工")
    # and the form shows the end as it is now
    page = test_admin.get(dispatcher, reverse("admin:devices_alarm_transition", args=[alarm.pk, "change_shelving"]))
    assert timezone.localtime(longer).strftime("%Y-%m-%dT%H:%M") in page


@pytest.mark.parametrize(("until", "reason"), [
    (timedelta(minutes=-1), "x"), (timedelta(days=7, minutes=1), "x"), (timedelta(days=1), " "),
])  # fmt: skip
@pytest.mark.parametrize("there", [True, False])
def test_another_end_or_no_reason_is_refused(shelved, until, reason, there):
    if not there:
        say(shelved, -1, status="normal")
    row, dispatcher = Shelving.objects.get(), shelved.city.user("dispatcher")
    with pytest.raises(Invalid), transaction.atomic():
        shelving_change(row, actor=dispatcher, until=timezone.now() + until, reason=reason)
    assert Shelving.objects.get().until == row.until
    assert not Event.objects.filter(name="alarm.shelving_changed").exists()


@pytest.mark.parametrize("role", [*STAFF, "resident"])
@pytest.mark.parametrize("there", [True, False])
def test_who_may_shelve_moves_the_end_and_nobody_else(shelved, role, there):
    if not there:
        say(shelved, -1, status="normal")
    user, row = shelved.city.user(role), Shelving.objects.get()
    until = timezone.now() + timedelta(days=3)
    given = {"until": until.isoformat(), "reason": "施工延长"}
    answer = client_of(user).post(f"{API}{row.pk}/change/", given, format="json")
    seen = Shelving.objects.visible_to(user).exists()
    assert answer.status_code == (200 if role in SHELVES else 403 if seen else 404)
    assert (Shelving.objects.get().until == until) == (role in SHELVES)
    assert Event.objects.filter(name="alarm.shelving_changed").exists() == (role in SHELVES)


def test_nobody_elsewhere_moves_it(shelved):
    row = Shelving.objects.get()
    with pytest.raises(NotPermitted), transaction.atomic():
        shelving_change(row, actor=shelved.city.outsider("dispatcher"), until=timezone.now() + timedelta(days=1),
                        reason="x")  # fmt: skip
    assert Shelving.objects.get().until == row.until


@pytest.mark.parametrize("role", ["dispatcher", "grid_worker"])
def test_the_ends_of_several_are_moved_in_the_list(shelved, role):
    client, until = test_admin.client_of(shelved.city.user(role)), timezone.localtime() + timedelta(days=2)
    data = {"action": "change_selected", "_selected_action": [Shelving.objects.get().pk]}
    asked = client.post(LIST, data)
    assert ('name="until"' in asked.content.decode()) == (role in SHELVES)
    assert 'name="_selected_action"' in asked.content.decode() or role not in SHELVES
    client.post(LIST, data | {"until": until.strftime("%Y-%m-%dT%H:%M"), "reason": "延长"})
    moved = Shelving.objects.get().until == until.replace(second=0, microsecond=0)
    assert moved == (role in SHELVES)


def test_what_is_held_back_already_says_so_when_it_is_shelved_again(shelved):
    alarm, dispatcher = Alarm.objects.get(), shelved.city.user("dispatcher")
    given = {"until": timezone.now() + timedelta(days=1), "reason": "x"}
    with pytest.raises(Conflict, match="更改搁置结束时间"), transaction.atomic():
        alarm_shelve(alarm, actor=dispatcher, **given)
    with pytest.raises(NotPermitted), transaction.atomic():
        alarm_shelve(alarm, actor=shelved.city.user("registrar"), **given)
    Alarm.objects.update(inhibited="out_of_service")
    with pytest.raises(Conflict, match="暂不派遣"), transaction.atomic():
        alarm_shelve(Alarm.objects.get(), actor=dispatcher, **given)


def test_an_end_that_is_over_is_not_moved(shelved):
    row, dispatcher = Shelving.objects.get(), shelved.city.user("dispatcher")
    shelving_lift(row, actor=dispatcher)
    given = {"until": timezone.now() + timedelta(days=1), "reason": "x"}
    for refused in (lambda: shelving_change(row, actor=dispatcher, **given),
                    lambda: act(Alarm.objects.get(), "change_shelving", actor=dispatcher, **given)):  # fmt: skip
        with pytest.raises(Conflict), transaction.atomic():
            refused()
    assert shelf_timers() == []
