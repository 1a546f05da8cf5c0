"""What the database and the services refuse, whoever asks."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Building, Dwelling, Entrance, Estate, Event, Ownership, Residency
from governance.registry.places import building_save, dwelling_save, estate_save
from governance.registry.services import ownership_claim, ownership_enter, residency_claim, residency_enter
from governance.registry.workflow import TieState
from governance.workflow import act


def refused(make) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make()


def test_numbers_are_unique_inside_their_parent(registry):
    refused(lambda: Estate.objects.create(code="gy", name="又一个", area=registry.city.community))
    refused(lambda: Building.objects.create(estate=registry.estate, number="3", area=registry.city.grid))
    refused(lambda: Entrance.objects.create(building=registry.building, number="2"))
    place = {"building": registry.building, "area": registry.city.grid}
    refused(lambda: Dwelling.objects.create(code="x", entrance=registry.home.entrance, number="501", **place))
    Dwelling.objects.create(code="y", number="商1", **place)
    refused(lambda: Dwelling.objects.create(code="z", number="商1", **place))


@pytest.mark.parametrize("share", [(0, 1), (2, 1), (1, 0)])
def test_a_share_is_above_nothing_and_at_most_the_whole(registry, share):
    row = {"dwelling": registry.home, "area": registry.city.grid, "owner_name": "王明"}
    refused(lambda: Ownership.objects.create(share_numerator=share[0], share_denominator=share[1], **row))
    with pytest.raises(Invalid) as error:
        ownership_claim(actor=registry.user("resident"), dwelling=registry.home, share_numerator=share[0],
                        share_denominator=share[1])  # fmt: skip
    assert error.value.field == "share_numerator"


def test_days_are_in_order_and_only_what_ended_has_a_last_one(registry):
    row = {"dwelling": registry.home, "area": registry.city.grid, "user": registry.user("resident"), "kind": "owner"}
    first = date(2026, 3, 1)
    refused(lambda: Residency.objects.create(valid_from=first, valid_to=date(2026, 2, 1), state="ended", **row))
    refused(lambda: Residency.objects.create(valid_from=first, valid_to=date(2026, 4, 1), **row))
    refused(lambda: Residency.objects.create(valid_from=first, state="ended", **row))
    Residency.objects.create(valid_from=first, valid_to=first, state="ended", **row)


def test_a_person_lives_in_a_dwelling_once_at_a_time(registry):
    row = {"dwelling": registry.home, "area": registry.city.grid, "user": registry.user("resident"), "kind": "owner"}
    Residency.objects.create(state="verified", **row)
    refused(lambda: Residency.objects.create(state="verified", **row))
    with pytest.raises(Conflict):
        registry.claim()
    # and again after having moved out
    act(Residency.objects.get(), "end", actor=registry.user("resident"))
    assert registry.claim().state == TieState.CLAIMED


def test_at_most_one_owner_votes_and_only_a_confirmed_one(registry):
    row = {"dwelling": registry.home, "area": registry.city.grid, "share_denominator": 3, "is_voter": True}
    Ownership.objects.create(owner_name="甲", state="verified", **row)
    refused(lambda: Ownership.objects.create(owner_name="乙", state="verified", **row))
    refused(lambda: Ownership.objects.create(owner_name="丙", state="claimed", **row))


def test_three_thirds_are_the_whole_and_nothing_fits_beside_them(registry):
    # given two of three co-owners
    registry.owner("甲", (1, 3))
    registry.owner("乙", (1, 3))
    # when the third comes, the shares are exactly the whole
    registry.owner("丙", (1, 3))
    assert sum((row.share for row in Ownership.objects.current()), Fraction(0)) == 1
    # then nothing more fits, not by staff and not by a claim, and nothing has changed
    events = Event.objects.count()
    with pytest.raises(Conflict) as error, transaction.atomic():
        registry.owner("丁", (1, 1000000))
    assert error.value.code == "shares_exceed"
    assert (Ownership.objects.count(), Event.objects.count()) == (3, events)
    claim = registry.claim(Ownership, share_numerator=1, share_denominator=1000000)
    with pytest.raises(Conflict):
        act(claim, "verify", actor=registry.user("community_staff"))
    assert Ownership.objects.get(pk=claim.pk).state == TieState.CLAIMED
    # but it does when one of them sold
    act(Ownership.objects.get(owner_name="甲"), "end", actor=registry.user("community_staff"))
    assert act(claim, "verify", actor=registry.user("administrator")).state == TieState.VERIFIED


def test_who_owns_it_all_votes_and_co_owners_have_to_name_one(registry):
    assert registry.owner("甲", (1, 1)).is_voter
    assert not registry.owner("乙", (1, 2), dwelling=registry.flat).is_voter
    assert not registry.owner("丙", (1, 2), dwelling=registry.flat).is_voter


def test_a_vote_ends_with_the_ownership(registry):
    owner = registry.owner("甲", (1, 1))
    ended = act(owner, "end", actor=registry.user("community_staff"))
    assert (ended.state, ended.is_voter, ended.valid_to) == (TieState.ENDED, False, timezone.localdate())


@pytest.mark.parametrize(("days", "field"), [(1, "ended_on"), (-400, "ended_on")])
def test_the_last_day_is_neither_in_the_future_nor_before_the_first(registry, days, field):
    tie = registry.in_state(Residency, "verified")
    with pytest.raises(Invalid) as error:
        act(tie, "end", actor=registry.user("resident"), ended_on=timezone.localdate() + timedelta(days))
    assert error.value.field == field
    assert Residency.objects.get().state == TieState.VERIFIED


def test_claims_name_what_is_wrong_with_them(registry):
    resident = registry.user("resident")
    with pytest.raises(Invalid) as error:
        residency_claim(actor=resident, dwelling=registry.home, kind="guest")
    assert error.value.field == "kind"
    with pytest.raises(Invalid) as error:
        residency_claim(actor=resident, dwelling=registry.home, kind="owner", valid_from=date(2999, 1, 1))
    assert error.value.field == "valid_from"
    Dwelling.objects.filter(pk=registry.home.pk).update(is_active=False)
    with pytest.raises(Invalid) as error:
        residency_claim(actor=resident, dwelling=registry.home, kind="owner")
    assert error.value.field == "dwelling"
    assert not Residency.objects.exists()


def test_staff_enter_others_in_their_area_with_a_reason_and_never_themselves(registry):
    staff, resident = registry.user("community_staff"), registry.user("resident")
    given = {"dwelling": registry.home, "user": resident, "kind": "tenant"}
    for actor, reason, refusal in [
        (staff, " ", Invalid),
        (registry.city.outsider("community_staff"), "租约", NotPermitted),
        (registry.user("grid_worker"), "租约", NotPermitted),
        (registry.user("registrar"), "租约", NotPermitted),
        (resident, "租约", NotPermitted),
    ]:
        with pytest.raises(refusal), transaction.atomic():
            residency_enter(actor=actor, reason=reason, **given)
    with pytest.raises(NotPermitted), transaction.atomic():
        ownership_enter(actor=staff, dwelling=registry.home, owner_name="我", user=staff, reason="房产证")
    assert not Residency.objects.exists() and not Ownership.objects.exists()
    # when the community enters somebody, then it is confirmed at once, with both events and the reason
    entered = residency_enter(actor=staff, reason="租约", **given)
    assert entered.state == TieState.VERIFIED
    events = Event.objects.filter(subject_type="governance.residency").order_by("id")
    assert [event.name for event in events] == ["residency.claimed", "residency.verified"]
    assert events[1].remark.text == "租约"


def test_events_tell_no_names_no_phones_and_no_address(registry):
    registry.claim(Ownership, note="我叫王小明")
    registry.owner("李大海", dwelling=registry.flat)
    told = " ".join(str(event.payload) for event in Event.objects.all())
    for secret in ("王小明", "李大海", "+999", "gy-3", "resident民"):
        assert secret not in told


def test_areas_of_places_fit_into_each_other(registry):
    city = registry.city
    with pytest.raises(ValidationError):
        Estate(code="big", name="大", area=city.street).full_clean()
    with pytest.raises(ValidationError):
        Building(estate=registry.estate, number="9", area=city.other_grid).full_clean()
    with pytest.raises(Invalid) as error:
        building_save(Building(estate=registry.estate, number="9", area=city.other_grid),
                      actor=registry.user("administrator"), changed=["area"])  # fmt: skip
    assert error.value.field == "area"
    new = Building(estate=registry.estate, number="9")
    building_save(new, actor=registry.user("community_staff"), changed=["number"])
    assert new.area == city.community


def test_people_and_dwellings_follow_a_place_that_moves(registry):
    # given an estate whose second building lies in the whole community
    city, admin = registry.city, registry.user("administrator")
    loose = Building(estate=registry.estate, number="7")
    building_save(loose, actor=admin, changed=["number"])
    shop = Dwelling(building=loose, number="商1")
    dwelling_save(shop, actor=admin, changed=["number"])
    assert (shop.code, shop.area) == ("gy-7-商1", city.community)
    tie = registry.claim(dwelling=shop)
    # when the building gets its grid, then everything in it lies there
    loose.area = city.grid
    building_save(loose, actor=admin, changed=["area"])
    assert Dwelling.objects.get(pk=shop.pk).area == city.grid
    assert Residency.objects.get(pk=tie.pk).area == city.grid
    # when the estate shall move away and leave buildings behind, then it is refused and nothing has changed
    registry.estate.area = city.other_community
    with pytest.raises(Invalid), transaction.atomic():
        estate_save(registry.estate, actor=admin, changed=["area"])
    assert Estate.objects.get(code="gy").area == city.community
    # and with buildings that lay in its whole area it moves with all of them
    Building.objects.filter(estate=registry.estate).update(area=city.community)
    estate_save(registry.estate, actor=admin, changed=["area"])
    assert Residency.objects.get(pk=tie.pk).area == city.other_community


@pytest.mark.parametrize("role", ["grid_worker", "registrar", "handler", "resident", "outside_community_staff"])
def test_only_the_community_and_administrators_of_the_area_change_places(registry, role):
    registry.estate.name = "改名"
    with pytest.raises(NotPermitted), transaction.atomic():
        estate_save(registry.estate, actor=registry.city.people[role], changed=["name"])
    assert Estate.objects.get(code="gy").name == "桂园"
