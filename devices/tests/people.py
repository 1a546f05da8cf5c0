"""What people do to the alarms of the cover MC-001, and silence: done in the product and told to the oracle."""

from django.db import transaction

from devices.models import Alarm, Device
from devices.offline import offline_sweep
from devices.tests.fleet import at
from governance.errors import Conflict
from governance.workflow import act


def do(fleet, oracle, now: float, name: str, *given) -> None:
    """Do a thing of that name (a method of ``oracle_people.People``) on both sides, or see that both refuse it."""
    oracle.now = now
    DEEDS[name](fleet, oracle, now, *given)


def _alarm(kind: str) -> Alarm | None:
    return Alarm.objects.filter(device__code="MC-001", alarm_type=kind, cleared_at=None).first()


def _step(row, name: str, allowed: bool, **given) -> None:
    """Carry out a step; refused it must be where the oracle does not allow it."""
    try:
        with transaction.atomic():
            done = row is not None and bool(act(row, name, **given))
    except Conflict:
        done = False
    assert done == allowed, name


def _acknowledge(fleet, oracle, now):
    for alarm in Alarm.objects.filter(device__code="MC-001", state="unacknowledged"):
        act(alarm, "acknowledge", actor=fleet.city.user("dispatcher"), occurred_at=at(now))
    oracle.acknowledge()


def _shelve(fleet, oracle, now, kind, minutes):
    given = {"until": at(now + minutes), "reason": "施工", "occurred_at": at(now)}
    _step(_alarm(kind), "shelve", oracle.shelve(kind, now + minutes), actor=fleet.city.user("dispatcher"), **given)


def _move_shelf(fleet, oracle, now, kind, minutes):
    given = {"until": at(now + minutes), "reason": "延长", "occurred_at": at(now)}
    allowed = oracle.move_shelf(kind, now + minutes)
    _step(_alarm(kind), "change_shelving", allowed, actor=fleet.city.user("dispatcher"), **given)


def _unshelve(fleet, oracle, now, kind):
    actor = fleet.city.user("dispatcher")
    _step(_alarm(kind), "unshelve", oracle.unshelve(kind), actor=actor, occurred_at=at(now))


def _reset(fleet, oracle, now, kind):
    given = {"actor": fleet.city.user("dispatcher"), "reason": "已到场", "occurred_at": at(now)}
    _step(_alarm(kind), "reset", oracle.reset(kind), **given)


def _maintain(fleet, oracle, now, minutes):
    given = {"until": at(now + minutes), "reason": "换电池", "occurred_at": at(now)}
    actor = fleet.city.user("operations_centre")
    _step(_cover(), "begin_maintenance", oracle.maintain(now + minutes), actor=actor, **given)


def _serve(fleet, oracle, now):
    actor = fleet.city.user("operations_centre")
    _step(_cover(), "end_maintenance", oracle.serve(), actor=actor, occurred_at=at(now))


def _sweep(fleet, oracle, now, fellow_heard):
    if fellow_heard:
        Device.objects.filter(code="TB-001").update(last_seen_at=at(now))
    offline_sweep(at(now))
    oracle.sweep(fellow_heard=fellow_heard)


def _cover() -> Device:
    return Device.objects.get(code="MC-001")


DEEDS = {
    "acknowledge": _acknowledge, "shelve": _shelve, "move_shelf": _move_shelf, "unshelve": _unshelve, "reset": _reset,
    "maintain": _maintain, "serve": _serve, "sweep": _sweep,
}  # fmt: skip
