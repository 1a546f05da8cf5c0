"""Alarms on the phone: who sees which, in what order, one of them, and what each role may do about it on the spot."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.models import Case
from cases.tests.pages import photo
from devices.models import OFFLINE, Alarm, Device, Shelving
from devices.pages import alarms as pages
from devices.tests.fleet import at, message
from devices.tests.test_alarm_steps import TABLE, prepared
from devices.tests.test_api_alarms import MAY, STAFF
from governance.models import Attachment, Event
from governance.testing import snapshot
from governance.workflow import steps_of

LIST, HOME = "/m/alarms/", "/m/"
STEPS = {"acknowledge": ({"reason": "已到现场"}, MAY)} | TABLE
SHELVE = {"until": (timezone.localtime() + timedelta(hours=4)).strftime("%Y-%m-%dT%H:%M"), "reason": "附近施工"}


def phone_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(alarm) -> str:
    return f"{LIST}{alarm.pk}/"


def button(alarm, name) -> str:
    return f"{page(alarm)}steps/{name}/"


def sent(name) -> dict:
    """What the form of a step sends from a phone."""
    return SHELVE if name == "shelve" else STEPS[name][0]


def shown(user, query="") -> list[int]:
    response = phone_of(user).get(LIST + query)
    assert response.status_code == 200
    return [row[0].pk for row in response.context["rows"]]


def made(fleet, number, severity="low", device=None, **more) -> Alarm:
    moment = at(number)
    return Alarm.objects.create(
        device=device or fleet.cover, alarm_type=f"t{number}", severity=severity, area=(device or fleet.cover).area,
        device_at=moment, received_at=moment, raised_at=moment, last_at=moment, **more,
    )  # fmt: skip


def over(fleet, number, severity="low") -> Alarm:
    return made(fleet, number, severity, condition="cleared", cleared_at=at(number + 1))


def test_the_steps_are_those_of_the_console():
    assert set(STEPS) == {name for name, step in steps_of(Alarm).items() if not step.quiet}


@pytest.mark.parametrize("role", STAFF)
def test_people_see_the_alarms_of_their_places(fleet, role):
    fleet.ingest(message(status="tilted"))
    fleet.ingest(message(device="MC-900", status="tilted"), owner=fleet.far)
    mine, elsewhere = Alarm.objects.get(device=fleet.cover), Alarm.objects.get(device=fleet.far)
    user = fleet.city.user(role)
    everywhere = role not in ("grid_worker", "community_staff")
    assert set(shown(user)) == ({mine.pk, elsewhere.pk} if everywhere else {mine.pk})
    assert phone_of(user).get(page(elsewhere)).status_code == (200 if everywhere else 404)
    # and the first page leads there whoever may do something about some
    assert (LIST in phone_of(user).get(HOME).content.decode()) == (role in MAY)


def test_nobody_from_elsewhere_and_no_resident_sees_any(fleet):
    alarm = prepared(fleet, "shelve")
    for role in sorted(MAY):
        outsider = fleet.city.outsider(role)
        assert shown(outsider) == [] and phone_of(outsider).get(page(alarm)).status_code == 404
    assert phone_of(fleet.city.user("resident")).get(LIST).status_code == 403
    assert Client().get(LIST)["Location"] == f"/admin/login/?next={LIST}"


def test_what_is_not_over_comes_first_and_the_severest_on_top(fleet, monkeypatch):
    # given alarms of all severities, some of them over
    monkeypatch.setattr(pages, "PAGE", 2)
    past, low, high = over(fleet, 1, "high"), made(fleet, 2), made(fleet, 3, "high")
    medium, newer, late = made(fleet, 4, "medium"), made(fleet, 5, "high"), over(fleet, 6)
    expected = [newer.pk, high.pk, medium.pk, low.pk, late.pk, past.pk]
    # when somebody goes from page to page, then each is there once, in that order
    worker, query, found = fleet.city.user("grid_worker"), "", []
    for _page in range(3):
        rows = shown(worker, query)
        found += rows
        query = f"?after={phone_of(worker).get(LIST + query).context['next']}"
    assert found == expected and query == "?after=None"
    # and what is raised meanwhile moves none of the later pages
    following = phone_of(worker).get(LIST).context["next"]
    made(fleet, 7, "high")
    assert shown(worker, f"?after={following}") == [medium.pk, low.pk]


@pytest.mark.parametrize("after", ["x", "3-1", "0-", "over-", "0-1'", "0-1234567890123456789", "", "١-1", "over-1\x00"])
def test_a_place_that_cannot_be_is_not_there(fleet, after):
    response = phone_of(fleet.city.user("grid_worker")).get(LIST, {"after": after})
    assert response.status_code == 404


def test_a_lost_gateway_does_not_hide_the_others_behind_a_hundred_alarms(fleet):
    for number in range(3):
        made(fleet, number, "high", inhibited="suppressed")
    one = made(fleet, 9)
    assert shown(fleet.city.user("grid_worker")) == [one.pk]


def test_an_alarm_tells_device_place_values_case_and_history(fleet):
    fleet.ingest(message(metrics={"tilt": 32.5}))
    alarm, worker = Alarm.objects.get(), fleet.city.user("grid_worker")
    html = phone_of(worker).get(page(alarm)).content.decode()
    told = ["井盖倾斜", "MC-001", "中山路100号", "32.5°", "geo:28.205,112.905", f"/m/cases/{alarm.case.number}/",
            "/m/devices/MC-001/", "告警产生"]  # fmt: skip
    assert [words for words in told if words not in html] == []
    # and the page of the device leads here
    assert page(alarm) in phone_of(worker).get("/m/devices/MC-001/").content.decode()
    # when its device falls silent, nobody knows how it is now
    made(fleet, 60)
    Alarm.objects.filter(alarm_type="t60").update(alarm_type=OFFLINE)
    for url in (LIST, page(alarm)):
        assert "设备离线" in phone_of(worker).get(url).content.decode()


def test_who_handles_the_case_of_a_foreign_device_is_not_led_to_it(fleet):
    Device.objects.filter(pk=fleet.cover.pk).update(unit=fleet.city.urban)
    fleet.ingest(message(status="tilted"))
    alarm = Alarm.objects.get()
    html = phone_of(fleet.city.user("handler")).get(page(alarm)).content.decode()
    assert "MC-001" in html and "/m/devices/MC-001/" not in html and f"/m/cases/{alarm.case.number}/" in html


@pytest.mark.parametrize("name", STEPS)
def test_each_role_has_the_buttons_it_may_press_and_no_others(fleet, name):
    allowed, alarm = STEPS[name][1], prepared(fleet, name)
    before = snapshot(alarm)
    for role in STAFF:
        phone = phone_of(fleet.city.user(role))
        seen = phone.get(page(alarm))
        assert seen.status_code == 200, role
        assert (button(alarm, name) in seen.content.decode()) == (role in allowed), role
        if role in allowed:
            assert phone.get(button(alarm, name)).status_code == 200, role
            with transaction.atomic():
                assert phone.post(button(alarm, name), sent(name)).status_code == 302, role
                assert snapshot(alarm)["_events"] > before["_events"], role
                transaction.set_rollback(True)
        else:
            assert phone.get(button(alarm, name)).status_code == 403, role
            assert phone.post(button(alarm, name), sent(name)).status_code == 403, role
        assert snapshot(alarm) == before, role


@pytest.mark.parametrize("name", STEPS)
def test_nobody_elsewhere_and_no_resident_presses_it(fleet, name):
    alarm = prepared(fleet, name)
    before = snapshot(alarm)
    for role in sorted(STEPS[name][1]):
        assert phone_of(fleet.city.outsider(role)).post(button(alarm, name), sent(name)).status_code == 404, role
    assert phone_of(fleet.city.user("resident")).post(button(alarm, name), sent(name)).status_code == 403
    assert Client().post(button(alarm, name), sent(name)).status_code == 302
    shelved = name in ("change_shelving", "unshelve")
    assert snapshot(alarm) == before and Shelving.objects.filter(ended_at=None).count() == shelved


def test_a_look_on_site_is_told_with_a_photo_and_ends_a_latched_alarm(fleet):
    # given a latched alarm that is normal again, whose case nobody goes to any more
    alarm, worker = prepared(fleet, "reset"), fleet.city.user("grid_worker")
    phone = phone_of(worker)
    # then it stands among the tasks of the day of who is on the spot, and of nobody at a desk
    assert page(alarm) in phone.get(HOME).content.decode()
    assert page(alarm) not in phone_of(fleet.city.user("dispatcher")).get(HOME).content.decode()
    # when what was found is not said, nothing happens
    before = snapshot(alarm)
    assert phone.post(button(alarm, "reset"), {"reason": ""}).status_code == 400
    assert snapshot(alarm) == before
    # when it is, with a photo
    response = phone.post(button(alarm, "reset"), {"reason": "井盖已复位", "photos": [photo()]})
    assert (response.status_code, response["Location"]) == (302, page(alarm))
    # then it is over, and its page says who looked and what was found
    alarm.refresh_from_db()
    event = Event.objects.get(name="alarm.reset")
    assert (alarm.active, event.actor) == (False, worker)
    html = phone.get(page(alarm)).content.decode()
    assert "井盖已复位" in html and f"/files/{Attachment.objects.get().pk}/" in html
    assert page(alarm) not in phone.get(HOME).content.decode()
    # and pressed once more from an old page, it is told that it is over
    again = snapshot(alarm)
    assert phone.post(button(alarm, "reset"), {"reason": "x"}).status_code == 409
    assert snapshot(alarm) == again


def test_as_long_as_its_case_is_open_the_look_belongs_to_the_case(fleet):
    alarm, worker = prepared(fleet, "reset"), fleet.city.user("grid_worker")
    Case.objects.update(state="handling")
    before = snapshot(alarm)
    html = phone_of(worker).get(page(alarm)).content.decode()
    assert "data-case-looks" in html and button(alarm, "reset") not in html
    desk = f"/admin/devices/alarm/{alarm.pk}/change/"
    assert "data-case-looks" in phone_of(fleet.city.user("dispatcher")).get(desk).content.decode()
    assert page(alarm) not in phone_of(worker).get(HOME).content.decode()
    assert phone_of(worker).post(button(alarm, "reset"), {"reason": "已到场"}).status_code == 409
    assert snapshot(alarm) == before


def test_an_unknown_step_is_not_there(fleet):
    alarm = prepared(fleet, "shelve")
    assert phone_of(fleet.city.user("grid_worker")).post(button(alarm, "fly")).status_code == 404


def test_statements_do_not_grow_with_alarms(fleet):
    phone = phone_of(fleet.city.user("grid_worker"))

    def statements() -> list[int]:
        counted = []
        for url in (LIST, HOME):
            phone.get(url)
            with CaptureQueriesContext(connection) as captured:
                assert phone.get(url).status_code == 200
            counted.append(len(captured))
        return counted

    made(fleet, 1, condition="awaiting")
    over(fleet, 2)
    few = statements()
    for number in range(10, 20):
        made(fleet, number, condition="awaiting")
        over(fleet, number + 20)
    assert statements() == few
