"""Columns of a batch as PostgreSQL's text of an array: one string for any number of values.

The driver dumps a list value by value in Python, which was a third of the time of a calm batch; these are made by few
calls in C. Times are told as microseconds since 1970, which ``AT`` makes times again.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
# Exact: the factor is a whole number under 2^53.
AT = "(TIMESTAMPTZ 'epoch' + {} * INTERVAL '1 microsecond')"


def numbers(values: Iterable[float | None]) -> str:
    """Write whole numbers or floats; None is NULL."""
    return "{" + str(list(values))[1:-1].replace("None", "NULL") + "}"


def flags(values: Iterable[bool]) -> str:
    """Write booleans."""
    return numbers(map(int, values)).replace("1", "t").replace("0", "f")


def times(values: Iterable[datetime | None]) -> str:
    """Write moments as microseconds, for ``AT``; None is NULL."""
    return numbers([None if at is None else (at - EPOCH) // MICROSECOND for at in values])


def words(values: Iterable[str | None]) -> str:
    """Write texts; None is NULL."""
    found = list(values)
    if None in found or any('"' in word or "\\" in word for word in set(found)):
        return "{" + ",".join(map(_quoted, found)) + "}"
    return '{"' + '","'.join(found) + '"}' if found else "{}"


def _quoted(word: str | None) -> str:
    return "NULL" if word is None else '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
