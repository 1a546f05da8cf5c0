"""Owners' committees and companies act and see in their own estates only, in every topic (property/estates.py)."""

from dataclasses import dataclass
from datetime import time, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from governance.errors import NotPermitted
from governance.models import Building, Dwelling, Entrance, Estate, OrgUnit, User
from governance.scoping import forget_grants, grants_of
from governance.testing import assert_relation_forms_agree
from governance.workflow import act
from property.estates import estates_of_grant
from property.models import (
    AgendaItem,
    Assembly,
    CrossAppointment,
    EstateBooks,
    FollowUpItem,
    Parcel,
    PartyOrganisation,
    PropertyContract,
    Resolution,
    RuleSet,
    Seat,
    ServiceItem,
    ServiceList,
    ServiceRecord,
)
from property.party.gaps import seats_of
from property.party.tests.organisations import Party, a_seat, build_organisations
from property.party.tree import tree_of
from property.serving.contracts import contract_of
from property.serving.parcels import parcel_receive
from property.tests.neighbourhood import company_serves
from property.voting.resolutions import resolution_propose

pytestmark = pytest.mark.django_db
OWNERS, MANAGER = "owners_member", "property_manager"
# How the estate of a row is found, in each list of red property that an estate has.
LISTS = {
    EstateBooks: "estate", Resolution: "estate", ServiceList: "estate", ServiceItem: "service_list__estate",
    ServiceRecord: "estate", Parcel: "estate", Assembly: "estate", FollowUpItem: "assembly__estate",
    PartyOrganisation: "estate", CrossAppointment: "organisation__estate", PropertyContract: "estate",
}  # fmt: skip
# What they do not see of their own estate either.
UNSEEN = {OWNERS: {Parcel}, MANAGER: set()}


@dataclass
class Two:
    """桂园 and 桂园二期 in one community, each with a row of every list. All rows name ``company`` and, where they name
    a committee, ``owners``; but the company has a contract for the first estate only, and the committee is of that.
    """

    party: Party
    other: Estate
    homes: list[Dwelling]

    @property
    def city(self):
        return self.party.place.city

    def seen(self, model, user) -> set[str]:
        way = LISTS[model]
        rows = model.objects.visible_to(user).exclude(**{way: None})
        return set(rows.values_list(f"{way}__code", flat=True))

    def of(self, model, code="GY2"):
        return model.objects.get(**{f"{LISTS[model]}__code": code})


@pytest.fixture
def two(neighbourhood) -> Two:
    party, city = build_organisations(neighbourhood), neighbourhood.city
    company_serves(neighbourhood, organisation=party.by_level["branch"])
    other = Estate.objects.create(code="GY2", name="桂园二期", area=city.community)
    building = Building.objects.create(estate=other, number="1", area=city.grid)
    entrance = Entrance.objects.create(building=building, number="1")
    home = Dwelling.objects.create(code="GY2-1", building=building, entrance=entrance, area=city.grid, floor=1,
                                   number="101", floor_area=Decimal(80), use="residential")  # fmt: skip
    branch = PartyOrganisation.objects.create(code="branch2", name="二期支部", level="branch", estate=other,
                                              area=other.area, parent=party.by_level["committee"])  # fmt: skip
    homes = [neighbourhood.dwellings[0], home]
    rules = RuleSet.objects.create(code="ordinary", name="一般事项", kind="statutory", source="民法典 278")
    for dwelling, organisation in zip(homes, [party.by_level["branch"], branch], strict=True):
        _furnish(party, dwelling, organisation, rules)
    return Two(party, other, homes)


def _furnish(party: Party, dwelling: Dwelling, branch: PartyOrganisation, rules: RuleSet) -> None:
    """Store a row of each list for the estate of a dwelling."""
    city, estate, today = party.place.city, dwelling.building.estate, timezone.localdate()
    where, company = {"estate": estate, "area": estate.area}, city.units["company"]
    EstateBooks.objects.create(estate=estate, company=company)
    Resolution.objects.create(title="道闸", text="装道闸", kind="statutory", rule_set=rules,
                              proposed_by=city.user("organiser"), **where)  # fmt: skip
    listed = ServiceList.objects.create(edition=1, organisation=branch, company=company, **where)
    item = ServiceItem.objects.create(service_list=listed, code="stairs", name="楼道", field="cleaning", standard="清",
                                      performer="保洁", check_method="抽查", starts=time(8), ends=time(18))  # fmt: skip
    now = timezone.now()
    ServiceRecord.objects.create(item=item, date=today, starts_at=now, ends_at=now + timedelta(hours=1),
                                 company=company, **where)  # fmt: skip
    Parcel.objects.create(dwelling=dwelling, company=company, carrier="顺丰", tracking="1", state="notified",
                          received_by=city.user("organiser"), **where)  # fmt: skip
    assembly = Assembly.objects.create(code=estate.code.lower(), name="议事厅", chair=party.by_level["committee"],
                                       starts=time(9), **where)  # fmt: skip
    for position, unit in enumerate([company, city.units["owners"]], 1):
        Seat.objects.create(assembly=assembly, position=position, role="guest", unit=unit, valid_from=today)
        topic = AgendaItem.objects.create(assembly=assembly, area=estate.area, source="chair", title="路灯",
                                          proposer=city.user("organiser"))  # fmt: skip
        FollowUpItem.objects.create(assembly=assembly, area=estate.area, agenda_item=topic, title="修灯",
                                    owner_unit=unit, due_on=today)  # fmt: skip
    seat = a_seat(party)
    seat.organisation = branch
    seat.save()


