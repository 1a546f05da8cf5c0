"""Fixtures of this app's tests."""

import json

import pytest

from devices.management.commands import simulate
from devices.tests.fleet import Fleet, build_fleet, key_of
from devices.tests.simulated import WEB, the_server


@pytest.fixture
def fleet(city) -> Fleet:
    return build_fleet(city)


@pytest.fixture
def keys(fleet) -> dict[str, str]:
    return {device.code: key_of(device) for device in (fleet.cover, fleet.bin, fleet.far)}


@pytest.fixture
def demo(settings, tmp_path, monkeypatch, keys):
    """``var/demo.json``, and requests of the command that reach our web application."""
    settings.VAR = tmp_path
    (tmp_path / "demo.json").write_text(json.dumps({"web": WEB, "device_keys": keys, "accounts": []}))
    monkeypatch.setattr(simulate.httpx, "Client", lambda **_options: the_server())
    return tmp_path / "demo.json"
