"""Taking points out of lots, for spending and setting aside: one statement, ``partners_take`` (migration 0002).

This is the way that many go at once (everybody wants the coupons of a festival), so it is one exchange with the
database. What the function refuses it refuses with codes of ours, and nothing is left of it.
"""

import json
from datetime import date

from django.db import DatabaseError, connection
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Conflict
from governance.events import Draft, has_listeners, recorded
from governance.scoping import Grant
from governance.transactions import atomically
from partners.ledger.posting import EVENTS, Wish, check_wish, event_payload, exchange, named, repeated, transfer_of
from partners.models import Transfer

TAKE = """
SELECT transfer_id, recorded, event_id FROM partners_take(
    %s::text, %s::text, %s::text, %s::bigint, %s::bigint, %s::bigint, %s::integer, %s::bigint, %s::text, %s::text,
    %s::bigint, %s::timestamptz, %s::date, %s::text, %s::text, %s::bigint, %s::jsonb)
"""
NOT_ENOUGH, NOT_IN_USE = "JC001", "JC002"


def take(wish: Wish, *, actor, grant: Grant, today: date | None = None) -> tuple[Transfer, bool]:
    """Spend a member's points or set them aside, of the lots that expire first; return the transfer, and whether it
    had its effect before. Lots whose last day lies before ``today`` are left out, also while their expiry is late.

    A statement of its own is its own transaction, unless somebody listens to the event and may have more to write.
    Raises Invalid (see ``check_wish``), Conflict (``insufficient``, ``inactive``, ``key_reused``).
    """
    check_wish(wish)
    if has_listeners(EVENTS[wish.kind]) or connection.in_atomic_block:
        with atomically():
            return _take(wish, actor, grant, today)
    return _take(wish, actor, grant, today)


def _take(wish: Wish, actor, grant: Grant, today: date | None) -> tuple[Transfer, bool]:
    happened = wish.occurred_at or timezone.now()
    *content, _reverses, _moment = named(wish, actor)
    unit = None if grant.unit_id is None else str(grant.unit_id)
    values = [
        *content, happened, (today or timezone.localdate()).isoformat(), EVENTS[wish.kind],
        str(grant.role), unit, json.dumps(event_payload(wish)),
    ]  # fmt: skip
    try:
        (((transfer_id, recorded_at, event_id),),) = exchange([(TAKE, values)])
    except DatabaseError as error:
        raise _refusal(error, wish) from error
    if transfer_id is None:
        return repeated(wish), True
    made = transfer_of(wish, actor, transfer_id, recorded_at, happened)
    recorded(event_id, Draft(EVENTS[wish.kind], made, {}, happened))
    return made, False


def _refusal(error: DatabaseError, wish: Wish) -> Exception:
    """Return what the service says for what the database refused; any other error as it is."""
    cause = error.__cause__
    code = getattr(cause, "sqlstate", None)
    if code == NOT_IN_USE:
        return Conflict(_("This points account is not in use."), code="inactive")
    if code == NOT_ENOUGH:
        free = int(cause.diag.message_detail)
        text = _("Not enough points: %(free)d of %(asked)d.") % {"free": free, "asked": wish.amount}
        return Conflict(text, field="amount", code="insufficient")
    return error
