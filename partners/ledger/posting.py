"""How a transfer is booked: the wish is named and everything locked in one exchange, written in a second one.

``begin`` inserts the transfer under its key (a key has one effect, whoever comes second waits for the first), locks the
accounts in the order of their ids and reads what the service needs. ``finish`` writes entries, draws, lots and the
event. The database then books balances and lots, and looks at commit whether the transfer is whole (migration 0001).
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.columns import numbers, words
from governance.errors import Conflict, Invalid
from governance.events import Draft, record_statement, recorded
from governance.scoping import Grant
from governance.statements import run_together
from partners.models import Account, AccountKind, Part, Transfer, TransferKind

LARGEST = 1_000_000  # points of one transfer: no tariff comes near it, a slip of the hand does
Statement = tuple[str, Sequence]
EVENTS = {
    TransferKind.EARN: "points.earned",
    TransferKind.SPEND: "points.spent",
    TransferKind.GIVE: "points.given",
    TransferKind.HOLD: "points.held",
    TransferKind.POST: "points.redeemed",
    TransferKind.VOID: "points.released",
    TransferKind.TIME_OUT: "points.timed_out",
    TransferKind.EXPIRE: "points.expired",
    TransferKind.REVERSE: "points.reversed",
    TransferKind.ADJUST: "points.adjusted",
    TransferKind.SETTLE: "points.settled",
}

NAME = """
INSERT INTO partners_transfer (kind, key, fingerprint, account_id, counterpart_id, area_id, amount, actor_id, reason,
    evidence_type, evidence_id, reverses_id, occurred_at)
VALUES (%s::text, %s::text, %s::text, %s::bigint, %s::bigint, %s::bigint, %s::integer, %s::bigint, %s::text,
    %s::text, %s::bigint, %s::bigint, %s::timestamptz)
ON CONFLICT (key) DO NOTHING RETURNING id, recorded_at
"""
LOCK = """
SELECT id, available, held, owed, is_active FROM partners_account WHERE id = ANY(%s::bigint[])
ORDER BY id FOR NO KEY UPDATE
"""
SIDES_OF = """
SELECT kind, id FROM partners_account WHERE area_id = %s::bigint AND kind IN ('pool', 'redeemed', 'expired', 'settled')
"""
ENTRIES = """
INSERT INTO partners_entry (transfer_id, account_id, part, amount)
SELECT %s::bigint, account, part, amount FROM unnest(%s::bigint[], %s::text[], %s::integer[])
    AS sent (account, part, amount)
"""
DRAWS = """
INSERT INTO partners_draw (transfer_id, lot_id, part, amount)
SELECT %s::bigint, lot, part, amount FROM unnest(%s::bigint[], %s::text[], %s::integer[]) AS sent (lot, part, amount)
"""
LOTS = """
WITH made AS (
    INSERT INTO partners_lot (account_id, transfer_id, granted, remaining, held, expires_on, expiries)
    SELECT %s::bigint, %s::bigint, amount, 0, 0, expires_on, 0
    FROM unnest(%s::integer[], %s::date[]) WITH ORDINALITY AS sent (amount, expires_on, place) ORDER BY place
    RETURNING id, transfer_id, granted
)
INSERT INTO partners_draw (transfer_id, lot_id, part, amount) SELECT transfer_id, id, 'available', granted FROM made
"""


@dataclass(frozen=True)
class Wish:
    """What is asked of the ledger. ``details``: what else belongs to the content that the key stands for."""

    kind: TransferKind
    key: str
    account: Account
    amount: int
    reason: str
    evidence: tuple[str, int] | None = None
    counterpart: Account | None = None
    reverses: Transfer | None = None
    occurred_at: datetime | None = None
    details: tuple = ()

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the content: the same key with another content is refused."""
        content = [self.kind, self.account.pk, self.amount, self.reason, self.evidence, _key_of(self.counterpart),
                   _key_of(self.reverses), self.occurred_at, self.details]  # fmt: skip
        return hashlib.sha256(json.dumps(content, default=str).encode()).hexdigest()


@dataclass
class Balance:
    """A locked account's points."""

    available: int
    held: int
    owed: int
    is_active: bool


@dataclass
class Opening:
    """A wish that is named and locked. ``repeated``: it had its effect before, as ``transfer`` says."""

    transfer: Transfer
    wish: Wish
    repeated: bool = False
    balances: dict[int, Balance] = field(default_factory=dict)
    sides: dict[str, int] = field(default_factory=dict)
    rows: list[list[tuple]] = field(default_factory=list)

    @property
    def balance(self) -> Balance:
        """The balance of the account the wish is about."""
        return self.balances[self.wish.account.pk]


@dataclass
class Moves:
    """What is booked: entries (account id, part, points), draws (lot id, part, points), lots (points, good until)."""

    entries: list[tuple[int, Part, int]]
    draws: list[tuple[int, Part, int]] = field(default_factory=list)
    lots: list[tuple[int, object]] = field(default_factory=list)
    lots_of: int | None = None  # whose the new lots are


def exchange(statements: Sequence[Statement]) -> list[list[tuple]]:
    """Run statements together; Django's errors for the driver's."""
    connection.ensure_connection()
    with connection.wrap_database_errors:
        return run_together(connection.connection, statements)


