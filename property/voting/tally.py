"""From rows to the engine and back: the count of a resolution, its turnout, and the computation as it is kept."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Exists, OuterRef, Sum

from property.models import Ballot, HeadBy, Resolution, RollEntry, RuleSet
from property.voting import engine
from property.voting.ballots import ballots_by_entry
from property.voting.rolls import heads_of


def rule_of(rule_set: RuleSet) -> engine.Rule:
    """Return a rule set as the engine takes it."""
    return engine.Rule(
        method=rule_set.method,
        quorum=engine.Threshold(rule_set.quorum, rule_set.quorum_inclusive),
        share=engine.Threshold(rule_set.share, rule_set.share_inclusive),
        counts_area=rule_set.counts_area,
        by_owner=rule_set.head_by == HeadBy.OWNER,
        split=rule_set.split_heads,
        invalid_takes_part=rule_set.invalid_takes_part,
        uses=frozenset(rule_set.uses),
    )


def tally_of(resolution: Resolution) -> engine.Tally:
    """Count the ballots of a resolution with a frozen roll as they stand; three statements.

    Secret ballots are opened in memory here and nowhere else; only sums come out.
    """
    entries = RollEntry.objects.filter(roll=resolution.roll_id).values_list("pk", "head", "floor_area", "use")
    units = [engine.Unit(pk, head, area or Decimal(0), use) for pk, head, area, use in entries]
    standings = {pk: held.standing for pk, held in ballots_by_entry(resolution).items()}
    return engine.count(rule_of(resolution.rule_set), units, standings)


@dataclass(frozen=True)
class Turnout:
    """Who has a ballot in so far, read or cast: dwellings, heads, area in m²; and of how many."""

    dwellings: int
    heads: int
    floor_area: Decimal
    all_dwellings: int
    all_heads: int
    all_floor_area: Decimal


def turnout_of(resolution: Resolution) -> Turnout:
    """Return the turnout of a vote; it tells nothing of what was voted."""
    counting = RollEntry.objects.filter(roll=resolution.roll_id, counts=True)
    voted = counting.filter(Exists(Ballot.objects.filter(entry=OuterRef("pk"))))
    return Turnout(
        dwellings=voted.count(),
        heads=heads_of(voted, resolution.rule_set),
        floor_area=voted.aggregate(total=Sum("floor_area"))["total"] or Decimal(0),
        all_dwellings=counting.count(),
        all_heads=resolution.roll.heads,
        all_floor_area=resolution.roll.floor_area,
    )


def as_json(tally: engine.Tally) -> dict:
    """Return a computation as a resolution keeps it; areas are texts, shares [numerator, denominator]."""
    return {
        "heads": dict(tally.heads),
        "areas": {name: str(area) for name, area in tally.areas.items()},
        "heads_taking_part": tally.heads_taking_part,
        "area_taking_part": str(tally.area_taking_part),
        "units_left_out": tally.units_left_out,
        "checks": [
            {
                "name": check.name, "measure": check.measure, "part": str(check.part), "whole": str(check.whole),
                "share": [check.threshold.share.numerator, check.threshold.share.denominator],
                "inclusive": check.threshold.inclusive, "met": check.met,
            }
            for check in tally.checks
        ],
        "outcome": tally.outcome,
    }  # fmt: skip


def counted_alike(resolution: Resolution) -> bool:
    """Count a counted resolution again from its ballots and tell whether the same comes out."""
    return as_json(tally_of(resolution)) == resolution.tally
