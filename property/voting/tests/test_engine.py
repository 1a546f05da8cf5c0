"""The count against examples worked out by hand, and what holds for every vote."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from property.voting import engine
from property.voting.engine import AGAINST, FOR, INVALID, SET_ASIDE, SILENT, Cast, Threshold, Unit
from property.voting.tests.examples import (
    BY_LARGER_AREA,
    EXAMPLES,
    INVALID_COUNTS,
    MEETING,
    OBJECTIONS,
    ORDINARY,
    SPECIAL,
)

RULES = [ORDINARY, SPECIAL, OBJECTIONS, MEETING, BY_LARGER_AREA, INVALID_COUNTS]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_worked_example(example):
    tally = engine.count(example.rule, *example.units_and_standings())
    heads_part, area_part = example.part.split()
    side = AGAINST if example.rule is OBJECTIONS else FOR
    heads, area = example.agree.split()
    assert f"{tally.heads_taking_part}/{tally.base_heads}" == heads_part
    assert [tally.area_taking_part, tally.base_area] == [Decimal(figure) for figure in area_part.split("/")]
    assert (tally.heads[side], tally.areas[side]) == (int(heads), Decimal(area))
    assert tally.outcome == example.outcome


def test_there_are_at_least_forty_examples_each_of_another_name():
    assert len({example.name for example in EXAMPLES}) == len(EXAMPLES) >= 40


units_of = st.lists(
    st.tuples(
        st.integers(1, 6),
        st.decimals("0.01", "999.99", places=2),
        st.sampled_from(["residential", "commercial", "parking"]),
    ),
    min_size=1,
    max_size=12,
)


@st.composite
def votes(draw):
    """A roll of some owners, and how its units stand."""
    units = [Unit(key, owner, area, use) for key, (owner, area, use) in enumerate(draw(units_of))]
    assume(any(unit.use != "parking" for unit in units))
    standing = st.sampled_from([*[FOR] * draw(st.sampled_from([1, 8])), *engine.CHOICES, SET_ASIDE, SILENT])
    return units, {unit.key: draw(standing) for unit in units}


@given(votes(), st.sampled_from(RULES), st.integers(1, 6), st.sampled_from([SILENT, *engine.CHOICES, SET_ASIDE]))
@settings(max_examples=500, deadline=None)
def test_the_yes_of_a_further_owner_never_turns_passed_into_anything_else(vote, rule, owner, said_before):
    units, standings = vote
    further = [unit.key for unit in units if unit.owner == owner]
    before = standings | dict.fromkeys(further, said_before)
    after = before | dict.fromkeys(further, FOR)
    if engine.count(rule, units, before).outcome == engine.PASSED:
        event("passed before")
        assert engine.count(rule, units, after).outcome == engine.PASSED


@given(votes(), st.sampled_from(RULES))
@settings(max_examples=200, deadline=None)
def test_nothing_is_lost_and_the_order_does_not_matter(vote, rule):
    units, standings = vote
    tally = engine.count(rule, units, standings)
    counted = [unit for unit in units if unit.use in rule.uses]
    assert tally.base_area == sum(unit.area for unit in counted)
    assert tally.base_heads == len({unit.owner if rule.by_owner else unit.key for unit in counted})
    assert tally.units_left_out == len(units) - len(counted)
    assert engine.count(rule, units[::-1], standings) == tally


@given(st.integers(0, 400), st.integers(1, 400), st.fractions(0, 1, max_denominator=12), st.booleans())
@settings(max_examples=200, deadline=None)
def test_a_threshold_compares_exactly(part, whole, share, inclusive):
    exact = Fraction(part, whole)
    assert Threshold(share, inclusive).met(part, whole) == (exact >= share if inclusive else exact > share)
    assert Threshold(share, inclusive).kept(part, whole) == (exact <= share if inclusive else exact < share)


def test_of_nothing_nothing_is_enough():
    assert not Threshold(Fraction(0), True).met(0, 0)


CASTS = {
    "no ballot": ([], SILENT),
    "one paper": (["for"], FOR),
    "paper and online alike are one vote": (["for", "for"], FOR),
    "paper and online differ": (["for", "against"], SET_ASIDE),
    "a valid and an invalid paper": (["for", "invalid"], SET_ASIDE),
    "three papers, one differs": (["for", "for", "abstain"], SET_ASIDE),
    "two spoiled papers": (["invalid", "invalid"], INVALID),
}


@pytest.mark.parametrize(("choices", "standing"), CASTS.values(), ids=CASTS)
def test_one_vote_a_dwelling(choices, standing):
    assert engine.standing_of([Cast(key, choice) for key, choice in enumerate(choices)]) == standing


def test_a_decision_says_which_of_the_contradicting_ballots_counts():
    casts = [Cast(1, "for"), Cast(2, "against")]
    assert engine.standing_of(casts, 2, is_decided=True) == AGAINST
    assert engine.standing_of(casts, None, is_decided=True) == INVALID
    with pytest.raises(ValueError, match="ballot 3"):
        engine.standing_of(casts, 3, is_decided=True)
    with pytest.raises(ValueError, match="unknown choice"):
        engine.standing_of([Cast(1, "maybe")])


FLAT = Unit(1, 1, Decimal(80), "residential")


@pytest.mark.parametrize(
    ("units", "standings", "why"),
    [
        ([], {}, "nothing"),
        ([replace(FLAT, use="parking")], {}, "nothing"),
        ([FLAT, FLAT], {}, "twice"),
        ([FLAT], {2: FOR}, "not on the roll"),
        ([FLAT], {1: "maybe"}, "unknown standing"),
        ([replace(FLAT, area=Decimal(0))], {}, "above 0"),
    ],
)
def test_what_cannot_be_counted_is_refused(units, standings, why):
    with pytest.raises(ValueError, match=why):
        engine.count(ORDINARY, units, standings)


def test_without_area_a_meeting_still_counts_heads():
    unit = replace(FLAT, area=Decimal(0))
    assert Counter(engine.count(MEETING, [unit], {1: FOR}).heads)[FOR] == 1
