"""Admin, REST and import doors of party organisations: who opens which, and what they do."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.tests.api import client_of
from cases.tests.pages import photo
from governance.configuration import configuration_save
from governance.exchange.engine import check, run
from governance.exchange.files import Source
from governance.exchange.importers import importer_named
from property.models import CrossAppointment, HouseholdCare, PartyMembership, PartyOrganisation
from property.party.services import cross_appointment_save
from property.party.tests.organisations import a_photo, a_seat, build_organisations
from property.party.tests.test_services import OF_MEMBERS, READERS
from property.tests.neighbourhood import company_serves

pytestmark = pytest.mark.django_db
LISTS = {"partyorganisation": READERS, "partymembership": OF_MEMBERS, "crossappointment": READERS}
DOORS = {"party-organisations": READERS, "party-memberships": OF_MEMBERS, "cross-appointments": READERS}
STAFF = ["administrator", "operations_centre", "registrar", "handler", "supervisor", "grid_worker", "community_staff",
         "party_secretary", "organiser", "property_manager", "owners_member", "steward"]  # fmt: skip


@pytest.fixture
def party(neighbourhood):
    made = build_organisations(neighbourhood)
    company_serves(neighbourhood, organisation=made.by_level["branch"])
    secretary = neighbourhood.city.user("party_secretary")
    row = PartyMembership(organisation=made.by_level["branch"], person=made.people[0], post="secretary")
    configuration_save(row, actor=secretary, changed=["person"])
    cross_appointment_save(a_seat(made), actor=secretary, changed=["person"], documents=[a_photo()])
    return made


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.mark.parametrize("role", STAFF)
def test_who_opens_which_door(party, city, role):
    person = city.user(role)
    client, api = signed_in(person), client_of(person)
    for name, readers in LISTS.items():
        status = client.get(reverse(f"admin:property_{name}_changelist")).status_code
        assert status == (200 if role in readers else 403), name
        add = client.get(reverse(f"admin:property_{name}_add")).status_code
        assert add == (200 if role in ("administrator", "party_secretary") else 403), name
    assert client.get(reverse("admin:property_party_tree")).status_code == (200 if role in READERS else 403)
    for door, readers in DOORS.items():
        answer = api.get(f"/api/v1/{door}/")
        assert answer.status_code == (200 if role in readers else 403), door
        if role in readers:
            assert answer.json()["results"], door


def test_neighbours_at_work_elsewhere_see_nothing(party, city):
    for role in ("party_secretary", "organiser", "property_manager", "steward"):
        api = client_of(city.outsider(role))
        assert api.get("/api/v1/party-organisations/").json()["results"] == []
        assert api.get("/api/v1/party-organisations/committee/tree/").status_code == 404
        client, address = signed_in(city.outsider(role)), reverse("admin:property_party_tree")
        assert "桂园" not in client.get(address).content.decode()
        assert client.get(f"{address}?committee=committee").status_code == 404


def test_the_tree_page_shows_who_and_what_is_missing(party, city, django_assert_max_num_queries):
    client = signed_in(city.user("party_secretary"))
    with django_assert_max_num_queries(30):
        text = client.get(f"{reverse('admin:property_party_tree')}?committee=committee&estate=GY").content.decode()
    for told in (
        "党员1",
        "household组织",
        "102",
        "owners单位",
        "业委会副主任",
        "尚无党员中心户联系",
        "负责人尚未兼任社区党委委员",
    ):
        assert told in text, told


def test_the_api_tells_tree_and_gaps(party, city):
    api = client_of(city.user("organiser"))
    tree = api.get("/api/v1/party-organisations/committee/tree/?estate=GY").json()
    assert tree["estates"][0]["branch"]["officers"][0]["name"] == "党员1"
    assert tree["buildings"][0]["uncovered"] == ["GY-1-1-102", "GY-1-1-103", "GY-1-1-104"]
    kinds = {row["kind"] for row in api.get("/api/v1/party-organisations/committee/gaps/").json()}
    assert kinds == {"vacant", "too_small", "seat_missing"}
    assert api.get("/api/v1/party-organisations/branch/tree/").status_code == 400
    assert api.get("/api/v1/party-organisations/committee/tree/?estate=XX").status_code == 400
    pk = CrossAppointment.objects.get().pk
    documents = api.get(f"/api/v1/cross-appointments/{pk}/").json()["documents"]
    assert signed_in(city.user("organiser")).get(documents[0]["url"]).status_code == 200
    assert signed_in(city.outsider("organiser")).get(documents[0]["url"]).status_code == 404


@pytest.mark.parametrize("door", DOORS)
def test_lists_need_the_same_statements_for_any_number_of_rows(party, city, django_assert_num_queries, door):
    api = client_of(city.user("party_secretary"))
    few = query_count(api, door)
    committee, secretary = party.by_level["committee"], city.user("party_secretary")
    for person in party.people[1:]:
        row = PartyMembership(organisation=committee, person=person)
        configuration_save(row, actor=secretary, changed=["person"])
        seat = a_seat(party)
        seat.person = person
        cross_appointment_save(seat, actor=secretary, changed=["person"], documents=[a_photo()])
    with django_assert_num_queries(few):
        assert api.get(f"/api/v1/{door}/").status_code == 200


def query_count(api, door: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        api.get(f"/api/v1/{door}/")
    return len(queries)


def test_a_seat_is_entered_in_the_admin_by_phone_or_user_name(party, city):
    client, address = signed_in(city.user("party_secretary")), reverse("admin:property_crossappointment_add")
    row = a_seat(party, into_party=True)
    given = {
        "direction": row.direction, "organisation": row.organisation.pk, "unit": row.unit.pk, "seat": row.seat,
        "person": "property_manager", "held_post": row.held_post, "procedure": row.procedure,
        "decided_on": row.decided_on, "document_number": row.document_number, "valid_from": row.valid_from,
        "valid_to": row.valid_to,
    }  # fmt: skip
    # without its document it is refused in words, with it it is there
    assert "须附作出决定的文件" in client.post(address, given).content.decode()
    assert client.post(address, given | {"person": "nobody", "documents": photo()}).status_code == 200
    assert CrossAppointment.objects.count() == 1
    assert client.post(address, given | {"documents": photo()}).status_code == 302
    assert CrossAppointment.objects.filter(person=city.user("property_manager")).exists()


def sheet(key: str, text: str, actor, *, go=run):
    return go(importer_named(key)(), Source("rows.csv", text.encode()), actor=actor)


def test_organisations_members_and_households_come_by_sheet(party, city):
    secretary = city.user("party_secretary")
    sheet("property.partyorganisation", "code,name,level,parent,area,estate,building,dwelling\n"
          "g2,桂园2栋党小组,group,branch,,,GY/2,\nh2,李家,household,g2,,,,GY-2-1-101\n", secretary)  # fmt: skip
    sheet("property.householdcare", "dwelling,household\nGY-2-1-102,h2\n", secretary)
    sheet(
        "property.partymembership", "organisation,person,post,valid_from\ng2,comrade2,secretary,2026-01-01\n", secretary
    )
    assert PartyOrganisation.objects.get(code="h2").area == city.area("grid")
    assert HouseholdCare.objects.get().household.code == "h2"
    assert PartyMembership.objects.get(organisation__code="g2").post == "secretary"
    # and what does not fit names line and column, and nothing of the file is kept
    report = sheet("property.partyorganisation", "code,name,level,parent,area,estate,building,dwelling\n"
                   "g3,三组,group,branch,,,GY/9,\nh3,王家,household,branch,,,,GY-2-1-103\n", secretary,
                   go=check)  # fmt: skip
    assert [(error.line, error.column) for error in report.errors] == [(2, "building"), (3, "parent")]
    assert not PartyOrganisation.objects.filter(code__in=["g3", "h3"]).exists()
