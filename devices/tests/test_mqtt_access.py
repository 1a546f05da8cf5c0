"""What brokers ask: good, foreign, revoked and retired keys; own and other topics; nobody asks without the secret."""

import base64

import pytest

from cases.tests.api import client_of
from devices.keys import key_revoke
from devices.life import device_retire
from devices.models import DeviceKey, Gateway
from devices.tests.fleet import key_of
from governance.models import User

SIGN_IN, ACCESS = "/api/v1/devices/mqtt/sign-in/", "/api/v1/devices/mqtt/access/"
SECRET = "the broker's own secret"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _secret(settings):
    settings.MQTT_BROKER_SECRET = SECRET
    settings.MQTT_URL = "mqtt://bridge:p%40ss@broker.example"


def ask(path, authorization=f"Broker {SECRET}", **said):
    return client_of().post(path, said, content_type="application/json", headers={"Authorization": authorization})


def signs_in(username, password) -> bool:
    answer = ask(SIGN_IN, username=username, password=password, clientid="x")
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert body["ok"] == (body["result"] == "allow")
    assert body["is_superuser"] is False
    return body["ok"]


def may(username, topic, **wish) -> bool:
    answer = ask(ACCESS, username=username, topic=topic, clientid="x", **wish)
    assert answer.status_code == 200, answer.content
    return answer.json()["result"] == "allow"


def test_a_device_and_a_gateway_sign_in_with_their_own_keys_only(fleet):
    far, cover, gateway = key_of(fleet.far), key_of(fleet.cover), key_of(fleet.gateway)
    assert signs_in("MC-900", far)
    assert signs_in("GW-1", gateway)
    for username, password in [
        ("MC-900", cover), ("MC-001", gateway), ("GW-1", cover), ("MC-900", ""), ("MC-900", None), (None, far),
        ("", ""), ("nobody", far), ("MC-900", "ключ"), ("bridge", far),
    ]:  # fmt: skip
        assert not signs_in(username, password), (username, password)


def test_keys_that_ended_let_nobody_in_nor_publish(fleet):
    # given a revoked key, a retired device, and a gateway that is not in use
    far, cover, gateway = key_of(fleet.far), key_of(fleet.cover), key_of(fleet.gateway)
    assert may("MC-900", "jiceng/v1/MC-900/readings", action="publish")
    system = User.objects.system("devices")
    key_revoke(DeviceKey.objects.get(device=fleet.far), actor=system)
    device_retire(fleet.cover, actor=fleet.city.user("administrator"), reason="旧")
    Gateway.objects.update(is_active=False)
    # then they are refused, and what is connected still may publish no more
    for username, password in [("MC-900", far), ("MC-001", cover), ("GW-1", gateway)]:
        assert not signs_in(username, password)
        assert not may(username, f"jiceng/v1/{username}/readings", action="publish")


PUBLISH = {"action": "publish"}, {"acc": 2}
SUBSCRIBE = {"action": "subscribe"}, {"acc": 4}


@pytest.mark.parametrize("dialect", [0, 1])
def test_who_may_publish_and_subscribe_where(fleet, dialect):
    key_of(fleet.far), key_of(fleet.gateway)
    publish, subscribe = PUBLISH[dialect], SUBSCRIBE[dialect]
    allowed = [
        ("MC-900", "jiceng/v1/MC-900/readings", publish), ("MC-900", "jiceng/v1/MC-900/status", publish),
        ("MC-900", "jiceng/v1/MC-900/commands", subscribe), ("GW-1", "jiceng/v1/GW-1/readings", publish),
        ("GW-1", "jiceng/v1/MC-001/readings", publish), ("GW-1", "jiceng/v1/MC-001/commands", subscribe),
        ("MC-900", "jiceng/v1/MC-900/commands/result", publish), ("GW-1", "jiceng/v1/MC-001/commands/result", publish),
        ("bridge", "jiceng/v1/+/commands/result", subscribe),
        ("bridge", "jiceng/v1/+/readings", subscribe), ("bridge", "$share/g/jiceng/v1/+/status", subscribe),
        ("bridge", "jiceng/v1/MC-001/commands", publish),
    ]  # fmt: skip
    denied = [
        ("MC-900", "jiceng/v1/MC-001/readings", publish), ("MC-900", "jiceng/v1/MC-900/commands", publish),
        ("MC-900", "jiceng/v1/MC-001/commands/result", publish),
        ("MC-900", "jiceng/v1/MC-900/commands/result", subscribe),
        ("MC-900", "jiceng/v1/MC-900/other", publish), ("MC-900", "jiceng/v1/MC-900/readings", subscribe),
        ("MC-900", "jiceng/v1/+/commands", subscribe), ("MC-900", "#", subscribe),
        ("MC-900", "$share/g/jiceng/v1/MC-900/commands", subscribe), ("MC-900", "jiceng/v1/MC-900/readings\n", publish),
        ("GW-1", "jiceng/v1/MC-900/readings", publish), ("GW-1", "jiceng/v1/MC-900/commands", subscribe),
        ("MC-001", "jiceng/v1/GW-1/readings", publish), ("nobody", "jiceng/v1/nobody/readings", publish),
        ("bridge", "jiceng/v1/MC-001/readings", publish), ("bridge", "#", subscribe), (None, "#", subscribe),
    ]  # fmt: skip
    assert [row for row in allowed if not may(row[0], row[1], **row[2])] == []
    assert [row for row in denied if may(row[0], row[1], **row[2])] == []


def test_the_bridge_signs_in_with_the_account_of_its_address(fleet):
    assert signs_in("bridge", "p@ss")
    assert not signs_in("bridge", "p%40ss")
    assert not signs_in("bridge", "")


def test_only_the_broker_asks(fleet, settings):
    key = key_of(fleet.far)
    basic = base64.b64encode(f"broker:{SECRET}".encode()).decode()
    said = {"username": "MC-900", "password": key}
    assert ask(SIGN_IN, f"Basic {basic}", **said).json()["ok"] is True
    wrong = base64.b64encode(b"broker:wrong").decode()
    for authorization in ["Broker wrong", f"Basic {wrong}", "Basic ?", f"Device {key}", ""]:
        for path in (SIGN_IN, ACCESS):
            answer = ask(path, authorization, **said, topic="t", action="publish")
            assert answer.status_code == 401, (authorization, path)
            assert key not in answer.content.decode()
    # without a secret nobody may
    settings.MQTT_BROKER_SECRET = ""
    assert ask(SIGN_IN, "Broker ", **said).status_code == 401


@pytest.mark.parametrize(
    ("path", "said", "field"),
    [
        (SIGN_IN, {"username": "x"}, "password"),
        (ACCESS, {"username": "x", "action": "publish"}, "topic"),
        (ACCESS, {"username": "x", "topic": "t"}, "action"),
        (ACCESS, {"username": "x", "topic": "t", "action": "publish", "acc": 2}, "action"),
        (ACCESS, {"username": "x", "topic": "t", "acc": 9}, "acc"),
        (ACCESS, {"username": "x", "topic": "t", "action": "dance"}, "action"),
    ],
)
def test_a_question_that_is_none_is_told_so(fleet, path, said, field):
    answer = ask(path, **said)
    assert answer.status_code == 400
    assert [error["attr"] for error in answer.json()["errors"]] == [field]
