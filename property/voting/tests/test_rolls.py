"""The owners' roll: who is one head, what counts, and that it stands once frozen."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Dwelling, Event, Ownership
from governance.testing import snapshot
from governance.workflow import act
from property.models import Holder, OwnersRoll, RollEntry
from property.voting.resolutions import resolution_change
from property.voting.rolls import roll_draw, roll_entry_change, roll_questions
from property.voting.tests.votes import a_rule, announced, co_owner, deliberating, fresh, gives, proposed, voting

pytestmark = pytest.mark.django_db


def drawn(place, **given) -> OwnersRoll:
    return roll_draw(proposed(place), actor=place.city.user("organiser"), **given)


def heads_of(roll) -> list[int]:
    return list(roll.entries.order_by("dwelling__code").values_list("head", flat=True))


def test_each_owner_of_one_dwelling_is_a_head(neighbourhood):
    roll = drawn(neighbourhood)
    assert heads_of(roll) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert (roll.heads, roll.floor_area) == (8, Decimal("640.00"))
    first = roll.entries.get(number=1)
    assert (first.voter, first.owner_name, first.holder) == (neighbourhood.owners[0], "业主1", Holder.OWNER)
    assert Event.objects.get(name="roll.drawn").payload["heads"] == 8


def test_a_buyers_several_dwellings_are_one_head(neighbourhood):
    # given an account that owns the first three, and two dwellings of one name and phone without an account
    gives(neighbourhood, 1, user=neighbourhood.owners[0])
    gives(neighbourhood, 2, user=neighbourhood.owners[0])
    for number in (3, 4):
        gives(neighbourhood, number, user=None, owner_name="钱一", owner_phone="+99900000901")
    assert heads_of(drawn(neighbourhood)) == [1, 1, 1, 2, 2, 3, 4, 5]


def test_an_account_and_the_same_name_and_phone_are_one_owner_but_a_name_alone_is_not(neighbourhood):
    gives(neighbourhood, 0, owner_name="赵二", owner_phone="+99900000902")
    gives(neighbourhood, 1, user=None, owner_name="赵二", owner_phone="+99900000902")
    gives(neighbourhood, 2, user=None, owner_name="赵二", owner_phone="")
    gives(neighbourhood, 3, user=None, owner_name="赵二", owner_phone="")
    assert heads_of(drawn(neighbourhood)) == [1, 1, 2, 3, 4, 5, 6, 7]


def test_the_developers_unsold_are_one_head_together(neighbourhood):
    for number in (5, 6, 7):
        gives(neighbourhood, number, user=None, owner_name="云川置业", owner_phone="")
    roll = drawn(neighbourhood, developer="云川置业")
    assert heads_of(roll) == [1, 2, 3, 4, 5, 6, 6, 6]
    assert roll.entries.filter(holder=Holder.DEVELOPER).count() == 3


def test_co_owners_vote_through_the_one_they_named_and_as_one_head_without(neighbourhood):
    # given a second owner of the first two dwellings; those of the second named nobody
    co_owner(neighbourhood.dwellings[0])
    co_owner(neighbourhood.dwellings[1], name="另一位")
    Ownership.objects.filter(dwelling=neighbourhood.dwellings[1]).update(is_voter=False)
    roll = drawn(neighbourhood)
    named, unnamed = roll.entries.get(number=1), roll.entries.get(number=2)
    assert (named.voter, named.holder) == (neighbourhood.owners[0], Holder.OWNER)
    assert (unnamed.voter, unnamed.holder, unnamed.owner_name) == (None, Holder.CO_OWNERS, "业主2、另一位")
    assert roll.heads == 8


def test_a_couple_without_a_voter_is_one_head_for_both_its_dwellings(neighbourhood):
    for number in (1, 2):
        gives(neighbourhood, number, user=None, owner_name="甲", owner_phone="+99900000903", is_voter=False)
        co_owner(neighbourhood.dwellings[number], name="乙", owner_phone="+99900000904")
    assert heads_of(drawn(neighbourhood)) == [1, 2, 2, 3, 4, 5, 6, 7]


def test_without_an_owner_a_dwelling_is_in_the_base_and_asked_about(neighbourhood):
    Ownership.objects.filter(dwelling=neighbourhood.dwellings[0]).delete()
    Dwelling.objects.filter(pk=neighbourhood.dwellings[1].pk).update(floor_area=None)
    roll = drawn(neighbourhood)
    assert roll.heads == 8 and roll.floor_area == Decimal("560.00")
    assert roll.entries.get(number=1).holder == Holder.UNKNOWN
    assert [(number, only) for _text, number, only in roll_questions(roll)] == [
        (1, "holder=unknown"),
        (1, "floor_area__isnull=True"),
    ]
    # and it cannot be frozen without the area that counts
    resolution = act(fresh(roll.resolution), "deliberate", actor=neighbourhood.city.user("organiser"))
    before = snapshot(resolution)
    with pytest.raises(Conflict, match="2"):
        announce_now(neighbourhood, resolution)
    assert snapshot(resolution) == before


def announce_now(place, resolution):
    begins = timezone.now() + timedelta(days=20)
    organiser = place.city.user("organiser")
    return act(resolution, "announce", actor=organiser, voting_from=begins, voting_until=begins + timedelta(days=9))


def test_uses_that_the_rule_leaves_out_and_dwellings_out_of_use_do_not_count(neighbourhood):
    Dwelling.objects.filter(pk=neighbourhood.dwellings[0].pk).update(use="parking")
    Dwelling.objects.filter(pk=neighbourhood.dwellings[1].pk).update(is_active=False)
    roll = drawn(neighbourhood)
    assert (roll.entries.count(), roll.heads, roll.entries.get(number=1).counts) == (7, 6, False)


@pytest.mark.parametrize("narrowed", ["building", "entrance"])
def test_only_the_building_or_entrance_decides(neighbourhood, narrowed):
    building = neighbourhood.buildings[0]
    place = {"building": building} | ({"entrance": building.entrances.get()} if narrowed == "entrance" else {})
    resolution = proposed(neighbourhood, **place)
    assert roll_draw(resolution, actor=neighbourhood.city.user("organiser")).entries.count() == 4


def test_a_vote_of_an_area_takes_all_its_dwellings(neighbourhood):
    rule = a_rule(code="meeting", kind="consultative", counts_area=False, head_by="dwelling")
    area = neighbourhood.city.area("community")
    resolution = proposed(neighbourhood, rule=rule, estate=None, area=area)
    assert roll_draw(resolution, actor=neighbourhood.city.user("organiser")).entries.count() == 8
    assert (resolution.kind, resolution.place) == ("consultative", str(area))


def test_an_entry_is_mended_with_a_reason_until_the_roll_is_frozen(neighbourhood):
    resolution, organiser = deliberating(neighbourhood), neighbourhood.city.user("organiser")
    entry = resolution.roll.entries.get(number=3)
    # when the survey says otherwise, and it is the first owner's too
    roll_entry_change(entry, actor=organiser, floor_area=Decimal("81.50"), area_source="survey", same_owner_as=1,
                      reason="测绘报告")  # fmt: skip
    roll = OwnersRoll.objects.get(pk=resolution.roll_id)
    assert (roll.heads, roll.floor_area) == (7, Decimal("641.50"))
    # and the last is the developer's
    roll_entry_change(roll.entries.get(number=8), actor=organiser, holder="developer", reason="未售")
    assert roll.entries.get(number=8).holder == Holder.DEVELOPER
    for wrong in ({"reason": " "}, {"floor_area": Decimal(0)}, {"same_owner_as": 99}, {"holder": "owner"},
                  {"area_source": "guess"}):  # fmt: skip
        with pytest.raises(Invalid) as refusal:
            roll_entry_change(entry, actor=organiser, **{"reason": "x"} | wrong)
        assert refusal.value.field in wrong


@pytest.mark.parametrize("who", ["party_secretary", "property_manager", "resident", "outside_organiser"])
def test_others_do_not_touch_the_roll(neighbourhood, who):
    resolution = deliberating(neighbourhood)
    person = neighbourhood.city.people[who]
    before = snapshot(resolution), list(RollEntry.objects.values_list("pk", "head", "floor_area"))
    with pytest.raises(NotPermitted):
        roll_draw(resolution, actor=person)
    with pytest.raises(NotPermitted):
        roll_entry_change(resolution.roll.entries.get(number=1), actor=person, reason="x", floor_area=Decimal(1))
    assert (snapshot(resolution), list(RollEntry.objects.values_list("pk", "head", "floor_area"))) == before


def test_a_frozen_roll_stands_whatever_happens_in_the_registry(neighbourhood):
    resolution, organiser = announced(neighbourhood), neighbourhood.city.user("organiser")
    entry = resolution.roll.entries.get(number=1)
    for change in (
        lambda: roll_draw(resolution, actor=organiser),
        lambda: roll_entry_change(entry, actor=organiser, reason="x", floor_area=Decimal(1)),
        lambda: resolution_change(resolution, actor=organiser, title="另一个"),
    ):
        with pytest.raises(Conflict):
            change()
    # and the database itself refuses
    for change in (
        lambda: RollEntry.objects.filter(pk=entry.pk).update(floor_area=1),
        lambda: RollEntry.objects.filter(pk=entry.pk).delete(),
        lambda: RollEntry.objects.create(roll=resolution.roll, number=99, dwelling=neighbourhood.dwellings[0],
                                         use="residential", holder="owner", head=1),
        lambda: OwnersRoll.objects.filter(pk=resolution.roll_id).update(heads=1),
    ):  # fmt: skip
        with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
            change()
    # only a name may be erased
    RollEntry.objects.filter(pk=entry.pk).update(owner_name="")
    # and whoever buys later does not vote in this one
    gives(neighbourhood, 0, user=neighbourhood.owners[1])
    assert RollEntry.objects.get(pk=entry.pk).voter == neighbourhood.owners[0]


def test_in_a_secret_vote_ballot_numbers_are_drawn_by_lot(neighbourhood):
    resolution = voting(neighbourhood, secrecy="secret")
    numbers = list(resolution.roll.entries.order_by("dwelling__code").values_list("number", flat=True))
    assert sorted(numbers) == list(range(1, 9))
