"""Counting votes: units with an area and an owner, one choice each, a rule; out comes every step and the outcome.

Pure: no models, no I/O, no floats. Shares are ``Fraction``, areas ``Decimal`` in m², compared by cross-multiplication.

Sources: 民法典 278 (two thirds of area and heads take part; more than half, or three quarters, of those agree); the
judicial interpretation on owners' rights in buildings of 2020, 8-9 (area by register; one head for one owner, however
many dwellings, the unsold ones of the developer together). 以上 includes the number, 超过 and 过半数 do not.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

FOR, AGAINST, ABSTAIN, INVALID = "for", "against", "abstain", "invalid"
OPINIONS = (FOR, AGAINST, ABSTAIN)
CHOICES = (*OPINIONS, INVALID)
# Where a unit or a head stands that has none of the choices: an owner's dwellings voted differently; ballots that
# contradict each other and are not decided; no ballot at all.
SPLIT, SET_ASIDE, SILENT = "split", "set_aside", "silent"
STANDINGS = (FOR, AGAINST, ABSTAIN, SPLIT, INVALID, SET_ASIDE, SILENT)

PASSED, REJECTED, NO_QUORUM = "passed", "rejected", "no_quorum"
MAJORITY, OBJECTION = "majority", "objection"
LARGER_AREA = "larger_area"


@dataclass(frozen=True)
class Threshold:
    """A share that must be reached (``inclusive``) or exceeded."""

    share: Fraction
    inclusive: bool

    def met(self, part: int | Decimal, whole: int | Decimal) -> bool:
        """Tell whether ``part`` of ``whole`` is enough; of nothing, nothing is."""
        if whole == 0:
            return False
        have, need = part * self.share.denominator, whole * self.share.numerator
        return have >= need if self.inclusive else have > need

    def kept(self, part: int | Decimal, whole: int | Decimal) -> bool:
        """Tell whether ``part`` stays within the share: at most it (``inclusive``), or below it."""
        have, most = part * self.share.denominator, whole * self.share.numerator
        return have <= most if self.inclusive else have < most


@dataclass(frozen=True)
class Rule:
    """A rule set as the count needs it; see ``property.models.RuleSet`` for each field."""

    method: str
    quorum: Threshold
    share: Threshold
    counts_area: bool
    by_owner: bool
    split: str
    invalid_takes_part: bool
    uses: frozenset[str]


@dataclass(frozen=True)
class Unit:
    """A dwelling: ``owner`` is the number of its owner's head, ``area`` in m² (0: unknown, where it does not count)."""

    key: int
    owner: int
    area: Decimal
    use: str


@dataclass(frozen=True)
class Cast:
    """One ballot of a unit."""

    key: int
    choice: str


@dataclass(frozen=True)
class Check:
    """One comparison: ``part`` of ``whole`` against a threshold. ``name``: quorum, share or objection."""

    name: str
    measure: str
    part: int | Decimal
    whole: int | Decimal
    threshold: Threshold
    met: bool


@dataclass(frozen=True)
class Tally:
    """The whole computation. ``heads`` and ``areas``: how much of the base stands where; each adds up to the base."""

    heads: Mapping[str, int]
    areas: Mapping[str, Decimal]
    heads_taking_part: int
    area_taking_part: Decimal
    units_left_out: int
    checks: tuple[Check, ...]
    outcome: str

    @property
    def base_heads(self) -> int:
        """All heads that count."""
        return sum(self.heads.values())

    @property
    def base_area(self) -> Decimal:
        """All area that counts, in m²."""
        return sum(self.areas.values(), Decimal(0))


def standing_of(casts: Sequence[Cast], decided: int | None = None, *, is_decided: bool = False) -> str:
    """Return where a unit stands by its ballots: one vote per dwelling, whatever number of papers there is.

    Ballots that say the same are one. Ballots that differ are set aside until it is decided (``is_decided``) which of
    them counts: the one with key ``decided``, or with None no one, which is an invalid vote. Raises ValueError for a
    choice, or a ballot decided for, that there is not.
    """
    said = {cast.choice for cast in casts}
    if not said <= set(CHOICES):
        raise ValueError(f"unknown choice: {sorted(said - set(CHOICES))}")
    if not casts:
        return SILENT
    if len(said) == 1:
        return said.pop()
    if not is_decided:
        return SET_ASIDE
    if decided is None:
        return INVALID
    found = {cast.key: cast.choice for cast in casts}
    if decided not in found:
        raise ValueError(f"ballot {decided} is none of this unit's")
    return found[decided]


