"""The own reports of somebody signed in: ``/api/v1/me/reports/`` and the pages ``/r/sign-in/`` and ``/r/mine/``."""

import re

import pytest
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from cases.feedback import case_rate
from cases.models import Case
from cases.tests.api import client_of, in_state
from cases.tests.pages import PHONE, Page, form_of
from cases.tests.test_api_statements import MOST_FOR_LIST, Counted
from cases.timeline import public_progress
from governance.identity.tests.people import ask, browser, enter, post
from governance.models import Attachment, Event, User

pytestmark = pytest.mark.django_db
MINE = "/api/v1/me/reports/"
__all__ = ["post"]
ROLES = [
    "administrator", "operations_centre", "registrar", "dispatcher", "handler", "supervisor", "grid_worker",
    "community_staff",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _nothing_counted():
    """Rate limits start at nothing."""
    cache.clear()


def numbers(answer) -> list[str]:
    assert answer.status_code == 200, answer.json()
    return [row["number"] for row in answer.json()["results"]]


def test_a_resident_reads_the_own_reports_in_plain_words(city):
    # given reports of two residents, of the public and of a sensor
    older, newer = in_state(city, "closed"), in_state(city, "handling")
    city.report(actor=city.outsider("resident"), reporter=city.outsider("resident"))
    city.report()
    city.open()
    # when one of them asks
    answer = client_of(city.user("resident")).get(MINE)
    # then there are theirs, the newest first, told as on the page of each
    assert numbers(answer) == [newer.number, older.number]
    first = answer.json()["results"][0]
    told = public_progress(Case.objects.get(pk=newer.pk))
    assert {name: first[name] for name in ("state", "plain", "unit", "can_rate")} == {
        name: told[name] for name in ("state", "plain", "unit", "can_rate")
    }
    assert [step["plain"] for step in first["steps"]] == [step["plain"] for step in told["steps"]]
    assert first["tracking_url"] == f"http://testserver/r/{newer.token}/"
    assert answer.json()["results"][1]["can_rate"] is True


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("whose", ["user", "outsider"])
def test_staff_find_only_what_they_reported_themselves(city, role, whose):
    # given somebody who sees many cases at work
    in_state(city, "handling")
    person = getattr(city, whose)(role)
    assert numbers(client_of(person).get(MINE)) == []
    # when they report something as a person living here
    own = city.report(actor=person, reporter=person)
    assert numbers(client_of(person).get(MINE)) == [own.number]


def test_strangers_are_asked_to_sign_in(city):
    in_state(city, "handling")
    assert client_of().get(MINE).status_code == 401


def test_the_list_takes_the_same_few_statements_for_any_number_of_reports(city):
    def asked():
        client = client_of(city.user("resident"))
        with Counted() as counted:
            assert client.get(f"{MINE}?page_size=50").status_code == 200
        return len(counted.statements)

    for state in ("closed", "handling", "reported"):
        in_state(city, state)
    few = asked()
    for state in ("closed", "handling", "rejected", "closed"):
        in_state(city, state)
    assert asked() == few <= MOST_FOR_LIST + 1  # session, person, cases, events, ratings, photos, time for feedback


def test_pages_of_the_list_follow_each_other(city):
    resident = city.user("resident")
    made = [city.report(actor=resident, reporter=resident).number for _ in range(5)]
    first = client_of(resident).get(f"{MINE}?page_size=2")
    second = client_of(resident).get(first.json()["next"])
    assert numbers(first) + numbers(second) == made[:0:-1]
    assert client_of(resident).get(f"{MINE}?cursor=!").status_code == 400


def test_ratings_and_photos_go_with_their_own_report(city):
    # given two closed reports, one of them rated and with a photo
    rated, other = in_state(city, "closed"), in_state(city, "closed")
    case_rate(rated, actor=city.user("resident"), score=5, solved="yes", comment="")
    photo = Attachment.objects.create(
        subject_type="cases.case", subject_id=rated.pk, purpose="report", content_type="image/jpeg", size=1,
        uploaded_by=city.user("resident"), sha256="0" * 64,
    )  # fmt: skip
    rows = {row["number"]: row for row in client_of(city.user("resident")).get(MINE).json()["results"]}
    assert (rows[rated.number]["rated"], rows[rated.number]["photos"]) == (True, [str(photo.pk)])
    assert (rows[other.number]["rated"], rows[other.number]["photos"]) == (False, [])


# The pages.


def come_in(post, client=None, phone=PHONE) -> Client:
    """Sign in at the pages, as a browser without script does."""
    client = client or Client()
    asked = client.post("/r/sign-in/", {"phone": phone})
    assert asked.status_code == 200 and 'name="code"' in asked.content.decode()
    answer = client.post("/r/sign-in/", {"phone": phone, "code": post.codes(phone)[-1]})
    assert (answer.status_code, answer.url) == (302, "/r/mine/")
    return client


def text_of(answer) -> str:
    return Page(answer.content.decode()).text


def test_the_whole_way_signing_in_reporting_and_finding_it_again(city, post):
    # given a resident at their phone
    client = Client()
    assert "/r/sign-in/" in Page(client.get("/r/").content.decode()).addresses
    assert client.get("/r/mine/").url == "/r/sign-in/"
    come_in(post, client)
    assert client.get("/r/sign-in/").url == "/r/mine/"
    # when they report something, the phone is known
    page = client.get("/r/")
    assert re.search(rf'name="phone"[^>]*value="{PHONE}"', page.content.decode())
    assert "/r/mine/" in Page(page.content.decode()).addresses
    client.post("/r/", form_of(city, phone=PHONE))
    # then it is among their reports, with its page
    case = Case.objects.get()
    assert case.reporter == User.objects.get(phone=PHONE)
    mine = client.get("/r/mine/")
    assert mine.status_code == 200 and case.number in text_of(mine)
    assert f"/r/{case.token}/" in Page(mine.content.decode()).addresses
    assert mine["Cache-Control"] == "private, no-store" or "no-store" in mine["Cache-Control"]
    # and signing out ends it
    assert client.post("/r/sign-out/").url == "/r/"
    assert client.get("/r/mine/").url == "/r/sign-in/"
    assert PHONE not in client.get("/r/").content.decode()
    assert UserSession.objects.count() == 0


def test_reports_of_others_are_not_mine(city, post):
    case = in_state(city, "handling")
    client = come_in(post)
    assert case.number not in text_of(client.get("/r/mine/"))
    staff = Client()
    staff.force_login(city.user("dispatcher"), backend="governance.permissions.PersonBackend")
    assert case.number not in text_of(staff.get("/r/mine/"))


@pytest.mark.parametrize("phone", ["", "12345", "x" * 40])
def test_a_wrong_phone_is_shown_beside_the_field(post, phone):
    answer = Client().post("/r/sign-in/", {"phone": phone})
    assert (answer.status_code, post.sent) == (400, [])
    assert answer.context["form"].errors.keys() == {"phone"}


def test_a_wrong_code_is_shown_and_can_be_tried_again(post):
    client = Client()
    client.post("/r/sign-in/", {"phone": PHONE})
    answer = client.post("/r/sign-in/", {"phone": PHONE, "code": "0"})
    assert (answer.status_code, answer.context["form"].errors.keys()) == (400, {"code"})
    assert client.post("/r/sign-in/", {"phone": PHONE, "code": ""}).status_code == 400
    assert client.post("/r/sign-in/", {"phone": PHONE, "code": post.codes()[0]}).status_code == 302


def test_a_code_that_is_over_leads_back_to_the_phone(post):
    answer = Client().post("/r/sign-in/", {"phone": PHONE, "code": "123456"})
    html = answer.content.decode()
    assert answer.status_code == 400 and 'name="code"' not in html
    assert re.search(rf'name="phone"[^>]*value="{PHONE}"', html)


def test_asking_too_often_and_a_gateway_that_fails_are_said_in_words(post, settings, monkeypatch):
    client = Client()
    client.post("/r/sign-in/", {"phone": PHONE})
    again = client.post("/r/sign-in/", {"phone": PHONE})
    assert again.status_code == 429 and int(again["Retry-After"]) <= 60
    monkeypatch.undo()
    settings.SMS_GATEWAY = "http://127.0.0.1:9/"
    assert client.post("/r/sign-in/", {"phone": "13800001239"}).status_code == 503


def test_the_pages_ask_for_the_csrf_token(city, post):
    client = Client(enforce_csrf_checks=True)
    assert client.post("/r/sign-in/", {"phone": PHONE}).status_code == 403
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get("/r/sign-in/").content.decode())[1]
    assert client.post("/r/sign-in/", {"phone": PHONE, "csrfmiddlewaretoken": token}).status_code == 200
    signed = browser()
    signed.force_login(city.user("resident"), backend="governance.identity.people.ResidentBackend")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = signed.cookies
    for path in ("sign-out/", "mine/sessions/1/end/", "mine/sessions/end-others/"):
        assert strict.post(f"/r/{path}").status_code == 403
    assert strict.get("/r/mine/").status_code == 200


