"""Devices that are silent for too long, found every 5 s; a gateway behind which all are silent is one thing.

A device in service that was heard once and is silent for longer than its profile allows has the alarm ``offline``,
where its profile knows that alarm. Its other alarms stay as they are, stale; its next sample clears it
(``AlarmBook.read``). That of a device in maintenance is held back as out of service, and dispatched when the device
returns and is silent still. Silence counts only while somebody listened (``devices.listening``).

Alarms belong to devices, so a gateway's loss is told by the gateway itself: ``Gateway.silent_since``, the events
``gateway.lost`` and ``gateway.back``, one maintenance case where the gateway has a category for it. The ``offline``
alarms behind it are kept, but held back as suppressed by design. One device alone says nothing about its gateway; one
that is heard says that it works. When it is back its devices have as long as they may be silent to report; what is
silent then has an alarm of its own. A gateway that is taken out of use, or that has no device in use any more, is lost
no longer either: nobody waits for it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, F, Max, OuterRef, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cases.models import CaseSource, CaseState
from cases.services import case_open, evidence_add
from devices.alarm_rows import book_of
from devices.alarm_writes import write
from devices.alarms import closed, is_open
from devices.inhibition import Inhibitions
from devices.listening import Heard, doors_open, listening_note
from devices.models import OFFLINE, Alarm, Device, DeviceProfile, Gateway, Inhibition
from devices.shelving import alarms_release, hold_anew
from devices.store import SEEN_STEP
from devices.workflow import JUDGED, DeviceState
from governance import events
from governance.models import Role, User
from governance.scoping import Grant
from governance.timers import every
from governance.transactions import atomically, is_free, lock_wait

SWEEP_SECONDS = 5
BATCH = 200
# One silent device may be the device; two at once behind one gateway are more likely the gateway [J].
FEWEST = 2
# For each device behind a gateway: one message takes some milliseconds.
PATIENCE = "300ms"


@every(SWEEP_SECONDS)
def offline_round(since: datetime) -> None:
    """Look for silent devices, while the doors are open; what was not listened to is no silence."""
    at = timezone.now()
    if doors_open():
        listening_note(at)
        offline_sweep(at, heard=Heard.known(at))


def offline_sweep(at: datetime, *, heard: Heard | None = None) -> int:
    """Raise what is silent at a moment, by itself or as a lost gateway; return how many alarms were raised.

    ``heard``: when somebody listened; only silence in those times counts. Each gateway and each batch of devices is a
    transaction; all is looked at again under its locks, so two sweeps at once raise nothing twice. What somebody holds
    is passed over: the next sweep comes in a moment, and the timers wait for this one.
    """
    heard = heard or Heard()
    gateways_find(at)
    silent, raised = silent_q(at, heard), 0
    if silent is not None:
        passed = []  # gateways whose devices are not to be told of one by one
        for gateway in lost_gateways(silent):
            found = gateway_lose(gateway, silent, at=at, heard=heard)
            if found is None:
                passed.append(gateway)
            raised += found or 0
        rows = to_raise(silent, at).exclude(gateway__in=passed)
        found = list(rows.order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(found), BATCH):
            raised += _raise_batch(found[start : start + BATCH], silent, at, heard)
    suppressed_release(at, heard)
    return raised


def silent_q(at: datetime, heard: Heard) -> Q | None:
    """Return which devices were heard once and are silent for too long; None when that can be said of no profile.

    The time last seen may lag behind by a step. A device that was put in service has its time from then on.
    """
    found = None
    for profile in DeviceProfile.objects.in_force():
        limit = heard.back(at, profile.offline_after + SEEN_STEP)
        if limit is not None:
            served = Q(in_service_at=None) | Q(in_service_at__lt=limit)
            silent = Q(profile=profile, last_seen_at__lt=limit) & served
            found = silent if found is None else found | silent
    return found


def to_raise(silent: Q, at: datetime):
    """Return the silent devices in service or maintenance whose profile knows the alarm and that do not have it.

    One whose case was closed is looked at again: it is raised anew after the time a device may be silent.
    """
    known = Alarm.objects.active().filter(device=OuterRef("pk"), alarm_type=OFFLINE).exclude(
        case__state=CaseState.CLOSED
    )  # fmt: skip
    return Device.objects.filter(silent, ~Exists(known), state__in=JUDGED, profile__statuses__code=OFFLINE)


def _raise_batch(devices: Sequence[int], silent: Q, at: datetime, heard: Heard) -> int:
    with atomically():
        rows = Device.objects.select_for_update(no_key=True, of=("self",), skip_locked=True).only("pk").order_by("pk")
        locked = rows.filter(silent, pk__in=devices, state__in=JUDGED)
        return _raise([device.pk for device in locked], at, heard)


def _raise(devices: list[int], at: datetime, heard: Heard) -> int:
    """Raise the alarm of devices (locked) that do not have it; return how many."""
    book = book_of(devices, at=at)
    for pk in devices:
        alarm = book.alarms.get((pk, OFFLINE))
        rules = book.rules[pk]
        if OFFLINE in rules.statuses and (alarm is None or _done_long_ago(alarm, rules.profile.offline_after, at)):
            book.assert_now((pk, OFFLINE), True, at)
    raised = sum(change.turn in ("raised", "returned") for change in book.changes)
    hold_anew(book, devices, at=at, heard=heard)
    write(book, heard)
    return raised


def _done_long_ago(alarm: Alarm, silence: timedelta, at: datetime) -> bool:
    """Whether its case is closed for longer than the device may be silent: it should have been heard since."""
    return closed(alarm.case) and alarm.case.closed_at < at - silence


def lost_gateways(silent: Q, **narrowed) -> list[int]:
    """Return the gateways not known to be lost of whose devices none is heard, at least two in service being silent.

    Of a device that is not watched (its profile knows no ``offline``: a camera that sends events only) silence says
    nothing; that it was heard lately says that the gateway works.
    """
    rows = Device.objects.in_use().filter(
        gateway__is_active=True, gateway__silent_since=None, last_seen_at__isnull=False, **narrowed
    )  # fmt: skip
    watched = DeviceProfile.objects.in_force().order_by().filter(statuses__code=OFFLINE).values("pk")
    counted = rows.order_by("gateway").values("gateway").annotate(
        silent=Count("pk", filter=silent & Q(state=DeviceState.IN_SERVICE, profile__in=watched)),
        quiet=Count("pk", filter=silent), all=Count("pk"),
    )  # fmt: skip
    return list(counted.filter(silent__gte=FEWEST, quiet=F("all")).values_list("gateway", flat=True))


def gateway_lose(pk: int, silent: Q, *, at: datetime, heard: Heard) -> int | None:
    """Find a gateway lost: one case, one event, the alarms of its devices held back. Return how many were raised; None
    where somebody holds one of its devices, so that it cannot be told."""
    with atomically():
        devices = _lock_behind(pk)
        if devices is None:
            return None
        gateway = Gateway.objects.select_for_update(of=("self",)).select_related("area", "category", "case").get(pk=pk)
        if not lost_gateways(silent, gateway=gateway):
            return 0
        seen = Device.objects.filter(pk__in=devices).aggregate(newest=Max("last_seen_at"))
        gateway.silent_since, gateway.back_at = seen["newest"], None
        actor = User.objects.system("devices")
        _open_case(gateway, len(devices), actor, at)
        gateway.save(update_fields=["silent_since", "back_at", "case"])
        _record("gateway.lost", gateway, actor, at, devices=len(devices))
        rows = Device.objects.filter(silent, pk__in=devices, state__in=JUDGED)
        return _raise(sorted(rows.values_list("pk", flat=True)), at, heard)


def gateways_find(at: datetime) -> None:
    """Find lost gateways behind which a device was heard again, and those that nobody waits for any more: taken out of
    use, or without a device in use. Replacing a broken gateway is how most losses end."""
    behind = Device.objects.filter(gateway=OuterRef("pk"))
    heard, used = behind.filter(last_seen_at__gt=OuterRef("silent_since")), behind.in_use()
    over = Q(Exists(heard)) | Q(is_active=False) | ~Q(Exists(used))
    lost = Gateway.objects.filter(over, silent_since__isnull=False).annotate(
        why=models.Case(
            models.When(Q(is_active=False), models.Value("unused")), models.When(Exists(heard), models.Value("back")),
            default=models.Value("emptied"),
        )
    )  # fmt: skip
    for pk in lost.order_by("pk").values_list("pk", flat=True):
        with atomically():
            if _lock_behind(pk) is None:
                continue
            gateway = lost.select_for_update(of=("self",)).select_related("area", "case").filter(pk=pk).first()
            if gateway is not None:
                _back(gateway, at)


def _back(gateway: Gateway, at: datetime) -> None:
    """End a loss; ``gateway.why`` says by what: ``back``, ``unused`` or ``emptied``."""
    actor = User.objects.system("devices")
    _record("gateway.back", gateway, actor, at, silent_since=gateway.silent_since.isoformat(), why=gateway.why)
    gateway.silent_since, gateway.back_at = None, at
    gateway.save(update_fields=["silent_since", "back_at"])
    if gateway.case is not None and is_open(gateway.case):
        kind, data = f"gateway_{gateway.why}", {"gateway": gateway.code}
        evidence_add(gateway.case, actor=actor, kind=kind, data=data, happened_at=at)


def suppressed_release(at: datetime, heard: Heard) -> None:
    """Hold alarms back no more whose gateway does not explain the silence any longer."""
    held = Alarm.objects.active().filter(alarm_type=OFFLINE, inhibited=Inhibition.SUPPRESSED)
    free = Q(device__gateway=None) | Q(device__gateway__is_active=False) | Q(device__gateway__silent_since=None)
    known = Inhibitions({}, at, heard)
    rows = held.filter(free).select_related("device__profile")
    devices = sorted(alarm.device_id for alarm in rows if not known.excused(alarm.device))
    for start in range(0, len(devices), BATCH):
        batch = devices[start : start + BATCH]
        with atomically():
            rows = Device.objects.select_for_update(no_key=True, skip_locked=True).only("pk").filter(pk__in=batch)
            alarms_release([device.pk for device in rows.order_by("pk")], at=at, heard=heard)


def _lock_behind(gateway: int) -> list[int] | None:
    """Lock the devices behind a gateway that are not retired, in the order in which ingest does; None where somebody
    holds one of them for longer than a message takes."""
    rows = Device.objects.in_use().select_for_update(no_key=True).only("pk").filter(gateway=gateway).order_by("pk")
    found: list[int] = []

    def lock() -> None:
        with lock_wait(PATIENCE):
            found.extend(device.pk for device in rows)

    return found if is_free(lock) else None


def _open_case(gateway: Gateway, devices: int, actor: User, at: datetime) -> None:
    """Open the gateway's maintenance case; one that is still open from before is told instead."""
    if gateway.case is not None and is_open(gateway.case):
        evidence_add(gateway.case, actor=actor, kind="gateway_lost", data={"gateway": gateway.code}, happened_at=at)
    elif gateway.category is not None:
        words = {"name": gateway.name, "code": gateway.code, "count": devices}
        with translation.override(settings.LANGUAGE_CODE):
            text = _("Gateway %(name)s (%(code)s) is silent, with all %(count)s devices behind it.") % words
        gateway.case = case_open(
            actor=actor, source=CaseSource.SENSOR, description=text, category=gateway.category, standard=None,
            area=gateway.area, origin={"gateway": gateway.code}, occurred_at=at,
        )  # fmt: skip


def _record(name: str, gateway: Gateway, actor: User, at: datetime, **payload) -> None:
    events.record(
        name, gateway, actor=actor, grant=Grant(Role.SYSTEM), occurred_at=at,
        payload={"gateway": gateway.code, "case": gateway.case.number if gateway.case else None} | payload,
    )  # fmt: skip
