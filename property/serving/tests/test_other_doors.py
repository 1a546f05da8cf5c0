"""Admin, REST, phone and residents' doors of contracts, parcels, repairs and care visits."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.models import Case
from cases.tests.api import client_of
from cases.tests.pages import photo
from governance.models import Notice, NoticeTemplate
from governance.workflow import act
from property.models import CareReceiver, CareVisit, Parcel, PropertyContract
from property.party.tests.test_doors import STAFF, signed_in
from property.serving.other_querysets import CARE_ROLES, CONTRACT_ROLES, PARCEL_ROLES
from property.serving.tests.others import a_contract, a_receiver, in_force, receiver_saved
from property.serving.tests.services import build_services
from property.serving.tests.test_others import received

pytestmark = pytest.mark.django_db
KEEPERS = {"administrator", "party_secretary", "organiser", "community_staff"}


@pytest.fixture
def services(neighbourhood):
    return build_services(neighbourhood)


@pytest.mark.parametrize("role", STAFF)
def test_who_opens_which_door(services, city, role):
    in_force(services)
    received(services)
    receiver_saved(services, a_receiver(services))
    person = city.user(role)
    client, api = signed_in(person), client_of(person)
    doors = {
        "propertycontract": ("property-contracts", CONTRACT_ROLES, KEEPERS),
        "parcel": ("parcels", PARCEL_ROLES, {"property_manager"}),
        "carereceiver": ("care-receivers", CARE_ROLES, KEEPERS),
        "carevisit": ("care-visits", CARE_ROLES, set()),
    }
    for name, (door, readers, keepers) in doors.items():
        status = client.get(reverse(f"admin:property_{name}_changelist")).status_code
        assert status == (200 if role in readers else 403), name
        add = client.get(reverse(f"admin:property_{name}_add")).status_code
        assert add == (200 if role in keepers else 403), name
        answer = api.get(f"/api/v1/{door}/")
        assert answer.status_code == (200 if role in readers else 403), door
        served = (door, role) == ("parcels", "community_staff")  # hands out only where no company serves
        assert role not in readers or role == "operations_centre" or served or answer.json()["results"], door
    assert client.get("/m/parcels/").status_code == (200 if role == "property_manager" else 403)
    assert client.get("/m/care/").status_code == 200
    assert ("秦奶奶" in client.get("/m/care/").content.decode()) is False  # due in a week


def test_a_contract_lives_in_the_admin(services, city):
    client, draft = signed_in(city.user("organiser")), a_contract(services)
    page = reverse("admin:property_propertycontract_change", args=[draft.pk])
    edit = reverse("admin:property_propertycontract_edit", args=[draft.pk])
    assert edit in client.get(page).content.decode() and client.get(edit).status_code == 200
    act(draft, "sign", actor=city.user("organiser"))
    assert client.get(edit).status_code == 404
    evaluate = reverse("admin:property_propertycontract_evaluate", args=[draft.pk])
    given = {"year": timezone.localdate().year, "score": 90, "verdict": "continue", "words": "好"}
    assert client.post(evaluate, given | {"score": 101}).status_code == 400
    assert client.post(evaluate, given).status_code == 302 and draft.evaluations.get().score == 90
    act(draft, "begin_handover", actor=city.user("organiser"), reason="期满")
    item = draft.handover.first()
    settle = reverse("admin:property_propertycontract_settle", args=[draft.pk, item.pk])
    owners = signed_in(city.user("owners_member"))
    assert settle in owners.get(page).content.decode()
    assert owners.post(settle, {"is_complete": "no"}).status_code == 400
    assert owners.post(settle, {"is_complete": "no", "note": "缺图纸"}).status_code == 302
    item.refresh_from_db()
    assert item.is_complete is False
    for role in ("property_manager", "steward"):
        other = signed_in(city.user(role))
        assert other.post(settle, {"is_complete": "yes"}).status_code == 403
        assert other.post(evaluate, given).status_code == 403
    assert signed_in(city.outsider("organiser")).get(page).status_code == 404


def test_the_api_evaluates_and_hands_over(services, city):
    contract, api = in_force(services), client_of(city.user("organiser"))
    address = f"/api/v1/property-contracts/{contract.pk}/"
    given = {"year": timezone.localdate().year, "score": 70, "verdict": "improve", "words": "整改"}
    assert api.post(f"{address}evaluations/", given, format="json").status_code == 201
    assert api.post(f"{address}evaluations/", given, format="json").status_code == 409
    assert client_of(city.user("steward")).post(f"{address}evaluations/", given, format="json").status_code == 403
    begun = api.post(f"{address}transitions/begin_handover/", {"reason": "期满"}, format="json")
    assert begun.status_code == 200 and len(begun.json()["handover"]) == 8
    done = api.post(f"{address}hand-over/", {"position": 1, "is_complete": True}, format="json")
    assert done.status_code == 200 and done.json()["is_complete"] is True
    assert api.post(f"{address}hand-over/", {"position": 99, "is_complete": True}, format="json").status_code == 400
    assert api.post(f"{address}transitions/end/", {}, format="json").status_code == 409
    assert PropertyContract.objects.get(pk=contract.pk).state == "handing_over"


def test_a_parcel_from_the_counter_to_the_household(services, city):
    NoticeTemplate.objects.create(key="parcel_received", language="zh-hans", context="property.parcel",
                                  title="快递 {{ tracking }}", body="取件码 {{ code }}")  # fmt: skip
    manager = signed_in(city.user("property_manager"))
    given = {"dwelling": "GY-1-1-101", "carrier": "顺丰", "tracking": "SF0012345678", "shelf": "A1"}
    assert manager.post("/m/parcels/", given | {"dwelling": "XX"}).status_code == 400
    assert manager.post("/m/parcels/", given).status_code == 302
    parcel, owner = Parcel.objects.get(), services.party.place.owners[0]
    assert parcel.code in Notice.objects.get(person=owner).body
    # the household reads the code, the company does not
    page = signed_in(owner).get("/r/estate/GY/").content.decode()
    assert parcel.code in page and "您的快递" in page
    assert client_of(owner).get("/api/v1/me/parcels/").json()[0]["code"] == parcel.code
    for told in (manager.get("/m/parcels/").content.decode(),
                 client_of(city.user("property_manager")).get("/api/v1/parcels/").content.decode(),
                 manager.get(reverse("admin:property_parcel_change", args=[parcel.pk])).content.decode()):  # fmt: skip
        assert "12345678" in told and parcel.code not in told
    neighbour = services.party.place.owners[1]
    assert parcel.code not in signed_in(neighbour).get("/r/estate/GY/").content.decode()
    assert client_of(neighbour).get("/api/v1/me/parcels/").json() == []
    step = f"/m/parcels/{parcel.pk}/collect/"
    assert manager.post(step, {"code": "x", "version": parcel.version}).status_code == 400
    assert manager.post(step, {"code": parcel.code, "version": parcel.version}).status_code == 302
    assert Parcel.objects.get().state == "collected"
    # and by REST
    api = client_of(city.user("property_manager"))
    made = api.post("/api/v1/parcels/", given | {"dwelling": "GY-2-1-104"}, format="json")
    assert (made.status_code, made.json()["state"]) == (201, "received")
    outside = client_of(city.outsider("property_manager")).post("/api/v1/parcels/", given, format="json")
    assert outside.status_code == 400 and Parcel.objects.count() == 2


def test_residents_ask_for_repairs(services, city):
    in_force(services, repair_standard=city.standard)
    owner = services.party.place.owners[0]
    client, api = signed_in(owner), client_of(owner)
    assert client.post("/r/estate/GY/repairs/", {"dwelling": "GY-1-1-101", "description": ""}).status_code == 400
    assert client.post("/r/estate/GY/repairs/", {"dwelling": "GY-1-1-102", "description": "x"}).status_code == 400
    asked = client.post(
        "/r/estate/GY/repairs/", {"dwelling": "GY-1-1-101", "description": "水管漏水", "photos": photo()}
    )
    case = Case.objects.get()
    assert asked.status_code == 302 and case.token in asked["Location"]
    assert case.lead_unit == city.units["company"]
    made = api.post("/api/v1/me/repairs/", {"dwelling": "GY-1-1-101", "description": "灯坏了"}, format="json")
    assert (made.status_code, made.json()["state"], made.json()["unit"]) == (201, "dispatched", "company单位")
    refused = api.post("/api/v1/me/repairs/", {"dwelling": "GY-1-1-102", "description": "x"}, format="json")
    assert refused.status_code == 400
    stranger = signed_in(city.user("resident"))
    assert stranger.post("/r/estate/GY/repairs/", {"dwelling": "GY-1-1-101", "description": "x"}).status_code == 404
    assert Case.objects.count() == 2


def test_care_visits_on_the_phone_and_by_rest(services, city):
    receiver = receiver_saved(services, a_receiver(services, every_days=1))
    visit, steward = receiver.visits.get(), signed_in(city.user("steward"))
    assert f"/m/care/{visit.pk}/" in steward.get("/m/").content.decode()
    assert "秦奶奶" in steward.get("/m/care/").content.decode()
    page = steward.get(f"/m/care/{visit.pk}/").content.decode()
    assert "独居" in page and "上报走访" in page
    step = f"/m/care/{visit.pk}/visit/"
    assert steward.post(step, {"condition": "not_met", "version": visit.version}).status_code == 400
    assert steward.post(step, {"condition": "well", "version": visit.version}).status_code == 302
    assert CareVisit.objects.get(pk=visit.pk).visited_by == city.user("steward")
    api = client_of(city.user("community_staff"))
    assert api.get("/api/v1/care-receivers/").json()["results"][0]["last_seen"] is not None
    nxt = receiver.visits.get(state="planned")
    cancelled = api.post(f"/api/v1/care-visits/{nxt.pk}/transitions/cancel/", {"reason": "住院"}, format="json")
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    # nobody else learns that somebody is looked in on
    for person in (city.user("property_manager"), city.outsider("steward"), services.party.place.owners[0]):
        assert signed_in(person).get(f"/m/care/{visit.pk}/").status_code in (403, 404)
    assert client_of(city.outsider("steward")).get("/api/v1/care-receivers/").json()["results"] == []


def test_somebody_is_put_on_the_list_in_the_admin(services, city):
    client, address = signed_in(city.user("community_staff")), reverse("admin:property_carereceiver_add")
    given = {"code": "ld-02", "name": "李爷爷", "dwelling": services.party.place.dwellings[2].pk, "every_days": 3,
             "visitor": "steward", "valid_from": timezone.localdate()}  # fmt: skip
    assert client.post(address, given | {"visitor": "owner1"}).status_code in (200, 400)
    assert not CareReceiver.objects.exists()
    assert client.post(address, given).status_code == 302
    assert CareReceiver.objects.get().visits.get().state == "planned"
    client.get(reverse("admin:property_carereceiver_change", args=[CareReceiver.objects.get().pk]))


@pytest.mark.parametrize("door", ["/api/v1/parcels/", "/m/parcels/", "/r/estate/GY/", "/admin/property/parcel/"])
def test_lists_need_the_same_statements_for_any_number_of_rows(services, city, door):
    person = services.party.place.owners[0] if door.startswith("/r/") else city.user("property_manager")
    client = signed_in(person)

    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(door).status_code == 200
        return len(queries)

    received(services)
    few = statements()
    for _number in range(3):
        received(services)
    assert statements() == few
