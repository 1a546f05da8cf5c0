"""Which offers and wants fit, why, and in which order: pure functions, no database.

Both must be about the same kind of skill, or one of them speak of the other's kind, or share words; and leave time for
it in one week. The weights only order what fits [J]: the same kind says most, then the words of it, then the estate.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import time

CATEGORY, NAMED, WORDS, ESTATE, DAYS = "category", "named", "words", "estate", "days"
WEIGHTS = {CATEGORY: 50, NAMED: 25, WORDS: 10, ESTATE: 15, DAYS: 5}
MOST_WORDS = 3
EVERY_DAY = frozenset(range(7))
# What is in so many titles that it says nothing.
EMPTY_WORDS = frozenset({"可以", "教学", "学习", "希望", "请教", "想学", "帮忙", "一起", "免费", "老师"})
_WORD = re.compile(r"[a-z0-9]+|[\u4e00-\u9fff]+")


@dataclass(frozen=True)
class Wish:
    """An offer or a want as matching sees it. ``weekdays`` 0 is Monday; none means any day. ``minutes``: how long.

    ``named``: other kinds of skill whose words the text says (``kinds_named``).
    """

    category: str
    text: str
    estate: int
    weekdays: frozenset[int] = field(default_factory=frozenset)
    starts: time = time(8)
    ends: time = time(21)
    minutes: int = 60
    named: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Fit:
    """How well two wishes fit; ``reasons`` are codes in order of weight."""

    score: int
    reasons: tuple[str, ...]
    words: tuple[str, ...] = ()


def words_of(text: str) -> set[str]:
    """Return what a text is about: latin words, and pairs of neighbouring Chinese characters (书法, 法班)."""
    found = set()
    for empty in EMPTY_WORDS:
        text = text.replace(empty, " ")
    for piece in _WORD.findall(text.lower()):
        if piece.isascii():
            found.add(piece)
        else:
            found |= {piece[place : place + 2] for place in range(len(piece) - 1)}
    return found


def shared_words(one: str, other: str) -> tuple[str, ...]:
    """Return the words that both texts are about, in order."""
    return tuple(sorted(words_of(one) & words_of(other)))


def kinds_named(text: str, words: Mapping[str, Iterable[str]]) -> frozenset[str]:
    """Return the kinds of skill (code → what people call it) of which ``text`` says a word."""
    text = text.lower()
    return frozenset(code for code, said in words.items() if any(word.lower() in text for word in said))


def time_for_both(offer: Wish, want: Wish) -> frozenset[int]:
    """Return the days of the week on which both have time for as long as the shorter of them needs."""
    begins, ends = max(offer.starts, want.starts), min(offer.ends, want.ends)
    room = (ends.hour * 60 + ends.minute) - (begins.hour * 60 + begins.minute)
    if room < min(offer.minutes, want.minutes):
        return frozenset()
    return (offer.weekdays or EVERY_DAY) & (want.weekdays or EVERY_DAY)


def fit(offer: Wish, want: Wish) -> Fit | None:
    """Return how well an offer fits a want, None where it does not; the two may be given in any order."""
    words = shared_words(offer.text, want.text)
    same = offer.category == want.category
    named = not same and (want.category in offer.named or offer.category in want.named)
    if not (same or named or words):
        return None
    if not time_for_both(offer, want):
        return None
    holds = {
        CATEGORY: int(same), NAMED: int(named), WORDS: min(len(words), MOST_WORDS),
        ESTATE: int(offer.estate == want.estate), DAYS: int(bool(offer.weekdays & want.weekdays)),
    }  # fmt: skip
    score = sum(WEIGHTS[reason] * number for reason, number in holds.items())
    return Fit(score, tuple(reason for reason, number in holds.items() if number), words[:MOST_WORDS])


def ranked(mine: Wish, others: Iterable[tuple[int, Wish]]) -> list[tuple[int, Fit]]:
    """Return ``(key, fit)`` of those that fit, the best first; of equals the older (smaller key) first."""
    found = [(key, fits) for key, wish in others if (fits := fit(mine, wish)) is not None]
    return sorted(found, key=lambda pair: (-pair[1].score, pair[0]))
