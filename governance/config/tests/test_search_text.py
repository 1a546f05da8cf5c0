"""Pairs of characters: the database and Python agree, and the index finds exactly what a plain reading finds."""

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.models import Case
from cases.querysets import TEXT
from governance.search.text import WINDOW, holding, indexed, newest_first, pairs_of, words_of

TEXTS = st.text(alphabet="井盖歪了 中山路 aBc0-9%_\\'\n，。😀", max_size=30)
QUIET = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUIET
@given(text=TEXTS)
def test_the_database_and_python_make_the_same_pairs(db, text):
    with connection.cursor() as cursor:
        cursor.execute("SELECT governance_pairs(%s)", [text])
        assert sorted(cursor.fetchone()[0]) == pairs_of(text)


@pytest.mark.parametrize(
    ("text", "pairs"),
    [("井盖歪了", ["井盖", "盖歪", "歪了"]), ("MC 01", ["mc", "01"]), ("井", []), ("", []), (" a b ", [])],
)
def test_pairs_of_examples(text, pairs):
    assert pairs_of(text) == sorted(pairs)


@QUIET
@given(texts=st.lists(TEXTS.filter(str.strip), min_size=1, max_size=6), query=TEXTS.filter(lambda text: text.strip()))
def test_the_index_finds_what_reading_every_row_finds(city, texts, query):
    # given cases with these texts (each example begins with none)
    Case.objects.all()._raw_delete("default")
    for text in texts:
        Case.objects.create(source="hotline", description=text, area=city.grid)
    words = words_of(query)
    # then the way through the index, and newest and older rows put together, give what plain reading gives
    plain = [row.pk for row in Case.objects.order_by("-pk") if all(word.lower() in _text(row) for word in words)]
    assert [row.pk for row in holding(indexed(Case.objects.all(), words, TEXT), words, TEXT).order_by("-pk")] == plain
    for window in (WINDOW, 1, 2):
        found = newest_first(Case.objects.all(), words, text=TEXT, limit=100, window=window)
        if any(pairs_of(word) for word in words) or window == WINDOW:
            assert [row.pk for row in found] == plain


def _text(row: Case) -> str:
    return f"{row.description} {row.address}".lower()


def test_the_index_is_used(city):
    rows = indexed(Case.objects.all(), ["井盖"], TEXT).order_by()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        sql, values = rows.values("pk").query.sql_with_params()
        cursor.execute(f"EXPLAIN {sql}", values)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "case_text" in plan