def count(rule: Rule, units: Iterable[Unit], standings: Mapping[int, str]) -> Tally:
    """Count ``standings`` (unit key → choice, ``SET_ASIDE``; missing: silent) of ``units`` under ``rule``.

    Raises ValueError when nothing counts, for a standing of a unit that is not on the roll, or one that is none.
    """
    units = list(units)
    counted = [unit for unit in units if unit.use in rule.uses]
    if not counted:
        raise ValueError("nothing on the roll counts under this rule")
    _check(units, standings)
    if rule.counts_area and any(unit.area <= 0 for unit in counted):
        raise ValueError("an area must be above 0")
    areas = dict.fromkeys(STANDINGS, Decimal(0))
    owners: dict[int, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for unit in counted:
        standing = standings.get(unit.key, SILENT)
        areas[standing] += unit.area
        owners[unit.owner if rule.by_owner else unit.key][standing] += unit.area
    heads, heads_taking_part = dict.fromkeys(STANDINGS, 0), 0
    for owned in owners.values():
        heads[head_standing(owned, rule.split)] += 1
        heads_taking_part += any(_takes_part(standing, rule) for standing in owned)
    area_taking_part = sum((area for name, area in areas.items() if _takes_part(name, rule)), Decimal(0))
    checks = _checks(rule, heads, areas, heads_taking_part, area_taking_part)
    return Tally(heads, areas, heads_taking_part, area_taking_part, len(units) - len(counted), checks, _outcome(checks))


def _check(units: Sequence[Unit], standings: Mapping[int, str]) -> None:
    keys = {unit.key for unit in units}
    if len(keys) < len(units):
        raise ValueError("a unit stands on the roll twice")
    if strange := set(standings) - keys:
        raise ValueError(f"not on the roll: {sorted(strange)}")
    if strange := set(standings.values()) - {*CHOICES, SET_ASIDE, SILENT}:
        raise ValueError(f"unknown standing: {sorted(strange)}")


def head_standing(owned: Mapping[str, Decimal], split: str) -> str:
    """Return where an owner's one head stands; ``owned``: the owner's area in m² by the standing of its dwellings.

    Dwellings that voted alike carry the head, whatever the others of the owner did not say. Opinions that differ split
    it: then it takes part but is counted for neither side, unless the rule lets it go with ``LARGER_AREA``, more than
    half of the area the owner voted with.
    """
    opinions = {name: area for name, area in owned.items() if name in OPINIONS}
    if len(opinions) == 1:
        return next(iter(opinions))
    if opinions:
        voted = sum(opinions.values(), Decimal(0))
        larger = [name for name, area in opinions.items() if area * 2 > voted]
        return larger[0] if split == LARGER_AREA and larger else SPLIT
    return next(name for name in (SET_ASIDE, INVALID, SILENT) if name in owned)


def _takes_part(standing: str, rule: Rule) -> bool:
    return standing in (*OPINIONS, SPLIT) or (standing == INVALID and rule.invalid_takes_part)


def _checks(rule: Rule, heads, areas, heads_taking_part: int, area_taking_part: Decimal) -> tuple[Check, ...]:
    """Return every comparison that the rule asks for: of heads, then of the area if it counts."""
    measures = [("heads", heads, heads_taking_part), ("area", areas, area_taking_part)]
    found = []
    for name, parts, taking_part in measures if rule.counts_area else measures[:1]:
        whole = sum(parts.values())
        if rule.method == OBJECTION:
            met = rule.share.kept(parts[AGAINST], whole)
            found.append(Check("objection", name, parts[AGAINST], whole, rule.share, met))
            continue
        quorum, share = rule.quorum, rule.share
        found.append(Check("quorum", name, taking_part, whole, quorum, quorum.met(taking_part, whole)))
        found.append(Check("share", name, parts[FOR], taking_part, share, share.met(parts[FOR], taking_part)))
    return tuple(sorted(found, key=lambda check: check.name))


def _outcome(checks: Iterable[Check]) -> str:
    failed = {check.name for check in checks if not check.met}
    if "quorum" in failed:
        return NO_QUORUM
    return REJECTED if failed else PASSED
