"""Several statements in one exchange with the database: one packet there, one wait, one packet back.

The driver's pipeline sends every statement by itself, which for small batches costs more than the statements do. This
uses ``psycopg.pq``, the driver's documented door to libpq. The driver must keep no plans of its own on the connection
(Django's default): when it forgets them, after a rollback, it lets the server forget all.
"""

import re
import select
from collections.abc import Sequence
from datetime import datetime
from itertools import count
from weakref import WeakKeyDictionary

import psycopg
from psycopg import pq
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result

PLACE = re.compile("%s")
DONE = (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK)
_prepared: WeakKeyDictionary[psycopg.Connection, dict[str, bytes]] = WeakKeyDictionary()


def run_together(connection: psycopg.Connection, statements: Sequence[tuple[str, Sequence]]) -> list[list[tuple]]:
    """Run (statement, values) in this order; return the rows of each.

    A value is a string, a moment or None, for a place ``%s`` that is cast in the statement. A transaction is begun as
    by the driver's ``execute``, and each statement sees what was committed when its turn came. Plans are kept with the
    connection. Raises psycopg's errors: of the first statement that failed, the ones after it were not run; ValueError
    for a connection on which the driver keeps plans.
    """
    if connection.prepare_threshold is not None:
        raise ValueError("the driver keeps plans on this connection, and would drop ours with its own")
    names = [_name(connection, statement) for statement, _values in statements]
    raw = connection.pgconn
    begins = not connection.autocommit and raw.transaction_status == pq.TransactionStatus.IDLE
    try:
        raw.enter_pipeline_mode()
        if begins:
            raw.send_query_params(b"BEGIN", None)
        for name, (_statement, values) in zip(names, statements, strict=True):
            raw.send_query_prepared(name, [_told(value) for value in values], result_format=pq.Format.BINARY)
        raw.pipeline_sync()
        results = _results(raw)
        raw.exit_pipeline_mode()
    except BaseException:
        connection.close()  # half of an answer may be on its way
        raise
    for result in results:
        if result.status not in DONE:
            raise _failure(connection, result)
    return [_rows(connection, result) for result in (results[1:] if begins else results)]


def _name(connection: psycopg.Connection, statement: str) -> bytes:
    """Return the name under which a connection knows a statement; make it known."""
    known = _prepared.setdefault(connection, {})
    if statement not in known:
        numbers = count(1)
        text = PLACE.sub(lambda _place: f"${next(numbers)}", statement)
        name = b"together_%d" % len(known)
        result = connection.pgconn.prepare(name, text.encode())
        if result.status not in DONE:
            raise _failure(connection, result)
        known[statement] = name
    return known[statement]


def _failure(connection: psycopg.Connection, result: pq.abc.PGresult) -> psycopg.Error:
    encoding = connection.info.encoding
    if connection.closed:  # which has no state of SQL
        return psycopg.OperationalError(result.get_error_message(encoding))
    return error_from_result(result, encoding=encoding)


def _told(value: str | datetime | None) -> bytes | None:
    if value is None:
        return None
    return (value.isoformat() if isinstance(value, datetime) else value).encode()


def _results(raw: pq.abc.PGconn) -> list[pq.abc.PGresult]:
    """Send what is kept and wait for all results."""
    poll, results = select.poll(), []
    poll.register(raw.socket, select.POLLIN | select.POLLOUT)
    while raw.flush():
        poll.poll()
        raw.consume_input()  # what it answers meanwhile makes room
    poll.modify(raw.socket, select.POLLIN)
    while True:
        while raw.is_busy():
            poll.poll()
            raw.consume_input()
        result = raw.get_result()  # None after each statement
        if result is None and raw.status == pq.ConnStatus.BAD:
            raise psycopg.OperationalError(raw.get_error_message())
        if result is not None and result.status == pq.ExecStatus.PIPELINE_SYNC:
            return results
        if result is not None:
            results.append(result)


def _rows(connection: psycopg.Connection, result: pq.abc.PGresult) -> list[tuple]:
    if not result.ntuples:
        return []
    transformer = Transformer(connection)
    transformer.set_pgresult(result)
    return transformer.load_rows(0, result.ntuples, tuple)
