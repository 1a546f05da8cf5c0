"""Keys: shown once, hashed, rotated with overlap, bound to their device or gateway."""

import hashlib
from datetime import timedelta
from io import StringIO
from itertools import count

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from cases.tests.api import client_of
from devices import store
from devices.keys import Credential, credential_of, credentials_in_force, key_issue, key_revoke, keys_in_force
from devices.models import Device, DeviceKey, Gateway
from devices.tests.fleet import NOW, at, key_of, message
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event, User
from governance.transactions import atomically


def issue(owner, **options):
    return key_issue(owner, actor=User.objects.system("test"), **options)


def test_only_the_hash_is_kept(fleet):
    key, secret = issue(fleet.cover)
    stored = DeviceKey.objects.values().get()
    assert stored["digest"] == hashlib.sha256(secret.encode()).hexdigest()
    assert secret not in str(stored)
    assert secret.startswith(key.prefix)
    assert len(secret) >= 50
    assert secret not in str(Event.objects.values())
    assert (credential_of(secret).device_id, credential_of(secret).gateway_id) == (fleet.cover.pk, None)


def test_a_new_key_overlaps_with_the_old_one(fleet):
    # given a key
    with time_machine.travel(NOW, tick=False):
        _old, first = issue(fleet.cover)
        # when the next is made with 2 hours of overlap
        _new, second = issue(fleet.cover, overlap=timedelta(hours=2))
    # then both hold for 2 hours, and then the new one alone
    assert [credential_of(secret, at=at(119)) is not None for secret in (first, second)] == [True, True]
    assert [credential_of(secret, at=at(120)) is not None for secret in (first, second)] == [False, True]
    # and a third one does not give the first more time
    with time_machine.travel(at(60), tick=False):
        issue(fleet.cover, overlap=timedelta(hours=5))
    assert credential_of(first, at=at(120)) is None
    assert credential_of(second, at=at(300)) is not None


def test_the_api_rotates_keys_with_an_end_for_the_old_ones(fleet):
    url, end = "/api/v1/devices/MC-001/key/", timezone.now() + timedelta(minutes=90)
    body = {"old_keys_end_at": end.isoformat()}
    _old, first = issue(fleet.cover)
    # when anybody but an administrator of the area asks, nothing is made
    for person in fleet.city.people.values():
        if person != fleet.city.user("administrator"):
            assert client_of(person).post(url, body, format="json").status_code in (403, 404), person
    admin, late = client_of(fleet.city.user("administrator")), {"old_keys_end_at": NOW.isoformat()}
    wrong = admin.post(url, late, format="json")
    assert (wrong.status_code, wrong.json()["errors"][0]["attr"]) == (400, "old_keys_end_at")
    assert DeviceKey.objects.count() == 1
    # when the administrator does, the answer holds the secret, to be kept nowhere on the way
    made = admin.post(url, body, format="json")
    assert (made.status_code, made["Cache-Control"]) == (201, "no-store")
    second = made.json()["secret"]

    def sends(secret, moment) -> int:
        with time_machine.travel(moment, tick=False):
            readings = {"readings": [{"device": "MC-001", "at": moment.isoformat(), "status": "normal"}]}
            return client_of(None).post("/api/v1/devices/readings/", readings, format="json",
                                        HTTP_AUTHORIZATION=f"Device {secret}").status_code  # fmt: skip

    # then both send until the chosen time, and after it the new one alone
    for moment, old in ((end - timedelta(minutes=1), 202), (end + timedelta(minutes=1), 401)):
        assert (sends(first, moment), sends(second, moment)) == (old, 202)


def test_without_overlap_the_old_key_ends_at_once(fleet):
    _old, first = issue(fleet.cover)
    issue(fleet.cover, overlap=timedelta())
    assert credential_of(first) is None


def test_a_revoked_key_is_worthless_at_once(fleet):
    key, secret = issue(fleet.cover)
    key_revoke(key, actor=fleet.city.user("administrator"))
    assert credential_of(secret) is None
    with pytest.raises(Conflict):
        key_revoke(key, actor=fleet.city.user("administrator"))


@pytest.mark.parametrize("secret", ["", "x", "deadbeef.nothing", "井盖"])
def test_other_secrets_are_not_recognised(fleet, secret):
    issue(fleet.cover)
    assert credential_of(secret) is None


@pytest.mark.parametrize("hours", [-1, 24 * 30 + 1])
def test_an_overlap_out_of_range_changes_nothing(fleet, hours):
    _old, first = issue(fleet.cover)
    with pytest.raises(Invalid):
        issue(fleet.cover, overlap=timedelta(hours=hours))
    assert DeviceKey.objects.count() == 1
    assert credential_of(first)


def test_only_administrators_of_the_area_manage_keys(fleet):
    key, secret = issue(fleet.cover)
    people = [name for name in fleet.city.people if name != "administrator"]
    for name in people:
        with pytest.raises(NotPermitted):
            key_issue(fleet.cover, actor=fleet.city.people[name])
        with pytest.raises(NotPermitted):
            key_revoke(key, actor=fleet.city.people[name])
    assert DeviceKey.objects.count() == 1
    assert credential_of(secret)
    key_issue(fleet.cover, actor=fleet.city.user("administrator"))
    assert DeviceKey.objects.count() == 2
    assert Event.objects.filter(name="device.key_issued").order_by("id").last().role == "administrator"


