"""Imports of configuration rows: natural keys, words and choices, one event per row, permissions per row."""

import pytest
from django.apps import apps

from governance.exchange.engine import RowsRefused, check, run
from governance.exchange.importers import importer_named
from governance.exchange.tests.material import text
from governance.models import Appointment, Area, CalendarDay, Event, OrgUnit, User


def stored(city, key, *rows, role="administrator"):
    return run(importer_named(key)(), text(list(rows)), actor=city.user(role))


def refused(city, key, *rows, actor=None) -> list[tuple[int, str]]:
    before = Event.objects.count()
    with pytest.raises(RowsRefused) as caught:
        run(importer_named(key)(), text(list(rows)), actor=actor or city.user("administrator"))
    assert Event.objects.count() == before
    return [(error.line, error.column) for error in caught.value.report.errors]


def test_a_row_may_refer_to_one_above_it_and_each_has_its_event(city):
    report = stored(
        city,
        "governance.orgunit",
        ["code", "name", "kind", "area", "parent"],
        ["u1", "甲局", "部门", "990100", ""],
        ["u2", "甲局一科", "department", "990102001", "u1"],
    )
    assert report.adds == 2
    assert OrgUnit.objects.get(code="u2").parent.code == "u1"
    events = Event.objects.filter(name="config.changed")
    assert [event.payload["model"] for event in events] == ["governance.orgunit"] * 2
    assert {event.actor for event in events} == {city.user("administrator")}


def test_a_check_finds_the_same_and_leaves_nothing(city):
    rows = [["code", "name", "kind", "area"], ["u1", "甲局", "部门", "990100"]]
    report = check(importer_named("governance.orgunit")(), text(rows), actor=city.user("administrator"))
    assert (report.adds, report.errors) == (1, [])
    assert not OrgUnit.objects.filter(code="u1").exists() and not Event.objects.exists()


def test_an_empty_cell_leaves_what_is_stored_and_a_repeated_run_changes_nothing(city):
    rows = [["code", "name", "short_name", "kind", "area", "is_active"],
            ["water", "水务局", "", "部门", "990100", "否"]]  # fmt: skip
    OrgUnit.objects.filter(code="water").update(short_name="水")
    first = stored(city, "governance.orgunit", *rows)
    unit = OrgUnit.objects.get(code="water")
    assert (first.changes, unit.name, unit.short_name, unit.is_active) == (1, "水务局", "水", False)
    assert sorted(Event.objects.get().payload["fields"]) == ["is_active", "name"]
    assert stored(city, "governance.orgunit", *rows).same == 1 and Event.objects.count() == 1


def test_what_others_wrote_on_a_row_since_it_was_read_stays(city, monkeypatch):
    # given a line that changes the name of a unit
    cls = importer_named("governance.orgunit")
    found = cls.stored

    def and_then(self, key):
        row = found(self, key)
        OrgUnit.objects.filter(code="water").update(short_name="水")
        return row

    # when somebody changes its short name right after it was read
    monkeypatch.setattr(cls, "stored", and_then)
    rows = [["code", "name", "kind", "area"], ["water", "水务局", "部门", "990100"]]
    assert stored(city, "governance.orgunit", *rows).changes == 1
    # then both hold
    unit = OrgUnit.objects.get(code="water")
    assert (unit.name, unit.short_name) == ("水务局", "水")


def test_people_come_without_a_password(city):
    stored(city, "governance.user", ["username", "name", "phone"], ["new1", "新人", "13800001234"])
    person = User.objects.get(username="new1")
    assert (person.name, person.phone, person.is_staff) == ("新人", "13800001234", True)
    assert not person.has_usable_password()
    assert "新人" not in str(Event.objects.get().payload)
    User.objects.create_superuser("root", "correct horse battery")
    assert refused(city, "governance.user", ["username", "name", "phone"], ["root", "改名", ""], ["x y", "甲", ""],
                   ["new2", "乙", "123"]) == [(2, ""), (3, "username"), (4, "phone")]  # fmt: skip


