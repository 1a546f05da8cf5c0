"""What is not taken of what devices send, counted where staff see it: who looks after a device knows why it is silent.

One row for a sender, a reason and a day (``DeviceRefusal``), never one for a message: a mad device fills no table. It
is written beside what is taken: after the batch, in a transaction of its own that waits for no disk, and only where
something was refused or warned of. Counts are no records: a failure here is logged, and stops nothing.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import Error, connection, transaction
from django.utils import timezone

from devices.keys import Credential
from devices.messages import DEVICE
from devices.models import DeviceRefusal
from devices.models.refusal import CODE_LENGTH, DETAIL_LENGTH
from devices.parcels import IngestResult, Parcel

log = logging.getLogger(__name__)
KEPT = timedelta(days=30)  # [J]
# What a gateway sends for a device behind it is that device's; what names another is the gateway's.
ADD = """
INSERT INTO devices_devicerefusal AS kept (device_id, gateway_id, code, day, count, first_at, last_at, named, detail)
SELECT coalesce(sent.device_id, device.id), sent.gateway_id, sent.code, %s::date, sum(sent.number), %s, %s,
    max(sent.named), max(sent.detail)
FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::text[])
    AS sent (device_id, gateway_id, named, code, number, detail)
LEFT JOIN devices_device AS device ON device.code = sent.named AND device.gateway_id = sent.gateway_id
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
ON CONFLICT (device_id, gateway_id, code, day) DO UPDATE
    SET count = kept.count + excluded.count, last_at = greatest(kept.last_at, excluded.last_at),
        named = excluded.named, detail = excluded.detail
"""
Key = tuple[int | None, int | None, str, str]  # device and gateway that sent, device named, code


def note(parcels: Sequence[Parcel], results: Sequence[IngestResult], *, at: datetime) -> None:
    """Count what of some requests was refused or warned of; no statement where nothing was, else one."""
    found: dict[Key, list] = {}
    for parcel, result in zip(parcels, results, strict=True):
        if result.key_gone:
            continue
        for one in (*result.rejected, *result.warnings):
            named = _named(parcel.messages[one.index])
            _count(found, parcel.credential, named, one.code, one.detail)
    if found:
        _add(found, at)


def note_unreadable(credential: Credential, *said: tuple[str, str, str]) -> None:
    """Count what of a known sender could not be read: (code, detail, device named, if any); one statement."""
    found: dict[Key, list] = {}
    for code, detail, named in said:
        _count(found, credential, named, code, detail)
    if found:
        _add(found, timezone.now())


def _count(found: dict[Key, list], credential: Credential, named: str, code: str, detail: str) -> None:
    key = credential.device_id, credential.gateway_id, named, code[:CODE_LENGTH]
    known = found.setdefault(key, [0, ""])
    known[0] += 1
    known[1] = str(detail).replace("\0", "")[:DETAIL_LENGTH]


def _named(raw) -> str:
    """Return the code of the device a message names, if it is one."""
    code = raw.get("device") if isinstance(raw, dict) else getattr(raw, "device", None)
    return code if isinstance(code, str) and DEVICE.fullmatch(code) else ""


def _add(found: dict[Key, list], at: datetime) -> None:
    devices, gateways, named, codes = (list(column) for column in zip(*found, strict=True))
    numbers, details = (list(column) for column in zip(*found.values(), strict=True))
    # Joined to a caller's transaction, that one has to stay as durable as it is.
    alone = not connection.in_atomic_block
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            if alone:
                cursor.execute("SET LOCAL synchronous_commit TO off")
            cursor.execute(ADD, [timezone.localdate(at), at, at, devices, gateways, named, codes, numbers, details])
    except Error:
        log.exception("%s refused messages could not be counted", sum(numbers))


def refusals_drop(*, now: datetime | None = None) -> int:
    """Drop the counts of days that are long over; return how many rows went."""
    limit = timezone.localdate((now or timezone.now()) - KEPT)
    return DeviceRefusal.objects.filter(day__lt=limit).delete()[0]
