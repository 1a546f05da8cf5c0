"""Rate limits that hold across processes, for one statement a request.

With the database cache (the default) counters live in its table as plain numbers, counted up by the database. Django
REST framework's own throttle reads, then writes (four statements there), and requests at the same moment slip through;
it is what runs with any other cache.
"""

from ipaddress import IPv6Address, ip_address

from django.core.cache import caches
from django.core.cache.backends.db import DatabaseCache
from django.db import connection
from rest_framework.throttling import ScopedRateThrottle

_COUNT = """
    INSERT INTO {table} AS counter (cache_key, value, expires)
    VALUES (%s, '1', date_trunc('second', now()) + %s * interval '1 second')
    ON CONFLICT (cache_key) DO UPDATE SET
        value = CASE WHEN counter.expires <= now() THEN '1' ELSE (counter.value::bigint + 1)::text END,
        expires = CASE WHEN counter.expires <= now() THEN excluded.expires ELSE counter.expires END
    RETURNING value::bigint, extract(epoch FROM expires - now())
"""


class SharedThrottle(ScopedRateThrottle):
    """``throttle_scope`` requests (``20/hour``, settings) from one person or address, counted from the first one on."""

    seconds_left: float | None = None

    def allow_request(self, request, view):
        scope = getattr(view, self.scope_attr, None)
        if not scope or not isinstance(caches["default"], DatabaseCache):
            return super().allow_request(request, view)
        self.scope = scope
        allowed, duration = self.parse_rate(self.get_rate())
        with connection.cursor() as cursor:
            cursor.execute(_COUNT.format(table=_table()), [self.get_cache_key(request, view), duration])
            count, left = cursor.fetchone()
        self.seconds_left = float(left)
        return count <= allowed

    def wait(self):
        """Seconds until the next request is heard."""
        return super().wait() if self.seconds_left is None else self.seconds_left

    def get_ident(self, request):
        """The address; of IPv6 the network (/64), since one household has more addresses than can be counted."""
        ident = super().get_ident(request)
        try:
            address = ip_address(ident)
        except ValueError:
            return (ident or "")[:60]  # what a proxy wrote there is no address, or a local socket has none
        if not isinstance(address, IPv6Address):
            return ident
        return str(address.ipv4_mapped or address.exploded[:19])


def _table() -> str:
    return connection.ops.quote_name(caches["default"]._table)


def forget_expired() -> int:
    """Delete what the database cache no longer needs and return how many rows; for a periodic job."""
    if not isinstance(caches["default"], DatabaseCache):
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {_table()} WHERE expires < now()")
        return cursor.rowcount
