import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.live.cursor import CursorError, Snapshot
from governance.live.journal import Occurrence, cut

HIGHEST = 60


def seen(snapshot: Snapshot) -> set[int]:
    return {tx for tx in range(1, HIGHEST) if snapshot.holds(tx)}


def snapshot_of(xmax: int, unseen: set[int]) -> Snapshot:
    unseen = tuple(sorted(tx for tx in unseen if 0 < tx < xmax))
    return Snapshot(unseen[0] if unseen else xmax, xmax, unseen)


@st.composite
def earlier_and_later(draw):
    """Two snapshots of one database: what the later does not hold, the earlier does not hold either."""
    later = snapshot_of(draw(st.integers(1, HIGHEST - 1)), draw(st.sets(st.integers(1, HIGHEST))))
    xmax = draw(st.integers(1, later.xmax))
    earlier = snapshot_of(xmax, draw(st.sets(st.integers(1, HIGHEST))) | set(later.unseen))
    return earlier, later


@given(earlier_and_later())
def test_a_cursor_is_read_back_as_written(pair):
    for snapshot in pair:
        assert Snapshot.parse(str(snapshot)) == snapshot
        assert Snapshot.from_database(snapshot.for_database()) == snapshot


@given(earlier_and_later(), st.integers(1, HIGHEST))
def test_advancing_adds_what_the_target_holds_up_to_a_transaction(pair, tx):
    # given a reader at the earlier snapshot on the way to the later one
    earlier, later = pair
    # when he has read up to transaction tx
    reached = earlier.advanced(later, tx)
    # then he has seen exactly his own and the target's up to tx, and the cursor is a proper one
    assert seen(reached) == seen(earlier) | {one for one in seen(later) if one <= tx}
    assert Snapshot.parse(str(reached)) == reached


@given(earlier_and_later(), st.integers(0, HIGHEST))
def test_rewinding_only_forgets(pair, count):
    snapshot = pair[0]
    assert seen(snapshot.rewound(count)) == {tx for tx in seen(snapshot) if tx < snapshot.xmax - count}


@pytest.mark.parametrize(
    "text",
    ["", "x", "1", "1_2", "1_2_3_4", "5_3_", "0_1_", "1_9_9", "1_9_4.4", "1_9_5.4", "3_9_2", "-1_9_", "1_9_4.",
     "１_２_", "1_99999999999999999999_", "1_9_" + "1." * 5000, "9223372036854775808_9223372036854775808_",
     "1_2_ ", " 1_2_"],
)  # fmt: skip
def test_what_is_no_cursor_is_refused(text):
    with pytest.raises(CursorError):
        Snapshot.parse(text)


def occurrences(*txs: int) -> list[Occurrence]:
    return [Occurrence(number, tx, "x", "cases.case", 1, {}, None) for number, tx in enumerate(txs, start=1)]


def test_a_cursor_moves_only_where_a_transaction_ends():
    # given transactions 3 (two events), 5 and 6 (two events) after a snapshot that holds all below 3
    after, target = Snapshot(3, 3), Snapshot(4, 7, (4,))
    # when they are read three at a time
    piece = cut(occurrences(3, 3, 5, 6), after, target, 3)
    # then inside transaction 3 the reader still stands before it, afterwards behind it, without the open 4
    assert [seen(event.cursor) for event in piece.events] == [{1, 2}, {1, 2, 3}, {1, 2, 3, 5}]
    assert (piece.end, piece.whole, piece.last) == (piece.events[-1].cursor, True, False)


def test_a_piece_that_ends_inside_a_transaction_does_not_count_it_as_read():
    after, target = Snapshot(3, 3), Snapshot(9, 9)
    piece = cut(occurrences(3, 5, 5, 5), after, target, 3)
    assert seen(piece.end) == {1, 2, 3}
    assert not piece.whole
    assert not piece.last


def test_the_last_piece_ends_at_the_target():
    after, target = Snapshot(3, 3), Snapshot(4, 9, (4,))
    assert cut([], after, target, 3).end == target
    piece = cut(occurrences(3, 5), after, target, 3)
    assert piece.events[-1].cursor == piece.end == target
    assert piece.whole
    assert piece.last