def check_wish(wish: Wish) -> None:
    """Refuse what can be seen to be wrong before anything is asked. Raises Invalid naming the field."""
    amount = wish.amount
    if isinstance(amount, bool) or not isinstance(amount, int) or not 1 <= amount <= LARGEST:
        raise Invalid(_("Whole points from 1 to %(most)d are needed.") % {"most": LARGEST}, field="amount")
    if not wish.key or len(wish.key) > 120:
        raise Invalid(_("A key of 1 to 120 characters is needed."), field="key")
    if not wish.reason or len(wish.reason) > 60:
        raise Invalid(_("A reason code of 1 to 60 characters is needed."), field="reason")
    far = wish.counterpart
    if far is not None and far.area_id != wish.account.area_id:
        raise Invalid(_("Points stay in their community."), field="to")


def begin(wish: Wish, *, actor, reads: Sequence[Statement] = (), first: Sequence[Statement] = ()) -> Opening:
    """Name a wish, lock its accounts, run ``reads`` after that; one exchange (two for a key that was used before).

    ``first`` runs before the name: only for services that hold the account's lock already. Raises Conflict
    (``key_reused``) when the key stands for another content.
    """
    check_wish(wish)
    answers = exchange([
        *first, (NAME, named(wish, actor)), (LOCK, [numbers(_locked(wish))]),
        (SIDES_OF, [str(wish.account.area_id)]), *reads,
    ])[len(first):]  # fmt: skip
    found, locked, sides, *rows = answers
    if not found:
        return Opening(repeated(wish), wish, repeated=True)
    transfer = transfer_of(wish, actor, *found[0])
    balances = {row[0]: Balance(*row[1:]) for row in locked}
    return Opening(transfer, wish, balances=balances, sides=dict(sides), rows=rows)


def finish(opening: Opening, moves: Moves, *, actor, grant: Grant, more: Sequence[Statement] = ()) -> list[list[tuple]]:
    """Write what a wish comes to, and the event about it; one exchange. Returns the rows of ``more``."""
    transfer = opening.transfer
    draft = Draft(EVENTS[transfer.kind], transfer, event_payload(opening.wish), transfer.occurred_at)
    statements: list[Statement] = [(ENTRIES, [str(transfer.pk), *_columns(moves.entries)])]
    if moves.draws:
        statements.append((DRAWS, [str(transfer.pk), *_columns(moves.draws)]))
    if moves.lots:
        amounts, days = zip(*moves.lots, strict=True)
        dates = words(None if day is None else day.isoformat() for day in days)
        statements.append((LOTS, [str(moves.lots_of), str(transfer.pk), numbers(amounts), dates]))
    *_written, event = exchange([*statements, *more, record_statement(draft, actor=actor, grant=grant)])
    recorded(event[0][0], draft)
    return _written[len(statements) :]


def in_use(opening: Opening) -> None:
    """Refuse to move points of an account out of use. Raises Conflict."""
    if not all(balance.is_active for balance in opening.balances.values()):
        raise Conflict(_("This points account is not in use."), code="inactive")


def _key_of(row) -> int | None:
    return None if row is None else row.pk


def _locked(wish: Wish) -> list[int]:
    """Accounts with a balance of their own, in the order of locks; a merchant's row is locked by settlements only."""
    accounts = [wish.account.pk]
    if wish.counterpart is not None and wish.counterpart.kind == AccountKind.MEMBER:
        accounts.append(wish.counterpart.pk)
    return sorted(accounts)


def named(wish: Wish, actor) -> list:
    """Return the values of ``NAME``."""
    label, number = wish.evidence or ("", None)
    far, first = _key_of(wish.counterpart), _key_of(wish.reverses)
    return [
        str(wish.kind), wish.key, wish.fingerprint, str(wish.account.pk), None if far is None else str(far),
        str(wish.account.area_id), str(wish.amount), str(actor.pk), wish.reason, label,
        None if number is None else str(number), None if first is None else str(first),
        wish.occurred_at or timezone.now(),
    ]  # fmt: skip


def transfer_of(
    wish: Wish, actor, transfer_id: int, recorded_at: datetime, occurred_at: datetime | None = None
) -> Transfer:
    """Return the row that the database made of a wish."""
    label, number = wish.evidence or ("", None)
    made = Transfer(
        id=transfer_id, kind=wish.kind, key=wish.key, fingerprint=wish.fingerprint, account=wish.account,
        counterpart=wish.counterpart, area_id=wish.account.area_id, amount=wish.amount, actor=actor,
        reason=wish.reason, evidence_type=label, evidence_id=number, reverses=wish.reverses,
        occurred_at=occurred_at or wish.occurred_at or recorded_at, recorded_at=recorded_at,
    )  # fmt: skip
    made._state.adding, made._state.db = False, connection.alias
    return made


def repeated(wish: Wish) -> Transfer:
    """Return the transfer that had the effect of a key. Raises Conflict where it stands for another content."""
    found = Transfer.objects.select_related("account", "counterpart").get(key=wish.key)
    if found.fingerprint != wish.fingerprint:
        raise Conflict(_("This key was used for something else."), field="key", code="key_reused")
    return found


def _columns(rows: list[tuple[int, Part, int]]) -> list[str]:
    owners, parts, amounts = zip(*rows, strict=True)
    return [numbers(owners), words(map(str, parts)), numbers(amounts)]


def event_payload(wish: Wish) -> dict:
    """Return what the event about a transfer tells: ids, codes and figures."""
    return {
        "account": wish.account.pk,
        "counterpart": _key_of(wish.counterpart),
        "amount": wish.amount,
        "reason": wish.reason,
        "evidence": list(wish.evidence) if wish.evidence else None,
        "reverses": _key_of(wish.reverses),
    }
