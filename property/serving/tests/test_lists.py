"""Service lists: agreed by both, published, never edited; the next edition takes their place."""

from datetime import date

import pytest
from django.db import DatabaseError, transaction

from governance.configuration import configuration_rows_save, configuration_save
from governance.errors import Conflict, Invalid, NotPermitted
from governance.events import registered
from governance.models import Event
from governance.testing import assert_relation_forms_agree, assert_steps_are_complete, snapshot
from governance.workflow import act, steps_of
from property.models import ServiceItem, ServiceList, ServiceRating, ServiceRecord
from property.party.tests.organisations import build_organisations
from property.serving.lists import service_list_draft
from property.serving.ratings import rating_give
from property.serving.tests.services import PUBLISHED, an_item, at, build_services, draft, published

pytestmark = pytest.mark.django_db
PARTY, COMPANY, COMMUNITY = (
    {"party_secretary"},
    {"property_manager"},
    {"party_secretary", "organiser", "community_staff"},
)
# Who may take which step, from which state.
STEPS = {
    "agree_party": (PARTY, "draft"),
    "agree_company": (COMPANY, "draft"),
    "publish": (COMMUNITY, "draft"),
    "withdraw": (COMMUNITY | {"administrator"}, "draft"),
    "replace": (set(), "published"),
}


@pytest.fixture
def services(neighbourhood):
    return build_services(neighbourhood)


def test_steps_are_complete():
    for model in (ServiceList, ServiceRecord):
        assert_steps_are_complete(model)
        assert {step.event for step in steps_of(model).values()} <= set(registered())
    assert steps_of(ServiceList).keys() == STEPS.keys()


@pytest.mark.parametrize("name", STEPS)
def test_every_step_by_every_role(neighbourhood, city, name):
    # given a draft, ready for the step
    service_list = draft(build_organisations(neighbourhood))
    if name == "publish":
        act(service_list, "agree_party", actor=city.user("party_secretary"))
        act(service_list, "agree_company", actor=city.user("property_manager"))
    allowed, state = STEPS[name]
    if state != "draft":
        service_list = published(service_list, city)
    for who, person in city.people.items():
        before = snapshot(service_list)
        with transaction.atomic():
            if who in allowed:
                act(service_list, name, actor=person, reason="按会议决定")
                transaction.set_rollback(True)
                continue
            with pytest.raises(NotPermitted):
                act(service_list, name, actor=person, reason="按会议决定")
        assert snapshot(service_list) == before, who


def test_nothing_is_published_before_both_agree_to_what_it_says(neighbourhood, city):
    service_list = draft(build_organisations(neighbourhood))
    secretary, manager, organiser = (city.user(one) for one in ("party_secretary", "property_manager", "organiser"))
    act(service_list, "agree_party", actor=secretary)
    with pytest.raises(Conflict):
        act(service_list, "publish", actor=organiser)
    act(service_list, "agree_company", actor=manager)
    # when an item is added after both agreed, then neither has agreed to the list as it is
    fresh = ServiceList.objects.lock(service_list.pk)
    configuration_rows_save(fresh, actor=organiser, name="items", saved=[an_item(fresh, "lamps")], removed=[])
    with pytest.raises(Conflict):
        act(fresh, "publish", actor=organiser)
    fresh = ServiceList.objects.lock(fresh.pk)
    assert (fresh.party_agreed_at, fresh.company_agreed_by, fresh.state) == (None, None, "draft")
    # and to an empty list nobody agrees
    configuration_rows_save(fresh, actor=organiser, name="items", saved=[], removed=list(fresh.items.all()))
    with pytest.raises(Invalid):
        act(fresh, "agree_party", actor=secretary)


