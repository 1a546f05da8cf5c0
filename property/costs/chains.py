"""Whose a dwelling was from day to day: its ownerships as a chain of households. Pure: no models.

Owners whose days overlap and whose shares leave room for each other are co-owners and one household (民法典 307: the
debts of what is owned together are owed by all its owners together). An owner who finds no room follows the one before.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Tie:
    """An ownership: its first and last day (None: still), and the day it was entered."""

    key: int
    first: date
    last: date | None
    share: Fraction
    entered: date

    def beside(self, other: "Tie") -> bool:
        """Tell whether the two own at the same time and their shares leave room; a day in common is a hand-over."""
        apart = (self.last is not None and self.last <= other.first) or (
            other.last is not None and other.last <= self.first
        )
        return not apart and self.share + other.share <= 1


@dataclass
class Household:
    """Owners of a dwelling together; ``account``: the key of their account, None where there is none yet."""

    ties: list[Tie] = field(default_factory=list)
    account: int | None = None

    @property
    def first(self) -> date:
        """The first day of the first of them."""
        return min(tie.first for tie in self.ties)

    @property
    def until(self) -> date | None:
        """The day after the last of them gave it up; None while one still owns."""
        ends = [tie.last for tie in self.ties]
        return None if None in ends else max(ends) + DAY


@dataclass(frozen=True)
class Stretch:
    """Days of a dwelling: from ``first`` (None: from the beginning) to before ``until`` (None: on), and whose."""

    first: date | None
    until: date | None
    household: Household | None

    def holds(self, day: date) -> bool:
        """Tell whether a day is one of them."""
        return (self.first is None or self.first <= day) and (self.until is None or day < self.until)


def households_of(ties: Sequence[Tie], known: dict[int, int]) -> list[Household]:
    """Group ownerships; ``known`` (ownership → account) stays as it was grouped once. In the order of their days."""
    found: list[Household] = []
    by_account: dict[int, Household] = {}
    for tie in sorted(ties, key=lambda one: (one.key not in known, one.first, one.key)):
        account = known.get(tie.key)
        if account is not None:
            home = by_account.get(account)
            if home is None:
                home = by_account[account] = Household(account=account)
                found.append(home)
        else:
            home = next((one for one in found if any(tie.beside(other) for other in one.ties)), None)
            if home is None:
                home = Household()
                found.append(home)
        home.ties.append(tie)
    return sorted(found, key=lambda one: (one.first, one.account is None, one.account or 0))


def chain_of(households: Sequence[Household], *, has_past: bool) -> list[Stretch]:
    """Return the days of a dwelling as stretches without gap or overlap; days of no household are nobody's.

    A day of entry is no day of purchase: where nothing came before (``has_past`` false), owners who are on record from
    the day they were entered are taken to have owned before [J].
    """
    found: list[Stretch] = []
    at: date | None = None  # the next day that is nobody's so far; None: the beginning
    begins = _beginnings(households)
    for place, household in enumerate(households):
        first: date | None = begins[place]
        following = begins[place + 1] if place + 1 < len(households) else None
        presumed = not found and not has_past and all(tie.first >= tie.entered for tie in household.ties)
        if presumed:
            first = None
        elif at is None or at < first:
            found.append(Stretch(at, first, None))
        until = household.until
        if following is not None and (until is None or until > following):
            until = following
        if until is not None and begins[place] >= until:
            until = begins[place] + DAY
        found.append(Stretch(first, until, household))
        at = until
    if not found or at is not None:
        found.append(Stretch(at, None, None))
    return found


def _beginnings(households: Sequence[Household]) -> list[date]:
    """Return the first day of each: that of its owners, but after the first day of the one before."""
    found: list[date] = []
    for household in households:
        found.append(max(household.first, found[-1] + DAY) if found else household.first)
    return found
