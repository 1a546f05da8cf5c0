"""Texts found by any two or more neighbouring characters.

pg_trgm finds nothing in Chinese where the database's character classification is C (as in the embedded one), and its
trigrams could not serve words of two characters, which most Chinese words are. So the index holds pairs: the database
function ``governance_pairs`` gives the pairs of neighbouring characters of a text, a GIN index keeps them, and a row
that has all pairs of the words is then asked for the words themselves. What is frequent is found sooner by reading the
newest rows; ``newest_first`` does both.
"""

from django.contrib.postgres.fields import ArrayField
from django.db.models import Expression, F, Func, Model, QuerySet, TextField, Value
from django.db.models.functions import Coalesce, Concat
from django.db.models.lookups import Contains, IContains

SHORTEST, LONGEST = 2, 60  # characters of a search
# So many of the newest rows are read for the words before the index is asked [J]: some ten milliseconds. A word that is
# not found there often enough is rare, so the index gives few rows.
WINDOW = 10_000

CREATE_FUNCTION = r"""
CREATE FUNCTION governance_pairs(given text) RETURNS text[] IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$
    SELECT coalesce(array_agg(DISTINCT one || next), '{}')
    FROM (
        SELECT character AS one, lead(character) OVER (ORDER BY place) AS next
        FROM string_to_table(lower(given), NULL) WITH ORDINALITY AS split (character, place)
    ) AS neighbours
    WHERE next IS NOT NULL AND one !~ '\s' AND next !~ '\s'
$$
"""
DROP_FUNCTION = "DROP FUNCTION governance_pairs(text)"


class Pairs(Func):
    """The pairs of neighbouring characters of a text, as the index has them."""

    function = "governance_pairs"
    output_field = ArrayField(TextField())


def joined(*fields: str) -> Expression:
    """Return the text made of several fields, with a space between them, as index and search write it alike."""
    parts = [part for name in fields for part in (Value(" "), Coalesce(F(name), Value(""), output_field=TextField()))]
    return Concat(*parts[1:], output_field=TextField()) if len(fields) > 1 else parts[1]


def pairs_of(text: str) -> list[str]:
    """Return the pairs of neighbouring characters of ``text`` as the database function does."""
    text = text.lower()
    return sorted({one + after for one, after in zip(text, text[1:], strict=False) if not (one + after).isspace()
                   and not one.isspace() and not after.isspace()})  # fmt: skip


def words_of(query: str) -> list[str]:
    """Return the words of a search: each must be in a row. One that is too short is taken with its neighbour."""
    return " ".join(query.split())[:LONGEST].split(" ")


def holding(rows: QuerySet, words: list[str], text: Expression) -> QuerySet:
    """Return those of ``rows`` whose ``text`` holds every word; no index is asked."""
    for word in words:
        # Chinese knows no capitals: the plain comparison is several times as fast.
        lookup = IContains if any(character.isascii() and character.isalpha() for character in word) else Contains
        rows = rows.filter(lookup(text, word))
    return rows


def indexed(rows: QuerySet, words: list[str], text: Expression) -> QuerySet:
    """The same through the index of pairs; a word of one character does not narrow it."""
    pairs = sorted({pair for word in words for pair in pairs_of(word)})
    if pairs:
        rows = rows.alias(_pairs=Pairs(text)).filter(_pairs__contains=pairs)
    return rows


def newest_first(rows: QuerySet, words: list[str], *, text: Expression, wider: Expression | None = None,
                 limit: int, window: int = WINDOW) -> list[Model]:  # fmt: skip
    """Return up to ``limit`` of the visible ``rows`` that hold every word, the newest first; at most three statements.

    ``text`` is what the index is on; ``wider``: a text that has more (a number), looked at in the newest rows only.
    Its time depends on the number of rows only where a word is frequent elsewhere, or stopped being used long ago.
    """
    # A place in the table, whoever may see the row there: what lies on either side is of ``rows``. Counted among the
    # visible ones it would cost the planner a join with, and a sort of, all of them.
    keys = rows.model._base_manager.order_by("-pk").values_list("pk", flat=True)
    edge = keys[window : window + 1].first()
    newest = rows if edge is None else rows.filter(pk__gt=edge)
    found = list(holding(newest, words, wider or text).order_by("-pk")[:limit])
    if edge is not None and len(found) < limit and any(pairs_of(word) for word in words):
        older = holding(indexed(rows.filter(pk__lte=edge), words, text), words, text)
        # Sorting by an expression keeps the planner from walking the whole table in order of the key instead.
        found += older.order_by((F("pk") + 0).desc())[: limit - len(found)]
    return found
