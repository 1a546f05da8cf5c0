"""Carrying out what is posted on a page of members and merchants, and saying why not."""

from collections.abc import Callable
from http import HTTPStatus

from cases.pages.mine import STATUS_OF
from governance.errors import Refused

Refusal = tuple[str, int]


def status_of(error: Refused) -> int:
    """Return the HTTP status of a refusal."""
    return STATUS_OF.get(type(error), HTTPStatus.BAD_REQUEST)


def refusal_of(error: Refused) -> Refusal:
    """Return why not, and the status."""
    return str(error.detail), status_of(error)


def done_or_refused(work: Callable) -> Refusal | None:
    """Call ``work``; return why it was refused and the status, or None."""
    try:
        work()
    except Refused as error:
        return refusal_of(error)
    return None
