"""Devices in the admin: lists and pages within the person's scope, acknowledging and keys by POST only."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from devices.keys import credential_of
from devices.models import Alarm, Device, DeviceKey, DeviceProfile, Gateway
from devices.profiles import profile_draft
from devices.tests.fleet import at, key_of, message
from devices.tests.test_api_alarms import MAY, MAY_NOT, STAFF
from governance.models import Attachment, Event
from governance.testing import snapshot

ALARMS, DEVICES = reverse("admin:devices_alarm_changelist"), reverse("admin:devices_device_changelist")


@pytest.fixture
def alarm(fleet) -> Alarm:
    fleet.ingest(message(status="tilted", metrics={"tilt": 32.5}))
    return Alarm.objects.get()


# Loading the middleware takes longer than most requests.
HANDLER = Client().handler


def client_of(user) -> Client:
    client = Client()
    client.handler = HANDLER
    client.force_login(user)
    return client


def get(user, url, **query):
    response = client_of(user).get(url, query)
    assert response.status_code == 200, (url, response.status_code)
    return response.content.decode()


def page_of(row) -> str:
    return reverse(f"admin:devices_{row._meta.model_name}_change", args=[row.pk])


def form_of(alarm) -> str:
    return reverse("admin:devices_alarm_transition", args=[alarm.pk, "acknowledge"])


def press_many(user, *alarms):
    data = {"action": "acknowledge_selected", "_selected_action": [alarm.pk for alarm in alarms]}
    return client_of(user).post(ALARMS, data)


def test_the_lists_show_what_devices_say(fleet, alarm):
    html = get(fleet.city.user("dispatcher"), DEVICES)
    assert all(text in html for text in ("MC-001", "TB-001", "MC-900", "井盖倾斜", "倾角 32.5°"))
    html = get(fleet.city.user("dispatcher"), ALARMS)
    assert all(text in html for text in ("MC-001", "井盖倾斜", alarm.case.number))


def test_the_pages_tell_the_whole_story(fleet, alarm):
    html = get(fleet.city.user("dispatcher"), page_of(fleet.cover))
    assert all(text in html for text in ("倾角", "32.5°", alarm.case.number, page_of(alarm)))
    html = get(fleet.city.user("dispatcher"), page_of(alarm))
    assert all(text in html for text in ("井盖倾斜", alarm.case.number, page_of(fleet.cover), "jc-map"))


@pytest.mark.parametrize("role", [role for role in STAFF if role != "supervisor"])
def test_people_outside_see_and_touch_nothing(fleet, alarm, role):
    user, before = fleet.city.outsider(role), snapshot(alarm)
    assert "MC-001" not in get(user, ALARMS)
    assert "MC-001" not in get(user, DEVICES)
    client = client_of(user)
    for url in (page_of(alarm), form_of(alarm), page_of(fleet.cover)):
        assert client.get(url).status_code == 404, url
    assert client.post(form_of(alarm), {}).status_code == 404
    press_many(user, alarm)
    assert snapshot(alarm) == before


@pytest.mark.parametrize("role", sorted(MAY))
def test_who_may_acknowledges_from_the_page(fleet, alarm, role):
    user = fleet.city.user(role)
    assert 'data-transition="acknowledge"' in get(user, page_of(alarm))
    before = snapshot(alarm)
    assert client_of(user).get(form_of(alarm)).status_code == 200
    assert snapshot(alarm) == before
    response = client_of(user).post(form_of(alarm), {"version": 0})
    assert response.status_code == 302
    fresh = Alarm.objects.get()
    assert (fresh.state, fresh.acknowledged_by) == ("acknowledged", user)
    # and whoever is second is told so
    before = snapshot(alarm)
    assert client_of(fleet.city.user("dispatcher")).post(form_of(alarm), {"version": 0}).status_code == 409
    assert snapshot(alarm) == before


def test_photos_of_an_acknowledgement_are_shown_to_who_may_see_the_alarm(fleet, alarm):
    # given an acknowledgement with a photo
    file = BytesIO()
    Image.new("RGB", (40, 30)).save(file, "JPEG")
    photo = SimpleUploadedFile("x.jpg", file.getvalue(), "image/jpeg")
    client_of(fleet.city.user("grid_worker")).post(form_of(alarm), {"version": 0, "photos": photo})
    # then the page shows it, and nobody outside gets it
    url = reverse("file", args=[Attachment.objects.get().pk])
    assert url in get(fleet.city.user("dispatcher"), page_of(alarm))
    assert client_of(fleet.city.user("dispatcher")).get(url).status_code == 200
    assert client_of(fleet.city.outsider("dispatcher")).get(url).status_code == 404


@pytest.mark.parametrize("role", sorted(MAY_NOT))
def test_who_may_not_is_refused_and_nothing_changes(fleet, alarm, role):
    user, before = fleet.city.user(role), snapshot(alarm)
    assert 'data-transition="acknowledge"' not in get(user, page_of(alarm))
    assert client_of(user).post(form_of(alarm), {"version": 0}).status_code == 403
    press_many(user, alarm)
    assert snapshot(alarm) == before


def test_several_are_acknowledged_at_once_each_judged_by_itself(fleet, alarm):
    # given an alarm whose case municipal leads, and one whose case it does not
    fleet.ingest(message(5, status="missing"), received_at=at(5))
    other = Alarm.objects.get(alarm_type="missing")
    # when its handler selects both
    response = press_many(fleet.city.user("handler"), alarm, other)
    # then the one is done and the other refused, each by its row
    html = response.content.decode()
    assert (response.status_code, html.count("已完成"), html.count("未完成")) == (200, 1, 1)
    assert set(Alarm.objects.values_list("alarm_type", "state")) == {
        ("tilted", "acknowledged"), ("missing", "unacknowledged")
    }  # fmt: skip
    assert Event.objects.filter(name="alarm.acknowledged").count() == 1
    # and nothing is done by reading
    client_of(fleet.city.user("dispatcher")).get(
        ALARMS, {"action": "acknowledge_selected", "_selected_action": other.pk}
    )
    assert Alarm.objects.get(pk=other.pk).state == "unacknowledged"


def test_a_list_that_fills_while_it_is_open_can_be_acted_on(fleet, alarm):
    """The page was opened while there was nothing: what it fetches then brings the action along."""
    page = client_of(fleet.city.user("handler")).get(ALARMS, headers={"X-Jiceng-Refresh": "1"}).content.decode()
    assert 'value="acknowledge_selected"' in page and "csrfmiddlewaretoken" in page
    assert f'name="_selected_action" value="{alarm.pk}"' in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({"condition": "waiting"}, False),
        ({"condition": "active"}, True),
        ({"condition": "over"}, False),
        ({"condition": "else"}, False),
        ({"severity": "high"}, True),
        ({"profile": "trash_bin"}, False),
        ({"q": "MC-001"}, True),
    ],
)
def test_the_console_can_be_narrowed(fleet, alarm, query, shown):
    client_of(fleet.city.user("dispatcher")).post(form_of(alarm), {"version": 0})
    assert (page_of(alarm) in get(fleet.city.user("dispatcher"), ALARMS, **query)) == shown


@pytest.mark.parametrize(("query", "shown"), [({"alarmed": "yes"}, True), ({"alarmed": "no"}, False),
                                              ({"profile": "manhole_cover"}, True), ({"q": "TB-"}, False)])  # fmt: skip
def test_the_devices_can_be_narrowed(fleet, alarm, query, shown):
    assert (page_of(fleet.cover) in get(fleet.city.user("dispatcher"), DEVICES, **query)) == shown


@pytest.mark.parametrize(
    ("url", "name"),
    [(ALARMS, "severity"), (ALARMS, "profile"), (ALARMS, "alarm_type"), (DEVICES, "profile"), (DEVICES, "state"),
     (reverse("admin:devices_deviceforecast_changelist"), "outlook"), (DEVICES, "q")],
)  # fmt: skip
def test_what_no_text_holds_is_no_fault_of_a_list(fleet, alarm, url, name):
    client = client_of(fleet.city.user("operations_centre"))
    assert client.get(url, {name: "a\x00"}).status_code in (200, 302)
    assert client.get(url, {name: "a\x00"}, follow=True).status_code == 200
    assert client.post(f"{url}export/?{name}=%00", {"format": "csv"}).status_code == 400


@pytest.mark.parametrize(("day", "shown"), [("9999-12-31", True), ("0001-01-01", False)])
def test_the_last_day_there_is_can_be_asked_for(fleet, alarm, day, shown):
    assert (page_of(alarm) in get(fleet.city.user("dispatcher"), ALARMS, raised_at_to=day)) == shown


def test_my_work_lists_alarms_to_acknowledge(fleet, alarm):
    assert page_of(alarm) in get(fleet.city.user("dispatcher"), reverse("admin:index"))
    assert page_of(alarm) not in get(fleet.city.user("registrar"), reverse("admin:index"))
    client_of(fleet.city.user("dispatcher")).post(form_of(alarm), {"version": 0})
    assert page_of(alarm) not in get(fleet.city.user("dispatcher"), reverse("admin:index"))


def key_url(owner, rest="") -> str:
    return f"{page_of(owner).removesuffix('change/')}key/{rest}"


def test_an_administrator_makes_a_key_and_sees_it_once(fleet):
    administrator = fleet.city.user("administrator")
    client = client_of(administrator)
    assert client.get(key_url(fleet.cover)).status_code == 200
    assert not DeviceKey.objects.exists()
    # when the form is posted
    response = client.post(key_url(fleet.cover), {"overlap": 2})
    # then the page shows a key that works, and is kept nowhere
    secret = response.context["secret"]
    assert secret in response.content.decode()
    assert credential_of(secret).device_id == fleet.cover.pk
    assert "no-store" in response["Cache-Control"]
    html = get(administrator, page_of(fleet.cover))
    assert secret not in html
    assert secret[:8] in html
    assert Event.objects.get(name="device.key_issued").actor == administrator
    # and can be revoked, once
    key = DeviceKey.objects.get()
    assert client.get(key_url(fleet.cover, f"{key.pk}/revoke/")).status_code == 405
    assert client.post(key_url(fleet.cover, f"{key.pk}/revoke/")).status_code == 302
    assert credential_of(secret) is None
    assert client.post(key_url(fleet.cover, f"{key.pk}/revoke/")).status_code == 409


def test_a_gateway_has_keys_too(fleet):
    client = client_of(fleet.city.user("administrator"))
    secret = client.post(key_url(fleet.gateway), {"overlap": 0}).context["secret"]
    assert credential_of(secret).gateway_id == fleet.gateway.pk
    assert secret[:8] in get(fleet.city.user("administrator"), page_of(fleet.gateway))


def test_an_overlap_that_cannot_be_makes_no_key(fleet):
    response = client_of(fleet.city.user("administrator")).post(key_url(fleet.cover), {"overlap": 10_000})
    assert response.status_code == 400
    assert not DeviceKey.objects.exists()


@pytest.mark.parametrize("role", [role for role in STAFF if role != "administrator"])
def test_nobody_else_manages_keys(fleet, role):
    secret = key_of(fleet.cover)
    key, client = DeviceKey.objects.get(), client_of(fleet.city.user(role))
    for response in (
        client.post(key_url(fleet.cover), {"overlap": 1}), client.post(key_url(fleet.cover, f"{key.pk}/revoke/")),
        client.get(key_url(fleet.cover)),
    ):  # fmt: skip
        assert response.status_code in (403, 404)
    assert credential_of(secret)
    assert DeviceKey.objects.count() == 1


def test_keys_of_other_devices_cannot_be_revoked_through_mine(fleet):
    secret = key_of(fleet.bin)
    key = DeviceKey.objects.get()
    client = client_of(fleet.city.user("administrator"))
    assert client.post(key_url(fleet.cover, f"{key.pk}/revoke/")).status_code == 404
    assert (
        client_of(fleet.city.outsider("administrator")).post(key_url(fleet.bin, f"{key.pk}/revoke/")).status_code == 404
    )
    assert credential_of(secret)


def edit_url(device) -> str:
    return reverse("admin:devices_device_edit", args=[device.pk])


def test_administrators_change_devices_others_do_not(fleet):
    data = {
        "name": "新名称", "area": fleet.city.grid.pk, "address": "新街1号", "longitude": 112.905, "latitude": 28.205,
        "unit": fleet.city.urban.pk, "gateway": "",
    }  # fmt: skip
    for role in STAFF:
        if role != "administrator":
            client_of(fleet.city.user(role)).post(edit_url(fleet.cover), data)
            assert Device.objects.get(code="MC-001").name == fleet.cover.name, role
    assert client_of(fleet.city.user("administrator")).post(edit_url(fleet.cover), data).status_code == 302
    assert Device.objects.get(code="MC-001").unit == fleet.city.urban
    # but not to a place outside its area
    response = client_of(fleet.city.user("administrator")).post(edit_url(fleet.cover), data | {"longitude": 100})
    assert response.status_code == 200
    assert Device.objects.get(code="MC-001").longitude == 112.905


@pytest.mark.parametrize(("ticked", "state"), [({}, "in_service"), ({"registered": "on"}, "registered")])
def test_a_new_device_is_in_service_unless_its_form_says_otherwise(fleet, ticked, state):
    data = {
        "code": "MC-777", "name": "新井盖", "profile": fleet.cover_profile.pk, "area": fleet.city.grid.pk,
        "address": "新街1号", "longitude": 112.905, "latitude": 28.205, "unit": fleet.city.urban.pk, "gateway": "",
    }  # fmt: skip
    add = reverse("admin:devices_device_add")
    for role in STAFF:
        if role != "administrator":
            assert client_of(fleet.city.user(role)).post(add, data | ticked).status_code == 403, role
    assert not Device.objects.filter(code="MC-777").exists()
    assert client_of(fleet.city.user("administrator")).post(add, data | ticked).status_code == 302
    assert Device.objects.get(code="MC-777").state == state


def test_the_page_of_a_device_shows_its_state_and_buttons(fleet):
    html = get(fleet.city.user("operations_centre"), page_of(fleet.cover))
    assert fleet.cover.get_state_display() in html
    assert 'data-transition="begin_maintenance"' in html and edit_url(fleet.cover) not in html
    assert edit_url(fleet.cover) in get(fleet.city.user("administrator"), page_of(fleet.cover))
    assert "data-transition" not in get(fleet.city.user("dispatcher"), page_of(fleet.cover))
    assert page_of(fleet.cover) in get(fleet.city.user("dispatcher"), DEVICES, state__exact="in_service")
    assert page_of(fleet.cover) not in get(fleet.city.user("dispatcher"), DEVICES, state__exact="retired")


def test_a_lost_gateway_is_found_in_the_list(fleet):
    administrator, url = fleet.city.user("administrator"), reverse("admin:devices_gateway_changelist")
    assert page_of(fleet.gateway) in get(administrator, url, lost="no")
    Gateway.objects.update(silent_since=at(0))
    assert page_of(fleet.gateway) not in get(administrator, url, lost="no")
    assert page_of(fleet.gateway) in get(administrator, url, lost="yes")


def test_a_draft_with_impossible_limits_is_refused(fleet):
    profile = profile_draft(fleet.cover_profile, actor=fleet.city.user("administrator"))
    metric = profile.metrics.get()
    data = {
        "name": profile.name, "category": profile.category_id, "case_source": "sensor", "reporting_interval": 300,
        "chatter_count": 3, "chatter_window": 60, "chatter_shelf": 480,
        "statuses-TOTAL_FORMS": 0, "statuses-INITIAL_FORMS": 0, "metrics-TOTAL_FORMS": 1, "metrics-INITIAL_FORMS": 1,
        "metrics-0-id": metric.pk, "metrics-0-profile": profile.pk, "metrics-0-metric": "tilt",
        "metrics-0-label": "倾角", "metrics-0-high": 15, "metrics-0-clear": 20, "metrics-0-alarm": "tilted",
        "metrics-0-critical_severity": "high", "claim_distance": 50,
        "commands-TOTAL_FORMS": 0, "commands-INITIAL_FORMS": 0,
    }  # fmt: skip
    client = client_of(fleet.city.user("administrator"))
    form = reverse("admin:devices_deviceprofile_edit", args=[profile.pk])
    assert client.post(form, data).status_code == 200
    assert DeviceProfile.objects.get(pk=profile.pk).metrics.get().clear == 10
    assert client.post(form, data | {"metrics-0-clear": 12}).status_code == 302
    assert DeviceProfile.objects.get(pk=profile.pk).metrics.get().clear == 12


@pytest.mark.parametrize("url", [ALARMS, DEVICES])
def test_the_statements_of_a_list_do_not_grow_with_its_rows(fleet, alarm, url):
    client = client_of(fleet.city.user("dispatcher"))

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    statements()
    few = statements()
    for number in range(8):
        Device.objects.create(
            code=f"MC-1{number:02}", name="x", profile=fleet.cover_profile, area=fleet.city.grid, longitude=112.905,
            latitude=28.205, unit=fleet.city.municipal, gateway=fleet.gateway,
        )  # fmt: skip
    fleet.ingest(*[message(device=f"MC-1{n:02}", status="tilted", metrics={"tilt": 20}) for n in range(8)])
    assert statements() == few


def test_a_row_of_the_list_has_few_figures_and_the_export_has_all(fleet):
    # given a cover that says four things
    fleet.ingest(message(metrics={"battery": 64, "tilt": 2.5, "water_level": 0.4, "temperature": 11.0}))
    user = fleet.city.user("dispatcher")
    # then the row shows what alarms are raised by, and how many more there are
    html = get(user, DEVICES, q="MC-001").split('class="jc-values"')[1]
    row = html.split("</td>")[0]
    assert row.count("<span>") == 3 and "倾角 2.5°" in row and "+2" in row
    # and whoever exports gets all of them, and the address
    taken = client_of(user).post(f"{DEVICES}export/?q=MC-001", {"format": "csv"})
    text = b"".join(taken.streaming_content).decode("utf-8-sig")
    assert taken.status_code == 200 and "倾角 2.5° · " in text and "battery 64" in text


@pytest.mark.parametrize(
    ("step", "word"), [("retire", "密钥作废"), ("disable", "只保存、不判断")],
)  # fmt: skip
def test_before_a_device_is_taken_out_it_is_said_what_that_does(fleet, step, word):
    address = reverse("admin:devices_device_transition", args=[fleet.cover.pk, step])
    html = get(fleet.city.user("administrator"), address)
    assert word in html and "理由将留存" in html and "撤回或终止" not in html


def test_the_pages_of_acts_are_headed_by_their_names(fleet, alarm):
    user = fleet.city.user("dispatcher")
    page = client_of(user).post(ALARMS, {"action": "shelve_selected", "_selected_action": [alarm.pk]})
    assert "<span>搁置</span></h1>" in page.content.decode()
    command = reverse("admin:devices_device_command", args=[fleet.cover.pk])
    assert "<span>下达指令</span></h1>" in get(fleet.city.user("administrator"), command)


def test_a_list_fetched_anew_tells_of_lost_gateways_too(fleet, alarm):
    # given a console that is looked at, and a gateway that is lost
    Gateway.objects.filter(pk=fleet.gateway.pk).update(silent_since=at(0))
    user = fleet.city.user("dispatcher")
    fresh = client_of(user).get(ALARMS, headers={"X-Jiceng-Refresh": "1"}).content.decode()
    # then it stands in what the page fetches, beside the rows
    assert f'data-lost-gateway="{fleet.gateway.code}"' in fresh and "<body" not in fresh
    # and there is a place for it where none is lost
    Gateway.objects.update(silent_since=None)
    assert 'id="jc-list-head"' in get(user, ALARMS)
