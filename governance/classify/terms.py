"""A text as counted terms of several views, each term under a 64-bit key (view, CRC-32 of the term).

Only keys are kept in a model, never the terms: people's words cannot be read back from it. Two terms under one key
(some 300,000 keys in 2^32) are rarer than misspellings.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import rjieba

# Longer texts are read at their beginning and end: what is asked for stands there, and time stays bounded [J].
HEAD, TAIL = 1500, 500
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
    View("pairs of content words", 0.5),
    View("content words", 0.5),
    View("character triples", 0.5),
    View("first 50 characters", 0.5),
    View("first 100 characters", 0.5),
)
RATIO_VIEWS = 4


def normalised(text: str) -> str:
    """Return the text in one width and case, numbers as 0 (so no telephone is a term), at most HEAD + TAIL long."""
    text = unicodedata.normalize("NFKC", text).lower()
    text = _NUMBER.sub("0", _SPACE.sub(" ", text)).strip()
    return text if len(text) <= HEAD + TAIL else f"{text[:HEAD]} {text[-TAIL:]}"


def _grams(text: str, length: int) -> list[str]:
    return [text[start : start + length] for start in range(len(text) - length + 1)]


def _beginning(text: str, length: int) -> list[str]:
    start = text[:length]
    return [*start, *_grams(start, 2), *_grams(start, 3)]


def _pairs(words: list[str]) -> Iterator[str]:
    for place, word in enumerate(words):
        for other in words[place + 1 : place + WINDOW]:
            yield f"{word}|{other}" if word < other else f"{other}|{word}"


def terms_of(text: str) -> list[list[str]]:
    """Return the terms of each of ``VIEWS``, repeated ones repeated."""
    text = normalised(text)
    tagged = rjieba.tag(text)
    content = [word for word, tag in tagged if tag[:1] in CONTENT and len(word) > 1]
    return [
        list(text),
        _grams(text, 2),
        [word for word, _tag in tagged if not word.isspace()],
        list(_pairs(content)),
        content,
        _grams(text, 3),
        _beginning(text, 50),
        _beginning(text, 100),
    ]


def counted(text: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the keys of a text's terms (uint64, ascending, so by view) and how often each occurs (float32)."""
    keys = [(view << 32) | crc32(term.encode(), view) for view, terms in enumerate(terms_of(text)) for term in terms]
    found, counts = np.unique(np.array(keys, dtype=np.uint64), return_counts=True)
    return found, counts.astype(np.float32)
