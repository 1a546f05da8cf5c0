"""Reading what devices send: one message at a time, judged by its form alone. No models, no database.

A message is ``{"device": code, "at": ISO 8601 with zone, "status": word, "metrics": {name: figure}}`` with a status, or
metrics, or both. Names that are not among these are ignored, so that newer devices may say more.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from django.utils.translation import gettext as _

# How far ahead of ours a device's clock may be before we use our own time (domain/devices.md, "Invariants").
SKEW = timedelta(minutes=5)
# A message with a wrong time that is sent again within this time is known to be the same [J].
SENT_AGAIN = timedelta(hours=24)
# How long raw readings are kept (domain/devices.md, "Storage").
RETENTION = timedelta(days=90)
MAX_METRICS = 32
# No figure of a city is greater (it has 10^20 grains of sand), and sums and squares of what is stored stay finite: two
# figures near the end of a float would stop the hourly roll-ups of all devices [J].
GREATEST = 1e30
# The name under which status words are stored beside the metrics.
STATUS = "status"

DEVICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,29}", re.ASCII)
WORD = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
LONGEST_WORD = 40
# Where a new part of a word like ``lidOpen`` begins.
HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])", re.ASCII)
# What other data models call normal: ``ok`` in Smart Data Models (domain/devices.md, "Starting profiles").
NORMAL_WORDS = {"ok": "normal"}


class Rejected(Exception):
    """One message cannot be taken: ``code`` for programs, ``detail`` for people."""

    def __init__(self, code: str, detail: str):
        super().__init__(detail)
        self.code, self.detail = code, detail


@dataclass(slots=True)
class Sample:
    """A well-formed message. ``at`` is the time it counts for; ``claimed_at`` what the device said, where that is not
    to be believed (``skewed``)."""

    index: int
    device: str
    at: datetime
    status: str | None
    metrics: dict[str, float]
    skewed: bool = False
    claimed_at: datetime | None = None
    device_id: int = 0
    parcel: int = 0  # the request it came with
    bad: frozenset[str] = frozenset()  # metrics outside of what can be (``devices.rules.Rules.impossible``)
    word_judged: bool = True  # False: the status word is kept, but says nothing about alarms of its profile
    warned: str = ""  # the status word, where its profile does not know it

    @property
    def aside(self) -> frozenset[str]:
        """The names of what is stored and never judged: bad figures, a status word that says nothing about alarms."""
        return self.bad if self.word_judged or self.status is None else self.bad | {STATUS}

    @property
    def device_at(self) -> datetime:
        """What the device said."""
        return self.claimed_at or self.at

    def readings(self) -> Iterator[tuple[str, float | None, str]]:
        """Yield (metric, value, text) of all it reports; the status word is the text of the metric ``status``."""
        if self.status is not None:
            yield STATUS, None, self.status
        for name, value in self.metrics.items():
            yield name, value, ""

    def names(self) -> list[str]:
        """Return the names of all it reports."""
        return [STATUS, *self.metrics] if self.status is not None else list(self.metrics)

    def only(self, names: set[str]) -> "Sample":
        """Return the sample reduced to the readings named."""
        metrics = {name: value for name, value in self.metrics.items() if name in names}
        return replace(self, status=self.status if STATUS in names else None, metrics=metrics)

    def believed(self) -> "Sample":
        """Return the sample without its bad figures: what is judged. It may be empty: its device was heard."""
        return self.only(set(self.names()) - self.bad) if self.bad else self


def read_message(index: int, raw, received_at: datetime) -> Sample:
    """Return the message as a Sample; raises Rejected with one of the codes below.

    ``invalid_message``, ``invalid_device``, ``invalid_time``, ``time_out_of_range``, ``invalid_status``,
    ``invalid_metrics``, ``invalid_metric``, ``invalid_value``, ``nothing_reported``.
    """
    if not isinstance(raw, dict):
        raise Rejected("invalid_message", _("A message is an object."))
    device = raw.get("device")
    if not isinstance(device, str) or not DEVICE.fullmatch(device):
        raise Rejected("invalid_device", _("“device” is the code of a device."))
    at = _time(raw.get("at"), received_at)
    status, metrics = _status(raw.get("status")), _metrics(raw.get("metrics"))
    if status is None and not metrics:
        raise Rejected("nothing_reported", _("The message has neither a status nor metrics."))
    sample = Sample(index, device, at, status, metrics)
    if at > received_at + SKEW:
        sample.skewed, sample.claimed_at, sample.at = True, at, received_at
    return sample


_known_words: set[str] = set()
_MOST_KNOWN = 10_000


def quick_message(index: int, message, received_at: datetime) -> Sample | None:
    """Return the sample of a well-formed typed message (``devices.wire.Message``), or None: then judge its raw form.

    The same rules as ``read_message``, without words for what is wrong.
    """
    at, metrics, status = message.at, message.metrics or {}, message.status
    if at.tzinfo is None or len(metrics) > MAX_METRICS or (status is None and not metrics):
        return None
    if not _known_words.issuperset(metrics) and not _learn(metrics):
        return None
    if status is not None and (status := status_word(status)) is None or not DEVICE.fullmatch(message.device):
        return None
    if not received_at - RETENTION <= at <= received_at + SKEW:
        return None
    for value in metrics.values():
        if not -GREATEST <= value <= GREATEST:  # nor one that is no number
            return None
    return Sample(index, message.device, at, status, metrics)


def _learn(names) -> bool:
    """Remember names of metrics that are well formed; tell whether all are."""
    if not all(WORD.fullmatch(name) and name != STATUS for name in names):
        return False
    if len(_known_words) > _MOST_KNOWN:
        _known_words.clear()
    _known_words.update(names)
    return True


def _time(raw, received_at: datetime) -> datetime:
    try:
        at = datetime.fromisoformat(raw)
    except (TypeError, ValueError) as error:
        raise Rejected("invalid_time", _("“at” is a time like 2026-11-23T08:00:00+08:00.")) from error
    if at.tzinfo is None:
        raise Rejected("invalid_time", _("“at” needs a time zone."))
    if at < received_at - RETENTION:
        raise Rejected("time_out_of_range", _("“at” lies more than %(days)s days back.") % {"days": RETENTION.days})
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise Rejected("time_out_of_range", _("“at” is beyond the calendar.")) from error


def _status(raw) -> str | None:
    if raw is None:
        return None
    word = status_word(raw) if isinstance(raw, str) else None
    if word is None:
        raise Rejected("invalid_status", _("“status” is a status word of the device."))
    return word


def status_word(said: str) -> str | None:
    """Return a status word as profiles write it, or None where it is no word: ``lidOpen`` is ``lid_open``, ``ok`` is
    ``normal`` (Smart Data Models)."""
    return _word(said) if len(said) <= LONGEST_WORD else None


@lru_cache(maxsize=10_000)
def _word(said: str) -> str | None:
    word = HUMP.sub("_", said).lower()
    return NORMAL_WORDS.get(word, word) if WORD.fullmatch(word) else None


def _metrics(raw) -> dict[str, float]:
    if raw is None:
        return {}
    if not isinstance(raw, dict) or len(raw) > MAX_METRICS:
        raise Rejected("invalid_metrics", _("“metrics” is an object of at most 32 figures."))
    return {_metric_name(name): _figure(name, value) for name, value in raw.items()}


def _metric_name(name) -> str:
    if not isinstance(name, str) or not WORD.fullmatch(name) or name == STATUS:
        raise Rejected("invalid_metric", _("A metric's name has small letters, digits and underscores."))
    return name


def _figure(name: str, value) -> float:
    """Return the figure of the metric ``name``, which the refusal names: one of 32 may be wrong."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Rejected("invalid_value", _("The value of “%(metric)s” must be a number.") % {"metric": name})
    if isinstance(value, float) and not math.isfinite(value):
        raise Rejected("invalid_value", _("The value of “%(metric)s” must be finite.") % {"metric": name})
    if abs(value) > GREATEST:  # also a whole number that no float holds
        raise Rejected("invalid_value", _("The value of “%(metric)s” is too large.") % {"metric": name})
    return float(value)
