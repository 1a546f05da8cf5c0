"""Events with a picture: kept with the case or the alarm, once, now and then, all or nothing."""

from io import BytesIO
from unittest import mock

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from cases.models import Case
from devices import snapshots
from devices.models import Alarm, ProfileStatus, Reading
from devices.profile_rules import forget_rules
from devices.tests import test_admin
from devices.tests.fleet import NOW, at, key_of
from governance.attachments import attachments_of
from governance.models import Attachment, Event

pytestmark = pytest.mark.django_db
EVENTS = "/api/v1/devices/events/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


def picture(content: bytes | None = None) -> SimpleUploadedFile:
    if content is None:
        stream = BytesIO()
        Image.new("RGB", (32, 24), "grey").save(stream, "JPEG")
        content = stream.getvalue()
    return SimpleUploadedFile("snapshot.jpg", content, "image/jpeg")


def post(secret, minutes=0.0, status="tilted", device="MC-001", file=None, **changed):
    """A video system tells of something at a moment."""
    body = {"device": device, "at": at(minutes).isoformat(), "status": status, "snapshot": file or picture()} | changed
    headers = {"HTTP_AUTHORIZATION": f"Device {secret}"} if secret else {}
    with time_machine.travel(at(minutes), tick=False):
        return test_admin.Client().post(
            EVENTS, {name: value for name, value in body.items() if value is not None}, **headers
        )


def test_the_picture_is_seen_with_the_case_it_opened(fleet):
    # when a camera behind a gateway tells of something, with a picture
    told = post(key_of(fleet.gateway)).json()
    # then there is a case of it, and its page shows the picture
    case, alarm = Case.objects.get(), Alarm.objects.get()
    assert told == {
        "accepted": 1, "duplicate": 0, "rejected": [], "alarm": alarm.pk, "case": case.number, "snapshot_kept": True,
    }  # fmt: skip
    file = attachments_of(case).get()
    assert (file.event.name, file.uploaded_by.username, file.width) == ("case.evidence_added", "system:devices", 32)
    page = test_admin.get(fleet.city.user("dispatcher"), f"/admin/cases/case/{case.pk}/change/")
    assert f"/files/{file.pk}/" in page
    assert test_admin.client_of(fleet.city.user("dispatcher")).get(f"/files/{file.pk}/").status_code == 200
    assert test_admin.client_of(fleet.city.outsider("dispatcher")).get(f"/files/{file.pk}/").status_code == 404


def test_the_same_twice_is_one_and_what_goes_on_has_a_picture_now_and_then(fleet, monkeypatch):
    secret = key_of(fleet.cover)
    assert post(secret).json()["snapshot_kept"]
    # the same again, and the next ones of the same thing
    again = post(secret).json()
    assert (again["duplicate"], again["snapshot_kept"]) == (1, False)
    assert not post(secret, 2).json()["snapshot_kept"]
    # after ten minutes the case is told, with a picture beside it
    assert post(secret, 11).json()["snapshot_kept"]
    files = list(attachments_of(Case.objects.get()))
    assert [file.event.name for file in files] == ["case.evidence_added"] * 2
    # and never more than so many
    monkeypatch.setattr(snapshots, "MOST_KEPT", 2)
    assert not post(secret, 30).json()["snapshot_kept"]
    assert (Attachment.objects.count(), Reading.objects.count()) == (2, 4)


def test_of_an_alarm_without_a_case_it_is_seen_with_the_alarm(fleet):
    ProfileStatus.objects.filter(code="tilted").update(opens_case=False)
    forget_rules()
    told = post(key_of(fleet.cover)).json()
    alarm = Alarm.objects.get()
    assert (told["alarm"], told["case"], told["snapshot_kept"]) == (alarm.pk, None, True)
    page = test_admin.get(fleet.city.user("dispatcher"), test_admin.page_of(alarm))
    assert f"/files/{attachments_of(alarm).get().pk}/" in page


def test_what_raises_nothing_keeps_no_picture(fleet):
    secret = key_of(fleet.cover)
    told = post(secret, status="normal").json()
    assert (told["accepted"], told["alarm"], told["snapshot_kept"]) == (1, None, False)
    for changed, code in [
        ({"device": "MC-900"}, "foreign_device"), ({"device": "MC-404"}, "unknown_device"),
        ({"status": "offline"}, "status_not_reported"), ({"at": "yesterday"}, "invalid_time"),
        ({"at": "0001-01-01T00:00:00+08:00"}, "time_out_of_range"),
    ]:  # fmt: skip
        response = post(secret, 5, **changed)
        assert (response.status_code, response.json()["rejected"][0]["code"]) == (202, code)
    assert not Attachment.objects.exists() and Reading.objects.count() == 1


