"""How many points a service earns: the tariff times the measure, cut by the caps of day and month. Pure figures."""

from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Tariff:
    """A rule's figures: ``points`` for each service, item or hour (``per``), and the caps (None: none)."""

    points: int
    per: str
    day_cap: int | None = None
    month_cap: int | None = None


@dataclass(frozen=True)
class Reckoning:
    """``base`` before the caps, ``points`` after them; ``steps`` say how, as stored: [name, figures...]."""

    base: int
    points: int
    steps: list[list] = field(default_factory=list)


def reckon(tariff: Tariff, *, quantity: int, hours: Decimal | None, used_day: int, used_month: int,
           share: int = 100) -> Reckoning:  # fmt: skip
    """Return the points of one service. ``used_day`` and ``used_month``: what the partner got in them for its kind.

    Points are whole: parts of a point are left out [J]. ``share``: percent of it, for outcomes that were reached in
    part. Raises ValueError for an hourly tariff without hours.
    """
    if tariff.per == "hour" and hours is None:
        raise ValueError("an hourly tariff needs hours")
    measure = hours if tariff.per == "hour" else Decimal(quantity)
    base = int((tariff.points * measure * share / 100).to_integral_value(ROUND_FLOOR))
    steps = [["tariff", tariff.points, f"{measure.normalize():f}", tariff.per, base, share]]
    points = base
    for name, cap, used in (("day", tariff.day_cap, used_day), ("month", tariff.month_cap, used_month)):
        left = points if cap is None else max(0, min(points, cap - used))
        if left < points:
            steps.append([name, cap, used, left])
        points = left
    return Reckoning(base, points, steps)


def steps_told(steps: list[list]) -> str:
    """Return how a figure was reckoned, in words: ``10 × 2 = 20, day's cap 15 → 15``."""
    return _(", ").join(_step_told(name, *figures) for name, *figures in steps)


def _step_told(name: str, *figures) -> str:
    if name == "tariff":
        points, measure, _per, base, share = figures
        part = f" × {share}%" if share != 100 else ""
        return f"{points} × {measure}{part} = {base}"
    cap, used, left = figures
    words = {
        ("day", False): _("day's cap %(cap)d → %(left)d"),
        ("day", True): _("day's cap %(cap)d, %(used)d used → %(left)d"),
        ("month", False): _("month's cap %(cap)d → %(left)d"),
        ("month", True): _("month's cap %(cap)d, %(used)d used → %(left)d"),
    }[name, used > 0]
    return words % {"cap": cap, "used": used, "left": left}
