"""How alike short texts are: words and pairs of characters weighed by their rarity (TF-IDF), and groups of them.

Deterministic and explained by the words in common. Nothing here reads or writes data. Candidates come from an index of
each text's rarest terms, so the work grows with the number of texts, not with its square.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import rjieba
from scipy import sparse

from governance.classify.terms import CONTENT, normalised
from governance.search.text import pairs_of

# Found on the labelled set of the tests [J]: from which likeness two needs are alike, and how alike the members of two
# groups must be on average to become one.
ALIKE, JOINED = 0.13, 0.09
# Shares of words and of pairs of characters, which find what is said in other words [J].
WORDS, PAIRS = 0.45, 0.55
# So many rare terms of each text are looked up, terms of at most so many texts, and so many candidates are kept [J].
RARE, COMMON, CANDIDATES = 24, 80, 20
MOST_IN_GROUP, MOST_WORDS = 40, 5
CHUNK = 20_000
PUNCTUATION = re.compile(r"[\W_]+")
# What every request says; it tells no two of them apart.
SAID_OF_ALL = frozenset((
    "希望", "社区", "小区", "居民", "建议", "需要", "能够", "可以", "增加", "开展", "组织", "提供", "我们",
    "大家", "没有", "有没有", "能否", "是否", "请问", "方便", "一些", "一点", "一个", "时候", "附近", "帮忙",
    "帮助", "问题", "情况", "想要", "安排", "进行", "目前", "现在", "比较", "非常", "特别", "家里", "业主",
    "应该",
))  # fmt: skip


@dataclass(frozen=True)
class Like:
    """Two texts by their place in the list, and how alike they are (0-1)."""

    one: int
    other: int
    score: float


@lru_cache(maxsize=20_000)
def terms_of(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the words that tell what a text is about, and its pairs of neighbouring characters."""
    text = normalised(text)
    tagged = rjieba.tag(text)
    words = {word for word, tag in tagged if len(word) > 1 and tag[:1] in CONTENT} - SAID_OF_ALL
    bare = "".join(" " if word in SAID_OF_ALL else word for word, _tag in tagged)
    return frozenset(words), frozenset(pairs_of(PUNCTUATION.sub(" ", bare)))


