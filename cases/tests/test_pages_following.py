"""The residents' phone pages: following, rating and reopening at /r/<token>/."""

import json
import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from cases.feedback import USUAL_TIME as REOPEN_WITHIN
from cases.models import Case, CaseState
from cases.tests.api import in_state
from cases.tests.pages import PHONE, Page, counts, form_of, page_of, photo
from governance.attachments import attach, attachments_of, read_uploads
from governance.models import Event, User
from governance.workflow import act

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_counted():
    """Rate limits start at nothing."""
    cache.clear()


def test_the_progress_page_tells_where_it_stands_and_nothing_private(city, client):
    # given a closed report of a named person, handled by named people, with photos of every purpose
    case = in_state(city, CaseState.CLOSED)
    public = User.objects.system("public")
    for purpose in ("report", "after", "evidence", "inspection"):
        attach(case, read_uploads([photo()]), purpose=purpose, actor=public)
    # when whoever holds the token opens page and JSON
    page = client.get(page_of(case))
    facts = client.get(page_of(case, "progress/"))
    # then number, unit and promise are there
    html = page.content.decode()
    assert case.number in html
    assert "municipal单位" in html
    assert facts.json()["state"] == "closed"
    assert [step["name"] for step in facts.json()["steps"]][-1] == "case.closed"
    # and no name or phone of anybody, nor photos meant for staff
    for secret in (PHONE, "张小明", *User.objects.filter(is_system=False).values_list("name", flat=True)):
        assert secret not in html
        assert secret not in json.dumps(facts.json(), ensure_ascii=False)
    shown = {row.purpose: str(row.pk) in html for row in attachments_of(case)}
    assert shown == {"report": True, "after": True, "evidence": False, "inspection": False}


def test_photos_are_served_to_who_holds_the_token_only(city, client):
    case, other = in_state(city, CaseState.REPORTED), city.report()
    public = User.objects.system("public")
    [ours] = attach(case, read_uploads([photo()]), purpose="report", actor=public)
    [evidence] = attach(case, read_uploads([photo()]), purpose="evidence", actor=public)
    answer = client.get(page_of(case, f"photos/{ours.pk}/"))
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert client.get(page_of(case, f"photos/{evidence.pk}/")).status_code == 404
    assert client.get(page_of(other, f"photos/{ours.pk}/")).status_code == 404
    assert client.get(f"/files/{ours.pk}/").status_code == 404


@pytest.mark.parametrize(
    "rest", ["", "progress/", "rating/", "reopen/", "photos/ef5d2f13-6b76-4f1c-b3a0-bc6949973b22/", "nowhere/"]
)
@pytest.mark.parametrize("token", ["x" * 32, "short", "井盖"])
def test_an_unknown_link_is_a_friendly_404(city, client, token, rest):
    answer = client.get(f"/r/{token}/{rest}")
    assert answer.status_code == 404
    assert 'href="/r/"' in answer.content.decode()


def test_an_unknown_token_changes_nothing(city, client):
    in_state(city, CaseState.CLOSED)
    before = counts()
    assert client.post(f"/r/{'x' * 32}/rating/", {"score": 5, "solved": "yes"}).status_code == 404
    assert client.post(f"/r/{'x' * 32}/reopen/", {"reason": "没修好"}).status_code == 404
    assert counts() == before


def test_a_closed_report_is_rated_once(city, client):
    case = in_state(city, CaseState.CLOSED)
    given = {"score": "4", "solved": "partly", "comment": "快了一点就更好"}
    answer = client.post(page_of(case, "rating/"), given)
    assert (answer.status_code, answer.url) == (302, page_of(case))
    rating = case.ratings.get()
    assert (rating.score, rating.solved, rating.comment) == (4, "partly", "快了一点就更好")
    assert Event.objects.get(name="case.rated").actor == User.objects.system("public")
    # when it is rated again, then that is refused in words
    again = client.post(page_of(case, "rating/"), given)
    assert again.status_code == 409
    assert again.context["rating"].non_field_errors()
    assert case.ratings.count() == 1


@pytest.mark.parametrize(
    "given", [{}, {"score": "0", "solved": "yes"}, {"score": "6", "solved": "yes"}, {"score": "5", "solved": "maybe"}]
)
def test_a_wrong_rating_is_refused(city, client, given):
    case = in_state(city, CaseState.CLOSED)
    answer = client.post(page_of(case, "rating/"), given)
    assert answer.status_code == 400
    assert not case.ratings.exists()


@pytest.mark.parametrize("state", [CaseState.REPORTED, CaseState.HANDLING, CaseState.INSPECTED, CaseState.REJECTED])
def test_only_a_closed_report_is_rated_or_reopened(city, client, state):
    case = in_state(city, state)
    html = client.get(page_of(case)).content.decode()
    assert "/rating/" not in html
    assert "/reopen/" not in html
    before = counts()
    assert client.post(page_of(case, "rating/"), {"score": "5", "solved": "yes"}).status_code == 409
    assert client.post(page_of(case, "reopen/"), {"reason": "没修好", "photos": [photo()]}).status_code == 409
    case.refresh_from_db()
    assert (case.state, counts()) == (state, before)


