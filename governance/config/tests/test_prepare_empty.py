"""``manage.py prepare`` on an empty database: everything or nothing, and no demo where it is not wanted."""

import pytest
from django.core.management import call_command

from cases.models import Case, FilingStandard, StageLimit
from devices.models import Device, DeviceKey
from governance.config import demo
from governance.config.preparation import prepare
from governance.models import Appointment, Area, OrgUnit, User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def var(tmp_path, settings, monkeypatch):
    """Each test has its own folder of data and the addresses of a usual start."""
    settings.VAR = tmp_path / "var"
    settings.PORT, settings.LIVE_PORT, settings.LIVE_URL = 8000, 8001, ""
    settings.PRODUCTION = False
    for name in ("DEMO", "HOST"):
        monkeypatch.delenv(name, raising=False)
    return settings.VAR


def test_a_failure_leaves_nothing_half_loaded(var, monkeypatch):
    # given a history that fails in the middle of loading
    def fail(**given):
        assert Area.objects.exists(), "the fixtures come first"
        raise RuntimeError("no more room")

    monkeypatch.setattr(demo, "load_history", fail)
    # when the database is prepared
    with pytest.raises(RuntimeError, match="no more room"):
        prepare()
    # then there is no city, nobody and no file, and the next start can begin anew
    assert not any(model.objects.exists() for model in (Area, OrgUnit, Appointment, Device, DeviceKey, Case))
    assert not FilingStandard.objects.exists()
    assert not User.objects.filter(is_system=False).exists()
    assert not var.exists()
    monkeypatch.undo()


@pytest.mark.parametrize("how", ["production", "DEMO=0"])
def test_no_demo_where_it_is_not_wanted(var, settings, monkeypatch, how):
    # given an installation in earnest
    if how == "production":
        settings.PRODUCTION = True
    else:
        monkeypatch.setenv("DEMO", "0")
    # when it is prepared
    call_command("prepare")
    # then it has what every installation needs and nothing of the city
    assert StageLimit.objects.count() == 8
    assert not Area.objects.exists()
    assert not User.objects.filter(is_system=False).exists()
    assert not (var / "demo.json").exists()


def test_a_database_with_people_of_its_own_is_left_alone(var):
    # given somebody who has begun to set up their own city
    admin = User.objects.create_user("admin", "their own password", name="真实管理员", is_staff=True)
    # when it is prepared without saying that this is no demo
    prepare()
    # then nothing was loaded over it
    admin.refresh_from_db()
    assert admin.check_password("their own password")
    assert not Area.objects.exists()
    assert not (var / "demo.json").exists()
