"""Admin, REST, phone and residents' doors of service lists: who opens which, and what they do there."""

from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.tests.api import client_of
from cases.tests.pages import photo
from governance.exchange.engine import check, run
from governance.exchange.files import Source
from governance.exchange.importers import importer_named
from governance.models import Appointment
from governance.timers import fire_past
from property.models import ServiceList, ServiceRating, ServiceRecord
from property.party.tests.test_doors import STAFF, signed_in
from property.serving.occurrences import timer_key
from property.serving.querysets import SERVING_ROLES
from property.serving.tests.services import at, build_services

pytestmark = pytest.mark.django_db
KEEPERS = {"administrator", "party_secretary", "organiser", "community_staff"}
MONDAY = date(2026, 11, 2)


@pytest.fixture
def services(neighbourhood):
    return build_services(neighbourhood)


@pytest.fixture
def monday(services):
    Appointment.objects.update(valid_from=date(2020, 1, 1))
    with time_machine.travel(at(2, 9), tick=False):
        yield


@pytest.mark.parametrize("role", STAFF)
def test_who_opens_which_door(services, city, role):
    person = city.user(role)
    client, api = signed_in(person), client_of(person)
    sees = role in SERVING_ROLES
    for name in ("servicelist", "servicerecord"):
        assert client.get(reverse(f"admin:property_{name}_changelist")).status_code == (200 if sees else 403), name
    add = client.get(reverse("admin:property_servicelist_add")).status_code
    assert add == (200 if role in KEEPERS else 403)
    assert client.get(reverse("admin:property_service_month")).status_code == (200 if sees else 403)
    rated = client.get(reverse("admin:property_servicerating_changelist")).status_code
    assert rated == (200 if role in KEEPERS | {"property_manager"} else 403)
    for door in ("service-lists", "service-records"):
        answer = api.get(f"/api/v1/{door}/")
        assert answer.status_code == (200 if sees else 403), door
        assert not sees or answer.json()["results"] or role == "operations_centre", door
    assert client.get("/m/services/").status_code == 200


def test_who_works_elsewhere_finds_nothing(services, city):
    record = services.record("stairs", MONDAY)
    for role in ("property_manager", "organiser", "steward"):
        client, api = signed_in(city.outsider(role)), client_of(city.outsider(role))
        assert api.get("/api/v1/service-lists/").json()["results"] == []
        assert api.get(f"/api/v1/service-records/{record.pk}/").status_code == 404
        assert client.get(f"/m/services/{record.pk}/").status_code == 404
        assert client.get(reverse("admin:property_servicerecord_change", args=[record.pk])).status_code == 404


def test_the_manager_reports_with_a_photo_on_the_phone(services, city, monday):
    client, record = signed_in(city.user("property_manager")), services.record("stairs", MONDAY)
    today = client.get("/m/").content.decode()
    assert "今日服务" in today and f"/m/services/{record.pk}/" in today
    page = client.get(f"/m/services/{record.pk}/").content.decode()
    assert "上报完成" in page and "每日清扫一次" in page
    form = client.get(f"/m/services/{record.pk}/complete/").content.decode()
    assert "照片（必传）" in form
    # without the photo it stays to be done and says why, with it it is done
    refused = client.post(f"/m/services/{record.pk}/complete/", {"version": record.version})
    assert refused.status_code == 400 and "须上传完成照片" in refused.content.decode()
    assert services.record("stairs", MONDAY).state == "planned"
    answer = client.post(f"/m/services/{record.pk}/complete/", {"version": record.version, "photos": photo()})
    assert answer.status_code == 302 and services.record("stairs", MONDAY).state == "done"
    assert "photos-shown" in client.get(f"/m/services/{record.pk}/").content.decode()
    # and the steward who passes by confirms it
    steward = signed_in(city.user("steward"))
    assert steward.post(f"/m/services/{record.pk}/check_on_site/", {"version": 1}).status_code == 302
    assert services.record("stairs", MONDAY).state == "checked"