def test_reopening_needs_a_reason_and_keeps_its_photos(city, client):
    case = in_state(city, CaseState.CLOSED)
    before = counts()
    # without a reason, or with something that is no photo: refused, nothing stored
    for given in ({"reason": " "}, {"reason": "没修好", "photos": [SimpleUploadedFile("a.jpg", b"text")]}):
        answer = client.post(page_of(case, "reopen/"), given)
        assert answer.status_code == 400
        assert answer.context["reopening"].errors
    assert counts() == before
    # with one: open again, for a dispatcher to decide
    answer = client.post(page_of(case, "reopen/"), {"reason": "第二天又歪了", "photos": [photo()]})
    assert (answer.status_code, answer.url) == (302, page_of(case))
    case.refresh_from_db()
    assert (case.state, case.review_reason) == ("reopened", "reopened")
    event = Event.objects.get(name="case.reopened")
    assert event.remark.text == "第二天又歪了"
    assert attachments_of(case).get().event == event
    # and not twice
    assert client.post(page_of(case, "reopen/"), {"reason": "还是没修好"}).status_code == 409
    # and after the next closing it may be rated anew
    for name, role, given in [
        ("dispatch", "dispatcher", {"lead_unit": city.municipal, "limit_amount": 2, "limit_unit": "urgent_hour"}),
        ("start", "handler", {}),
        ("submit", "handler", {"result": "重新固定"}),
        ("inspect", "grid_worker", {}),
        ("close", "registrar", {}),
    ]:
        act(case, name, actor=city.user(role), **given)
    assert client.post(page_of(case, "rating/"), {"score": "5", "solved": "yes"}).status_code == 302


def test_a_report_closed_long_ago_is_not_reopened(city, client):
    case = in_state(city, CaseState.CLOSED)
    Case.objects.filter(pk=case.pk).update(closed_at=timezone.now() - REOPEN_WITHIN - timedelta(minutes=1))
    assert "/reopen/" not in client.get(page_of(case)).content.decode()
    assert client.post(page_of(case, "reopen/"), {"reason": "又歪了"}).status_code == 409
    case.refresh_from_db()
    assert case.state == "closed"


def test_the_signed_in_reporter_answers_as_themselves_anybody_else_as_the_public(city, client):
    mine, shared = in_state(city, CaseState.CLOSED), in_state(city, CaseState.CLOSED)
    client.force_login(city.user("resident"))
    client.post(page_of(mine, "rating/"), {"score": "5", "solved": "yes"})
    client.force_login(city.user("handler"))
    client.post(page_of(shared, "rating/"), {"score": "5", "solved": "yes"})
    rated = {event.subject_id: event.actor for event in Event.objects.filter(name="case.rated")}
    assert rated == {mine.pk: city.user("resident"), shared.pk: User.objects.system("public")}


def test_a_promise_broken_is_said_so(city, client):
    case = in_state(city, CaseState.HANDLING)
    Case.objects.filter(pk=case.pk).update(promised_at=timezone.now() - timedelta(hours=1))
    answer = client.get(page_of(case))
    assert answer.context["progress"]["overdue"] is True
    assert 'class="late"' in answer.content.decode()


def test_people_read_chinese_only(city, client):
    # given pages in each state a resident may see, and forms with every error
    case = in_state(city, CaseState.CLOSED)
    answers = [
        client.get("/r/"),
        client.post("/r/", {"longitude": "x", "street": "x", "photos": [SimpleUploadedFile("a", b"x")], "phone": "1"}),
        client.post("/r/", form_of(city, longitude="100", latitude="20")),
        client.post("/r/", form_of(city, longitude=None, latitude=None, description="歪")),
        client.post("/r/", form_of(city, street="990102002", community="990102001001")),
        client.post(page_of(case, "rating/"), {}),
        client.post(page_of(case, "reopen/"), {}),
        client.get(f"/r/{'x' * 32}/"),
        *(client.get(page_of(in_state(city, state))) for state in CaseState),
    ]
    # then no ASCII word stands in what people see, but codes, formats and the made-up names of these tests
    known = {"jpeg", "png", "webp", "pdf", "https", "heic"}
    for answer in answers:
        html = answer.content.decode()
        texts = json.loads(re.search(r'id="texts"[^>]*>(.*?)</script>', html)[1]) if 'id="texts"' in html else {}
        words = re.findall(r"[A-Za-z]{2,}", re.sub(r"\{\w+\}", "", " ".join([Page(html).text, *texts.values()])))
        made_up = {word for name in [*city.units, *city.areas] for word in name.lower().split("_")}
        assert [word for word in words if word.lower() not in known | made_up] == [], answer.request["PATH_INFO"]
