"""The residents' phone pages: reporting at /r/."""

import io
import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from PIL import Image

from cases.models import Case, CaseState
from cases.tests.api import in_state
from cases.tests.pages import PHONE, Page, counts, form_of, page_of, photo, stored_files
from governance.attachments import attachments_of
from governance.models import Area, Attachment, Event, User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_counted():
    """Rate limits start at nothing."""
    cache.clear()


def test_a_report_with_photo_and_place_becomes_a_case(city, client):
    # given a resident with a photo that knows where it was taken
    assert b"SpyCamera" in photo(position=True).read()
    given = form_of(city, photos=[photo(position=True)], phone="138 0000-1234", name="张小明", address="小学南门")
    # when they send the form
    answer = client.post("/r/", given)
    # then the case lies in the grid of the point, the person is kept apart from it, and the page to follow opens
    case = Case.objects.get()
    assert (answer.status_code, answer.url) == (302, f"/r/{case.token}/#new")
    assert (case.state, case.source, case.area) == ("reported", "resident", city.grid)
    assert (case.longitude, case.latitude, case.address) == (*city.point, "小学南门")
    assert [(row.name, row.phone) for row in case.reporters.all()] == [("张小明", PHONE)]
    event = Event.objects.get(subject_id=case.pk, name="case.reported")
    assert event.actor == User.objects.system("public")
    # and the stored photo tells nothing but its pixels
    stored = attachments_of(case).get()
    assert (stored.purpose, stored.event) == ("report", event)
    assert stored.sha256
    with stored.file.open("rb") as file:
        content = file.read()
    assert b"SpyCamera" not in content
    assert not dict(Image.open(io.BytesIO(content)).getexif())


def test_a_signed_in_resident_reports_as_themselves(city, client):
    resident = city.user("resident")
    client.force_login(resident)
    client.post("/r/", form_of(city))
    case = Case.objects.get()
    assert case.reporter == resident
    assert case.reporters.get().user == resident
    assert Event.objects.get(subject_id=case.pk, name="case.reported").actor == resident


@pytest.mark.parametrize(
    ("given", "area"),
    [
        ({"street": "990102001"}, "street"),
        ({"community": "990102002001"}, "other_community"),
        ({"street": "990102001", "community": "990102001001"}, "community"),
        ({"address": "城东菜市场门口"}, "city"),
    ],
)
def test_a_place_may_be_an_area_or_an_address(city, client, given, area):
    client.post("/r/", form_of(city, longitude=None, latitude=None, **given))
    assert Case.objects.get().area == city.area(area)


@pytest.mark.parametrize(
    ("given", "field", "says"),
    [
        ({"description": "歪"}, "description", None),
        ({"description": None}, "description", None),
        ({"description": "歪" * 2001}, "description", None),
        ({"longitude": "100.0", "latitude": "20.0"}, "address", "This place lies outside every area we know."),
        ({"longitude": "112.905", "latitude": None}, "address", "Give both longitude and latitude."),
        ({"longitude": "nan"}, "longitude", None),
        ({"longitude": "abc"}, "longitude", None),
        ({"longitude": None, "latitude": None}, "address", "Say where: a place, an area or an address."),
        ({"street": "990102002", "community": "990102001001"}, "community", "This community is in another street."),
        ({"community": "990102002001"}, "address", "This place does not lie in other_community区."),
        ({"street": "no such"}, "street", None),
        ({"phone": "12345"}, "phone", "Enter a valid phone number."),
        ({"once": None}, "once", None),
        ({"once": "not a uuid"}, "once", None),
    ],
)
def test_a_bad_report_says_what_is_wrong_and_stores_nothing(city, client, settings, given, field, says):
    # given an English page (its texts are the msgids) and a form with one fault, its photo good
    settings.LANGUAGE_CODE = "en"
    sent = form_of(city, photos=[photo()], **given)
    before = counts()
    # when it is sent
    answer = client.post("/r/", sent, headers={"accept-language": "en"})
    # then the field is blamed in words, the rest of the input is kept, photos must be chosen again
    assert answer.status_code == 400
    assert answer.context["form"].errors.keys() == {field}
    html = answer.content.decode()
    if says:
        assert says in html
    if given.get("description", "") == "":
        assert sent.get("description", "") in html
    assert "Please choose the photos again." in html
    # and nothing is stored, no file either
    assert counts() == before


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jpg", b"<script>alert(1)</script>"),
        ("a.jpg", b"\xff\xd8\xff\xe0 broken"),
        ("a.jpg", b""),
        ("a.pdf", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF"),
    ],
)
def test_what_is_no_photo_is_refused_and_nothing_is_stored(city, client, name, content):
    before = counts()
    given = form_of(city, photos=[photo(), SimpleUploadedFile(name, content, "image/jpeg")])
    answer = client.post("/r/", given)
    assert answer.status_code == 400
    assert answer.context["form"].errors.keys() == {"photos"}
    assert counts() == before


