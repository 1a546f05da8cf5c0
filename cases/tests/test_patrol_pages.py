"""The phone pages under ``/m/``, without script: who opens them, what they show, what they carry out."""

import uuid

import pytest

from cases.models import Case, CheckIn, Patrol, PatrolFinding
from cases.pages.mobile import tasks
from cases.pages.mobile.tasks import PhoneButton, TaskCard, buttons_of, phone_buttons, phone_tasks, tasks_of
from cases.tests.api import client_of
from cases.tests.api import in_state as case_in
from cases.tests.pages import Page, photo
from cases.tests.patrols import AWAY, a_beat, a_colleague, a_round, in_state, traces
from governance.models import Attachment

pytestmark = pytest.mark.django_db
STAFF = [
    "administrator", "operations_centre", "registrar", "dispatcher", "handler", "supervisor", "grid_worker",
    "community_staff",
]  # fmt: skip
REPORTERS = set(STAFF) - {"administrator", "supervisor"}


@pytest.fixture
def beat(city):
    return a_beat(city)


@pytest.fixture
def worker(city):
    return client_of(city.user("grid_worker"))


def send(client, url, data=None):
    return client.post(url, data or {}, format="multipart")


def report(**given) -> dict:
    return {"description": "井盖歪了", "longitude": "112.905", "latitude": "28.205", "once": str(uuid.uuid4())} | given


@pytest.mark.parametrize("role", STAFF)
def test_everybody_who_works_here_has_a_first_page(city, beat, role):
    a_round(beat)
    response = client_of(city.user(role)).get("/m/")
    assert response.status_code == 200
    assert ("/m/report/" in response.content.decode()) == (role in REPORTERS)
    assert response["X-Robots-Tag"] == "noindex, nofollow" and "no-store" in response["Cache-Control"]


def test_strangers_are_sent_to_sign_in_and_residents_turned_away(city, beat):
    patrol = a_round(beat)
    for url in ("/m/", "/m/report/", f"/m/patrols/{patrol.pk}/", f"/m/patrols/{patrol.pk}/finding/"):
        response = client_of().get(url)
        assert (response.status_code, response["Location"]) == (302, f"/admin/login/?next={url}")
        assert client_of(city.user("resident")).get(url).status_code == 403


def test_the_first_page_shows_what_is_to_do_today(city, beat, worker):
    patrol, reported, submitted = a_round(beat), case_in(city, "reported"), case_in(city, "submitted")
    text = worker.get("/m/").content.decode()
    for url in (f"/m/patrols/{patrol.pk}/", f"/m/cases/{reported.number}/", f"/m/cases/{submitted.number}/"):
        assert url in text
    elsewhere = client_of(city.outsider("grid_worker")).get("/m/").content.decode()
    assert "/m/patrols/" not in elsewhere and "/m/cases/" not in elsewhere


def test_apps_above_add_tasks_and_buttons(city, worker, monkeypatch):
    monkeypatch.setattr(tasks, "_tasks", [])
    monkeypatch.setattr(tasks, "_buttons", [])
    phone_tasks(lambda user: [TaskCard("抄表", "3栋水表", "/x/", order=1), TaskCard("抄表", "4栋水表", "/y/", order=2)])
    phone_buttons(lambda user: [PhoneButton("抄表", "/z/")])
    user = city.user("grid_worker")
    assert [(group.title, group.count, len(group.cards)) for group in tasks_of(user)] == [("抄表", "2", 2)]
    assert buttons_of(user) == [PhoneButton("抄表", "/z/")]
    assert "4栋水表" in worker.get("/m/").content.decode()
    # of many a full page is shown, which says that there are more
    for number, count in ((tasks.MOST, "30"), (tasks.ASKED, "30+")):
        monkeypatch.setattr(tasks, "_tasks", [lambda user, n=number: [TaskCard("抄表", "水表", "/x/")] * n])
        assert [(group.count, len(group.cards)) for group in tasks_of(user)] == [(count, tasks.MOST)]
    assert '<span class="count">30+</span>' in worker.get("/m/").content.decode()


def test_a_round_is_walked_without_script(city, beat, worker):
    patrol, url = a_round(beat), None
    url = f"/m/patrols/{patrol.pk}/"
    assert "data-start" in worker.get(url).content.decode()
    assert send(worker, f"{url}start/", {"version": patrol.version}).status_code == 302
    # check-ins: one where the point is, one away, one without a position
    first, second, third = beat.points
    there = {"longitude": first.longitude, "latitude": first.latitude, "accuracy_m": 9, "key": "k1", "note": "正常"}
    for _ in "ab":
        assert send(worker, f"{url}points/{first.pk}/", there | {"photos": [photo()]}).status_code == 302
    assert send(worker, f"{url}points/{second.pk}/", AWAY).status_code == 302
    assert send(worker, f"{url}points/{third.pk}/").status_code == 302
    assert list(CheckIn.objects.order_by("pk").values_list("at_place", flat=True)) == [True, False, False]
    assert Attachment.objects.count() == 1
    # a finding with a photo, sent twice by an impatient thumb
    finding = {"finding": "护栏松动", "once": str(uuid.uuid4())}
    for _ in "ab":
        given = finding | {"photos": [photo()]}
        assert send(worker, f"{url}points/{second.pk}/finding/", given)["Location"] == url
    assert PatrolFinding.objects.get().case == Case.objects.get()
    # the end needs a reason for what was not reached
    refused = send(worker, f"{url}finish/")
    assert refused.status_code == 400 and second.name in Page(refused.content.decode()).text
    told = {f"point_{second.pk}": "施工", "reason": "定位失败"}
    assert send(worker, f"{url}finish/", told)["Location"] == url
    assert Patrol.objects.get().state == "finished"
    page = worker.get(url).content.decode()
    assert "data-check-in" not in page and Case.objects.get().number in page and "施工" in page


