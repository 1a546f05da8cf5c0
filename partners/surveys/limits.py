"""How often one network may send anonymous answers: counted by address and forgotten after an hour, never by person."""

import math
from types import SimpleNamespace

from governance.api.throttling import SharedThrottle

SCOPE = "survey-answer"


class NetworkThrottle(SharedThrottle):
    """Counts the address, also of somebody signed in."""

    def get_cache_key(self, request, view):
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


def seconds_to_wait(request) -> int:
    """Count the request; 0 when it may go on, else seconds to wait."""
    throttle = NetworkThrottle()
    if throttle.allow_request(request, SimpleNamespace(throttle_scope=SCOPE)):
        return 0
    return max(1, math.ceil(throttle.wait() or 1))