def test_a_device_key_sends_for_its_device_only(fleet):
    result = fleet.ingest(message(status="normal"), message(device="TB-001", status="normal"), owner=fleet.cover)
    assert (result.accepted, [item.code for item in result.rejected]) == (1, ["foreign_device"])


def test_a_gateway_key_sends_for_its_devices_only(fleet):
    result = fleet.ingest(
        message(status="normal"), message(device="TB-001", status="normal"), message(device="MC-900", status="normal")
    )
    assert (result.accepted, [(item.index, item.code) for item in result.rejected]) == (2, [(2, "foreign_device")])


def test_a_retired_gateway_is_not_let_in(fleet):
    secret = key_of(fleet.gateway)
    assert credential_of(secret).gateway_id == fleet.gateway.pk
    Gateway.objects.update(is_active=False)
    assert credential_of(secret) is None
    fleet.gateway.refresh_from_db()
    with pytest.raises(Conflict):
        issue(fleet.gateway)


def test_a_key_has_exactly_one_owner(fleet):
    for owner in ({}, {"device": fleet.cover, "gateway": fleet.gateway}):
        with pytest.raises(IntegrityError, match="device_key_one_owner"), transaction.atomic():
            DeviceKey.objects.create(prefix="x", digest="x", valid_from=timezone.now(), **owner)


def run(*arguments):
    out = StringIO()
    call_command("issue_device_key", *arguments, stdout=out)
    return out.getvalue().strip()


def test_the_command_prints_the_key_once(fleet):
    first, second = run("MC-001"), run("MC-001", "--overlap", "1")
    assert credential_of(first).device_id == credential_of(second).device_id == fleet.cover.pk
    assert DeviceKey.objects.get(prefix=first[:8]).expires_at is not None
    assert credential_of(run("GW-1", "--gateway")).gateway_id == fleet.gateway.pk


@pytest.mark.parametrize("arguments", [("MC-404",), ("MC-001", "--gateway"), ("MC-001", "--overlap", "-1"),
                                       ("MC-001", "--overlap", "nan"), ("MC-001", "--overlap", "1e99")])  # fmt: skip
def test_the_command_refuses_what_is_wrong(fleet, arguments):
    with pytest.raises(CommandError):
        run(*arguments)
    assert not DeviceKey.objects.exists()


def test_the_ingest_lets_in_whom_the_keys_let_in(fleet):
    # given keys of all kinds: in force, not yet, expired, to expire, revoked, of a gateway that is not in use
    idle = Gateway.objects.create(code="GW-IDLE", name="x", area=fleet.gateway.area, is_active=False)
    days = [None, *(timezone.now() + timedelta(days=away) for away in (-2, -1, 1))]
    number = count()
    rows = [
        DeviceKey(
            prefix="x", digest=str(next(number)), valid_from=begun or timezone.now(),
            expires_at=ends, revoked_at=revoked, **{owner._meta.model_name: owner},
        )
        for owner in (fleet.cover, fleet.gateway, idle)
        for begun in days
        for ends in days
        for revoked in days
        if ends is None or ends >= (begun or timezone.now())
    ]  # fmt: skip
    keys = {row.pk for row in DeviceKey.objects.bulk_create(rows)}
    # when ingest asks
    with atomically(), store.binary_cursor() as cursor:
        asked = store.known(cursor, {"MC-001"}, {Credential(pk) for pk in keys}, ask_senders=True).let_in.keys
    # then it finds what the rule of keys finds
    assert asked == keys_in_force(keys)
    assert 0 < len(asked) < len(keys)


def test_the_ingest_lets_in_whom_a_broker_may_vouch_for(fleet):
    # given keys in force of a device, a gateway, and a gateway not in use; revoked and future ones of a third device
    now = timezone.now()
    idle = Gateway.objects.create(code="GW-IDLE", name="x", area=fleet.gateway.area, is_active=False)
    silent = Gateway.objects.create(code="GW-SILENT", name="x", area=fleet.gateway.area)
    Device.objects.filter(pk=fleet.far.pk).update(gateway=idle)
    owners = [(fleet.cover, {}), (fleet.gateway, {}), (idle, {}), (fleet.far, {"revoked_at": now}),
              (fleet.far, {"valid_from": now + timedelta(days=1)})]  # fmt: skip
    for number, (owner, told) in enumerate(owners):
        given = {"prefix": "x", "digest": str(number), "valid_from": now, owner._meta.model_name: owner}
        DeviceKey.objects.create(**given | told)
    vouched = {Credential(None, device_id=pk) for pk in Device.objects.values_list("pk", flat=True)}
    vouched |= {Credential(None, gateway_id=one.pk) for one in (fleet.gateway, idle, silent)}

    def let_in() -> set[Credential]:
        with atomically(), store.binary_cursor() as cursor:
            found = store.known(cursor, {"MC-001"}, vouched, ask_senders=True).let_in
        return {one for one in vouched if one in found}

    # then ingest finds what the rule of keys finds: the device by its own key, one behind the gateway, the gateway
    assert let_in() == credentials_in_force(vouched)
    assert {(one.device_id, one.gateway_id) for one in let_in()} == {
        (fleet.cover.pk, None), (fleet.bin.pk, None), (None, fleet.gateway.pk)}  # fmt: skip
    # and without the gateway's key the device with its own
    DeviceKey.objects.filter(gateway=fleet.gateway).update(revoked_at=now)
    assert let_in() == credentials_in_force(vouched) == {Credential(None, device_id=fleet.cover.pk)}