def test_devices_are_listed_and_ended(city, post, monkeypatch):
    monkeypatch.setattr("governance.identity.limits._count", lambda request, scope, key: None)
    # given two devices, and somebody else's
    here, there = come_in(post), come_in(post, Client(headers={"user-agent": "Mozilla/5.0 (iPhone) Safari/604"}))
    stranger = come_in(post, phone="13800001235")
    foreign = UserSession.objects.get(user__phone="13800001235").pk
    page = here.get("/r/mine/")
    assert "iPhone · Safari" in text_of(page)
    [action] = [address for address in Page(page.content.decode()).addresses if address.endswith("/end/")]
    # when the other one is ended, it is signed out; a foreign one stays
    assert here.post(f"/r/mine/sessions/{foreign}/end/").status_code == 404
    assert here.post(action).url == "/r/mine/"
    assert there.get("/r/mine/").url == "/r/sign-in/"
    assert stranger.get("/r/mine/").status_code == 200
    # and all others at once
    third = come_in(post)
    assert here.post("/r/mine/sessions/end-others/").url == "/r/mine/"
    assert third.get("/r/mine/").url == "/r/sign-in/"
    assert here.get("/r/mine/").status_code == stranger.get("/r/mine/").status_code == 200
    assert Event.objects.filter(name="user.sessions_ended").count() == 2