def test_the_other_models(city):
    profile = apps.get_model("devices.DeviceProfile").objects.create(code="cover", name="井盖", category=city.category)
    stored(city, "governance.appointment", ["user", "unit", "role", "area", "valid_from"],
           ["handler", "water", "handler", "990100", "2026/1/31"])  # fmt: skip
    assert Appointment.objects.filter(user__username="handler", unit=city.water, valid_from="2026-01-31").exists()
    stored(city, "governance.area", ["code", "kind", "name", "parent"],
           ["990102001002", "community", "新社区", "990102001"],
           ["990102001002001", "网格", "一格", "990102001002"])  # fmt: skip
    grid = Area.objects.get(code="990102001002001")
    assert grid.path.startswith(city.street.path) and grid.kind == "grid"
    stored(city, "governance.calendarday", ["area", "date", "is_workday", "reason"],
           ["990102001", "2027-01-04", "no", "汛期"], ["990102", "2027-01-04", "是", "节后"])  # fmt: skip
    assert CalendarDay.objects.count() == 2
    stored(city, "cases.casecategory", ["scheme", "scheme_version", "code", "name", "kind", "parent"],
           ["test", "1", "02", "道路", "部件", ""], ["test", "1", "0201", "路面", "component", "02"])  # fmt: skip
    assert apps.get_model("cases.CaseCategory").objects.get(code="0201").parent.code == "02"
    stored(city, "cases.unitalias", ["role_name", "area", "unit"], ["所属街办", "990102001", "street_office"])
    assert apps.get_model("cases.UnitAlias").objects.get(role_name="所属街办").unit == city.street_office
    stored(city, "devices.device", ["code", "name", "profile", "area", "longitude", "latitude", "unit"],
           ["D1", "井盖1", "cover", "990102001001001", "112.905", "28.205", "municipal"])  # fmt: skip
    assert apps.get_model("devices.Device").objects.get(code="D1").profile == profile


@pytest.mark.parametrize(
    ("key", "header", "row", "column"),
    [
        ("governance.orgunit", ["code", "name", "kind", "area"], ["u", "甲", "没有", "990100"], "kind"),
        ("governance.orgunit", ["code", "name", "kind", "area"], ["u", "甲", "other", "990199"], "area"),
        ("governance.orgunit", ["code", "name", "kind", "area"], ["u", "甲" * 81, "other", "990100"], "name"),
        ("governance.orgunit", ["code", "name", "kind", "area", "is_active"],
         ["u", "甲", "other", "990100", "maybe"], "is_active"),
        ("governance.calendarday", ["area", "date", "is_workday", "reason"], ["990100", "31.1.", "1", "x"], "date"),
        ("governance.calendarday", ["area", "date", "is_workday", "reason"], ["990100", "2027-01-01", "", "x"],
         "is_workday"),
        ("governance.area", ["code", "kind", "name", "parent"], ["990102003", "street", "甲", "990100"], "parent"),
        ("devices.device", ["code", "name", "profile", "area", "longitude", "latitude", "unit"],
         ["D1", "x", "none", "990100", "1", "2", "water"], "profile"),
        ("cases.casecategory", ["scheme", "scheme_version", "code", "name", "kind", "parent"],
         ["other", "1", "0201", "甲", "event", "01"], "parent"),
    ],
)  # fmt: skip
def test_bad_rows_are_named(city, key, header, row, column):
    assert refused(city, key, header, row) == [(2, column)]


def test_an_administrator_keeps_to_the_own_area_row_by_row(city):
    elsewhere = city.outsider("administrator")
    header = ["code", "name", "kind", "area"]
    assert refused(city, "governance.orgunit", header, ["u1", "甲", "other", "990102001"],
                   ["water", "water单位", "department", "990100"], actor=elsewhere) == [(2, ""), (3, "")]  # fmt: skip
    source = text([header, ["u1", "甲", "other", "990102002001"]])
    assert run(importer_named("governance.orgunit")(), source, actor=elsewhere).adds == 1
