"""What a request of SensorThings is refused with."""

BAD, FORBIDDEN, MISSING, CONFLICT, TOO_MANY, TOO_MUCH = 400, 403, 404, 409, 429, 503


class Failure(Exception):
    """An answer that is an error: an HTTP status, a code for programs, a text for people.

    ``retry_after``: in how many seconds it may be tried again, where that helps.
    """

    def __init__(self, status: int, code: str, detail: str, retry_after: int | None = None):
        super().__init__(detail)
        self.status, self.code, self.detail, self.retry_after = status, code, str(detail), retry_after
