"""Visits on site: a minute on the phone, several needs at once, all or nothing."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.tests.api import client_of
from governance.errors import Invalid, NotPermitted
from governance.models import Event
from partners.models import Need, NeedRaiser, NeedVisit
from partners.needs.figures import visit_figures
from partners.needs.tests.hall import NOW
from partners.needs.visits import Heard, visit_log

pytestmark = pytest.mark.django_db
FORM = {"estate": "GY", "at": "2026-06-02T09:30", "minutes": "15", "with_whom": "老年夫妇", "title_1": "老年食堂",
        "title_2": "楼下装充电桩", "category_2": "services"}  # fmt: skip


def logged(hall, **given) -> NeedVisit:
    given = {"actor": hall.city.user("grid_worker"), "dwelling": hall.dwellings[0],
             "needs": [Heard("老年食堂"), Heard("装充电桩")]} | given  # fmt: skip
    return visit_log(**given)


def test_a_visit_registers_the_needs_heard_at_the_dwelling(hall):
    visit = logged(hall, with_whom="老年夫妇", words="儿女不在身边")
    needs = list(Need.objects.made_of(visit).order_by("id"))
    assert [(need.title, need.category.code, need.source) for need in needs] == [
        ("老年食堂", "other", "visit"), ("装充电桩", "services", "visit")
    ]  # fmt: skip
    # no name is needed: the dwelling is who raised it
    assert set(NeedRaiser.objects.values_list("dwelling", "name", "user")) == {(hall.dwellings[0].pk, "", None)}
    assert needs[0].building == hall.dwellings[0].building and visit.estate == hall.estate
    assert "老年" not in str(list(Event.objects.values_list("payload", flat=True)))
    told = visit_figures(hall.manager, hall.city.area("community"))
    assert told == {"visits": 1, "minutes": 15, "dwellings": 1, "visitors": 1, "needs": 2, "days": 30}


def test_the_position_says_the_community(hall):
    longitude, latitude = hall.city.point
    visit = logged(hall, dwelling=None, longitude=longitude, latitude=latitude, needs=[Heard("修剪树木")])
    assert visit.area == hall.city.area("grid") and not NeedRaiser.objects.exists()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"dwelling": None}, "estate"), ({"at": NOW + timedelta(hours=1)}, "at"),
        ({"at": NOW - timedelta(days=40)}, "at"), ({"minutes": 0}, "minutes"), ({"minutes": 10**9}, "minutes"),
        ({"needs": [Heard("x")] * 11}, "needs"), ({"needs": []}, "words"),
        ({"needs": [Heard("好"), Heard("")]}, "title"),
        ({"words": "\0"}, "words"), ({"place": "长" * 121}, "place"), ({"phone": "no"}, "phone"),
        ({"dwelling": None, "longitude": 10.0, "latitude": 10.0}, "longitude"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_by_field_and_nothing_is_half_stored(hall, given, field):
    with pytest.raises(Invalid) as refused:
        logged(hall, **given)
    assert refused.value.field == field
    assert not NeedVisit.objects.exists() and not Need.objects.exists() and not Event.objects.exists()


def test_who_logs_visits(hall):
    may = {"partner_manager", "community_staff", "grid_worker", "organiser", "party_secretary", "steward"}
    for role in (*may, "administrator", "operations_centre", "dispatcher", "handler", "resident", "property_manager"):
        for user, here in ((hall.city.user(role), True), (hall.city.outsider(role), False)):
            count = NeedVisit.objects.count()
            if role in may and here:
                logged(hall, actor=user)
                continue
            with pytest.raises(NotPermitted):
                logged(hall, actor=user)
            assert NeedVisit.objects.count() == count, role


def test_the_phone_page_takes_a_visit_with_several_needs(hall):
    staff = client_of(hall.manager)
    assert "老年" not in staff.get("/m/needs/visits/").content.decode()
    page = staff.get("/m/needs/visits/new/").content.decode()
    assert "title_3" in page and 'value="GY"' in page and 'value="LY"' not in page
    for wrong in ({"dwelling": "LY-1-1-101"}, {"title_1": "", "title_2": ""}, {"at": "9999-12-31T23:59"},
                  {"at": "0001-01-01T00:00"}, {"title_1": "好\0"}, {"estate": "LY"}, {"minutes": "9" * 30},
                  {"phone": "x"}):  # fmt: skip
        assert staff.post("/m/needs/visits/new/", FORM | wrong, format="multipart").status_code == 400, wrong
    assert not NeedVisit.objects.exists() and not Need.objects.exists()
    assert staff.post("/m/needs/visits/new/", FORM, format="multipart").status_code == 302
    shown = staff.get("/m/needs/visits/").content.decode()
    assert "老年食堂" in shown and "楼下装充电桩" in shown
    # residents and those who only look do not, and no list leads them there
    listed = "/admin/partners/needvisit/"
    assert "/m/needs/visits/new/" in staff.get(listed).content.decode()
    answer = client_of(hall.city.user("administrator")).get(listed)
    assert answer.status_code == 200 and "/m/needs/visits/new/" not in answer.content.decode()
    assert client_of(hall.neighbour(0)).get("/m/needs/visits/new/").status_code == 403
    looker = client_of(hall.city.user("administrator"))
    assert looker.post("/m/needs/visits/new/", FORM, format="multipart").status_code == 403
    assert client_of().get("/m/needs/visits/").status_code == 302
    # the list in the admin counts what was heard
    assert ">2<" in client_of(hall.manager).get("/admin/partners/needvisit/").content.decode().replace(" ", "")
    visit = NeedVisit.objects.get()
    assert looker.get(f"/admin/partners/needvisit/{visit.pk}/change/").status_code == 200
    assert client_of(hall.city.outsider("partner_manager")).get(
        f"/admin/partners/needvisit/{visit.pk}/change/").status_code == 404  # fmt: skip


def test_the_api_logs_a_visit(hall):
    staff = client_of(hall.city.user("community_staff"))
    body = {"dwelling": "GY-1-1-101", "needs": [{"title": "老年食堂", "group": "elders", "people": 20}]}
    for wrong in ({"needs": [{"title": ""}]}, {"at": "9999-12-31T23:59:59Z"}, {"dwelling": "x\0"}, {"minutes": 0},
                  {"needs": [{"title": "x", "category": "none"}]}, {"area": "123"}, {"longitude": True},
                  {"phone": "x"}, {"words": "长" * 3000}):  # fmt: skip
        assert staff.post("/api/v1/need-visits/", body | wrong, format="json").status_code == 400, wrong
    assert not NeedVisit.objects.exists()
    made = staff.post("/api/v1/need-visits/", body, format="json")
    assert made.status_code == 201 and made.json()["heard"] == 1
    assert Need.objects.get().people == 20
    assert client_of(hall.neighbour(0)).post("/api/v1/need-visits/", body, format="json").status_code == 403
    assert client_of(hall.neighbour(0)).get("/api/v1/need-visits/").status_code == 403


def test_lists_of_visits_cost_the_same_for_any_number(hall):
    staff, counts = client_of(hall.manager), []
    for _turn in range(2):
        logged(hall, actor=hall.manager)
        staff.get("/m/needs/visits/")
        counts.append([])
        for address in ("/m/needs/visits/", "/api/v1/need-visits/", "/admin/partners/needvisit/"):
            with CaptureQueriesContext(connection) as found:
                assert staff.get(address).status_code == 200
            counts[-1].append(len(found))
    assert counts[0] == counts[1]


def test_a_visit_lies_in_one_community(hall):
    community, elsewhere = hall.city.area("community"), hall.dwellings[3]
    for given in ({"area": community, "dwelling": elsewhere}, {"area": community, "estate": hall.other_estate}):
        with pytest.raises(Invalid) as refused:
            visit_log(actor=hall.manager, words="聊了聊", **given)
        assert refused.value.field == "estate"
    with pytest.raises(Invalid) as refused:
        visit_log(actor=hall.manager, words="聊了聊", dwelling=hall.dwellings[0], latitude=30.5)
    assert refused.value.field == "longitude" and not NeedVisit.objects.exists()