def test_a_list_is_drafted_edited_agreed_and_published_in_the_admin(services, city):
    organiser = signed_in(city.user("organiser"))
    add = reverse("admin:property_servicelist_add")
    given = {"estate": "GY", "organisation": "branch", "company": "company"}
    assert organiser.post(add, given | {"company": "owners"}).status_code == 400
    assert organiser.post(add, given).status_code == 302
    made = ServiceList.objects.get(edition=2)
    page = reverse("admin:property_servicelist_change", args=[made.pk])
    edit = reverse("admin:property_servicelist_edit", args=[made.pk])
    assert edit in organiser.get(page).content.decode()
    form = organiser.get(edit)
    assert form.status_code == 200 and "每日清扫一次" in form.content.decode()
    rows = organiser.get(edit).context["inline_admin_formsets"][0].formset
    posted = {"organisation": made.organisation_id, "company": made.company_id} | _posted(rows)
    posted["items-0-standard"] = "每日清扫两次"
    assert organiser.post(edit, posted).status_code == 302
    assert made.items.filter(standard="每日清扫两次").count() == 1
    for role, step in (
        ("party_secretary", "agree_party"),
        ("property_manager", "agree_company"),
        ("organiser", "publish"),
    ):
        client = signed_in(city.user(role))
        address = reverse("admin:property_servicelist_transition", args=[made.pk, step])
        version = ServiceList.objects.get(pk=made.pk).version
        assert client.post(address, {"version": version}).status_code == 302, step
    assert ServiceList.objects.get(pk=made.pk).state == "published"
    # and a published list has no form any more
    assert organiser.get(edit).status_code == 404
    assert edit not in organiser.get(page).content.decode()