class Texts:
    """Texts as rows of weighed terms. ``beside``: among so many texts about other matters they are thought to stand, so
    that what nearly all of them say still tells what they are about; 0 where they are about all kinds of things."""

    def __init__(self, texts: Sequence[str], beside: int = 0):
        self.beside = beside
        self.terms = [terms_of(text) for text in texts]
        self.count = Counter(term for words, _pairs in self.terms for term in words)
        words = self._weighed([row[0] for row in self.terms]) * WORDS**0.5
        pairs = self._weighed([row[1] for row in self.terms]) * PAIRS**0.5
        self.matrix = sparse.hstack([words, pairs], format="csr")

    def _weighed(self, rows: Sequence[frozenset[str]]) -> sparse.csr_matrix:
        """Return the rows with each term weighed by its rarity, each of length 1 (0 where it has none)."""
        known = {term: place for place, term in enumerate(sorted(set().union(*rows)))}
        columns = [sorted(known[term] for term in row) for row in rows]
        ends = np.cumsum([0, *map(len, columns)])
        flat = np.fromiter((column for row in columns for column in row), dtype=np.int64, count=int(ends[-1]))
        held = np.bincount(flat, minlength=len(known))
        rarity = np.log((1 + len(rows) + self.beside) / (1 + held)) + 1
        found = sparse.csr_matrix((rarity[flat], flat, ends), shape=(len(rows), len(known)))
        length = np.sqrt(np.asarray(found.multiply(found).sum(axis=1)).ravel())
        return sparse.diags_array(1 / np.where(length, length, 1)).tocsr() @ found

    def candidates(self, common: int = COMMON) -> tuple[np.ndarray, np.ndarray]:
        """Return pairs of texts (first before second) that share rare terms, held by at most ``common`` texts; at most
        ``CANDIDATES`` for each text."""
        rare = self._rare_terms(common)
        shared = (rare @ rare.T).tocoo()
        apart = shared.row != shared.col
        rows, columns, counts = shared.row[apart], shared.col[apart], shared.data[apart]
        order = np.lexsort((columns, -counts, rows))
        rows, columns = rows[order], columns[order]
        starts = np.searchsorted(rows, np.arange(len(self.terms)))
        kept = np.arange(len(rows)) - starts[rows] < CANDIDATES
        pairs = np.unique(np.sort(np.stack([rows[kept], columns[kept]], axis=1), axis=1), axis=0)
        return pairs[:, 0], pairs[:, 1]

    def _rare_terms(self, common: int) -> sparse.csr_matrix:
        """Return which of its rarest terms that others have too each text holds."""
        matrix = self.matrix
        held = np.bincount(matrix.indices, minlength=matrix.shape[1])
        rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        usable = (held[matrix.indices] > 1) & (held[matrix.indices] <= common)
        rows, columns = rows[usable], matrix.indices[usable]
        order = np.lexsort((columns, held[columns], rows))
        rows, columns = rows[order], columns[order]
        kept = np.arange(len(rows)) - np.searchsorted(rows, np.arange(matrix.shape[0]))[rows] < RARE
        data = np.ones(int(kept.sum()), dtype=np.int32)
        return sparse.csr_matrix((data, (rows[kept], columns[kept])), shape=matrix.shape)

    def scores(self, ones: np.ndarray, others: np.ndarray) -> np.ndarray:
        """Return how alike each pair is."""
        parts = [
            np.asarray(self.matrix[ones[at : at + CHUNK]].multiply(self.matrix[others[at : at + CHUNK]]).sum(axis=1))
            for at in range(0, len(ones), CHUNK)
        ]
        return np.concatenate(parts).ravel() if parts else np.zeros(0)

    def in_common(self, *places: int) -> tuple[str, ...]:
        """Return the words that most of the texts at ``places`` share, those in most of them first, then the rarest."""
        held = Counter(word for place in places for word in self.terms[place][0])
        least = max(2, (len(places) + 1) // 2)
        shared = [word for word, times in held.items() if times >= least]
        whole = [word for word in shared if not any(word != other and word in other for other in shared)]
        return tuple(sorted(whole, key=lambda word: (-held[word], self.count[word], word))[:MOST_WORDS])


def alike(texts: Texts, common: int = COMMON) -> list[Like]:
    """Return the pairs that are alike, the most alike first. Terms held by more than ``common`` texts find none: where
    many may be about one matter it is to be more than those."""
    ones, others = texts.candidates(common)
    scores = texts.scores(ones, others)
    found = [
        Like(int(one), int(other), round(float(score), 4))
        for one, other, score in zip(ones, others, scores, strict=True)
        if score >= ALIKE
    ]
    return sorted(found, key=lambda like: (-like.score, like.one, like.other))


def likes_of(place: int, texts: Texts) -> list[Like]:
    """Return the texts that are like the one at ``place``, the most alike first."""
    scores = np.asarray((texts.matrix @ texts.matrix[place].T).todense()).ravel()
    found = [
        Like(place, int(other), round(float(scores[other]), 4))
        for other in np.flatnonzero(scores >= ALIKE)
        if other != place
    ]
    return sorted(found, key=lambda like: (-like.score, like.other))


def groups(pairs: Sequence[Like]) -> list[list[int]]:
    """Return groups of at least two, as places in ascending order: pairs are joined, the most alike first, where all
    members of both groups are alike enough on average. A chain of neighbours alone makes no group."""
    score = {(pair.one, pair.other): pair.score for pair in pairs}
    of: dict[int, list[int]] = {}
    for pair in pairs:
        one, other = of.setdefault(pair.one, [pair.one]), of.setdefault(pair.other, [pair.other])
        if one is other or len(one) + len(other) > MOST_IN_GROUP:
            continue
        total = sum(score.get((min(a, b), max(a, b)), 0.0) for a in one for b in other)
        if total / (len(one) * len(other)) >= JOINED:
            one += other
            of |= dict.fromkeys(other, one)
    found = {id(members): sorted(members) for members in of.values() if len(members) > 1}
    return sorted(found.values())