def test_they_see_their_own_estate_of_every_list_and_both_forms_of_the_rule_agree(two, django_assert_max_num_queries):
    city = two.city
    for model in LISTS:
        for role in (OWNERS, MANAGER):
            expected = set() if model in UNSEEN[role] else {"GY"}
            # a contract that was signed for the other estate is the other company's
            assert two.seen(model, city.user(role)) == expected, (model, role)
        assert two.seen(model, city.user("administrator")) >= {"GY"}, model
        assert_relation_forms_agree(model.objects, [*city.people.values(), *two.party.place.owners[:2]])
    # and the page of the four levels tells of nothing else
    committee = two.party.by_level["committee"]
    for role, codes in ((OWNERS, ["GY"]), (MANAGER, ["GY"]), ("organiser", ["GY", "GY2"])):
        assert [row.estate.code for row in tree_of(committee, user=city.user(role)).estates] == codes
    assert city.units["other_owners"] not in [row.body for row in seats_of(committee, user=city.user(OWNERS))]
    # what a unit serves is read once however many rows there are
    manager = city.user(MANAGER)
    with django_assert_max_num_queries(2):
        grant = next(one for one in grants_of(manager) if one.role == MANAGER)
        assert [estates_of_grant(grant, manager) for _ in range(9)] == [{two.homes[0].building.estate_id}] * 9


def test_they_act_in_their_own_estate_only(two):
    city, today = two.city, timezone.localdate()
    owners, manager = city.user(OWNERS), city.user(MANAGER)
    income = {"kind": "parking", "amount": Decimal(10), "booked_on": today, "purpose": "车位"}
    rules = RuleSet.objects.get()
    proposal = {"title": "充电桩", "text": "装充电桩", "rule_set": rules}
    record = two.of(ServiceRecord)
    ServiceRecord.objects.filter(pk=record.pk).update(state="done", done_at=timezone.now(), done_by=manager)
    parcel = two.of(Parcel)
    refused = [
        lambda: act(two.of(EstateBooks), "earn", actor=owners, **income),
        lambda: act(two.of(EstateBooks), "earn", actor=manager, **income),
        lambda: resolution_propose(actor=owners, estate=two.other, **proposal),
        lambda: resolution_propose(actor=owners, area=city.community, **proposal),
        lambda: act(two.of(Resolution), "deliberate", actor=owners),
        lambda: act(two.of(ServiceList), "agree_company", actor=manager),
        lambda: act(ServiceRecord.objects.lock(record.pk), "check_on_site", actor=owners),
        lambda: act(parcel, "collect", actor=manager, code=parcel.code),
        lambda: parcel_receive(actor=manager, dwelling=two.homes[1], carrier="顺丰", tracking="2"),
        *(
            lambda unit=unit, actor=actor: act(
                FollowUpItem.objects.get(owner_unit__code=unit, assembly__estate=two.other), "accept", actor=actor
            )
            for unit, actor in (("owners", owners), ("company", manager))
        ),
    ]
    touched = (EstateBooks, Resolution, ServiceList, ServiceRecord, Parcel, FollowUpItem)

    def versions():
        return [list(model.objects.order_by("pk").values_list("pk", "version")) for model in touched]

    before = versions()
    for number, attempt in enumerate(refused):
        with pytest.raises(NotPermitted):
            attempt()
            pytest.fail(f"attempt {number} was let through")
    assert versions() == before
    # and the same in their own estate
    own = two.homes[0].building.estate
    act(two.of(EstateBooks, "GY"), "earn", actor=manager, **income)
    act(two.of(EstateBooks, "GY"), "earn", actor=owners, **income)
    assert resolution_propose(actor=owners, estate=own, **proposal).estate == own
    act(FollowUpItem.objects.get(owner_unit__code="company", assembly__estate=own), "accept", actor=manager)
    assert parcel_receive(actor=manager, dwelling=two.homes[0], carrier="顺丰", tracking="2").company.code == "company"


YESTERDAY, TOMORROW = -1, 1
TERMS = [  # state, first and last day from today, may act, may agree to the list that belongs to it
    ("draft", -9, 9, False, True), ("in_force", TOMORROW, 9, False, True), ("in_force", -9, 0, True, True),
    ("in_force", -9, YESTERDAY, False, False), ("handing_over", -9, YESTERDAY, True, True),
    ("ended", -9, 9, False, False),
]  # fmt: skip


@pytest.mark.parametrize(("state", "first", "last", "acts", "agrees"), TERMS)
def test_a_company_serves_by_the_term_of_its_contract(neighbourhood, state, first, last, acts, agrees):
    today, manager = timezone.localdate(), neighbourhood.city.user(MANAGER)
    company_serves(
        neighbourhood, state=state, valid_from=today + timedelta(days=first), valid_to=today + timedelta(days=last),
        ended_on=today if state == "ended" else None,
    )  # fmt: skip
    grant = next(one for one in grants_of(manager) if one.role == MANAGER)
    assert bool(estates_of_grant(grant, manager)) == acts
    assert bool(estates_of_grant(grant, manager, coming=True)) == agrees
    assert (contract_of(neighbourhood.estate) is not None) == acts
    # its own contract it reads in any state
    assert PropertyContract.objects.visible_to(manager).count() == 1


def test_a_committee_that_names_no_estate_acts_in_none(two):
    OrgUnit.objects.filter(code="owners").update(estate=None)
    owners = two.city.user(OWNERS)
    assert all(two.seen(model, owners) == set() for model in LISTS)
    # and another committee's member of the same community sees nothing of this estate
    OrgUnit.objects.filter(code="owners").update(estate=two.other)
    forget_grants(owners)
    assert two.seen(EstateBooks, User.objects.get(pk=owners.pk)) == {"GY2"}