@pytest.mark.parametrize("path", ["sign-out/", "mine/sessions/1/end/", "mine/sessions/end-others/"])
def test_nothing_is_ended_by_a_link_or_by_strangers(city, path):
    client = Client()
    assert client.get(f"/r/{path}").url == client.post(f"/r/{path}").url == "/r/sign-in/"
    client.force_login(city.user("resident"), backend="governance.identity.people.ResidentBackend")
    assert client.get(f"/r/{path}").status_code == 405
    assert client.get("/r/mine/").status_code == 200


def test_older_reports_come_page_by_page(city):
    resident = city.user("resident")
    for _ in range(22):
        city.report(actor=resident, reporter=resident)
    client = Client()
    client.force_login(resident, backend="governance.identity.people.ResidentBackend")
    first = client.get("/r/mine/")
    [older] = [address for address in Page(first.content.decode()).addresses if address.startswith("?before")]
    second = client.get(f"/r/mine/{older}")
    assert (len(first.context["reports"]), len(second.context["reports"])) == (20, 2)
    for odd in ("x", "-1", "9" * 40, "１２"):
        assert client.get("/r/mine/", {"before": odd}).status_code == 200


def test_a_report_made_by_an_app_is_the_owner_s(city, post):
    app = browser()
    waiting = ask(app, client="app").json()["session_token"]
    token = enter(app, post.codes()[-1], headers={"X-Session-Token": waiting}).json()["session_token"]
    header = {"headers": {"X-Session-Token": token}}
    given = {"text": "人行道井盖歪了", "longitude": city.point[0], "latitude": city.point[1]}
    made = app.post("/api/v1/public/reports/", given, **header)
    assert numbers(app.get(MINE, **header)) == [made.json()["number"]]
    assert Case.objects.get().reported_at <= timezone.now()