def test_a_published_list_is_never_edited(services, city):
    organiser, service_list = city.user("organiser"), services.service_list
    item = services.item("stairs")
    item.standard = "每周一次"
    # when the services, or somebody past them, change list or items, then both refuse
    with pytest.raises(Conflict):
        configuration_rows_save(service_list, actor=organiser, name="items", saved=[item], removed=[])
    changed = ServiceList.objects.lock(service_list.pk)
    changed.company = city.units["other_company"]
    with pytest.raises(Conflict):
        configuration_save(changed, actor=organiser, changed=["company"])
    statements = [
        lambda: ServiceItem.objects.filter(pk=item.pk).update(standard="x"),
        lambda: ServiceItem.objects.filter(code="parcels").delete(),
        lambda: an_item(service_list, "new").save(),
        lambda: ServiceList.objects.filter(pk=service_list.pk).update(company=city.units["other_company"]),
    ]
    for statement in statements:
        with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
            statement()
    assert services.item("stairs").standard == "每日清扫一次" and service_list.items.count() == 3


def test_the_next_edition_begins_with_the_items_and_takes_the_place(services, city):
    # given occurrences up to the 4th, and a second edition with one item more
    organiser = city.user("organiser")
    made = service_list_draft(
        actor=organiser, estate=services.party.place.estate, organisation=services.party.by_level["branch"],
        company=city.units["company"],
    )  # fmt: skip
    assert made.edition == 2 and made.items.count() == 3
    configuration_rows_save(made, actor=organiser, name="items", saved=[an_item(made, "lamps")], removed=[])
    # when it is published on the 2nd
    published(made, city, when=at(2, 20))
    # then the first is replaced, what it asked for from the 3rd on is left out, and the second asks for it
    first = ServiceList.objects.get(pk=services.service_list.pk)
    assert (first.state, first.replaced_on) == ("replaced", date(2026, 11, 2))
    old = dict(ServiceRecord.objects.filter(item__service_list=first, item__code="stairs").values_list("date", "state"))
    assert old == {date(2026, 11, 2): "planned", date(2026, 11, 3): "excused", date(2026, 11, 4): "excused"}
    new = ServiceRecord.objects.filter(item__service_list=made, item__code="lamps").values_list("date", flat=True)
    assert sorted(new) == [date(2026, 11, 3), date(2026, 11, 4), date(2026, 11, 5)]
    # and a third draft beside a draft is refused
    for expected in (None, Invalid):
        if expected is None:
            service_list_draft(
                actor=organiser, estate=first.estate, organisation=first.organisation, company=first.company
            )
            continue
        with pytest.raises(expected):
            service_list_draft(
                actor=organiser, estate=first.estate, organisation=first.organisation, company=first.company
            )
    assert ServiceList.objects.count() == 3


@pytest.mark.parametrize(("company", "organisation"), [("urban", "branch"), ("company", "group")])
def test_a_list_is_agreed_between_a_company_and_the_branch_or_committee(neighbourhood, city, company, organisation):
    party = build_organisations(neighbourhood)
    with pytest.raises(Invalid) as refusal:
        service_list_draft(
            actor=city.user("organiser"), estate=neighbourhood.estate, organisation=party.by_level[organisation],
            company=city.units[company],
        )  # fmt: skip
    assert refusal.value.field == ("company" if company == "urban" else "organisation")
    assert not ServiceList.objects.exists()


def test_who_sees_what(services, city):
    people = [*city.people.values(), *[owner for owner in services.party.place.owners if owner]]
    made = service_list_draft(
        actor=city.user("organiser"), estate=services.party.place.estate, company=city.units["company"],
        organisation=services.party.by_level["branch"],
    )  # fmt: skip
    rating_give(services.item("stairs"), actor=services.party.place.owners[0], stars=4, occurred_at=PUBLISHED)
    for model in (ServiceList, ServiceItem, ServiceRecord, ServiceRating):
        assert_relation_forms_agree(model.objects, people)
    owner = services.party.place.owners[0]
    assert set(ServiceList.objects.visible_to(owner)) == {services.service_list}
    assert made in ServiceList.objects.visible_to(city.user("party_secretary"))
    assert not ServiceList.objects.visible_to(city.outsider("property_manager")).exists()
    assert not ServiceRecord.objects.visible_to(city.user("resident")).exists()
    assert Event.objects.filter(name="service_list.published").count() == 1
