"""Worked examples of counts. Every figure in the table was worked out by hand, from the text of the rule.

``roll``: groups ``N×AREAS VOTES``: N owners, each with dwellings of these areas (m², joined by +; ``s`` a shop, ``p`` a
parking space) which vote in this order. ``yes``, ``no``, ``abst``, ``bad`` (invalid), ``?`` (contradicting ballots, not
decided), ``-`` (silent); one word for all of them, or one a dwelling, joined by commas.
``part``: heads and area that take part, of the base. ``agree``: heads and area for it (of an objection vote: against).
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from property.voting.engine import (
    ABSTAIN,
    AGAINST,
    FOR,
    INVALID,
    LARGER_AREA,
    MAJORITY,
    NO_QUORUM,
    OBJECTION,
    PASSED,
    REJECTED,
    SET_ASIDE,
    SILENT,
    Rule,
    Threshold,
    Unit,
)

VOTES = {"yes": FOR, "no": AGAINST, "abst": ABSTAIN, "bad": INVALID, "?": SET_ASIDE, "-": SILENT}
USES = {"s": "commercial", "p": "parking"}


def at_least(numerator: int, denominator: int) -> Threshold:
    """以上: the number itself is enough."""
    return Threshold(Fraction(numerator, denominator), True)


def more_than(numerator: int, denominator: int) -> Threshold:
    """超过, 过半数: the number itself is not enough."""
    return Threshold(Fraction(numerator, denominator), False)


ORDINARY = Rule(
    method=MAJORITY, quorum=at_least(2, 3), share=more_than(1, 2), counts_area=True, by_owner=True, split="set_aside",
    invalid_takes_part=False, uses=frozenset(["residential", "commercial"]),
)  # fmt: skip
SPECIAL = replace(ORDINARY, share=at_least(3, 4))
OBJECTIONS = replace(ORDINARY, method=OBJECTION, share=at_least(1, 3))
MEETING = replace(ORDINARY, quorum=more_than(1, 2), counts_area=False, by_owner=False, invalid_takes_part=True)
BY_LARGER_AREA = replace(ORDINARY, split=LARGER_AREA)
INVALID_COUNTS = replace(ORDINARY, invalid_takes_part=True)
WITH_PARKING = replace(ORDINARY, uses=frozenset(["residential", "commercial", "parking"]))


@dataclass(frozen=True)
class Example:
    name: str
    rule: Rule
    roll: str
    part: str
    agree: str
    outcome: str

    def units_and_standings(self) -> tuple[list[Unit], dict[int, str]]:
        """Return the roll as the engine takes it, and how each unit stands."""
        units, standings, owner = [], {}, 0
        for group in self.roll.split("|"):
            size, votes = group.split()
            number, areas = size.split("×")
            dwellings = areas.split("+")
            words = votes.split(",") if "," in votes else [votes] * len(dwellings)
            for _owner in range(int(number)):
                owner += 1
                for area, word in zip(dwellings, words, strict=True):
                    key = len(units) + 1
                    units.append(Unit(key, owner, Decimal(area.rstrip("sp")), USES.get(area[-1], "residential")))
                    standings[key] = VOTES[word]
        return units, standings


E = Example
EXAMPLES = [
    # The quorum of two thirds, heads and area each on its own.
    E("exactly two thirds take part, all agree", ORDINARY, "6×100 yes|3×100 -", "6/9 600/900", "6 600", PASSED),
    E("one head short of two thirds", ORDINARY, "5×120 yes|4×75 -", "5/9 600/900", "5 600", NO_QUORUM),
    E("a hundredth of a m² short of two thirds", ORDINARY, "5×100 yes|1×99.99 yes|2×100 -|1×100.01 -",
      "6/9 599.99/900", "6 599.99", NO_QUORUM),
    E("a hundredth of a m² above two thirds", ORDINARY, "5×100 yes|1×100.01 yes|2×100 -|1×99.99 -",
      "6/9 600.01/900", "6 600.01", PASSED),
    E("two thirds of ten heads are seven", ORDINARY, "7×100 yes|3×100 -", "7/10 700/1000", "7 700", PASSED),
    E("six of ten heads are not two thirds", ORDINARY, "6×150 yes|4×25 -", "6/10 900/1000", "6 900", NO_QUORUM),
    E("enough area, too few heads: one owner holds most", ORDINARY, "1×900 yes|2×20 yes|3×20 -",
      "3/6 940/1000", "3 940", NO_QUORUM),
    E("enough heads, too little area", ORDINARY, "8×50 yes|1×600 -", "8/9 400/1000", "8 400", NO_QUORUM),
    E("nobody votes", ORDINARY, "5×100 -", "0/5 0/500", "0 0", NO_QUORUM),
    E("a single owner alone decides", ORDINARY, "1×88.88 yes", "1/1 88.88/88.88", "1 88.88", PASSED),
    E("three thirds of awkward areas: exactly two thirds", ORDINARY, "2×33.33 yes|1×33.33 -",
      "2/3 66.66/99.99", "2 66.66", PASSED),
    # More than half of those who take part (ordinary matters).
    E("exactly half agree", ORDINARY, "5×100 yes|5×100 no", "10/10 1000/1000", "5 500", REJECTED),
    E("one more than half agree", ORDINARY, "6×100 yes|4×100 no", "10/10 1000/1000", "6 600", PASSED),
    E("heads more than half, area exactly half", ORDINARY, "6×50 yes|4×75 no", "10/10 600/600", "6 300", REJECTED),
    E("heads more than half, area a hundredth above half", ORDINARY, "5×50 yes|1×50.01 yes|3×75 no|1×74.99 no",
      "10/10 600/600", "6 300.01", PASSED),
    E("area more than half, heads exactly half", ORDINARY, "5×100 yes|5×50 no", "10/10 750/750", "5 500", REJECTED),
    E("abstaining takes part and does not agree", ORDINARY, "5×100 yes|5×100 abst", "10/10 1000/1000", "5 500",
      REJECTED),
    E("abstainers make the quorum", ORDINARY, "5×100 yes|2×100 abst|3×100 -", "7/10 700/1000", "5 500", PASSED),
    E("more for than against, but not more than half", ORDINARY, "4×100 yes|3×100 no|3×100 abst",
      "10/10 1000/1000", "4 400", REJECTED),
    E("fewer than half of all owners can decide", ORDINARY, "4×100 yes|3×100 no|3×100 -", "7/10 700/1000", "4 400",
      PASSED),
    E("all take part and refuse", ORDINARY, "9×100 no", "9/9 900/900", "0 0", REJECTED),
    # Three quarters of those who take part (raising the fund, rebuilding, changing the use: 278 items 6-8).
    E("exactly three quarters agree", SPECIAL, "9×100 yes|3×100 no", "12/12 1200/1200", "9 900", PASSED),
    E("one head short of three quarters", SPECIAL, "8×120 yes|4×60 no", "12/12 1200/1200", "8 960", REJECTED),
    E("a hundredth of a m² short of three quarters", SPECIAL, "8×100 yes|1×99.99 yes|2×100 no|1×100.01 no",
      "12/12 1200/1200", "9 899.99", REJECTED),
    E("three quarters of those who take part, half of all", SPECIAL, "6×100 yes|2×100 no|4×100 -",
      "8/12 800/1200", "6 600", PASSED),
    E("three quarters agree, but too few take part", SPECIAL, "6×100 yes|1×100 no|5×100 -", "7/12 700/1200", "6 600",
      NO_QUORUM),
    E("a lift for an entrance of twelve flats: 8 take part, 6 agree", SPECIAL, "6×80 yes|2×80 abst|4×80 -",
      "8/12 640/960", "6 480", PASSED),
    E("the same lift with 5 who agree", SPECIAL, "5×80 yes|3×80 no|4×80 -", "8/12 640/960", "5 400", REJECTED),
    # One owner, several dwellings: the area of each ballot, one head.
    E("three dwellings alike: three areas, one head", ORDINARY, "1×100+100+100 yes|2×100 no", "3/3 500/500", "1 300",
      REJECTED),
    E("three dwellings, only one of them voted", ORDINARY, "1×100+100+100 yes,-,-|3×100 yes|1×100 -",
      "4/5 400/700", "4 400", NO_QUORUM),
    E("three dwellings, two of them voted alike", ORDINARY, "1×100+100+100 yes,yes,-|3×100 yes|1×100 -",
      "4/5 500/700", "4 500", PASSED),
    E("dwellings that vote differently: areas count, the head for neither side", ORDINARY,
      "1×100+50 yes,no|2×100 yes|1×100 no", "4/4 450/450", "2 300", REJECTED),
    E("the same, the head goes with the larger area", BY_LARGER_AREA,
      "1×100+50 yes,no|2×100 yes|1×100 no", "4/4 450/450", "3 300", PASSED),
    E("the larger area is no larger: the head stays split", BY_LARGER_AREA,
      "1×100+100 yes,no|2×100 yes|1×100 no", "4/4 500/500", "2 300", REJECTED),
    E("one of three ways holds more than half", BY_LARGER_AREA,
      "1×40+40+100 yes,abst,no|2×100 yes", "3/3 380/380", "2 240", PASSED),
    E("an abstention and a yes of one owner split the head", ORDINARY,
      "1×100+100 yes,abst|2×100 yes", "3/3 400/400", "2 300", PASSED),
    # The developer's unsold dwellings are one head together.
    E("the developer's twenty unsold flats are one head", ORDINARY,
      "1×" + "+".join(["100"] * 20) + " no|11×100 yes", "12/12 3100/3100", "11 1100", REJECTED),
    E("the developer stays away: area short of the quorum", ORDINARY,
      "1×" + "+".join(["100"] * 6) + " -|11×100 yes", "11/12 1100/1700", "11 1100", NO_QUORUM),
    E("the developer agrees: one head more, much area more", ORDINARY,
      "1×" + "+".join(["100"] * 6) + " yes|5×100 yes|5×100 no", "11/11 1600/1600", "6 1100", PASSED),
    # Co-owners vote as one: one unit, one ballot, one head.
    E("co-owners: one dwelling is one ballot and one head", ORDINARY, "2×120 yes|1×120 no", "3/3 360/360", "2 240",
      PASSED),
    E("co-owners who named nobody are in the base and silent", ORDINARY, "2×100 yes|1×100 no|1×100 -",
      "3/4 300/400", "2 200", PASSED),
    E("too many co-owners without a voter: no quorum", ORDINARY, "3×100 yes|2×100 -", "3/5 300/500", "3 300",
      NO_QUORUM),
    # Invalid ballots and ballots that contradict each other.
    E("an invalid ballot does not take part", ORDINARY, "5×100 yes|1×100 bad|3×100 -", "5/9 500/900", "5 500",
      NO_QUORUM),
    E("an invalid ballot takes part where the rule says so", INVALID_COUNTS, "5×100 yes|1×100 bad|3×100 -",
      "6/9 600/900", "5 500", PASSED),
    E("an invalid ballot that takes part does not agree", INVALID_COUNTS, "2×100 yes|2×100 bad", "4/4 400/400",
      "2 200", REJECTED),
    E("an owner's valid ballot carries the head beside an invalid one", ORDINARY,
      "1×100+100 yes,bad|2×100 yes|1×100 no", "4/4 400/500", "3 300", PASSED),
    E("contradicting ballots are set aside: not in the quorum", ORDINARY, "5×100 yes|1×100 ?|3×100 -",
      "5/9 500/900", "5 500", NO_QUORUM),
    E("contradicting ballots of one of an owner's dwellings", ORDINARY, "1×100+100 yes,?|2×100 yes",
      "3/3 300/400", "3 300", PASSED),
    # Shops count like homes, parking spaces only where the local rule says so.
    E("a shop counts with its area", ORDINARY, "2×100 yes|1×400s no", "3/3 600/600", "2 200", REJECTED),
    E("a home and a shop of one owner are one head", ORDINARY, "1×100+300s yes|2×100 no", "3/3 600/600", "1 400",
      REJECTED),
    E("parking spaces are left out", ORDINARY, "3×100 yes|2×100 no|9×12p no", "5/5 500/500", "3 300", PASSED),
    E("an owner of nothing but a parking space has no head", ORDINARY, "2×100 yes|1×12p -", "2/2 200/200", "2 200",
      PASSED),
    E("parking spaces count where the rule says so", WITH_PARKING, "3×100 yes|2×100 no|9×12p no", "14/14 608/608",
      "3 300", REJECTED),
    # Objection votes (Henan, use of the fund): at most a third of all may object, of area and of heads.
    E("nobody objects, nobody says anything", OBJECTIONS, "9×100 -", "0/9 0/900", "0 0", PASSED),
    E("exactly a third object", OBJECTIONS, "3×100 no|6×100 -", "3/9 300/900", "3 300", PASSED),
    E("one head more than a third objects", OBJECTIONS, "4×60 no|5×132 -", "4/9 240/900", "4 240", REJECTED),
    E("a hundredth of a m² more than a third objects", OBJECTIONS, "2×100 no|1×100.01 no|5×100 -|1×99.99 -",
      "3/9 300.01/900", "3 300.01", REJECTED),
    E("yes and abstentions are no objections", OBJECTIONS, "3×100 no|5×100 yes|1×100 abst", "9/9 900/900", "3 300",
      PASSED),
    E("an owner of three dwellings objects with one: one head, one area", OBJECTIONS,
      "1×100+100+100 no,-,-|2×100 -", "1/3 100/500", "1 100", PASSED),
    # Residents' meeting: more than half come, more than half of those agree; one voice a household.
    E("exactly half come to the meeting", MEETING, "5×80 yes|5×80 -", "5/10 400/800", "5 400", NO_QUORUM),
    E("one more than half come, all but two agree", MEETING, "4×80 yes|2×80 no|4×80 -", "6/10 480/800", "4 320",
      PASSED),
    E("exactly half of those present agree", MEETING, "3×80 yes|3×80 no|4×80 -", "6/10 480/800", "3 240", REJECTED),
    E("a blank paper is present and does not agree", MEETING, "3×80 yes|3×80 bad|4×80 -", "6/10 480/800", "3 240",
      REJECTED),
    E("area does not matter in a meeting, dwellings do", MEETING, "1×80+80+80 yes|2×500 no", "5/5 1240/1240", "3 240",
      PASSED),
]  # fmt: skip