def test_the_script_gets_words_as_json(city, beat, worker):
    patrol = a_round(beat)
    url = f"/m/patrols/{patrol.pk}/points/{beat.points[0].pk}/"
    json = {"Accept": "application/json"}
    refused = worker.post(url, {"at": "2020-01-01T00:00:00Z"}, format="multipart", headers=json)
    assert refused.status_code == 400 and refused.json()["why"]
    assert not CheckIn.objects.exists()
    made = worker.post(url, AWAY | {"accuracy_m": 10}, format="multipart", headers=json)
    assert made.status_code == 200 and "米" in made.json()["verdict"] or "m" in made.json()["verdict"]


def test_others_rounds_are_looked_at_or_not_there_and_never_walked(city, beat):
    patrol = a_round(beat, worker=city.user("grid_worker"))
    url, before = f"/m/patrols/{patrol.pk}/", traces()
    for user, status in (
        (a_colleague(city), 403), (city.user("community_staff"), 403), (city.outsider("grid_worker"), 404),
        (city.user("handler"), 404), (city.outsider("community_staff"), 404),
    ):  # fmt: skip
        client = client_of(user)
        assert client.get(url).status_code == (404 if status == 404 else 200)
        for rest in ("start/", f"points/{beat.points[0].pk}/"):
            assert send(client, url + rest).status_code == status, (user, rest)
        assert send(client, f"{url}finding/", {"finding": "x", "once": str(uuid.uuid4())}).status_code == status
    assert traces()[3:] == (before[3] + 0, *before[4:]) and not Case.objects.exists() and not CheckIn.objects.exists()


def test_a_supervisor_cancels_on_the_phone_with_a_reason(city, beat):
    patrol, client = in_state(city, beat, "planned"), client_of(city.user("community_staff"))
    url = f"/m/patrols/{patrol.pk}/cancel/"
    assert client.get(url).status_code == 200
    assert send(client, url).status_code == 400
    assert send(client, url, {"reason": "暴雨"}).status_code == 302
    assert send(client, url, {"reason": "暴雨"}).status_code == 409
    assert client.get(f"/m/patrols/{patrol.pk}/miss/").status_code == 404
    assert Patrol.objects.get().state == "cancelled"


def test_a_grid_worker_reports_a_case_once(city, worker):
    given = report()
    for _ in "ab":
        response = send(worker, "/m/report/", given | {"photos": [photo()]})
        assert response.status_code == 302
    case = Case.objects.get()
    assert response["Location"] == f"/m/cases/{case.number}/"
    assert (case.source, case.area) == ("grid_worker", city.grid)
    assert worker.get(response["Location"]).status_code == 200
    # without a point the area is taken
    assert send(worker, "/m/report/", report(longitude="", latitude="", area=city.grid.code)).status_code == 302
    assert Case.objects.count() == 2


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"description": ""}, 400), ({"longitude": "", "latitude": ""}, 400), ({"once": "x"}, 400),
        ({"longitude": "100", "latitude": "20"}, 400), ({"longitude": "112.925"}, 403),
        ({"longitude": "", "latitude": "", "area": "990102002001001"}, 400),
    ],
)  # fmt: skip
def test_wrong_reports_are_shown_again(city, worker, given, status):
    response = send(worker, "/m/report/", report(**given))
    assert response.status_code == status and 'name="description"' in response.content.decode()
    assert not Case.objects.exists()


def test_a_case_is_verified_and_inspected_on_the_phone(city, worker):
    reported, submitted = case_in(city, "reported"), case_in(city, "submitted")
    page = worker.get(f"/m/cases/{reported.number}/").content.decode()
    assert f"/m/cases/{reported.number}/verify/" in page
    assert send(worker, f"/m/cases/{reported.number}/verify/", {"photos": [photo()]}).status_code == 302
    assert send(worker, f"/m/cases/{submitted.number}/rework/").status_code == 400  # a reason is needed
    assert send(worker, f"/m/cases/{submitted.number}/inspect/").status_code == 302
    states = dict(Case.objects.values_list("number", "state"))
    assert states == {reported.number: "verified", submitted.number: "inspected"}


def test_cases_of_elsewhere_are_not_there_and_forms_of_others_refused(city, worker):
    case = case_in(city, "reported")
    stranger = client_of(city.outsider("grid_worker"))
    for rest in ("", "verify/"):
        assert stranger.get(f"/m/cases/{case.number}/{rest}").status_code == 404
    assert send(stranger, f"/m/cases/{case.number}/verify/").status_code == 404
    assert send(worker, f"/m/cases/{case.number}/accept/").status_code == 403
    assert worker.get(f"/m/cases/{case.number}/nonsense/").status_code == 404
    assert Case.objects.get().state == "reported"
