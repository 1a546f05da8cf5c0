"""How often codes may be asked for and tried, per phone and per address, counted across processes.

The rates are in the settings (``DEFAULT_THROTTLE_RATES``, scopes ``sign-in-...``). Phones are counted by their digest.
"""

import math
from types import SimpleNamespace

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from governance.api.throttling import SharedThrottle
from governance.errors import TooMany

CODE_SCOPES = ("sign-in-code-minute", "sign-in-code-hour", "sign-in-code-day")
CODE_ADDRESS, TRY_ADDRESS = "sign-in-code-address", "sign-in-try-address"


class KeyThrottle(SharedThrottle):
    """Counts what it is told to count, whoever asks."""

    def __init__(self, key: str):
        super().__init__()
        self.key = key

    def get_cache_key(self, request, view):
        return self.cache_format % {"scope": self.scope, "ident": self.key}


def address_of(request) -> str:
    """Return the address that is counted: of IPv6 the network."""
    return SharedThrottle().get_ident(request)


def count_code(request, phone: str) -> None:
    """Count a wish for a code; raises TooMany when this address or this phone had enough of them."""
    _count(request, CODE_ADDRESS, address_of(request))
    key = salted_hmac("governance.identity.limits", phone, algorithm="sha256").hexdigest()
    for scope in CODE_SCOPES:
        _count(request, scope, key)


def count_try(request) -> None:
    """Count an attempt to sign in; raises TooMany when this address made enough of them.

    Tries of one phone need no count of their own: each code has few (``ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS``), and the
    codes of a phone are counted. So nobody can lock a phone out by guessing.
    """
    _count(request, TRY_ADDRESS, address_of(request))


def _count(request, scope: str, key: str) -> None:
    throttled(KeyThrottle(key), scope)


def throttled(throttle: KeyThrottle, scope: str) -> None:
    """Count against ``scope`` (``DEFAULT_THROTTLE_RATES``); raises TooMany when it was enough."""
    if throttle.allow_request(None, SimpleNamespace(throttle_scope=scope)):
        return
    seconds = max(1, math.ceil(throttle.wait() or 1))
    minutes = math.ceil(seconds / 60)
    raise TooMany(
        _("Too many requests from here. Please try again in %(minutes)s min.") % {"minutes": minutes}, seconds=seconds
    )