def _posted(formset) -> dict:
    found = {f"{formset.prefix}-{name}": formset.management_form[name].value()
             for name in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")}  # fmt: skip
    for form in formset.forms:
        for field in form:
            value = field.value()
            found[field.html_name] = "" if value is None or value is False else value
    return found


def test_the_api_drafts_moves_on_and_tells_the_month(services, city, monday):
    organiser = client_of(city.user("organiser"))
    given = {"estate": "GY", "organisation": "branch", "company": "company"}
    made = organiser.post("/api/v1/service-lists/", given, format="json")
    assert made.status_code == 201 and len(made.json()["items"]) == 3 and made.json()["edition"] == 2
    wrong = organiser.post("/api/v1/service-lists/", given | {"estate": "XX"}, format="json")
    assert (wrong.status_code, wrong.json()["errors"][0]["attr"]) == (400, "estate")
    manager = client_of(city.user("property_manager"))
    assert manager.post("/api/v1/service-lists/", given, format="json").status_code == 403
    record = services.record("stairs", MONDAY)
    address = f"/api/v1/service-records/{record.pk}/transitions/complete/"
    assert manager.post(address, {}, format="json").json()["errors"][0]["attr"] == "photos"
    done = manager.post(address, {"photos": photo()}, format="multipart")
    assert (done.status_code, done.json()["state"], len(done.json()["files"])) == (200, "done", 1)
    assert organiser.post(address, {"photos": photo()}, format="multipart").status_code == 403
    month = organiser.get("/api/v1/service-lists/month/?estate=GY&month=2026-11").json()
    rows = {row["item"]["code"]: row for row in month["items"]}
    assert (rows["stairs"]["kept"], rows["stairs"]["share"], rows["gate"]["share"]) == (1, 100.0, None)
    assert organiser.get("/api/v1/service-lists/month/?estate=GY&month=2026-13").status_code == 400
    outside = client_of(city.outsider("organiser")).get("/api/v1/service-lists/month/?estate=GY&month=2026-11")
    assert outside.status_code == 400


def test_the_month_page_leads_to_the_misses(services, city, monday):
    record = services.record("gate", MONDAY)
    fire_past(timer_key(record), record.ends_at)
    client = signed_in(city.user("party_secretary"))
    text = client.get(reverse("admin:property_service_month") + "?estate=GY&month=2026-11").content.decode()
    assert "0.0 %" in text and "state__exact=missed" in text
    assert client.get(reverse("admin:property_service_month") + "?estate=XX").status_code == 404
    assert client.get(reverse("admin:property_service_month") + "?month=2026-99").status_code == 404
    page = client.get(reverse("admin:property_servicerecord_change", args=[record.pk])).content.decode()
    assert services.record("gate", MONDAY).case.number in page


def test_residents_see_their_own_estate_and_rate(services, city, monday):
    owner, item = services.party.place.owners[0], services.item("stairs")
    client, api = signed_in(owner), client_of(owner)
    assert client.get("/r/estate/")["Location"] == "/r/estate/GY/"
    page = client.get("/r/estate/GY/").content.decode()
    assert "每日清扫一次" in page and "基础服务" in page
    assert "/r/estate/GY/" in client.get("/r/mine/").content.decode()
    assert client.post(f"/r/estate/GY/services/{item.pk}/rating/", {"stars": "5", "words": "很好"}).status_code == 302
    assert ServiceRating.objects.get().stars == 5
    assert client.post(f"/r/estate/GY/services/{item.pk}/rating/", {"stars": "9"}).status_code == 400
    assert [row["code"] for row in api.get("/api/v1/me/estates/").json()] == ["GY"]
    rated = api.post(f"/api/v1/me/services/{item.pk}/rating/", {"stars": 3}, format="json")
    assert rated.status_code == 201 and ServiceRating.objects.get().stars == 3
    told = api.get("/api/v1/me/estates/GY/services/").json()
    assert {row["item"]["code"]: row["own_stars"] for row in told["items"]}["stairs"] == 3
    assert api.get("/api/v1/me/estates/GY/records/").json() == []
    # and nobody sees an estate in which they do not live
    stranger, other = signed_in(city.user("resident")), client_of(city.user("resident"))
    assert stranger.get("/r/estate/GY/").status_code == 404
    assert stranger.get("/r/estate/").status_code == 200
    assert stranger.post(f"/r/estate/GY/services/{item.pk}/rating/", {"stars": "1"}).status_code == 404
    for rest in ("services/", "records/"):
        assert other.get(f"/api/v1/me/estates/GY/{rest}").status_code == 404
    assert other.post(f"/api/v1/me/services/{item.pk}/rating/", {"stars": 1}, format="json").status_code == 404
    assert ServiceRating.objects.get().stars == 3
    assert signed_in(owner).get("/m/services/").status_code == 403


@pytest.mark.parametrize(
    "door", ["/api/v1/service-records/", "/api/v1/service-lists/", "/m/services/", "/r/estate/GY/"]
)
def test_lists_need_the_same_statements_for_any_number_of_rows(services, city, monday, door):
    person = services.party.place.owners[0] if door.startswith("/r/") else city.user("property_manager")
    client = signed_in(person)

    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(door).status_code == 200
        return len(queries)

    ServiceRecord.objects.filter(item__code="stairs").exclude(date=MONDAY).delete()
    few = statements()
    rows = [ServiceRecord(item=services.item("gate"), date=date(2026, 10, day), starts_at=at(2, 8), ends_at=at(2, 18),
                          estate=services.party.place.estate, company=city.units["company"], area=city.community)
            for day in range(1, 9)]  # fmt: skip
    ServiceRecord.objects.bulk_create(rows)
    assert statements() == few


def test_items_come_by_sheet_onto_a_draft_only(services, city):
    organiser = city.user("organiser")

    def sheet(key: str, text: str, go=run):
        return go(importer_named(key)(), Source("rows.csv", text.encode()), actor=organiser)

    sheet("property.servicelist", "estate,edition,organisation,company\nGY,2,branch,company\n")
    header = "service_list,code,name,field,standard,rule,weekdays,performer,check_method,miss_standard\n"
    sheet(
        "property.serviceitem",
        f"{header}GY/2,lift,电梯维保,repair,每两周一次,weekdays,周一、周四,维保单位,维保记录,0101/tilted\n",
    )
    item = ServiceList.objects.get(edition=2).items.get()
    assert (item.weekdays, item.miss_standard) == ([0, 3], city.standard)
    lines = "GY/1,lift,电梯,repair,x,daily,,y,z,\nGY/9,a,b,repair,x,daily,,y,z,\n"
    report = sheet("property.serviceitem", header + lines, check)
    assert [(error.line, error.column) for error in report.errors] == [(2, ""), (3, "service_list")]
