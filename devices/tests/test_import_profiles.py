"""Profiles of devices with their statuses and metrics come in by Excel or CSV."""

from devices.models import Device, DeviceProfile, ProfileMetric, ProfileStatus
from devices.profile_content import content_of
from devices.profiles import profile_draft
from governance.exchange.importers import grant_to_import, importer_named
from governance.exchange.tests.material import bring, counted, wrong_lines
from governance.models import Event

PROFILE = ["code", "name", "reporting_interval", "category", "case_source"]
STATUS = ["profile", "code", "label", "severity", "category", "standard", "opens_case"]
METRIC = ["profile", "metric", "label", "unit", "high", "low", "clear", "alarm"]
FILES = [
    ("devices.deviceprofile", [PROFILE, ["level", "水位计", "600", "0101", "传感器"]]),
    ("devices.profilestatus", [STATUS, ["level", "high_water", "水位过高", "high", "0101", "tilted", "是"],
                               ["level", "battery_low", "电量低", "低级", "", "", "否"]]),
    ("devices.profilemetric", [METRIC, ["level", "depth", "水深", "m", "1.2", "", "1.0", "high_water"],
                               ["level", "battery", "电量", "%", "", "20", "25", "battery_low"]]),
]  # fmt: skip


def test_a_profile_comes_from_three_sheets_and_again_without_a_second_effect(city):
    admin = city.user("administrator")
    rows = dict(FILES)
    rows["devices.profilestatus"][2][3] = "low"
    assert [counted(bring(key, table, admin)) for key, table in rows.items()] == [(1, 0, 0), (2, 0, 0), (2, 0, 0)]
    assert [counted(bring(key, table, admin)) for key, table in rows.items()] == [(0, 0, 1), (0, 0, 2), (0, 0, 2)]
    profile = DeviceProfile.objects.get(code="level")
    assert profile.state == "draft"
    assert (profile.category, profile.reporting_interval, profile.case_source) == (city.category, 600, "sensor")
    status = profile.statuses.get(code="high_water")
    assert (status.standard, status.severity, status.opens_case) == (city.standard, "high", True)
    assert profile.metrics.get(metric="battery").low == 20
    # all of it stands in the profile's own history
    assert {(event.subject_type, event.subject_id) for event in Event.objects.all()} == {
        ("devices.deviceprofile", profile.pk)
    }


def test_bad_rows_are_named_and_nothing_is_stored(city):
    admin = city.user("administrator")
    bring(*FILES[0], admin)
    rows = [PROFILE, ["Wrong Code", "x", "1", "0101", "sensor"], ["b", "x", "0", "0101", "sensor"],
            ["c", "x", "1", "9", "sensor"], ["d", "x", "1", "0101", "resident"]]  # fmt: skip
    assert wrong_lines("devices.deviceprofile", rows, admin) == [
        (2, "code"), (3, "reporting_interval"), (4, "category"), (5, "case_source"),
    ]  # fmt: skip
    rows = [STATUS, ["x", "a", "甲", "high", "", "", ""], ["level", "normal", "甲", "high", "", "", ""],
            ["level", "b", "甲", "", "0101", "nothing", ""]]  # fmt: skip
    assert wrong_lines("devices.profilestatus", rows, admin) == [(2, "profile"), (3, ""), (4, "standard")]
    rows = [
        METRIC,
        ["level", "depth", "水深", "m", "1", "2", "", ""],
        ["level", "depth", "水深", "m", "1", "", "0", "x"],
    ]
    assert wrong_lines("devices.profilemetric", rows, admin) == [(2, ""), (3, "alarm")]
    # past a limit that is no number nothing ever lies: its alarm would never be raised
    bring("devices.profilestatus", [STATUS, ["level", "high_water", "水位过高", "high", "0101", "tilted", "是"]], admin)
    rows = [METRIC, *(["level", "depth", "水深", "m", limit, "", "1", "high_water"] for limit in ("nan", "inf", "深"))]
    assert wrong_lines("devices.profilemetric", rows, admin) == [(line, "high") for line in (2, 3, 4)]
    ProfileStatus.objects.all().delete()
    assert not ProfileStatus.objects.exists() and not ProfileMetric.objects.exists()


def test_profiles_hold_for_a_whole_city(city):
    for key, _rows in FILES:
        assert importer_named(key).key == key
        assert grant_to_import(importer_named(key), city.user("administrator"))
        for person in (city.outsider("administrator"), city.user("operations_centre"), city.user("resident")):
            assert grant_to_import(importer_named(key), person) is None


