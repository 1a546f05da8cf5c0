"""What residents do without signing in: report, follow, rate, reopen."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test.utils import override_settings
from django.utils import timezone
from rest_framework.throttling import SimpleRateThrottle

from cases.models import Case, CaseRating
from cases.tests.api import client_of, in_state
from cases.tests.test_api_cases import photo
from cases.tests.test_api_statements import DATABASE_CACHE
from governance.attachments import attach, read_uploads
from governance.models import Attachment, AttachmentPurpose, Event, User
from governance.testing import snapshot
from governance.workflow import act

REPORTS = "/api/v1/public/reports/"


@pytest.fixture(autouse=True)
def _no_requests_yet():
    """Rate limits of the tests before do not count."""
    cache.clear()


def report(city, **given):
    content = {"text": "人行道井盖歪了", "longitude": city.point[0], "latitude": city.point[1]} | given
    return client_of().post(REPORTS, content, format="multipart" if "photos" in given else "json")


def of(case, rest="") -> str:
    return f"{REPORTS}{case.token}/{rest}"


def test_anybody_reports_and_follows(city):
    # when somebody reports with a photo, name and phone
    response = report(city, photos=[photo()], name="张小明", phone="13800001234")
    # then they get number, token and an address to follow it
    assert response.status_code == 201, response.json()
    receipt = response.json()
    case = Case.objects.get(number=receipt["number"])
    assert receipt == {
        "number": case.number, "token": case.token, "tracking_url": f"http://testserver/r/{case.token}/",
    }  # fmt: skip
    assert (case.source, case.state, case.area, case.reporter) == ("resident", "reported", city.grid, None)
    event = Event.objects.get(subject_type="cases.case", subject_id=case.pk)
    assert (event.actor, event.role) == (User.objects.system("public"), "system")
    # and read in plain words where it stands, without anybody's name or phone
    progress = client_of().get(of(case))
    assert progress.status_code == 200
    assert progress.json()["number"] == case.number and progress.json()["steps"]
    assert "13800001234" not in progress.content.decode() and "张小明" not in progress.content.decode()


def test_a_signed_in_resident_reports_as_themselves(city):
    resident = city.user("resident")
    response = client_of(resident).post(REPORTS, {"text": "人行道井盖歪了", "area": city.grid.code})
    case = Case.objects.get(number=response.json()["number"])
    assert case.reporter == resident
    assert Event.objects.get(subject_type="cases.case", subject_id=case.pk).role == "resident"


@pytest.mark.parametrize(
    ("given", "attr"),
    [
        ({"text": "坏"}, "text"),
        ({"text": "字" * 2001}, "text"),
        ({"text": None}, "text"),
        ({"text": ["a"]}, "text"),
        ({"longitude": 100.0, "latitude": 20.0}, "longitude"),
        ({"longitude": None}, "longitude"),
        ({"longitude": None, "latitude": None}, "place"),
        ({"area": "990102002001001"}, "longitude"),
        ({"area": "x"}, "area"),
        ({"area": 990102001001001}, "area"),
        ({"phone": "110"}, "phone"),
        ({"name": "名" * 61}, "name"),
        ({"coordinate_system": "moon"}, "coordinate_system"),
    ],
)
def test_wrong_input_is_named_and_nothing_is_stored(city, given, attr):
    response = report(city, **given)
    assert response.status_code == 400, response.json()
    assert attr in [error["attr"] for error in response.json()["errors"]]
    assert not Case.objects.exists() and not Event.objects.exists()


def test_only_photos_can_be_sent(city):
    pdf = SimpleUploadedFile("a.jpg", b"%PDF-1.4\n1 0 obj\nstartxref\n0\n%%EOF\n", "image/jpeg")
    text = SimpleUploadedFile("a.jpg", b"hello", "image/jpeg")
    for photos in ([pdf], [text], [photo() for _ in range(10)]):
        response = report(city, photos=photos)
        assert (response.status_code, response.json()["errors"][0]["attr"]) == (400, "photos"), photos
    assert not Case.objects.exists() and not Attachment.objects.exists()


@pytest.mark.parametrize("token", ["x" * 32, "short", "a" * 41, "%00" * 20, "../../../etc/passwd", "C20261123-000001"])
def test_an_unknown_token_is_404_whatever_it_looks_like(city, token):
    city.report()
    for method, rest in (("get", ""), ("post", "rating/"), ("post", "reopen/"),
                         ("get", "photos/6f2c1f1e-0000-4000-8000-000000000000/")):  # fmt: skip
        response = getattr(client_of(), method)(
            f"{REPORTS}{token}/{rest}", {"score": 5, "solved": "yes", "reason": "x"}
        )
        assert response.status_code == 404, (token, rest)
        assert response.json()["errors"][0]["code"] == "not_found"
        assert response.json()["type"] == "client_error"


def test_the_number_or_another_s_token_opens_nothing(city):
    mine, theirs = city.report(), in_state(city, "closed")
    before = snapshot(theirs)
    assert client_of().get(f"{REPORTS}{theirs.number}/").status_code == 404
    assert client_of().post(of(mine, "rating/"), {"score": 5, "solved": "yes"}).status_code == 409
    assert snapshot(theirs) == before


def test_rating_once_per_closing(city):
    # given a closed case
    case = in_state(city, "closed")
    # when its reporter rates it, then the answer is kept
    response = client_of().post(of(case, "rating/"), {"score": 4, "solved": "partly", "comment": "慢"})
    assert response.status_code == 201, response.json()
    assert (response.json()["rated"], response.json()["can_rate"]) == (True, False)
    rating = CaseRating.objects.get()
    assert (rating.score, rating.solved, rating.comment) == (4, "partly", "慢")
    # when they rate it again, then it is a conflict
    again = client_of().post(of(case, "rating/"), {"score": 1, "solved": "no"})
    assert (again.status_code, again.json()["errors"][0]["code"]) == (409, "rated_already")
    assert CaseRating.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "attr"),
    [({"score": 0}, "score"), ({"score": 6}, "score"), ({"score": "many"}, "score"), ({"score": None}, "score"),
     ({"solved": "perhaps"}, "solved"), ({"comment": "字" * 501}, "comment")],
)  # fmt: skip
def test_a_rating_that_cannot_be_meant_is_named(city, given, attr):
    case = in_state(city, "closed")
    response = client_of().post(of(case, "rating/"), {"score": 5, "solved": "yes"} | given)
    assert (response.status_code, response.json()["errors"][0]["attr"]) == (400, attr)
    assert not CaseRating.objects.exists()


def test_reopening_needs_a_reason_and_a_closed_case(city):
    case = in_state(city, "closed")
    before = snapshot(case)
    # when no reason is given, then it is named
    response = client_of().post(of(case, "reopen/"), {"reason": " "})
    assert (response.status_code, response.json()["errors"][0]["attr"]) == (400, "reason")
    assert snapshot(case) == before
    # when one is given, then a dispatcher has it again
    response = client_of().post(of(case, "reopen/"), {"reason": "又歪了", "photos": [photo()]}, format="multipart")
    assert (response.status_code, response.json()["state"]) == (200, "reopened")
    assert Attachment.objects.filter(subject_id=case.pk).count() == 1
    # when it is not closed any more, then it is a conflict
    assert client_of().post(of(case, "reopen/"), {"reason": "又歪了"}).status_code == 409


def test_reopening_long_after_closing_is_refused(city):
    case = in_state(city, "inspected")
    long_ago = timezone.now() - timedelta(days=40)
    act(case, "close", actor=city.user("registrar"), occurred_at=long_ago)
    before = snapshot(case)
    response = client_of().post(of(case, "reopen/"), {"reason": "又歪了"})
    assert (response.status_code, response.json()["errors"][0]["code"]) == (409, "too_late")
    assert snapshot(case) == before


def test_photos_of_the_report_and_after_the_work_are_public_others_are_not(city):
    case, other = city.report(), city.report()
    kept = {
        purpose: attach(case, read_uploads([photo()]), purpose=purpose, actor=city.user("handler"))[0]
        for purpose in AttachmentPurpose.values
    }
    for purpose, row in kept.items():
        response = client_of().get(of(case, f"photos/{row.pk}/"))
        if purpose in ("report", "after"):
            assert response.status_code == 200 and response.headers["X-Content-Type-Options"] == "nosniff"
            assert b"".join(response.streaming_content).startswith(b"\xff\xd8")
        else:
            assert response.status_code == 404, purpose
        assert client_of().get(of(other, f"photos/{row.pk}/")).status_code == 404


@pytest.mark.parametrize("cache", ["database", "memory"])
def test_too_many_reports_from_one_address_are_refused_for_a_while(city, monkeypatch, cache):
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"public-report": "2/hour", "public-read": "2/hour"})
    options = {"CACHES": DATABASE_CACHE} if cache == "database" else {}
    with override_settings(**options):
        if cache == "database":
            call_command("createcachetable")
        # given two reports from one address
        address = {"REMOTE_ADDR": "2001:db8:1:2::1"} if cache == "database" else {"REMOTE_ADDR": "192.0.2.7"}
        content = {"text": "人行道井盖歪了", "area": city.grid.code}
        posted = [client_of().post(REPORTS, content, **address) for _ in range(3)]
        # then the third is told to wait
        assert [response.status_code for response in posted] == [201, 201, 429]
        refused = posted[2]
        assert (refused.json()["type"], refused.json()["errors"][0]["code"]) == ("client_error", "throttled")
        assert 3500 < int(refused.headers["Retry-After"]) <= 3600
        assert Case.objects.count() == 2
        # and other addresses and reading are not concerned
        assert client_of().post(REPORTS, content, REMOTE_ADDR="192.0.2.8").status_code == 201
        assert client_of().get(f"{REPORTS}{posted[0].json()['token']}/", **address).status_code == 200
        if cache == "database":  # a household has many addresses in its network
            assert client_of().post(REPORTS, content, REMOTE_ADDR="2001:db8:1:2::ffff").status_code == 429
