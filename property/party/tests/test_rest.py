"""Party organisations, members, households and cross-appointments kept through REST: every role, the same refusals."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cases.tests.api import client_of
from cases.tests.pages import photo
from governance.configuration import configuration_save
from governance.models import Event
from property.models import CrossAppointment, HouseholdCare, PartyMembership, PartyOrganisation
from property.party.tests.organisations import a_seat, build_organisations
from property.party.tests.test_doors import STAFF

pytestmark = pytest.mark.django_db
KEEPERS = {"administrator", "party_secretary"}
BASE = "/api/v1"


@pytest.fixture
def party(neighbourhood):
    return build_organisations(neighbourhood)


def everything(party) -> list[tuple[str, str, dict, str]]:
    """Return (method, address, body, format) of a write of each kind on stored rows."""
    city, today = party.place.city, timezone.localdate()
    member = PartyMembership(organisation=party.by_level["group"], person=party.people[0])
    configuration_save(member, actor=city.user("party_secretary"), changed=["person"])
    seat = a_seat(party)
    seat.save()
    return [
        ("post", "party-organisations/", {"code": "g2", "name": "2栋党小组", "level": "group", "parent": "branch",
                                          "building": "GY/2"}, "json"),
        ("patch", "party-organisations/group/", {"name": "1栋党小组"}, "json"),
        ("put", "party-organisations/household/dwellings/", {"dwellings": ["GY-1-1-102", "GY-1-1-103"]}, "json"),
        ("post", "party-memberships/", {"organisation": "branch", "person": "comrade2", "post": "secretary"}, "json"),
        ("patch", f"party-memberships/{member.pk}/", {"valid_to": f"{today}"}, "json"),
        ("post", "cross-appointments/", seat_body(party), "multipart"),
        ("patch", f"cross-appointments/{seat.pk}/", {"valid_to": f"{seat.valid_to - timedelta(days=9)}"}, "json"),
    ]  # fmt: skip


def seat_body(party, **given) -> dict:
    row = a_seat(party, into_party=True)
    return {
        "direction": row.direction, "organisation": row.organisation.code, "unit": row.unit.code, "seat": row.seat,
        "person": row.person.username, "held_post": row.held_post, "procedure": row.procedure,
        "decided_on": f"{row.decided_on}", "document_number": row.document_number, "valid_from": f"{row.valid_from}",
        "valid_to": f"{row.valid_to}", "documents": photo(),
    } | given  # fmt: skip


def state() -> list:
    models = (PartyOrganisation, PartyMembership, HouseholdCare, CrossAppointment)
    return [list(model.objects.order_by("pk").values()) for model in models] + [Event.objects.count()]


def test_a_building_with_a_null_character_is_unknown(party):
    api, before = client_of(party.place.city.user("party_secretary")), PartyOrganisation.objects.count()
    given = {"code": "g2", "name": "2栋党小组", "level": "group", "parent": "branch"}
    for building in ("\0/1", "GY/\0", 7):
        answer = api.post(f"{BASE}/party-organisations/", given | {"building": building}, format="json")
        assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "building")
    assert PartyOrganisation.objects.count() == before


def test_every_write_by_every_role(party, city):
    writes = everything(party)
    before = state()
    for role in STAFF:
        if role not in KEEPERS:
            api = client_of(city.user(role))
            for method, address, body, form in writes:
                answer = getattr(api, method)(f"{BASE}/{address}", body, format=form)
                assert answer.status_code == 403, (role, method, address)
    for method, address, body, form in writes:  # and the secretary of another community finds none of it
        answer = getattr(client_of(city.outsider("party_secretary")), method)(f"{BASE}/{address}", body, format=form)
        assert answer.status_code in (400, 404), (method, address)
    assert state() == before
    api = client_of(city.user("party_secretary"))
    for method, address, body, form in writes:
        body |= {"documents": photo()} if form == "multipart" else {}  # a file is read once
        answer = getattr(api, method)(f"{BASE}/{address}", body, format=form)
        assert answer.status_code == (201 if method == "post" else 200), (address, answer.json())
    group = PartyOrganisation.objects.get(code="g2")
    assert (group.building.number, group.area) == ("2", group.building.area)
    assert PartyOrganisation.objects.get(code="group").name == "1栋党小组"
    assert sorted(HouseholdCare.objects.values_list("dwelling__code", flat=True)) == ["GY-1-1-102", "GY-1-1-103"]
    assert PartyMembership.objects.get(person=party.people[1]).post == "secretary"
    assert PartyMembership.objects.get(person=party.people[0]).valid_to == timezone.localdate()
    made = CrossAppointment.objects.get(person=city.user("property_manager"))
    assert len(api.get(f"{BASE}/cross-appointments/{made.pk}/").json()["documents"]) == 1
    # what is sent twice under one key is entered once
    new = {"organisation": "branch", "person": "comrade3"}
    for _ in range(2):
        assert (
            api.post(f"{BASE}/party-memberships/", new, format="json", headers={"Idempotency-Key": "k1"}).status_code
            == 201
        )
    assert PartyMembership.objects.filter(person=party.people[2]).count() == 1


def test_what_the_admin_refuses_rest_refuses_naming_the_field(party, city):
    everything(party)
    api, before = client_of(city.user("party_secretary")), state()
    seat, member = CrossAppointment.objects.get(), PartyMembership.objects.get()
    longer = {"valid_to": f"{seat.valid_to + timedelta(days=1)}"}
    refusals = [  # method, address, body, format, what is blamed
        ("post", "party-organisations/", {"code": "x", "name": "x", "level": "group", "parent": "committee",
                                          "building": "GY/2"}, "json", "parent"),
        ("post", "party-organisations/", {"code": "x", "name": "x", "level": "group", "parent": "branch",
                                          "building": "GY/9"}, "json", "building"),
        ("post", "party-organisations/", {"code": "x", "name": "x", "level": "branch", "parent": "committee"}, "json",
         "estate"),
        ("put", "party-organisations/household/dwellings/", {"dwellings": ["GY-2-1-101"]}, "json", "dwellings"),
        ("put", "party-organisations/group/dwellings/", {"dwellings": ["GY-1-1-102"]}, "json", "dwellings"),
        ("post", "party-memberships/", {"organisation": "branch", "person": "nobody"}, "json", "person"),
        ("patch", f"party-memberships/{member.pk}/", {"valid_to": "2000-01-01"}, "json", "valid_to"),
        ("patch", f"cross-appointments/{seat.pk}/", {"valid_to": "2000-01-01"}, "json", "valid_to"),
        ("patch", f"cross-appointments/{seat.pk}/", longer, "json", "valid_to"),
        ("post", "cross-appointments/", seat_body(party, procedure="owners_election"), "multipart", "procedure"),
        ("post", "cross-appointments/", {key: value for key, value in seat_body(party).items() if key != "documents"},
         "multipart", "documents"),
    ]  # fmt: skip
    for method, address, body, form, blamed in refusals:
        answer = getattr(api, method)(f"{BASE}/{address}", body, format=form)
        assert answer.status_code == 400, (address, answer.json())
        fields = {error["attr"] for error in answer.json()["errors"]}
        assert any(str(field).startswith(blamed) for field in fields), (address, answer.json())
    # and a person, a post or a level is not changed: another term, another organisation
    api.patch(f"{BASE}/party-memberships/{member.pk}/", {"post": "secretary"}, format="json")
    assert state()[:4] == before[:4]
