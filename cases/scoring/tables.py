"""Figures as people read them: rows with ranks, scores and cells, each of which leads to the cases it counts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from cases.models import Excluded, ScoreFormula, ScoreLine
from cases.scoring.dimensions import Dimension
from cases.scoring.drill import DENOMINATOR, LEFT_OUT, NO_KEY, NUMERATOR
from cases.scoring.figures import (
    NOTHING,
    WITHDRAWN,
    Days,
    Figure,
    Figures,
    Ground,
    Key,
    figures_by,
    left_out_by,
    months,
)
from cases.scoring.indicators import ALL, BY_KEY, GROUPS, Indicator
from cases.scoring.periods import of_json
from cases.scoring.ranking import places_of, score_of

FORMULA = "formula"
TREND_DAYS = 365
LinkTo = Callable[[str, str, str, ScoreLine | None], str]


@dataclass(frozen=True)
class Cell:
    """One figure of a row; ``too_small``: its sample is, so its value is not shown."""

    indicator: Indicator
    figure: Figure
    too_small: bool
    numerator_url: str
    denominator_url: str

    @property
    def text(self) -> str:
        """The value in words, "" where there is none."""
        return "" if self.too_small else value_text(self.indicator, self.figure)


@dataclass(frozen=True)
class Row:
    """One unit, area or scene. ``left_out``: (why, how many, address of the cases)."""

    key: int | None
    name: str
    rank: int | None
    score: Decimal | None
    cells: tuple[Cell, ...]
    left_out: tuple[tuple[str, int, str], ...] = ()
    line: ScoreLine | None = None

    @property
    def tells(self) -> bool:
        """Whether there is anything to see in it: a figure over something, or what was left out."""
        return bool(self.left_out) or any(cell.figure.denominator for cell in self.cells)


def value_text(indicator: Indicator, figure: Figure) -> str:
    """Return a share in per cent, a duration in minutes, hours or days; "" for nothing."""
    if figure.value is None:
        return ""
    if indicator.is_share:
        return f"{100 * figure.value:.1f}%"
    minutes = figure.value / 60
    if minutes < 90:
        return _("%(number)s min") % {"number": f"{minutes:.0f}"}
    if minutes < 48 * 60:
        return _("%(number)s h") % {"number": f"{minutes / 60:.1f}"}
    return _("%(number)s d") % {"number": f"{minutes / 1440:.1f}"}


def groups_for(formula: ScoreFormula | None) -> dict[str, str]:
    """Return the groups of indicators one may look at, by key."""
    return ({FORMULA: _("Of the formula")} if formula is not None else {}) | {
        key: str(label) for key, label in GROUPS.items()
    }


def indicators_of(group: str, formula: ScoreFormula | None) -> tuple[Indicator, ...]:
    """Return the indicators of a group, those of a formula in its order."""
    if group == FORMULA and formula is not None:
        return tuple(BY_KEY[weight.indicator] for weight in formula.weights.all())
    return tuple(one for one in ALL if one.group == group)


def reason_label(reason: str) -> str:
    """Return why turns were left out, in words."""
    return _("Withdrawn") if reason == WITHDRAWN else str(Excluded(reason).label)


@dataclass(frozen=True)
class Shaper:
    """Makes rows: which indicators, under which formula's minimum sample, and where its cells lead.

    ``link(indicator, part, key, line)`` is the address of the cases of a figure: of a stored line, or of a key.
    """

    indicators: Sequence[Indicator]
    formula: ScoreFormula | None
    link: LinkTo

    def row(self, key, name: str, figures: Figures, left_out: Mapping[str, int], *, rank, score, line=None) -> Row:
        """Return one row."""
        at = NO_KEY if key is None else str(key)
        aside = tuple(
            (reason_label(reason), number, self.link(reason, LEFT_OUT, at, line)) for reason, number in left_out.items()
        )
        cells = tuple(self.cell(one, figures[one.key], at, line) for one in self.indicators)
        return Row(key, name or _("without one"), rank, score, cells, aside, line)

    def cell(self, indicator: Indicator, figure: Figure, at: str, line: ScoreLine | None = None) -> Cell:
        """Return one cell; ``at`` is a key as an address writes it ("" = all together)."""
        least = self.formula.minimum_sample if self.formula is not None else 1
        return Cell(
            indicator, figure, figure.denominator < least,
            self.link(indicator.key, NUMERATOR, at, line), self.link(indicator.key, DENOMINATOR, at, line),
        )  # fmt: skip


def live_rows(ground: Ground, days: Days, by: Dimension, shaper: Shaper) -> list[Row]:
    """Count and return the rows by rank, or by name where nothing ranks them."""
    formula = shaper.formula
    weighed = [BY_KEY[weight.indicator] for weight in formula.weights.all()] if formula else []
    wanted = tuple(dict.fromkeys([*shaper.indicators, *weighed]))
    found, left_out = figures_by(ground, days, by, wanted), left_out_by(ground, days, by)
    own = dict.fromkeys(left_out, NOTHING) | found
    return [
        shaper.row(
            place.key, place.name, own[place.key], left_out.get(place.key, {}), rank=place.rank, score=place.score
        )
        for place in places_of(formula, own, by.names(own))
    ]


def line_rows(lines: Sequence[ScoreLine], shaper: Shaper) -> list[Row]:
    """Return the rows of stored lines, in their order."""
    return [
        shaper.row(
            line.subject, line.name, of_json(line.figures), line.left_out, rank=line.rank, score=line.score, line=line
        )
        for line in lines
    ]


@dataclass(frozen=True)
class Trend:
    """Figures by month: ``months`` as written below the chart, ``series``: (name, values; None where too few).

    Shares are in per cent, durations in hours.
    """

    months: tuple[str, ...]
    series: tuple[tuple[str, tuple[float | None, ...]], ...]


def trend_of(ground: Ground, last: date, shaper: Shaper, of: Key | None = None) -> Trend:
    """Return the indicators, and the score, by month of the year up to ``last``.

    ``of``: one key of a dimension (None: all together).
    """
    weighed = [BY_KEY[weight.indicator] for weight in shaper.formula.weights.all()] if shaper.formula else []
    first = (last - timedelta(days=TREND_DAYS - 31)).replace(day=1)
    found = months(ground, Days(first, last), tuple(dict.fromkeys([*shaper.indicators, *weighed])), of)
    series = [
        (
            str(one.label),
            tuple(charted(shaper.cell(one, told.get(one.key, NOTHING[one.key]), "")) for told in found.values()),
        )
        for one in shaper.indicators
    ]
    if shaper.formula:
        scores = [score_of(shaper.formula, NOTHING | told).score for told in found.values()]
        series.insert(0, (_("score"), tuple(None if score is None else float(score) for score in scores)))
    return Trend(tuple(month.strftime("%Y-%m") for month in found), tuple(series))


def charted(cell: Cell) -> float | None:
    """Return a figure as a chart shows it: per cent or hours; None where there is none or too few."""
    if cell.too_small or cell.figure.value is None:
        return None
    return round(cell.figure.value * 100 if cell.indicator.is_share else cell.figure.value / 3600, 2)
