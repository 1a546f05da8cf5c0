"""A text as counted terms of several views, each term under a 64-bit key: its view, and a 32-bit hash of the term.

Only keys are kept in a model, never the terms, so people's words do not stand in it. Two terms under one key (some
600,000 keys in 2^32 a view) are rarer than misspellings.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from zlib import crc32

import numpy as np
import rjieba

# Longer texts are read at their beginning and end: what is asked for stands there, and time stays bounded [J].
HEAD, TAIL = 1000, 250
# Content words a pair may lie apart (their neighbours included) [J].
WINDOW = 4
CONTENT = frozenset("nvaijl")  # nouns, verbs, adjectives, idioms: first letter of jieba's tags
_SPACE = re.compile(r"\s+")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class View:
    """One way to look at a text; ``weight`` is its share in the likeness of two texts (found by cross-validation)."""

    name: str
    weight: float


# Single characters, pairs and words carry most; pairs of content words tell matters apart that share their words; the
# first sentences say whom and what it is about. The first ``RATIO_VIEWS`` also feed the naive-Bayes ratios.
VIEWS = (
    View("characters", 1.0),
    View("character pairs", 1.0),
    View("words", 1.0),
    View("neighbouring words", 0.25),
    View("pairs of content words", 0.5),
    View("content words", 0.5),
    View("character triples", 0.5),
    View("first 50 characters", 0.5),
    View("first 100 characters", 0.5),
)
RATIO_VIEWS = 4
_LOW = np.uint64(0xFFFFFFFF)
_ODD = [np.uint64(number) for number in (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D)]


def normalised(text: str) -> str:
    """Return the text in one width and case, numbers as 0 (so no telephone is a term), at most HEAD + TAIL long."""
    text = unicodedata.normalize("NFKC", text.encode(errors="ignore").decode()).lower()
    text = _NUMBER.sub("0", _SPACE.sub(" ", text)).strip()
    return text if len(text) <= HEAD + TAIL else f"{text[:HEAD]} {text[-TAIL:]}"


def _grams(codes: np.ndarray, length: int) -> np.ndarray:
    """Hash every run of ``length`` (up to 3) code points, all at once: one by one they would take most of the time."""
    runs = max(len(codes) - length + 1, 0)
    mixed = np.full(runs, length, dtype=np.uint64)
    for place in range(length):
        mixed += codes[place : place + runs] * _ODD[place]
    mixed = ((mixed & _LOW) ^ ((mixed & _LOW) >> np.uint64(15))) * _ODD[0] & _LOW
    return mixed ^ (mixed >> np.uint64(13))


def _beginning(codes: np.ndarray, length: int) -> np.ndarray:
    return np.concatenate([_grams(codes[:length], run) for run in (1, 2, 3)])


def _hashed(terms: Iterable[str]) -> np.ndarray:
    return np.fromiter((crc32(term.encode()) for term in terms), dtype=np.uint64)


def _pairs(words: list[str]) -> Iterator[str]:
    for place, word in enumerate(words):
        for other in words[place + 1 : place + WINDOW]:
            yield f"{word}|{other}" if word < other else f"{other}|{word}"


def hashes_of(text: str) -> list[np.ndarray]:
    """Return the hashes of the terms of each of ``VIEWS`` (uint64 below 2^32), repeated ones repeated."""
    text = normalised(text)
    codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    tagged = rjieba.tag(text)
    words = [word for word, _tag in tagged if not word.isspace()]
    content = [word for word, tag in tagged if tag[:1] in CONTENT and len(word) > 1]
    return [
        _grams(codes, 1),
        _grams(codes, 2),
        _hashed(words),
        _hashed(f"{one} {other}" for one, other in pairwise(words)),
        _hashed(_pairs(content)),
        _hashed(content),
        _grams(codes, 3),
        _beginning(codes, 50),
        _beginning(codes, 100),
    ]


def counted(text: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the keys of a text's terms (uint64, ascending, so by view) and how often each occurs (float32)."""
    keys = np.concatenate([hashes + np.uint64(view << 32) for view, hashes in enumerate(hashes_of(text))])
    found, counts = np.unique(keys, return_counts=True)
    return found, counts.astype(np.float32)
