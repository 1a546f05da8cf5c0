"""Profiles of devices with their statuses and metrics come in by Excel or CSV."""

from devices.models import DeviceProfile, ProfileMetric, ProfileStatus
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
    assert not ProfileStatus.objects.exists() and not ProfileMetric.objects.exists()


def test_profiles_hold_for_a_whole_city(city):
    for key, _rows in FILES:
        assert importer_named(key).key == key
        assert grant_to_import(importer_named(key), city.user("administrator"))
        for person in (city.outsider("administrator"), city.user("operations_centre"), city.user("resident")):
            assert grant_to_import(importer_named(key), person) is None
