"""Several statements in one exchange with the database."""

from datetime import UTC, datetime

import psycopg
import pytest
from django.db import connection

from governance.statements import run_together

MOMENT = datetime(2026, 11, 26, 9, 30, 0, 5, tzinfo=UTC)
ADD = "INSERT INTO kept SELECT * FROM unnest(%s::bigint[])"
COUNT = "SELECT count(*), min(n) FROM kept"


@pytest.fixture
def own(transactional_db):
    """A connection of its own with an empty table ``kept`` that goes with it."""
    with psycopg.connect(**connection.get_connection_params()) as made:
        made.execute("CREATE TEMP TABLE kept (n bigint UNIQUE)")
        made.commit()
        yield made
        if not made.closed:
            made.rollback()


def test_rows_come_typed_and_each_statement_sees_the_ones_before(own):
    rows = run_together(own, [
        (ADD, ["{3,4}"]), (COUNT, []),
        ("SELECT %s::text, %s::timestamptz, %s::bigint, 1.5::float8, true", ["塔\\'", MOMENT, None]),
        ("SELECT 1 WHERE false", []),
    ])  # fmt: skip
    assert rows == [[], [(2, 3)], [("塔\\'", MOMENT, None, 1.5, True)], []]


def test_it_is_part_of_a_transaction_as_every_statement(own):
    run_together(own, [(ADD, ["{1}"])])
    run_together(own, [(ADD, ["{2}"])])
    assert own.execute("SELECT count(*) FROM kept").fetchone() == (2,)
    own.rollback()
    assert run_together(own, [(COUNT, [])]) == [[(0, None)]]
    own.commit()
    # and without one, each exchange is kept
    own.autocommit = True
    run_together(own, [(ADD, ["{7}"])])
    assert own.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    assert own.execute("SELECT n FROM kept").fetchall() == [(7,)]
    own.autocommit = False


def test_the_first_failure_is_told_and_nothing_after_it_is_run(own):
    with pytest.raises(psycopg.errors.UniqueViolation) as failure:
        run_together(own, [(ADD, ["{1}"]), (ADD, ["{1}"]), (ADD, ["{2}"]), ("SELECT 1/%s::int", ["0"])])
    assert failure.value.sqlstate == "23505"
    # in the failed transaction nothing goes on; after it all does
    with pytest.raises(psycopg.errors.InFailedSqlTransaction):
        run_together(own, [(COUNT, [])])
    own.rollback()
    assert run_together(own, [(ADD, ["{1,2}"]), (COUNT, [])])[1] == [(2, 1)]


def test_a_statement_that_cannot_be_prepared_is_told(own):
    with pytest.raises(psycopg.errors.UndefinedTable):
        run_together(own, [("SELECT * FROM nowhere", [])])
    own.rollback()
    assert run_together(own, [(COUNT, [])]) == [[(0, None)]]


def test_what_does_not_fit_the_buffers_of_the_network_goes_through(own):
    # given far more on the way there and back than a socket holds
    words = "字" * 3_000_000
    rows = run_together(own, [("SELECT %s::text", [words])] * 3)
    assert [len(row[0][0]) for row in rows] == [3_000_000] * 3 and rows[2][0][0] == words


def test_a_connection_that_was_cut_is_closed_and_told(own):
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [own.info.backend_pid])
    with pytest.raises(psycopg.OperationalError):
        run_together(own, [(COUNT, []), (COUNT, [])])
    assert own.closed


def test_one_cut_while_it_waits_is_closed_and_told(own):
    ends_itself = "SELECT pg_terminate_backend(pg_backend_pid())"
    run_together(own, [(COUNT, [])])
    with pytest.raises(psycopg.OperationalError):
        run_together(own, [(COUNT, []), (ends_itself, []), (COUNT, [])])
    assert own.closed


def test_plans_outlive_a_rollback_and_the_driver_may_keep_none(own):
    exchanged = run_together(own, [(COUNT, [])])
    own.rollback()
    own.execute("DROP TABLE kept")
    own.rollback()
    assert run_together(own, [(COUNT, [])]) == exchanged
    own.prepare_threshold = 5
    with pytest.raises(ValueError, match="keeps plans"):
        run_together(own, [(COUNT, [])])
