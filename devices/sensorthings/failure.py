"""What a request of SensorThings is refused with."""

BAD, FORBIDDEN, MISSING, CONFLICT, TOO_MUCH = 400, 403, 404, 409, 503


class Failure(Exception):
    """An answer that is an error: an HTTP status, a code for programs, a text for people."""

    def __init__(self, status: int, code: str, detail: str):
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, str(detail)
