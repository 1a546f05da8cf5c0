"""No small cell is shown, and none follows from what is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediation.measures.suppressing import Cell, hidden_in_all, hidden_of

CELLS = st.tuples(st.integers(0, 30), st.integers(0, 30)).map(lambda pair: Cell(max(pair), min(pair)))


@given(st.dictionaries(st.integers(), CELLS, max_size=8))
def test_total_minus_what_is_shown_is_never_small(cells):
    """The attacker: knows the total and everything shown, and subtracts."""
    hidden = hidden_of(cells)
    shown = [cell for key, cell in cells.items() if key not in hidden]
    assert not any(cell.small for cell in shown)
    if not hidden or not shown:
        return  # everything is shown and large, or nothing but the total is
    total = sum(cells.values(), Cell(0))
    rest = Cell(total.n - sum(cell.n for cell in shown), total.k - sum(cell.k for cell in shown))
    assert len(hidden) > 1 and not rest.small


@given(st.lists(st.dictionaries(st.integers(0, 6), CELLS, max_size=7), max_size=5))
def test_what_one_table_hides_all_hide_and_none_can_be_worked_out(tables):
    hidden = hidden_in_all(tables)
    for cells in tables:
        assert hidden_of(cells) <= hidden
        kept = [cell for key, cell in cells.items() if key in hidden]
        shown = [cell for key, cell in cells.items() if key not in hidden]
        assert not any(cell.small for cell in shown)
        if kept and shown:
            assert len(kept) > 1 and not sum(kept, Cell(0)).small


def test_a_group_hidden_in_one_table_takes_others_with_it():
    # given a table that hides "a" and "b", and one in which both are large, beside a third of the same
    shares = {"a": Cell(40, 3), "b": Cell(30, 15), "c": Cell(60, 30)}
    counts = {"a": Cell(41), "b": Cell(30), "c": Cell(60)}
    assert hidden_of(shares) == {"a", "b"} and hidden_of(counts) == set()
    assert hidden_in_all([shares, counts]) == {"a", "b"}
    # and a group that only the second table has keeps company with a hidden one that would stand alone there
    assert hidden_in_all([shares, {"a": Cell(41), "d": Cell(20), "e": Cell(50)}]) == {"a", "b", "d"}
    assert hidden_in_all([]) == set()


@pytest.mark.parametrize(
    ("cells", "hidden"),
    [
        ({"a": Cell(40), "b": Cell(30)}, set()),
        ({"a": Cell(40), "b": Cell(3)}, {"a", "b"}),
        ({"a": Cell(40), "b": Cell(3), "c": Cell(9)}, {"b", "c"}),
        ({"a": Cell(40), "b": Cell(3), "c": Cell(1), "d": Cell(7)}, {"b", "c", "d"}),
        ({"a": Cell(40), "b": Cell(3), "c": Cell(2)}, {"b", "c"}),
        ({"a": Cell(40, 38), "b": Cell(30, 15), "c": Cell(20, 10)}, {"a", "c"}),
        ({"a": Cell(40, 0), "b": Cell(30, 30)}, set()),
        ({}, set()),
    ],
)
def test_examples(cells, hidden):
    assert hidden_of(cells) == hidden
