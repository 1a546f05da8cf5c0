"""Devices come in by Excel ahead of their installation, and are put in service on site."""

import io

import pytest
from django.utils import timezone, translation

from devices.models import Alarm, Device, DeviceClaim
from devices.tests.test_claims import claim, phone_of
from devices.tests.test_life import stand
from governance.exchange.engine import RowsRefused, run
from governance.exchange.files import Source
from governance.exchange.importers import importer_named
from governance.exchange.sheets import template_of
from governance.exchange.tests.material import counted, sheet, wrong_lines
from governance.models import Event

NAMES = ["code", "name", "profile", "area", "longitude", "latitude", "unit", "gateway", "not_in_place"]


def row_of(fleet, code, not_in_place="") -> list[str]:
    longitude, latitude = fleet.city.point
    return [code, f"智能井盖{code}", "manhole_cover", fleet.city.grid.code, str(longitude), str(latitude), "municipal",
            "GW-1", not_in_place]  # fmt: skip


def brought(fleet, *rows, header=NAMES):
    source = sheet([header, *rows])
    return run(importer_named("devices.device")(), source, actor=fleet.city.user("administrator"))


def states() -> dict[str, str]:
    return dict(Device.objects.filter(code__startswith="NEW").values_list("code", "state"))


def test_from_the_sheet_over_the_claim_to_the_first_case(fleet):
    # given a sheet of covers: one hangs already, one is to be put up
    report = brought(fleet, row_of(fleet, "NEW-1", "是"), row_of(fleet, "NEW-2"), row_of(fleet, "NEW-3", "否"))
    assert counted(report) == (3, 0, 0)
    assert states() == {"NEW-1": "registered", "NEW-2": "in_service", "NEW-3": "in_service"}
    told = Event.objects.filter(name="config.changed").order_by("id").first()
    assert (told.subject_id, "state" in told.payload["fields"]) == (Device.objects.get(code="NEW-1").pk, True)
    # when it is switched on in the workshop, tilted: kept, and judged by nobody
    device, worker = Device.objects.get(code="NEW-1"), fleet.city.user("grid_worker")
    says(fleet, "NEW-1", status="tilted")
    assert not Alarm.objects.exists()
    # and on site it is claimed by its code at once, nothing has to be disabled first
    page = "/m/devices/NEW-1/"
    assert "data-claim" in phone_of(worker).get(page).content.decode()
    assert claim(worker, device).status_code == 302
    assert DeviceClaim.objects.get().claimed_by == worker
    assert phone_of(worker).post(page + "commission/").status_code == 409
    # when the test alarm arrives it can be put in service
    says(fleet, "NEW-1", metrics={"tilt": 40})
    assert phone_of(worker).post(page + "commission/").status_code == 302
    assert states()["NEW-1"] == "in_service"
    # then what it reports is an alarm and a case
    says(fleet, "NEW-1", status="missing")
    assert Alarm.objects.get().case.category == fleet.city.category


def says(fleet, code, **said) -> None:
    now = timezone.now()
    fleet.ingest({"device": code, "at": now.isoformat()} | said, received_at=now)


def test_the_filled_sheet_says_it_and_changes_nothing_when_it_comes_back(fleet):
    brought(fleet, row_of(fleet, "NEW-1", "是"))
    file, cls = io.BytesIO(), importer_named("devices.device")
    with translation.override("zh-hans"):
        filler = cls()
        filler.actor = fleet.city.user("administrator")
        assert template_of(cls, file, filler.filled(Device.objects.order_by("code"))) == 4
    source = Source("设备.xlsx", file.getvalue())
    with translation.override("zh-hans"):
        report = run(cls(), source, actor=fleet.city.user("administrator"))
    assert (counted(report), report.notes) == ((0, 0, 4), [])
    assert states() == {"NEW-1": "registered"}
    # and the same sheet after the installation leaves the device in service, and says so
    stand(Device.objects.get(code="NEW-1"), "in_service")
    with translation.override("zh-hans"):
        report = run(cls(), source, actor=fleet.city.user("administrator"))
    assert (counted(report), len(report.notes)) == ((0, 0, 4), 1)
    assert states() == {"NEW-1": "in_service"}


def test_the_header_may_be_the_words_of_the_form(fleet):
    brought(fleet, row_of(fleet, "NEW-1", "yes"), header=[*NAMES[:-1], "尚未安装"])
    brought(fleet, row_of(fleet, "NEW-2", "1"), header=[*NAMES[:-1], "Not in place yet"])
    assert states() == {"NEW-1": "registered", "NEW-2": "registered"}


@pytest.mark.parametrize("state", ["in_service", "maintenance", "disabled", "retired"])
def test_a_sheet_takes_no_device_out_of_service(fleet, state):
    brought(fleet, row_of(fleet, "NEW-1"))
    stand(Device.objects.get(code="NEW-1"), state)
    report = brought(fleet, row_of(fleet, "NEW-1", "是"))
    assert (counted(report), len(report.notes), states()) == ((0, 0, 1), 1, {"NEW-1": state})


def test_a_sheet_puts_no_device_in_service_and_a_word_that_is_neither_is_named(fleet):
    brought(fleet, row_of(fleet, "NEW-1", "是"))
    rows = [NAMES, row_of(fleet, "NEW-1", "否"), row_of(fleet, "NEW-2", "也许")]
    assert wrong_lines("devices.device", rows, fleet.city.user("administrator")) == [
        (2, "not_in_place"), (3, "not_in_place"),
    ]  # fmt: skip
    assert states() == {"NEW-1": "registered"}
    # an empty cell, or a dash, leaves it as it is
    assert counted(brought(fleet, row_of(fleet, "NEW-1"))) == (0, 0, 1)
    assert counted(brought(fleet, row_of(fleet, "NEW-1", "-"))) == (0, 0, 1)
    assert states() == {"NEW-1": "registered"}


def test_nobody_registers_devices_outside_the_own_area(fleet):
    with pytest.raises(RowsRefused):
        run(importer_named("devices.device")(), sheet([NAMES, row_of(fleet, "NEW-1", "是")]),
            actor=fleet.city.outsider("administrator"))  # fmt: skip
    assert states() == {}


def test_no_sheet_changes_the_profile_of_a_stored_device(fleet):
    # given a cover that is tilted by a figure
    brought(fleet, row_of(fleet, "NEW-1"))
    says(fleet, "NEW-1", metrics={"tilt": 40})
    # when a sheet makes a bin of it
    rows = [NAMES, [cell if cell != "manhole_cover" else "trash_bin" for cell in row_of(fleet, "NEW-1")]]
    # then the line is refused, as the form and the API refuse it
    assert wrong_lines("devices.device", rows, fleet.city.user("administrator")) == [(2, "profile")]
    assert Device.objects.get(code="NEW-1").profile == fleet.cover_profile
    # and the alarm ends by the figure that is normal again
    says(fleet, "NEW-1", metrics={"tilt": 1})
    assert Alarm.objects.get().condition != "active"
