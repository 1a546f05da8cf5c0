"""Commands to devices: given by people, handed out when the device is heard, answered by the device.

A device is told one command at a time, the oldest first, again when it is heard until it answers or the command's time
is over: so it carries them out in the order they were given, each at least once (it knows a repetition by the id). They
travel with the answer to what it reports, or are asked for (``commands_asked``) where that answer has no room for
them, or over MQTT (``due_for_mqtt``, ``mark_sent``).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from json import dumps

from django.db import connection
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from devices.command_shapes import misfit
from devices.command_workflow import WAITING, CommandState
from devices.keys import Credential
from devices.models import Device, DeviceCommand, ProfileCommand
from devices.parcels import IngestResult
from devices.querysets import KEEPS_DEVICES
from devices.workflow import DeviceState
from governance import events
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import User
from governance.scoping import grant_for
from governance.timers import cancel_timer, set_timer
from governance.transactions import atomically
from governance.workflow import carries_out, perform

COMMAND_EXPIRES = "device.command_expires"
USUAL_TIME, LONGEST_TIME = timedelta(days=1), timedelta(days=30)  # how long a command holds [J]
MOST_WAITING = 20  # commands that wait for one device
MOST_BYTES = 2_000  # of parameters: they travel over narrow-band radio
# Commands handed out for the first time with one answer: each is a step of its own. The others go with the next one.
MOST_FIRST = 20
# How long MQTT waits for an answer before it tells a device again [J].
TELL_AGAIN = timedelta(minutes=1)
# The command each of some devices is to be told: the oldest that waits.
HEADS = """
SELECT DISTINCT ON (device_id) id FROM devices_devicecommand
WHERE device_id = ANY(%s::bigint[]) AND state IN ('queued', 'sent') AND expires_at > %s ORDER BY device_id, id
"""


def timer_key(command: DeviceCommand) -> str:
    """Return the key of the timer that ends a command."""
    return f"command:{command.pk}:expires"


def command_queue(device: Device, *, actor: User, name: str, payload: dict | None = None,
                  expires_at: datetime | None = None,
                  occurred_at: datetime | None = None) -> DeviceCommand:  # fmt: skip
    """Give a device a command of its profile; it holds for a day, or until ``expires_at`` within 30 days.

    Raises NotPermitted; Conflict for a retired device or where 20 commands wait for it; Invalid for a command its
    profile does not have, parameters that do not have its shape, or another end.
    """
    at = occurred_at or timezone.now()
    payload, expires_at = payload or {}, expires_at or at + USUAL_TIME
    if not at < expires_at <= at + LONGEST_TIME:
        raise Invalid(_("The end must lie ahead, within 30 days."), field="expires_at", code="out_of_range")
    with atomically():
        fresh = Device.objects.lock(device.pk)
        grant = grant_for(KEEPS_DEVICES, fresh, actor)
        if grant is None:
            raise NotPermitted(_("You may not give commands to this device."))
        if fresh.state == DeviceState.RETIRED:
            raise Conflict(_("Device “%(code)s” is no longer in use.") % {"code": fresh.code}, code="retired_device")
        _check_shape(fresh, name, payload)
        if waiting_for([fresh.pk]).count() >= MOST_WAITING:
            raise Conflict(_("Too many commands wait for this device already."), code="too_many")
        command = DeviceCommand.objects.create(
            device=fresh, name=name, payload=payload, queued_by=actor, queued_at=at, expires_at=expires_at
        )
        told = _told(command) | {"expires_at": expires_at.isoformat()}
        events.record("device.command_queued", command, actor=actor, grant=grant, payload=told, occurred_at=at)
        set_timer(timer_key(command), COMMAND_EXPIRES, subject_id=command.pk, due_at=expires_at)
    return command


def _check_shape(device: Device, name: str, payload: dict) -> None:
    allowed = ProfileCommand.objects.filter(profile=device.profile_id, name=name).first()
    if allowed is None:
        raise Invalid(_("Devices of this profile do not know the command “%(name)s”.") % {"name": name}, field="name",
                      code="does_not_exist")  # fmt: skip
    # What is no number or letter that the database keeps: it would fail only there.
    if not isinstance(payload, dict) or len(dumps(payload).encode()) > MOST_BYTES or not _storable(payload):
        raise Invalid(_("The parameters are an object of at most 2000 bytes."), field="payload", code="invalid")
    why = misfit(allowed.parameters, payload)
    if why:
        raise Invalid(_("The parameters do not have the right shape: %(why)s") % {"why": why}, field="payload",
                      code="wrong_shape")  # fmt: skip


def _storable(payload: dict) -> bool:
    """Tell whether JSON has no null characters, lone halves of surrogate pairs, or numbers that JSON does not have."""
    try:
        return "\\u0000" not in dumps(payload, ensure_ascii=False, allow_nan=False).encode().decode()
    except ValueError:
        return False


def _told(command: DeviceCommand) -> dict:
    """Return what events say of a command; parameters stay in its own row."""
    return {"device": command.device.code, "command": command.pk, "name": command.name}


def waiting_for(devices):
    """Return the commands that wait for devices (keys, or a query of keys)."""
    return DeviceCommand.objects.filter(device__in=devices, state__in=WAITING)


@carries_out("devices.devicecommand", "cancel")
def command_cancel(command: DeviceCommand, *, actor: User, version: int | None = None, reason: str = "",
                   occurred_at: datetime | None = None, **_given) -> DeviceCommand:  # fmt: skip
    """Take a command back. Raises NotPermitted, Invalid without a reason, Conflict when it is settled."""
    at = occurred_at or timezone.now()
    return _settle(command, "cancel", actor=actor, at=at, version=version, reason=reason)


def commands_drop(device: Device, *, actor: User, at: datetime) -> None:
    """The device (locked) is retired: nobody will carry out what waits for it. Raises NotPermitted."""
    for command in waiting_for([device.pk]).select_related("device").order_by("pk"):
        reason = _("The device was retired.")
        command_cancel(command, actor=actor, reason=reason, occurred_at=at)


def command_expire(pk: int, *, at: datetime) -> None:
    """End a command whose time is over; nothing when it was settled before."""
    with atomically():
        command = DeviceCommand.objects.lock(pk)
        if command.state in WAITING and command.expires_at <= at:
            _settle(command, "expire", actor=User.objects.system("devices"), at=at)


def _settle(command: DeviceCommand, name: str, *, actor: User, at: datetime, version: int | None = None,
            reason: str = "", **data) -> DeviceCommand:  # fmt: skip
    with atomically():
        fresh, _event = perform(
            command, name, actor=actor, version=version, reason=reason, occurred_at=at, payload=_told(command), at=at,
            **data,
        )  # fmt: skip
        cancel_timer(timer_key(fresh))
    return fresh


@dataclass(frozen=True)
class Outgoing:
    """A command as a device is told it: ``device`` is its code, ``id`` by which it answers and knows a repetition."""

    id: int
    device: str
    name: str
    payload: dict
    expires_at: datetime

    def body(self) -> dict:
        """Return it as JSON."""
        return {"id": self.id, "device": self.device, "name": self.name, "payload": self.payload,
                "expires_at": self.expires_at.isoformat()}  # fmt: skip


def commands_hand_out(devices: Collection[int], *, at: datetime | None = None) -> list[Outgoing]:
    """Return the command each of the devices is to be told now, and note that it was told.

    Call it when they were heard and ingest said that something waits for them (``IngestResult.commanded``).
    """
    at = at or timezone.now()
    with atomically():
        rows = _heads(devices, at)
        _note_sent(rows, at)
    return [_outgoing(row) for row in rows]


def handed_out(result: IngestResult) -> list[Outgoing]:
    """Return what the devices that a request was about are to be told; no statement where nothing waits for them."""
    return commands_hand_out(result.commanded) if result.commanded else []


def commands_asked(credential: Credential, codes: Sequence[str] = ()) -> list[Outgoing]:
    """Return what the devices a key covers, or those of them with these codes, are to be told, for one who asks.

    Raises Invalid for a code of none of them.
    """
    own = Device.objects.in_use().filter(**credential.covers())
    if codes:
        own = own.filter(code__in=[code for code in codes if "\0" not in code])  # the database has no such texts
        known = set(own.values_list("code", flat=True))
        if missing := [code for code in codes if code not in known]:
            raise Invalid(_("There is no device “%(code)s”.") % {"code": missing[0]}, field="device",
                          code="unknown_device")  # fmt: skip
    waiting = waiting_for(own.values("pk")).order_by().values_list("device", flat=True).distinct()
    return commands_hand_out(list(waiting))


def told_with(commands: Sequence[Outgoing]) -> dict:
    """Return what the answer to readings holds of commands: nothing where there is none, as for most devices."""
    return {"commands": [command.body() for command in commands]} if commands else {}


def _heads(devices: Collection[int], at: datetime) -> list[DeviceCommand]:
    """Lock and return what each device is to be told; of those never told before only so many."""
    with connection.cursor() as cursor:
        cursor.execute(HEADS, [list(devices), at])
        found = [pk for (pk,) in cursor.fetchall()]
    rows = DeviceCommand.objects.select_for_update(of=("self",)).select_related("device").order_by("pk")
    rows = list(rows.filter(pk__in=found, state__in=WAITING)) if found else []  # settled since: the next time
    first = [row.pk for row in rows if _first(row)][MOST_FIRST:]
    return [row for row in rows if row.pk not in first]


def _first(row: DeviceCommand) -> bool:
    """Tell whether a device that is told a command now hears of it for the first time, as far as anybody knows: the
    trail tells so."""
    return row.state == CommandState.QUEUED or row.published


def _note_sent(rows: Sequence[DeviceCommand], at: datetime, *, published: bool = False) -> None:
    """Note that devices were told, or (``published``) that the broker took it for them: it stays so until one fetches
    it, which the trail tells too. What is told again is only counted."""
    steps = {row.pk: _step_of(row, published) for row in rows}
    again = [pk for pk, name in steps.items() if name is None]
    if again:
        DeviceCommand.objects.filter(pk__in=again).update(last_sent_at=at, deliveries=F("deliveries") + 1)
    system = User.objects.system("devices") if len(again) < len(rows) else None
    for row in rows:
        if name := steps[row.pk]:
            perform(row, name, actor=system, payload=_told(row), occurred_at=at, at=at)


def _step_of(row: DeviceCommand, published: bool) -> str | None:
    """Return as which step of a command it is noted that it was told; None where it was told before in that way."""
    if row.state == CommandState.QUEUED:
        return "publish" if published else "send"
    return "fetch" if row.published and not published else None


def _outgoing(row: DeviceCommand) -> Outgoing:
    return Outgoing(row.pk, row.device.code, row.name, row.payload, row.expires_at)


def command_answer(pk: int, *, credential: Credential, done: bool, detail: str = "",
                   occurred_at: datetime | None = None) -> DeviceCommand | None:  # fmt: skip
    """Take a device's answer to a command: done, or failed with a word why (200 characters at most).

    The same answer twice is one. Returns None for a command that is not of a device the key covers; raises Conflict
    where it was never handed out, was taken back, or was answered otherwise.
    """
    at = occurred_at or timezone.now()
    name, target = ("confirm", CommandState.CONFIRMED) if done else ("fail", CommandState.FAILED)
    with atomically():
        own = Device.objects.filter(**credential.covers()).values("pk")
        found = DeviceCommand.objects.filter(pk=pk, device__in=own).first()
        if found is None:
            return None
        fresh = DeviceCommand.objects.lock(found.pk)
        if fresh.state == target:
            return fresh
        return _settle(fresh, name, actor=User.objects.system("devices"), at=at, answer=detail[:200])


def due_for_mqtt(*, at: datetime | None = None, limit: int = 100) -> list[Outgoing]:
    """Return what is to be published to devices now (topic ``jiceng/v1/<device>/commands``), oldest first.

    Of each device the oldest that waits: at once when it is new, and again when the device was heard since it was told,
    a minute later at the earliest. For one that sleeps the broker keeps the first, and it does not find a heap of them.
    Nothing is noted: call ``mark_sent`` with the ids that the broker took.
    """
    at = at or timezone.now()
    waiting = DeviceCommand.objects.filter(state__in=WAITING, expires_at__gt=at)
    devices = waiting.exclude(device__state=DeviceState.RETIRED).order_by().values("device").distinct()
    with connection.cursor() as cursor:
        cursor.execute(HEADS, [list(devices.values_list("device", flat=True)), at])
        heads = [pk for (pk,) in cursor.fetchall()]
    heard = Q(last_sent_at__lte=at - TELL_AGAIN, device__last_seen_at__gt=F("last_sent_at"))
    due = Q(last_sent_at=None) | heard
    rows = DeviceCommand.objects.filter(due, pk__in=heads).select_related("device").order_by("pk")
    return [_outgoing(row) for row in rows[:limit]]


def mark_sent(ids: Collection[int], *, at: datetime | None = None) -> None:
    """Note that commands were published; those settled meanwhile stay as they are."""
    with atomically():
        rows = DeviceCommand.objects.select_for_update(of=("self",)).select_related("device").order_by("pk")
        _note_sent(list(rows.filter(pk__in=ids, state__in=WAITING)), at or timezone.now(), published=True)
