"""What the database itself says about the four levels, posts and terms."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from property.models import PartyLevel, PartyMembership, PartyOrganisation
from property.party.tests.organisations import build_organisations

pytestmark = pytest.mark.django_db


@pytest.fixture
def party(neighbourhood):
    return build_organisations(neighbourhood)


def refused(row) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


@pytest.mark.parametrize("level", PartyLevel.values)
@pytest.mark.parametrize("above", [None, *PartyLevel.values])
def test_a_parent_is_exactly_one_level_up(party, level, above):
    # given an organisation of each level, each with its place
    levels = [None, *PartyLevel.values]
    child = party.free(level, parent=party.by_level[above] if above else None)
    # when it is saved past every form, then the database takes the right level only
    if levels.index(above) == levels.index(level) - 1:
        child.save()
        assert PartyOrganisation.objects.filter(code=child.code).exists()
    else:
        refused(child)
        assert not PartyOrganisation.objects.filter(code=child.code).exists()


def test_the_level_of_a_parent_cannot_be_pulled_away(party):
    branch = party.by_level["branch"]
    with pytest.raises(IntegrityError), transaction.atomic():
        PartyOrganisation.objects.filter(pk=branch.pk).update(
            level="group", parent=branch, estate=None, building=party.place.buildings[1]
        )
    branch.refresh_from_db()
    assert branch.level == "branch"


def test_a_level_serves_its_own_kind_of_place(party):
    refused(PartyOrganisation(code="x", name="x", level="branch", parent=party.by_level["committee"],
                              building=party.place.buildings[1], area=party.place.estate.area))  # fmt: skip


def test_the_form_names_the_parent_and_the_place(party):
    wrong = party.free("group", parent=party.by_level["committee"])
    with pytest.raises(ValidationError) as refusal:
        wrong.full_clean()
    assert set(refusal.value.message_dict) == {"parent"}
    outside = party.free("household", parent=party.by_level["group"])
    outside.dwelling = party.place.dwellings[7]  # of building 2
    with pytest.raises(ValidationError) as refusal:
        outside.full_clean()
    assert set(refusal.value.message_dict) == {"dwelling"}


def test_one_secretary_is_in_force_at_a_time(party):
    # given a branch whose secretary's term ends with 2026
    branch = party.by_level["branch"]
    one, other = party.people[:2]
    PartyMembership.objects.create(
        organisation=branch, person=one, post="secretary", valid_from=date(2024, 1, 1), valid_to=date(2026, 12, 31)
    )
    # when another is to begin on its last day, then the database refuses; the day after, it does not
    second = PartyMembership(organisation=branch, person=other, post="secretary", valid_from=date(2026, 12, 31))
    refused(second)
    second.valid_from = date(2027, 1, 1)
    second.save()
    assert branch.memberships.filter(post="secretary").count() == 2


def test_terms_are_in_order_and_posts_are_for_full_members(party):
    branch, person = party.by_level["branch"], party.people[0]
    refused(PartyMembership(organisation=branch, person=person, valid_from=date(2026, 2, 1), valid_to=date(2026, 1, 1)))
    refused(PartyMembership(organisation=branch, person=person, post="deputy", is_full=False))
    assert not branch.memberships.exists()


def test_an_organisation_moves_with_its_place(party, city):
    # when the estate and building 1 move to another area
    estate, building = party.place.estate, party.place.buildings[0]
    type(estate).objects.filter(pk=estate.pk).update(area=city.area("grid"))
    type(building).objects.filter(pk=building.pk).update(area=city.area("community"))
    building.dwellings.update(area=city.area("community"))
    # then the branch and the group lie there too
    areas = {row.level: row.area_id for row in PartyOrganisation.objects.all()}
    assert areas["branch"] == city.area("grid").pk
    assert areas["group"] == areas["household"] == city.area("community").pk
