"""Sheets of devices and gateways beside devices that report, sweeps, timers and people, on real connections."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conftest import build_city
from devices.alarm_writes import ALARM_DUE
from devices.life import device_begin_maintenance
from devices.models import Alarm, Device, DeviceProfile, Gateway, ProfileMetric, ProfileStatus
from devices.offline import offline_sweep
from devices.profile_rules import forget_rules
from devices.profiles import profile_draft, profile_publish
from devices.registering import device_change, gateway_change
from devices.tests.fleet import at, build_fleet, message
from devices.tests.test_steps_concurrent import beside
from governance.errors import Conflict
from governance.exchange import engine
from governance.exchange.importers import importer_named
from governance.exchange.tests.material import counted, text
from governance.models import Event
from governance.timers import fire_due, set_timer

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = ["code", "name", "profile", "area", "longitude", "latitude", "unit", "gateway"]


@pytest.fixture
def fleet():
    forget_rules()
    fleet = build_fleet(build_city())
    for profile in {fleet.cover.profile, fleet.bin.profile}:
        ProfileStatus.objects.create(profile=profile, code="offline", label="离线", severity="low", opens_case=False)
    Gateway.objects.update(category=fleet.city.category)
    yield fleet
    forget_rules()


def row_of(device: Device, **other) -> list[str]:
    said = {
        "code": device.code, "name": device.name, "profile": device.profile.code, "area": device.area.code,
        "longitude": str(device.longitude), "latitude": str(device.latitude), "unit": device.unit.code,
        "gateway": device.gateway.code if device.gateway else "",
    }  # fmt: skip
    return list((said | other).values())


def covers(fleet, number: int) -> list[Device]:
    return [
        Device.objects.create(
            code=f"MC-7{n:02}", name="井盖", profile=fleet.cover.profile, gateway=fleet.gateway, area=fleet.cover.area,
            unit=fleet.cover.unit, longitude=fleet.cover.longitude, latitude=fleet.cover.latitude,
        )
        for n in range(number)
    ]  # fmt: skip


def new_device(fleet, code: str) -> list[str]:
    return row_of(fleet.cover, code=code, name="新井盖")


def bring(fleet, *rows, how=engine.run, key="devices.device", header=NAMES):
    return how(importer_named(key)(), text([header, *rows]), actor=fleet.city.user("administrator"))


@contextmanager
def refused_as_changed():
    with pytest.raises(Conflict) as refused:
        yield
    assert refused.value.code == "changed_meanwhile"


def aside(function):
    """Do something on another connection and wait for it; it must not wait for anybody longer than five seconds."""

    def on_its_own():
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '5s'")
            return function()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(on_its_own).result(30)


@pytest.fixture
def once_judged(monkeypatch):
    """Do something when all lines of a sheet were judged and before anything is stored, while the import goes on."""

    def arrange(key: str, function):
        cls = importer_named(key)
        notes = cls.notes
        monkeypatch.setattr(cls, "notes", lambda self: (aside(function), notes(self))[1])

    return arrange


@pytest.mark.parametrize("how", [engine.check, engine.run])
def test_ingest_steps_and_timers_wait_for_no_sheet_and_lose_nothing_by_it(fleet, once_judged, how):
    # given a sheet that changes two stored devices, and brings a new one
    set_timer("due", ALARM_DUE, subject_id=fleet.bin.pk, due_at=timezone.now(), payload={"alarm_type": "full"})
    until = timezone.now() + timedelta(hours=1)

    def meanwhile():
        device_begin_maintenance(fleet.bin, actor=fleet.city.user("administrator"), until=until, reason="检修")
        assert fire_due() == 1
        return fleet.ingest(message(status="tilted"), message(0, "TB-001", metrics={"fill": 0.1}))

    once_judged("devices.device", meanwhile)
    # when one of them reports an alarm and the other is put in maintenance while the sheet is checked, or stored
    rows = [row_of(fleet.bin, name="新名"), new_device(fleet, "NEW-1"), row_of(fleet.cover, name="新名")]
    assert counted(bring(fleet, *rows, how=how)) == (1, 2, 0)
    # then neither waited, and what they wrote stands beside what the sheet says
    fleet.cover.refresh_from_db()
    fleet.bin.refresh_from_db()
    assert (fleet.cover.status, fleet.cover.last_seen_at, Alarm.objects.count()) == ("tilted", at(0), 1)
    assert (fleet.bin.state, fleet.bin.maintenance_until, fleet.bin.last_seen_at) == ("maintenance", until, at(0))
    assert fleet.bin.version == 1
    # and what the sheet says is stored, each with its event, or nothing of it
    stored = how is engine.run
    assert [fleet.cover.name, fleet.bin.name] == (["新名"] * 2 if stored else ["智能井盖001", "垃圾桶001"])
    assert Device.objects.filter(code="NEW-1", state="in_service").exists() == stored
    told = Event.objects.filter(name="config.changed").values_list("subject_id", "payload__added")
    new = Device.objects.filter(code="NEW-1").values_list("pk", flat=True)
    changes = {(fleet.cover.pk, False), (fleet.bin.pk, False), *((pk, True) for pk in new)}
    assert set(told) == (changes if stored else set())


@pytest.mark.parametrize("key", ["devices.gateway", "devices.device"])
def test_a_gateway_that_is_found_lost_beside_a_sheet_stays_lost_and_is_told_once(fleet, once_judged, key):
    # given a gateway that is silent, and a sheet that changes it, or puts one more device behind it
    fleet.ingest(message(0, metrics={"x": 1}), message(0, "TB-001", metrics={"x": 1}))
    once_judged(key, lambda: offline_sweep(at(30)))
    # when the sweep finds it lost meanwhile
    if key == "devices.gateway":
        bring(fleet, ["GW-1", "新网关", fleet.city.grid.code], key=key, header=["code", "name", "area"])
    else:
        bring(fleet, new_device(fleet, "NEW-1"))
    # then it waited for nobody, and nothing of it is lost
    gateway = Gateway.objects.get()
    assert (gateway.silent_since, gateway.case is None) == (at(0), False)
    assert gateway.name == ("新网关" if key == "devices.gateway" else "东街网关")
    offline_sweep(at(31))
    assert Event.objects.filter(name="gateway.lost").count() == 1


def test_sheets_and_messages_about_the_same_devices_in_another_order_never_wait_for_each_other_in_a_ring(fleet):
    # given covers that report all the time
    found = covers(fleet, 40)

    def report():
        for minute in range(15):
            batch = [message(minute, cover.code, metrics={"tilt": minute}) for cover in found]
            assert fleet.ingest(*batch, received_at=at(minute)).accepted == 40
        return True

    def change():
        for number in range(5):
            rows = [row_of(cover, name=f"井盖{number}") for cover in reversed(found)]
            assert counted(bring(fleet, *rows)) == (0, 40, 0)
        return True

    # when a sheet names them the other way round, several times
    assert beside(report, change) == [True, True]
    # then both have ended, whole
    rows = Device.objects.filter(code__startswith="MC-7").values_list("name", "last_seen_at")
    assert set(rows) == {("井盖4", at(14))}


def test_what_somebody_changed_meanwhile_is_not_overwritten_and_nothing_of_the_sheet_is_stored(fleet, once_judged):
    actor = fleet.city.user("administrator")
    once_judged("devices.device", lambda: device_change(fleet.cover, actor=actor, address="西街1号"))
    with refused_as_changed():
        bring(fleet, new_device(fleet, "NEW-1"), row_of(fleet.bin, name="新名"), row_of(fleet.cover, name="新名"))
    assert not Device.objects.filter(name="新名").exists() and not Device.objects.filter(code="NEW-1").exists()
    assert Device.objects.get(pk=fleet.cover.pk).address == "西街1号"
    assert Event.objects.filter(name="config.changed").count() == 1
    # and a gateway likewise
    once_judged("devices.gateway", lambda: gateway_change(fleet.gateway, actor=actor, is_active=False))
    with refused_as_changed():
        bring(fleet, ["GW-1", "新网关", fleet.city.grid.code], key="devices.gateway", header=["code", "name", "area"])


def test_a_device_that_somebody_else_registers_meanwhile_is_refused(fleet, once_judged):
    once_judged("devices.device", lambda: covers(fleet, 1))
    with pytest.raises(Conflict):
        bring(fleet, new_device(fleet, "NEW-1"), new_device(fleet, "MC-700"))
    assert not Device.objects.filter(code="NEW-1").exists()


def test_a_version_published_beside_a_sheet_moves_all_devices(fleet, once_judged):
    actor = fleet.city.user("administrator")

    def publish():
        draft = profile_draft(DeviceProfile.objects.get(code="manhole_cover", state="in_force"), actor=actor)
        ProfileMetric.objects.filter(profile=draft).update(high=F("high") + 1)
        profile_publish(draft, actor=actor, reason="新限值")

    once_judged("devices.device", publish)
    # when a version is published while a sheet brings a new device: it must not stay with the old one
    with refused_as_changed():
        bring(fleet, new_device(fleet, "NEW-1"))
    assert not Device.objects.filter(code="NEW-1").exists()
    # and while one changes a stored device: both hold
    assert counted(bring(fleet, row_of(fleet.cover, name="新名"))) == (0, 1, 0)
    fleet.cover.refresh_from_db()
    assert (fleet.cover.name, fleet.cover.profile.version, fleet.cover.profile.state) == ("新名", 3, "in_force")


def test_what_is_done_under_the_locks_is_the_same_for_any_number_of_lines(fleet):
    found = covers(fleet, 30)

    def locked(rows) -> tuple[int, int]:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            bring(fleet, *rows)
        sent = [query["sql"] for query in caught.captured_queries]
        locking = [place for place, sql in enumerate(sent) if "FOR NO KEY UPDATE" in sql or "FOR UPDATE" in sql]
        return len(locking), len(sent) - locking[0]

    few = locked([row_of(cover, name="少") for cover in found[:2]])
    assert locked([row_of(cover, name="多") for cover in found]) == few
    assert few[0] <= 2