def test_too_many_photos_are_refused(city, client, settings):
    settings.ATTACHMENT_MAX_COUNT = 2
    before = counts()
    answer = client.post("/r/", form_of(city, photos=[photo() for _ in range(3)]))
    assert (answer.status_code, counts()) == (400, before)


def test_the_same_form_sent_twice_is_one_case(city, client):
    # given one form, sent, and sent again (a double press, a reload)
    given = form_of(city, phone=PHONE)
    first = client.post("/r/", given | {"photos": [photo()]})
    second = client.post("/r/", given | {"photos": [photo()]})
    # then both lead to the one case
    case = Case.objects.get()
    assert first.url == second.url == f"/r/{case.token}/#new"
    assert Attachment.objects.count() == len(stored_files()) == 1
    # when the same form is used for something else (back, changed, sent), then that is a second case, not lost
    third = client.post("/r/", given | {"description": "旁边的路灯也不亮"})
    assert Case.objects.count() == 2
    assert third.url != first.url


@pytest.mark.django_db(transaction=True)
def test_the_same_form_sent_twice_at_once_is_one_case(city):
    # given one form, sent twice at the same moment
    given, together = form_of(city), Barrier(2)

    def send():
        try:
            together.wait()
            return Client().post("/r/", given).url
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        urls = {sent.result() for sent in [pool.submit(send), pool.submit(send)]}
    assert urls == {f"/r/{Case.objects.get().token}/#new"}


def test_too_many_reports_from_one_address_are_told_to_wait(city, client, monkeypatch):
    # given a limit of two, one used through the API
    monkeypatch.setattr("governance.api.throttling.SharedThrottle.THROTTLE_RATES", {"public-report": "2/hour"})
    report = {"text": "人行道上的井盖歪了", "longitude": city.point[0], "latitude": city.point[1]}
    assert client.post("/api/v1/public/reports/", report, content_type="application/json").status_code == 201
    assert client.post("/r/", form_of(city)).status_code == 302
    before = counts()
    # when a third comes, then it waits, and its text is kept
    answer = client.post("/r/", form_of(city, description="第三次上报的内容"))
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert "第三次上报的内容" in answer.content.decode()
    assert counts() == before


def test_forms_need_their_csrf_token(city):
    client = Client(enforce_csrf_checks=True)
    case = in_state(city, CaseState.CLOSED)
    before = counts()
    for url, given in [
        ("/r/", form_of(city)),
        (page_of(case, "rating/"), {"score": 5, "solved": "yes"}),
        (page_of(case, "reopen/"), {"reason": "没修好"}),
    ]:
        assert client.post(url, given).status_code == 403
    case.refresh_from_db()
    assert (case.state, counts()) == ("closed", before)
    # with the token of the page it is taken
    html = client.get("/r/").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', html)[1]
    assert client.post("/r/", form_of(city) | {"csrfmiddlewaretoken": token}).status_code == 302


def test_nothing_comes_from_elsewhere_and_no_page_is_kept(city, client):
    case = in_state(city, CaseState.CLOSED)
    pages = ["/r/", page_of(case), f"/r/{'x' * 32}/"]
    for url in pages:
        answer = client.get(url)
        page = Page(answer.content.decode())
        assert [it for it in page.addresses if it and not it.startswith(("/", "data:,"))] == []
        assert not [it for it in page.addresses if it and it.startswith("//")]
        assert answer["Referrer-Policy"] == "same-origin"
        assert "noindex" in answer["X-Robots-Tag"]
        assert "no-store" in answer["Cache-Control"]
        assert "default-src 'self'" in answer["Content-Security-Policy"]
        assert "script" not in answer["Content-Security-Policy"]  # no exception for scripts
        assert f":{settings.LIVE_PORT}" in answer["Content-Security-Policy"]


def test_outlines_are_light_and_hold_nothing_but_codes_and_names(city, client, django_assert_max_num_queries):
    Area.objects.filter(pk=city.other_grid.pk).update(is_active=False)
    answer = client.get("/r/areas/")
    features = answer.json()["features"]
    assert {it["properties"]["code"] for it in features} == {"990102001001", "990102002001", "990102001001001"}
    assert {tuple(it["properties"]) for it in features} == {("code", "name", "kind")}
    assert "public" in answer["Cache-Control"]
    # kept: the next one costs at most a look into the cache
    with django_assert_max_num_queries(1):
        client.get("/r/areas/")
