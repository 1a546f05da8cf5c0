"""How far a run is and whether it should stop, told on a connection of its own.

The rows are stored in one transaction, whose writes nobody else sees before its end; so what people must see meanwhile,
and what they say, goes through a second connection that commits at once.
"""

import time

from django.db import connections

from governance.exchange.engine import Cancelled
from governance.models.exchange import ImportRun

_BEGIN = f"""
    UPDATE {ImportRun._meta.db_table}
    SET steps = %s, done_steps = 0, started_at = coalesce(started_at, clock_timestamp())
    WHERE id = %s RETURNING cancel_requested
"""
_ADVANCE = f"UPDATE {ImportRun._meta.db_table} SET done_steps = %s WHERE id = %s RETURNING cancel_requested"


class ToldProgress:
    """Writes the steps of one run, at most every ``every`` seconds, and raises Cancelled when somebody asked for it.

    Use it as a context manager: it closes its connection. It must not be used after the run's own transaction has
    written the row.
    """

    def __init__(self, run_id: int, *, every: float = 0.3):
        self.run_id, self.every = run_id, every
        self.done, self.told_at = 0, 0.0

    def __enter__(self):
        self.connection = connections.create_connection("default")
        return self

    def __exit__(self, *_error):
        self.connection.close()

    def begin(self, steps: int) -> None:
        self._tell(_BEGIN, steps)

    def advance(self, steps: int) -> None:
        self.done += steps
        if time.monotonic() - self.told_at >= self.every:
            self._tell(_ADVANCE, self.done)

    def _tell(self, statement: str, steps: int) -> None:
        self.told_at = time.monotonic()
        with self.connection.cursor() as cursor:
            cursor.execute(statement, [steps, self.run_id])
            row = cursor.fetchone()
        if row and row[0]:
            raise Cancelled
