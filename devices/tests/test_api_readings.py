"""``POST /api/v1/devices/readings/``: who gets in, what is refused as a whole, what the answer says."""

import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from cases.models import Case
from cases.tests.api import client_of
from devices.keys import key_issue
from devices.models import Alarm, DeviceKey, Reading
from devices.tests.fleet import key_of
from governance.models import Event, User

URL = "/api/v1/devices/readings/"


def now() -> str:
    return timezone.localtime().isoformat()


def tilted(**more) -> dict:
    return {"device": "MC-001", "at": now(), "status": "tilted", "metrics": {"tilt": 32.5}} | more


def post(body, key=None, **options):
    """POST a body (text as it is, anything else as JSON) with a key."""
    headers = {"Authorization": f"Device {key}"} if key is not None else {}
    data = body if isinstance(body, str | bytes) else json.dumps(body)
    headers |= options.pop("headers", {})
    return client_of().post(URL, data, content_type=options.pop("content_type", "application/json"), headers=headers)


def assert_refused(response, status, code):
    """One error in the one shape, and nothing stored."""
    assert response.status_code == status, response.content
    body = response.json()
    assert set(body) == {"type", "errors"}
    assert [error["code"] for error in body["errors"]] == [code]
    assert all(set(error) == {"code", "detail", "attr"} and error["detail"] for error in body["errors"])
    assert not Reading.objects.exists()
    assert not Case.objects.exists()


def test_a_reading_is_taken_and_answered(fleet):
    # when a device sends what the customer's text has it send
    key, message = key_of(fleet.cover), tilted()
    first = post({"readings": [message]}, key)
    # then it is stored when answered, and the answer is exactly this
    assert first.status_code == 202
    assert first.json() == {"accepted": 1, "duplicate": 0, "rejected": []}
    assert Alarm.objects.get().case == Case.objects.get()
    # and the same again is a duplicate
    assert post({"readings": [message]}, key).json() == {"accepted": 0, "duplicate": 1, "rejected": []}
    assert Case.objects.count() == 1


def test_refused_messages_are_named(fleet):
    response = post({"readings": [tilted(device="MC-900"), tilted(), 7]}, key_of(fleet.gateway))
    assert response.status_code == 202
    body = response.json()
    assert (body["accepted"], body["duplicate"]) == (1, 0)
    assert [(item["index"], item["code"]) for item in body["rejected"]] == [
        (0, "foreign_device"), (2, "invalid_message")
    ]  # fmt: skip
    assert all(set(item) == {"index", "code", "detail"} and item["detail"] for item in body["rejected"])


def test_an_empty_batch_is_no_error(fleet):
    response = post({"readings": []}, key_of(fleet.cover))
    assert (response.status_code, response.json()) == (202, {"accepted": 0, "duplicate": 0, "rejected": []})


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        (None, "not_authenticated"),
        ("", "not_authenticated"),
        ("Token abc", "not_authenticated"),
        ("Device", "invalid_key"),
        ("Device ", "invalid_key"),
        ("Device wrong", "invalid_key"),
        ("Device ÿþ", "invalid_key"),
        ("Device " + "井盖".encode().decode("latin-1"), "invalid_key"),
    ],
)
def test_without_a_known_key_nobody_gets_in(fleet, authorization, code):
    key_of(fleet.cover)
    headers = {} if authorization is None else {"Authorization": authorization}
    response = post({"readings": [tilted()]}, headers=headers)
    assert_refused(response, 401, code)
    assert response.headers["WWW-Authenticate"] == "Device"


@pytest.mark.parametrize("change", [{"expires_at": 0}, {"revoked_at": 0}, {"valid_from": 1}])
def test_a_key_out_of_force_does_not_get_in(fleet, change):
    key = key_of(fleet.cover)
    moment = {name: timezone.now() + timedelta(hours=hours) for name, hours in change.items()}
    if "expires_at" in moment:
        DeviceKey.objects.update(valid_from=timezone.now() - timedelta(days=1))
    DeviceKey.objects.update(**moment)
    assert_refused(post({"readings": [tilted()]}, key), 401, "invalid_key")


def test_staff_do_not_send_readings(fleet):
    client = client_of(fleet.city.user("administrator"))
    response = client.post(URL, {"readings": [tilted()]}, format="json")
    assert_refused(response, 401, "not_authenticated")


def test_a_device_key_opens_no_other_door(fleet):
    headers = {"Authorization": f"Device {key_of(fleet.cover)}"}
    for url in ("/api/v1/devices/", "/api/v1/alarms/", "/api/v1/cases/", "/api/v1/me/"):
        assert client_of().get(url, headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "required"),
        ("{", "parse_error"),
        ("not json", "parse_error"),
        (b"\xff\xfe\x00", "parse_error"),
        ('{"readings": [{"device": "MC-001", "metrics": {"tilt": NaN}}]}', "parse_error"),
        ('{"readings": [{"device": "\\ud800"}]}', "parse_error"),
        ("[" * 100_000, "parse_error"),
        ("[]", "required"),
        ('"text"', "required"),
        ("null", "required"),
        ("{}", "required"),
        ('{"readings": {}}', "not_a_list"),
        ('{"readings": null}', "not_a_list"),
        (json.dumps({"readings": [0] * 1001}), "max_length"),
    ],
)
def test_a_body_that_is_no_batch_is_refused_as_a_whole(fleet, body, code):
    assert_refused(post(body, key_of(fleet.cover)), 400, code)


def test_a_body_too_large_is_refused(fleet):
    padding = " " * settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    assert_refused(post(json.dumps({"readings": [tilted()]}) + padding, key_of(fleet.cover)), 413, "request_too_large")


def test_other_content_types_are_refused(fleet):
    response = post("readings=1", key_of(fleet.cover), content_type="application/x-www-form-urlencoded")
    assert_refused(response, 415, "unsupported_media_type")


def test_only_post_is_answered(fleet):
    headers = {"Authorization": f"Device {key_of(fleet.cover)}"}
    assert client_of().get(URL, headers=headers).status_code == 405


def test_during_a_rotation_both_keys_send(fleet):
    system = User.objects.system("test")
    _key, old = key_issue(fleet.cover, actor=system)
    _key, new = key_issue(fleet.cover, actor=system, overlap=timedelta(hours=1))
    for key in (old, new):
        assert post({"readings": [tilted()]}, key).json()["accepted"] == 1
    assert Event.objects.filter(name="device.key_issued").count() == 2