@pytest.mark.parametrize(("changed", "field"), [
    ({"file": picture(b"GIF89a nothing")}, "snapshot"), ({"file": picture(b"")}, "snapshot"),
    ({"file": picture(b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF\n")}, "snapshot"),
    ({"snapshot": "no file"}, "snapshot"), ({"snapshot": None}, "snapshot"), ({"status": None}, "status"),
    ({"status": "a\x00"}, "status"), ({"at": None}, "at"), ({"device": "x" * 50}, "device"),
])  # fmt: skip
def test_what_is_wrong_is_named_and_nothing_is_stored(fleet, changed, field):
    response = post(key_of(fleet.cover), **changed)
    assert (response.status_code, response.json()["errors"][0]["attr"]) == (400, field)
    assert not Attachment.objects.exists() and not Reading.objects.exists()


def test_nobody_without_a_key(fleet):
    assert post(None).status_code == 401
    assert post("nothing").status_code == 401
    person = test_admin.client_of(fleet.city.user("administrator"))
    assert person.post(EVENTS, {"device": "MC-001"}).status_code == 401


def test_all_or_nothing(fleet):
    secret = key_of(fleet.cover)
    with mock.patch.object(snapshots, "attach", side_effect=RuntimeError), pytest.raises(RuntimeError):
        post(secret)
    assert not Reading.objects.exists() and not Alarm.objects.exists() and not Case.objects.exists()
    # and sent again it is taken as if for the first time
    assert post(secret).json()["snapshot_kept"]


def noisy(width, height) -> bytes:
    """Return a PNG of this size."""
    stream = BytesIO()
    Image.new("L", (width, height)).save(stream, "PNG")
    return stream.getvalue()


WHOLE = picture().read()


@pytest.mark.parametrize(("content", "code"), [
    (WHOLE + b"\x00" * 5000, "too_large"), (noisy(200, 200), "too_large"), (WHOLE[:-200], "damaged"),
    (b"GIF89a" + b"\x00" * 100, "not_allowed_type"), (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not_allowed_type"),
    (b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 100, "not_allowed_type"), (b"", "empty"),
    (b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF\n", "images_only"),
])  # fmt: skip
def test_a_picture_that_cannot_be_kept_is_told_why_and_leaves_nothing_behind(fleet, settings, monkeypatch, tmp_path,
                                                                             content, code):  # fmt: skip
    # given limits of a few thousand bytes and pixels
    settings.ATTACHMENT_MAX_BYTES = 4000
    monkeypatch.setattr("governance.photos.MAX_OTHER_PIXELS", 10_000)
    before = Event.objects.count()
    secret = key_of(fleet.cover)
    issued = Event.objects.count()
    response = post(secret, file=picture(content))
    (error,) = response.json()["errors"]
    assert (response.status_code, error["attr"], error["code"]) == (400, "snapshot", code), error
    assert error["detail"] and issued == before + 1 == Event.objects.count()
    for model in (Reading, Alarm, Case, Attachment):
        assert not model.objects.exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    # and the same event with a picture that can be kept is taken as if for the first time
    assert post(secret).json()["snapshot_kept"]


def test_what_is_no_form_is_refused_and_nothing_is_stored(fleet):
    secret = key_of(fleet.cover)
    client, header = test_admin.Client(), {"HTTP_AUTHORIZATION": f"Device {secret}"}
    assert client.post(EVENTS, {"device": "MC-001"}, content_type="application/json", **header).status_code == 415
    for body in (b"", b"--x\r\n", b'--x\r\nContent-Disposition: form-data; name="snapshot"; filename="a.jpg"\r\n\r\n'):
        response = client.post(EVENTS, body, content_type="multipart/form-data; boundary=x", **header)
        assert response.status_code == 400, body
    response = client.post(EVENTS, b"x", content_type="multipart/form-data", **header)
    assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "parse_error")
    assert not Reading.objects.exists() and not Attachment.objects.exists()
