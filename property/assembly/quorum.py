"""Whether enough are there: the quorum of an assembly as data, and the counting. Pure; exact, no floats."""

from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Quorum:
    """``share`` of those who count must be there: at least (以上 includes the number), or with ``more_than`` more than
    it (超过 excludes it). At least ``minimum`` persons, and one of each of ``roles``.
    """

    share: Fraction
    more_than: bool = False
    minimum: int = 0
    roles: Collection[str] = ()


@dataclass(frozen=True)
class Counted:
    """How many count, how many of them are there, how many are needed, and which roles are missing."""

    invited: int
    present: int
    needed: int
    missing_roles: tuple[str, ...] = ()

    @property
    def reached(self) -> bool:
        """Whether the meeting has its quorum; nobody invited is never one."""
        return self.invited > 0 and self.present >= self.needed and not self.missing_roles


def needed_of(quorum: Quorum, invited: int) -> int:
    """Return the smallest number of persons present that satisfies share and minimum."""
    exact = quorum.share * invited
    least = -(-exact.numerator // exact.denominator)
    if quorum.more_than and exact.denominator == 1:
        least += 1
    return max(least, quorum.minimum)


def counted(quorum: Quorum, seats: Collection[tuple[str, bool]]) -> Counted:
    """Count ``seats``: (role, whether somebody sits on it now) of each that counts."""
    there = {role for role, present in seats if present}
    missing = tuple(role for role in quorum.roles if role not in there)
    return Counted(len(seats), sum(present for _role, present in seats), needed_of(quorum, len(seats)), missing)
