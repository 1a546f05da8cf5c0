"""A loss ends when the gateway is heard again, and when nobody waits for it any more."""

import pytest
from django.utils import translation

from cases.evidence import told as told_of
from cases.models import CaseEvidence
from devices.life import device_retire
from devices.models import OFFLINE, Alarm, Device, Gateway, ProfileStatus
from devices.offline import offline_sweep
from devices.profile_rules import forget_rules
from devices.registering import gateway_change
from devices.tests.fleet import at, message
from devices.tests.test_alarm_figures import CONSOLE, client_of, told
from devices.tests.test_lost_gateways import GATEWAYS
from devices.tests.test_offline import hear, names
from governance.models import Appointment, Event


@pytest.fixture
def lost(fleet):
    """Two devices silent behind a gateway whose loss has opened a case."""
    Appointment.objects.update(valid_from=at(0).date())
    for profile in {fleet.cover.profile, fleet.bin.profile}:
        ProfileStatus.objects.create(profile=profile, code=OFFLINE, label="离线", severity="low", opens_case=False)
    forget_rules()
    Gateway.objects.update(category=fleet.city.category)
    hear(fleet, 0, "MC-001", "TB-001")
    offline_sweep(at(17))
    assert Gateway.objects.get().silent_since == at(0)
    return fleet


def seen(fleet) -> tuple:
    """What the figure, the API (lost, others) and the console say of lost gateways."""
    client = client_of(fleet.city.user("dispatcher"))
    counted = {row["key"]: row["count"] for row in told(client)["now"]}["gateways_lost"]
    lists = [client.get(GATEWAYS, {"lost": value}).json()["results"] for value in ("true", "false")]
    shown = "data-lost-gateway" in client.get(CONSOLE).content.decode()
    return counted, *([row["code"] for row in rows] for rows in lists), shown


def replaced(fleet):
    """A new gateway speaks for the devices; the old one is left without any."""
    gateway = Gateway.objects.create(code="GW-2", name="新网关", area=fleet.city.grid)
    Device.objects.filter(gateway=fleet.gateway).update(gateway=gateway)
    said = [message(17.5, code, metrics={"x": 1}) for code in ("MC-001", "TB-001")]
    fleet.ingest(*said, owner=gateway, received_at=at(17.5))


def retired(fleet):
    for code in ("MC-001", "TB-001"):
        device_retire(Device.objects.get(code=code), actor=fleet.city.user("administrator"), reason="拆除")


def unused(fleet):
    gateway_change(fleet.gateway, actor=fleet.city.user("administrator"), is_active=False)


@pytest.mark.parametrize(("by", "why"), [(replaced, "emptied"), (retired, "emptied"), (unused, "unused")])
def test_a_lost_gateway_that_nobody_waits_for_is_lost_no_more(lost, by, why):
    assert seen(lost) == (1, ["GW-1"], [], True)
    by(lost)
    offline_sweep(at(18))
    offline_sweep(at(19))
    # then the loss is over everywhere, told once, and its case says why
    assert seen(lost)[0::3] == (0, False) and "GW-1" in seen(lost)[2]
    gateway = Gateway.objects.get(code="GW-1")
    assert (gateway.silent_since, gateway.back_at) == (None, at(18))
    assert names("gateway.") == ["gateway.lost", "gateway.back"]
    assert Event.objects.get(name="gateway.back").payload["why"] == why
    evidence = CaseEvidence.objects.get(case=gateway.case)
    assert evidence.kind == f"gateway_{why}"
    with translation.override("zh-hans"):
        label = {"emptied": "失联网关下已无在用设备", "unused": "失联网关已停用"}[why]
        assert told_of(evidence)["label"] == label
    # and what was held back behind it is held back by it no more
    assert not Alarm.objects.active().filter(inhibited="suppressed").exists()


def test_a_gateway_out_of_use_is_lost_no_more_before_the_next_look(lost):
    unused(lost)
    assert seen(lost) == (0, [], ["GW-1"], False)


def test_a_gateway_with_a_device_left_stays_lost(lost):
    device_retire(lost.bin, actor=lost.city.user("administrator"), reason="拆除")
    offline_sweep(at(18))
    assert seen(lost) == (1, ["GW-1"], [], True)
    # and what ends it then is that the other is heard
    hear(lost, 19, "MC-001")
    offline_sweep(at(19.1))
    assert Event.objects.get(name="gateway.back").payload["why"] == "back"


def test_a_gateway_back_in_use_is_found_lost_anew(lost):
    unused(lost)
    offline_sweep(at(18))
    gateway_change(Gateway.objects.get(), actor=lost.city.user("administrator"), is_active=True)
    offline_sweep(at(19))
    assert names("gateway.") == ["gateway.lost", "gateway.back", "gateway.lost"]
    assert seen(lost) == (1, ["GW-1"], [], True)
