"""Observations posted with the key of a device or gateway: stored by the one ingest service, answered by address."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from devices.api.readings import MAX_MESSAGES
from devices.ingest import readings_ingest
from devices.keys import Credential
from devices.models import Reading
from devices.parcels import IngestResult
from devices.refusals import note_unreadable
from devices.sensorthings.entities import ENTITIES, observation_id
from devices.sensorthings.failure import BAD, CONFLICT, FORBIDDEN, MISSING, TOO_MANY, Failure
from devices.sensorthings.observations import (
    Row,
    Stream,
    data_arrays,
    datastream_of,
    message_of,
    refusal_of,
    streams_of,
)
from devices.wire import NotReadable

STATUSES = {
    "foreign_device": FORBIDDEN, "unknown_device": MISSING, "retired_device": CONFLICT, "rate_limited": TOO_MANY,
}  # fmt: skip


def create_one(credential: Credential, number: int | None, body, root: str) -> tuple[dict, str, IngestResult]:
    """Store one observation, of the datastream ``number`` or of that which it names; return its JSON, its address, and
    what ingest says.

    One that is stored already is answered likewise. Raises Failure, NotReadable.
    """
    if number is None:
        number = datastream_of(body)
    stream = streams_of([number]).get(number)
    if stream is None:
        raise Failure(MISSING, "unknown_datastream", _("There is no such datastream."))
    try:
        message = message_of(stream, body)
    except NotReadable as error:
        note_unreadable(credential, (error.code, str(error.detail), stream.device))
        raise
    result = readings_ingest(credential=credential, messages=[message])
    for refused in result.rejected:
        told = refusal_of(refused.code, refused.detail)
        raise Failure(STATUSES.get(refused.code, BAD), refused.code, told, refused.retry_after)
    found = _stored([(stream, message)])[0]
    identity = observation_id(found)
    address = f"{root}/Observations('{identity}')"
    content = ENTITIES["Observations"].content(found)
    return {"@iot.id": identity, "@iot.selfLink": address} | content, address, result


def create_many(credential: Credential, body, root: str) -> tuple[list[str], IngestResult]:
    """Store the observations of data arrays; return the address of each, or ``error: why``, in their order, and what
    ingest says.

    Raises Failure, NotReadable where the body as such is wrong: then nothing is stored.
    """
    if not isinstance(body, list):
        raise NotReadable(_("This is not a list."), "not_a_list")
    rows = data_arrays(body, streams_of({datastream_of(group) for group in body}))
    if len(rows) > MAX_MESSAGES:
        raise NotReadable(_("At most 1000 messages in one request."), "max_length", "dataArray")
    sent = [row for row in rows if row.message is not None]
    note_unreadable(credential, *[("invalid_observation", str(row.error), row.stream.device) for row in rows
                                  if row.message is None and row.stream is not None])  # fmt: skip
    result = readings_ingest(credential=credential, messages=[row.message for row in sent])
    refused = _refusals(result)
    told_of = {id(row): refused[place] for place, row in enumerate(sent) if place in refused}
    taken = [row for row in sent if id(row) not in told_of]
    found = {id(row): reading for row, reading in zip(taken, _stored(_pairs(taken)), strict=True)}
    told = [_answer(row, found.get(id(row)), row.error or told_of.get(id(row), ""), root) for row in rows]
    return told, result


def _pairs(rows: list[Row]) -> list[tuple[Stream, dict]]:
    return [(row.stream, row.message) for row in rows]


def _refusals(result: IngestResult) -> dict[int, str]:
    return {refused.index: refusal_of(refused.code, refused.detail) for refused in result.rejected}


def _answer(row: Row, reading: Reading | None, error: str, root: str) -> str:
    return f"{root}/Observations('{observation_id(reading)}')" if reading else f"error: {error}"


def _stored(pairs: list[tuple[Stream, dict]]) -> list[Reading]:
    """Return the readings that messages, just taken, are stored as; one whose time was not believed has another."""
    said = [(stream.device_id, stream.metric, datetime.fromisoformat(message["at"])) for stream, message in pairs]
    times = {at for _device, _metric, at in said}
    rows = Reading.objects.filter(
        Q(at__in=times) | Q(claimed_at__in=times),
        device_id__in={device for device, _metric, _at in said},
        metric__in={metric for _device, metric, _at in said},
    )
    found = {(row.device_id, row.metric, row.claimed_at or row.at): row for row in rows}
    return [found[key] for key in said]
