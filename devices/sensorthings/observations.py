"""Observations that come in, over HTTP or MQTT: they become messages of the one ingest service (``devices.ingest``).

An observation is ``{"phenomenonTime": ISO 8601 with zone, "result": figure or status word}``; of an interval
(``begin/end``) its end counts: the result is known from then on. Without a time its ``resultTime`` counts, else when it
arrives. The datastream says the device and the metric.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from devices.messages import RETENTION, STATUS, status_word
from devices.models import Datastream, LatestValue
from devices.models.datastream import PROPERTIES
from devices.wire import NotReadable

COMPONENTS = {"phenomenonTime", "result"}
# A bridge that was killed is back within that time [J]. What is delivered once more later is stored once more: a figure
# told again after longer is one that counts (N of M samples, an occurrence that goes on).
REDELIVERED = timedelta(minutes=5)


@dataclass(frozen=True)
class Stream:
    """What a datastream's id stands for."""

    device_id: int
    device: str
    metric: str


def streams_of(ids: Collection[int]) -> dict[int, Stream]:
    """Return what the ids of datastreams stand for; one statement. Ids of none are left out."""
    asked = {divmod(number, PROPERTIES) for number in ids if 0 < number < 2**62}
    rows = Datastream.objects.filter(
        device_id__in={device for device, _number in asked},
        observed_property_id__in={number for _device, number in asked},
    ).values_list("device_id", "observed_property_id", "device__code", "metric")
    return {
        device * PROPERTIES + number: Stream(device, code, metric)
        for device, number, code, metric in rows
        if (device, number) in asked
    }


def sender_of(datastream_id: int) -> str | None:
    """Return the code of the device a datastream belongs to: whose topic ``v1.1/Datastreams(id)/Observations`` is."""
    stream = streams_of([datastream_id]).get(datastream_id)
    return stream and stream.device


def messages_of(stream: Stream, payload: bytes, *, again: bool = False) -> list[dict]:
    """Return what an MQTT message on ``v1.1/Datastreams(id)/Observations`` of a stream says, as messages of ingest.

    ``again``: the broker delivers it once more, because it was not acknowledged; without a time of its own it has that
    of the stream's newest reading, where that says the same and came in a moment ago. Whether the sender may publish
    there, the broker was told by ``devices.mqtt.access``.

    Raises ``devices.wire.NotReadable``: ``parse_error``, ``required``, ``invalid_time``, ...
    """
    observation = decoded(payload)
    message = message_of(stream, observation)
    if again and _time_of(observation) is None:
        message["at"] = _stored_at(stream, observation["result"]) or message["at"]
    return [message]


def _stored_at(stream: Stream, result) -> str | None:
    """Return the time of the newest reading of a stream if it says the same and came in a moment ago, else None.

    Only the newest will do: what said the same before something else was said is told anew now, and may be an alarm.
    Where the first delivery was lost before it was stored, what it said is known by that newest reading, and so is
    whether it is alarming. Where the stream went on before the second delivery, the observation is stored twice: it
    counts once too often, never not at all.
    """
    newest = LatestValue.objects.filter(
        device=stream.device_id, metric=stream.metric, received_at__gt=timezone.now() - REDELIVERED
    ).first()
    if newest is None:
        return None
    if stream.metric == STATUS:
        same = isinstance(result, str) and newest.text == status_word(result)
    else:
        same = isinstance(result, int | float) and not isinstance(result, bool) and newest.value == result
    return newest.at.isoformat() if same else None


