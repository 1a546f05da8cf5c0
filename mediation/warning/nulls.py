"""What is kept of how high scores go where nothing happens, and when it is drawn anew.

Drawing takes some seconds for one stream, so it is done whole only when a score may be an alarm, and kept for four
weeks; as long as no score comes near one, a coarse draw does.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import blake2b
from math import ceil
from typing import NamedTuple

import numpy as np
from scipy import stats

from governance.surveillance.expectation import Neighbours, Night
from governance.surveillance.null import DRAWN, FLOOR, Null, simulated
from mediation.models import StreamNull, WarningWatch

KEPT = timedelta(days=28)
# Drawn anew when there are so many times more or fewer events a day [J].
MOVED = 1.2
# A coarse draw is enough for scores that it reaches more often than a level may, by more than chance: how many of its
# nights lie above the true threshold is Poisson, and reaches the rank asked for in fewer than 1 of 1,000 draws.
# Of a stream with a small share of the rate a smaller one says it mostly: the first night draws for every stream.
FIRST, COARSE, CHANCE = 250, 1000, 0.001
# A whole draw has so many nights above the threshold, as those of ``make bench-warning`` (7,300 nights at 100 days);
# the one between it and the coarse one spares half of the long ones.
ABOVE, BETWEEN = 73, 7_300


class Rare(NamedTuple):
    """Once in how many nights chance alone scores so high. ``at_least``: no night that was drawn did, so that it may be
    any number above."""

    days: float
    at_least: bool = False


def recurrence_of(watch: WarningWatch, stream: str, type_id: int, night: Night, near: Neighbours, score: float,
                  day: date, exposure: np.ndarray | None, least: float) -> Rare:  # fmt: skip
    """Return once in how many nights chance alone scores so high in this stream; only whether it is less than ``least``
    matters of frequent ones."""
    kept = StreamNull.objects.filter(watch=watch, stream=stream, type_id=type_id).first()
    daily = float(night.expected.sum() / night.expected.shape[1])
    if kept is None or not _holds(kept, daily, near, day):
        kept = _draw(watch, stream, type_id, night, near, day, exposure, daily, FIRST)
    for drawn in _stages(least):
        if kept.drawn < drawn and score > max(_frequent(kept, least), FLOOR):
            kept = _draw(watch, stream, type_id, night, near, day, exposure, daily, drawn)
    null = Null(kept.drawn, np.array(kept.top))
    return Rare(null.recurrence(score), null.exceeded(score))


def _stages(least: float) -> Iterator[int]:
    """Yield how many nights are drawn, as long as a score may be as rare as once in ``least``; the last are whole."""
    whole = max(COARSE, min(DRAWN, ceil(ABOVE * least)))
    yield COARSE
    if whole > 3 * BETWEEN:
        yield BETWEEN
    yield whole


def _frequent(kept: StreamNull, least: float) -> float:
    """Return the score up to which nothing is as rare as once in ``least`` nights, by a draw that is not whole; 0 where
    it keeps too few of the highest scores to say so."""
    wanted = kept.drawn / least
    rank = int(stats.poisson.isf(CHANCE, wanted)) + 1
    if rank > len(kept.top) and kept.drawn < COARSE:
        return 0.0
    return kept.top[min(rank, len(kept.top)) - 1]


def _holds(kept: StreamNull, daily: float, near: Neighbours, day: date) -> bool:
    moved = max(daily, kept.daily) > MOVED * max(min(daily, kept.daily), 1e-9)
    return kept.places == near.places and not moved and abs(day - kept.made_on) < KEPT


def _draw(watch: WarningWatch, stream: str, type_id: int, night: Night, near: Neighbours, day: date,
          exposure: np.ndarray | None, daily: float, drawn: int) -> StreamNull:  # fmt: skip
    seed = int.from_bytes(blake2b(f"{watch.code}:{stream}:{type_id}:{day}".encode(), digest_size=8).digest())
    null = simulated(night.usual, near, seed=seed, exposure=exposure, drawn=drawn)
    given = {"made_on": day, "places": near.places, "daily": daily, "drawn": drawn,
             "top": [round(float(score), 4) for score in null.top]}  # fmt: skip
    return StreamNull.objects.update_or_create(watch=watch, stream=stream, type_id=type_id, defaults=given)[0]