WIDE = ["profile", "code", "label", "severity", "on_delay", "off_delay", "samples_needed", "samples_of", "latched",
        "reopen_window"]  # fmt: skip
LIMITS = ["profile", "metric", "label", "high", "clear", "critical", "critical_severity", "alarm"]


def said(profile) -> dict:
    return content_of(DeviceProfile.objects.with_rules().get(pk=profile.pk))


def test_sheets_write_into_a_draft_and_never_into_the_version_in_force(fleet):
    # given a profile in force
    admin, before = fleet.city.user("administrator"), said(fleet.cover_profile)
    # when the three sheets bring changes, with a new status and a new metric
    rows = [["code", "name", "reporting_interval", "category"], ["manhole_cover", "新式井盖", "60", "0101"]]
    assert counted(bring("devices.deviceprofile", rows, admin)) == (0, 1, 0)
    rows = [WIDE, ["manhole_cover", "tilted", "井盖倾斜", "high", "30", "60", "2", "3", "是", "600"],
            ["manhole_cover", "battery_low", "电量低", "low", "", "", "", "", "", ""],
            ["manhole_cover", "missing", "井盖缺失", "high", "", "", "", "", "", ""]]  # fmt: skip
    assert counted(bring("devices.profilestatus", rows, admin)) == (1, 1, 1)
    rows = [LIMITS, ["manhole_cover", "tilt", "倾角", "25", "15", "60", "high", ""],
            ["manhole_cover", "voltage", "电压", "9", "5", "", "", "battery_low"]]  # fmt: skip
    assert counted(bring("devices.profilemetric", rows, admin)) == (1, 1, 0)
    # then the version in force says what it said
    assert said(fleet.cover_profile) == before
    # and one draft holds it all
    draft = DeviceProfile.objects.get(code="manhole_cover", state="draft")
    assert (draft.name, draft.reporting_interval) == ("新式井盖", 60)
    tilted = draft.statuses.get(code="tilted")
    assert (tilted.on_delay, tilted.off_delay, tilted.samples_needed, tilted.samples_of, tilted.latched,
            tilted.reopen_window, tilted.label) == (30, 60, 2, 3, True, 600, "井盖倾斜")  # fmt: skip
    tilt = draft.metrics.get(metric="tilt")
    assert (tilt.high, tilt.clear, tilt.critical, tilt.alarm) == (25, 15, 60, "tilted")
    assert set(draft.statuses.values_list("code", flat=True)) == {"tilted", "missing", "battery_low"}
    # and brought again they change nothing
    events = Event.objects.filter(name="config.changed").count()
    assert counted(bring("devices.profilemetric", rows, admin)) == (0, 0, 2)
    assert Event.objects.filter(name="config.changed").count() == events


def test_a_part_changed_first_begins_the_draft(fleet):
    admin, before = fleet.city.user("administrator"), said(fleet.cover_profile)
    rows = [LIMITS, ["manhole_cover", "tilt", "倾角", "25", "", "", "", ""]]
    assert counted(bring("devices.profilemetric", rows, admin)) == (0, 1, 0)
    assert said(fleet.cover_profile) == before
    assert DeviceProfile.objects.get(code="manhole_cover", state="draft").metrics.get().high == 25


def test_a_sheet_that_says_what_is_in_force_begins_no_draft(fleet):
    admin = fleet.city.user("administrator")
    rows = [LIMITS, ["manhole_cover", "tilt", "倾角", "15", "10", "", "", "tilted"]]
    assert counted(bring("devices.profilemetric", rows, admin)) == (0, 0, 1)
    assert not DeviceProfile.objects.filter(state="draft").exists()


def test_a_bad_line_leaves_no_draft_behind(fleet):
    rows = [LIMITS, ["manhole_cover", "tilt", "倾角", "25", "", "", "", ""],
            ["manhole_cover", "depth", "水深", "1", "2", "", "", "tilted"]]  # fmt: skip
    assert wrong_lines("devices.profilemetric", rows, fleet.city.user("administrator")) == [(3, "")]
    assert not DeviceProfile.objects.filter(state="draft").exists()


def test_devices_are_imported_with_the_version_in_force(fleet):
    admin = fleet.city.user("administrator")
    profile_draft(fleet.cover_profile, actor=admin)
    rows = [["code", "name", "profile", "area", "longitude", "latitude", "unit"],
            ["MC-7", "井盖7", "manhole_cover", fleet.city.grid.code, "112.905", "28.205", "municipal"]]  # fmt: skip
    assert counted(bring("devices.device", rows, admin)) == (1, 0, 0)
    assert Device.objects.get(code="MC-7").profile == fleet.cover_profile