def decoded(payload: bytes):
    """Return the JSON of a payload. Raises NotReadable."""
    try:
        return json.loads(payload.decode(), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise NotReadable(_("This is not readable as JSON."), "parse_error") from error


def _refuse(name: str):
    raise ValueError(name)


def message_of(stream: Stream, observation) -> dict:
    """Return the message (``devices.messages``) an observation says. Raises NotReadable naming what is wrong of it;
    its result, and how far back it lies, are judged by ingest."""
    if not isinstance(observation, dict):
        raise NotReadable(_("An observation is an object."), "invalid_observation")
    if observation.get("result") is None:
        raise NotReadable(_("An observation needs a “result”."), "required", "result")
    at, result = _time_of(observation), observation["result"]
    if at is None:
        at = timezone.now().isoformat()
    if stream.metric == STATUS:
        return {"device": stream.device, "at": at, "status": result}
    return {"device": stream.device, "at": at, "metrics": {stream.metric: result}}


def _time_of(observation: dict):
    """Return the time an observation counts for: its own, of an interval the end, else that of its result; or None.

    Raises NotReadable naming the sender's field for what is no time; whether it lies too far back is judged by ingest.
    """
    field = "resultTime" if observation.get("phenomenonTime") is None else "phenomenonTime"
    at = observation.get(field)
    if at is None:
        return None
    if field == "resultTime" or not isinstance(at, str) or "/" not in at:
        return _moment(field, at)
    begin, _slash, end = at.partition("/")
    try:
        begins, ends = datetime.fromisoformat(begin), datetime.fromisoformat(end)
        in_order = begins <= ends and ends.tzinfo is not None
    except (ValueError, TypeError) as error:  # no times, or one with a zone and one without
        raise _no_interval() from error
    if not in_order:
        raise _no_interval()
    return end


def _moment(field: str, at) -> str:
    """Return a time as it was sent. Raises NotReadable."""
    try:
        zone = datetime.fromisoformat(at).tzinfo
    except (ValueError, TypeError) as error:
        told = _("“%(field)s” is a time like 2026-11-23T08:00:00+08:00.") % {"field": field}
        raise NotReadable(told, "invalid_time", field) from error
    if zone is None:
        raise NotReadable(_("“%(field)s” needs a time zone.") % {"field": field}, "invalid_time", field)
    return at


def refusal_of(code: str, detail: str) -> str:
    """Return why ingest refused an observation, in the words of its sender, who knows no “at” and no “status”."""
    if code == "time_out_of_range":
        told = _("The time of the observation lies more than %(days)s days back, or beyond the calendar.")
        return told % {"days": RETENTION.days}
    return _("“result” is a status word of the device.") if code == "invalid_status" else detail


def _no_interval() -> NotReadable:
    told = _("An interval is two times with a zone, the earlier first: begin/end.")
    return NotReadable(told, "invalid_time", "phenomenonTime")


@dataclass(frozen=True)
class Row:
    """One observation of ``CreateObservations``: its datastream and what it says, or why it cannot be taken."""

    stream: Stream | None
    message: dict | None
    error: str = ""


def data_arrays(groups, known: dict[int, Stream]) -> list[Row]:
    """Return the observations of a body of ``CreateObservations`` (data-array extension) in their order.

    Raises NotReadable where the body as such is wrong; a row that is has its error.
    """
    found = []
    for group in groups:
        stream = known.get(datastream_of(group))
        components = group.get("components")
        if not isinstance(components, list) or "result" not in components or not all(
            isinstance(name, str) for name in components
        ):  # fmt: skip
            raise NotReadable(
                _("“components” name what stands in the rows: at least “result”."), "invalid", "components"
            )
        if not isinstance(group.get("dataArray"), list):
            raise NotReadable(_("This is not a list."), "not_a_list", "dataArray")
        found += [_row(stream, components, values) for values in group["dataArray"]]
    return found


def _row(stream: Stream | None, components: Sequence[str], values) -> Row:
    if stream is None:
        return Row(None, None, _("There is no such datastream."))
    if not isinstance(values, list) or len(values) != len(components):
        return Row(stream, None, _("A row has as many values as there are components."))
    try:
        return Row(stream, message_of(stream, dict(zip(components, values, strict=True))))
    except NotReadable as error:
        return Row(stream, None, str(error.detail))


def datastream_of(holder) -> int:
    """Return the id in ``{"Datastream": {"@iot.id": id}}``. Raises NotReadable."""
    named = holder.get("Datastream") if isinstance(holder, dict) else None
    number = named.get("@iot.id") if isinstance(named, dict) else None
    if not isinstance(number, int) or isinstance(number, bool):
        raise NotReadable(_("A “Datastream” with its “@iot.id” is needed."), "required", "Datastream")
    return number
