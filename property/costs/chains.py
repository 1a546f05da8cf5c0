"""Whose a dwelling was from day to day: its ownerships as a chain of households. Pure: no models.

Owners whose days overlap and whose shares leave room for each other are co-owners and one household (民法典 307: the
debts of what is owned together are owed by all its owners together). An owner who finds no room follows the one before.
One who is entered again without a day between (a new certificate, other shares) goes on with the household they had.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Tie:
    """An ownership: its first and last day (None: still), the day it was entered, and whose: account and name."""

    key: int
    first: date
    last: date | None
    share: Fraction
    entered: date
    user: int | None = None
    name: str = ""

    def joins(self, other: "Tie") -> bool:
        """Tell whether the two are of one household: co-owners, or one owner who was entered again."""
        return self.beside(other) or self.continues(other)

    def beside(self, other: "Tie") -> bool:
        """Tell whether the two own at the same time and their shares leave room; a day in common is a hand-over."""
        apart = (self.last is not None and self.last <= other.first) or (
            other.last is not None and other.last <= self.first
        )
        return not apart and self.share + other.share <= 1

    def continues(self, other: "Tie") -> bool:
        """Tell whether both are of one person, with no day between; by name where one has no account."""
        known = self.user is not None and other.user is not None
        same = self.user == other.user if known else bool(self.name) and self.name == other.name
        reaches = other.last is None or self.first <= other.last + DAY
        return same and reaches and (self.last is None or other.first <= self.last + DAY)


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
    def is_presumed(self) -> bool:
        """Whether its first day is none of purchase: who was entered first is on record from the day of the entry.

        Whom it is joined by later does not change that.
        """
        on_record = min(self.ties, key=lambda tie: (tie.entered, tie.key))
        return on_record.first >= on_record.entered

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
            home = _joined(found, tie)
        home.ties.append(tie)
    return sorted(found, key=lambda one: (one.first, one.account is None, one.account or 0))


def _joined(found: list[Household], tie: Tie) -> Household:
    """Return the household that a tie belongs to; those without an account that it links become one."""
    homes = [one for one in found if any(tie.joins(other) for other in one.ties)] or [Household()]
    if homes[0] not in found:
        found.append(homes[0])
    for other in homes[1:]:
        if other.account is None:
            homes[0].ties += other.ties
            found.remove(other)
    return homes[0]


def chain_of(households: Sequence[Household], *, has_past: bool) -> list[Stretch]:
    """Return the days of a dwelling as stretches without gap or overlap; days of no household are nobody's.

    A day of entry is no day of purchase: where nothing came before (``has_past`` false: there is no account of days
    before the first household), owners who are on record from the day they were entered are taken to have owned
    before [J].
    """
    found: list[Stretch] = []
    at: date | None = None  # the next day that is nobody's so far; None: the beginning
    begins = _beginnings(households)
    for place, household in enumerate(households):
        first: date | None = begins[place]
        following = begins[place + 1] if place + 1 < len(households) else None
        if not found and not has_past and household.is_presumed:
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
