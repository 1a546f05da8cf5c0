"""``manage.py prepare``: loads once, whole or not at all, and keeps ``demo.json`` true."""

import json
import shutil
import stat
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import authenticate
from django.db import transaction

from cases.models import Case
from devices.keys import credential_of
from devices.models import Device, DeviceKey
from governance.config.preparation import prepare
from governance.models import Area, Event, NoticeCursor, Role, User
from governance.models.person import SYSTEM_NAMES

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def prepared(django_db_setup, django_db_blocker, tmp_path_factory):
    """The folder of data after a first start, done once for this module and rolled back after it; what was said."""
    patch, lines = pytest.MonkeyPatch(), []
    _usual_start(settings, patch, tmp_path_factory.mktemp("prepared") / "var")
    with django_db_blocker.unblock(), transaction.atomic():
        prepare(say=lines.append, share=0.01)  # one case of every kind
        yield settings.VAR, lines
        transaction.set_rollback(True)
    patch.undo()


@pytest.fixture
def var(prepared, tmp_path, monkeypatch):
    """The folder of data as the first start left it, for one test."""
    folder = shutil.copytree(prepared[0], tmp_path / "var")
    _usual_start(settings, monkeypatch, folder)
    return folder


def _usual_start(settings, patch: pytest.MonkeyPatch, folder: Path) -> None:
    for name, value in {"VAR": folder, "PORT": 8000, "LIVE_PORT": 8001, "LIVE_URL": "", "PRODUCTION": False}.items():
        patch.setattr(settings, name, value)
    for name in ("DEMO", "HOST"):
        patch.delenv(name, raising=False)


def told(var) -> dict:
    return json.loads((var / "demo.json").read_text())


def test_the_first_start_loads_the_city_and_tells_how_to_sign_in(prepared, var, rf):
    # given an empty database, when it is prepared
    lines = prepared[1]
    # then the file says what the owner, and nobody else, may read
    path = var / "demo.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in var.iterdir()] == ["demo.json"]
    known = told(var)
    assert set(known) == {"accounts", "device_keys", "web", "live"}
    assert (known["web"], known["live"]) == ("http://127.0.0.1:8000", "ws://127.0.0.1:8001")
    assert lines
    # and there is an account for every role, each of which signs in and is what it says
    assert {account["role"] for account in known["accounts"]} == set(Role.values) - {Role.SYSTEM}
    for account in known["accounts"]:
        user = authenticate(rf.post("/"), username=account["username"], password=account["password"])
        assert user is not None
        # the phone is told of who may not enter the admin: they sign in by a text code
        assert set(account) == {"role", "username", "password"} | (set() if user.is_staff else {"phone"})
        roles = set(user.appointments.values_list("role", flat=True))
        assert account["role"] in roles or (account["role"] == "resident" and not user.is_staff)
    # and a key for every device in its place
    assert set(known["device_keys"]) == set(Device.objects.filter(state="in_service").values_list("code", flat=True))
    assert len(known["device_keys"]) == 44
    for code, secret in known["device_keys"].items():
        assert credential_of(secret).device_id == Device.objects.get(code=code).pk


def test_every_process_that_acts_by_itself_has_its_actor(prepared):
    names = set(User.objects.filter(is_system=True).values_list("name", flat=True))
    assert names >= set(SYSTEM_NAMES)


def test_notices_begin_with_the_installation(prepared):
    assert NoticeCursor.objects.exists()


def test_nobody_else_can_sign_in(var):
    # given the demo city
    named = {account["username"] for account in told(var)["accounts"]}
    # when the other people's passwords are looked at
    others = User.objects.exclude(username__in=named)
    # then none could ever match
    assert others.count() > 30
    assert not any(user.has_usable_password() for user in others)


def test_a_second_start_changes_nothing(var, django_assert_max_num_queries):
    # given a database that was prepared
    before = told(var)
    counts = [model.objects.count() for model in (Area, User, Case, Event, DeviceKey)]
    hashes = dict(User.objects.values_list("username", "password"))
    # when it is prepared again, with few statements
    with django_assert_max_num_queries(20):
        prepare()
    # then rows, passwords and keys stand as they were
    assert [model.objects.count() for model in (Area, User, Case, Event, DeviceKey)] == counts
    assert dict(User.objects.values_list("username", "password")) == hashes
    assert told(var) == before


def test_other_ports_are_told_and_passwords_kept(var, monkeypatch):
    # given a prepared database
    before = told(var)
    # when it is started on other ports, for the whole network
    monkeypatch.setattr(settings, "PORT", 9100)
    monkeypatch.setattr(settings, "LIVE_PORT", 9107)
    monkeypatch.setenv("HOST", "0.0.0.0")
    prepare()
    # then only the addresses differ
    assert told(var) == before | {"web": "http://127.0.0.1:9100", "live": "ws://127.0.0.1:9107"}
    assert stat.S_IMODE((var / "demo.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [None, "", "{}", '{"accounts": [], "device_keys": {"MC-001": "of another city"}}'])
def test_a_lost_or_foreign_file_is_made_anew(var, rf, content):
    # given a prepared database whose file is gone, damaged or belongs to another database
    before, path = told(var), var / "demo.json"
    path.unlink()
    if content is not None:
        path.write_text(content)
    # when it is prepared again
    prepare()
    # then the new passwords and keys hold, the old passwords do not
    known = told(var)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one["username"] for one in known["accounts"]] == [one["username"] for one in before["accounts"]]
    old, new = before["accounts"][0], known["accounts"][0]
    assert authenticate(rf.post("/"), username=new["username"], password=new["password"]) is not None
    assert authenticate(rf.post("/"), username=old["username"], password=old["password"]) is None
    assert credential_of(known["device_keys"]["MC-001"]) is not None
    assert len(known["device_keys"]) == 44
