"""What an alarm book comes to: what happened to occurrences, and when delays end (``devices.alarms``)."""

from dataclasses import dataclass, field
from datetime import datetime

from devices.models import Alarm
from devices.tracks import Track

Key = tuple[int, str]  # device id, alarm type


@dataclass
class Change:
    """What happened to an occurrence, in the order it happened. ``turn`` is that of the track, or ``returned``,
    ``ended`` (its case was closed), ``disabled``, ``retired``, ``unlimited`` (no limit any more) or ``history``;
    ``status`` and ``metrics`` are what the sample said that told it."""

    turn: str
    alarm: Alarm
    at: datetime
    status: str | None = None
    metrics: dict[str, float] = field(default_factory=dict)
    new: bool = False
    # Of the occurrence at that moment: later samples of a batch change it.
    count: int = 1
    severity: str = ""


@dataclass
class Deadline:
    """When a delay ends if no sample comes: on our own clock it has run in full too, so that a backlog that is still on
    its way is heard first."""

    key: Key
    due_at: datetime

    @classmethod
    def of(cls, key: Key, track: Track, received_at: datetime) -> "Deadline":
        """Return the deadline of the delay that runs in a track since the sample that came in then."""
        return cls(key, max(track.due_at, received_at + track.delay))
