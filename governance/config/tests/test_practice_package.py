"""A practice moves from one place to another: whole, without people, told beforehand."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import models

from cases.models import CaseCategory, FilingStandard, StageLimit, StandardUnit
from devices.models import DeviceProfile
from governance.errors import Invalid, NotPermitted
from governance.models import Event, OrgUnit, User
from governance.practice import package as practice
from governance.practice.registry import parts


@pytest.fixture
def profile(city):
    """A profile with a status that names a standard, and a metric with a limit."""
    made = DeviceProfile.objects.create(code="cover_new", name="新式井盖", category=city.category)
    made.statuses.create(code="tilted", label="倾斜", standard=city.standard)
    made.metrics.create(metric="tilt", label="倾角", unit="°", high=15, clear=5, alarm="tilted")
    return made


def exported(city) -> dict:
    """A package as it arrives at another place: through a file."""
    package = practice.written(actor=city.user("administrator"), title="一网统管")
    return practice.read(json.dumps(package).encode())


def actions(found) -> dict[str, int]:
    counted = {"add": 0, "change": 0, "same": 0}
    for one in found:
        counted[one.action] += 1
    return counted


def test_where_nothing_differs_nothing_is_done(city, profile):
    package, events = exported(city), Event.objects.count()
    found = practice.apply(package, actor=city.user("administrator"))
    assert actions(found) == {"add": 0, "change": 0, "same": len(found)}
    assert Event.objects.count() == events


def test_another_place_gets_the_same_rules(city, profile):
    # given a package of this place, and a place that has none of it
    package = exported(city)
    before = practice.written(actor=city.user("administrator"))["parts"]
    DeviceProfile.objects.all().delete()
    StandardUnit.objects.all().delete()
    FilingStandard.objects.all().delete()
    CaseCategory.objects.exclude(parent=None).delete()
    CaseCategory.objects.all().delete()
    # when it is looked at, nothing changes
    told = practice.differences(package, actor=city.user("administrator"))
    assert not CaseCategory.objects.exists()
    # when it is imported
    done = practice.apply(package, actor=city.user("administrator"))
    # then it does what was told, and the place has what the first one had
    assert done == told
    assert actions(done)["add"] == len(done) - StageLimit.objects.count()
    assert practice.written(actor=city.user("administrator"))["parts"] == before
    # and a second time does nothing
    assert actions(practice.apply(package, actor=city.user("administrator")))["same"] == len(done)


def test_a_difference_names_field_and_both_values(city, profile):
    # given this place changed a limit and a metric since
    package = exported(city)
    FilingStandard.objects.filter(pk=city.standard.pk).update(limit_amount=9)
    profile.metrics.update(high=40)
    metric = profile.metrics.get()
    # when the package is applied
    found = practice.apply(package, actor=city.user("administrator"))
    # then exactly these are told, put back, and recorded with the name of who did it
    changed = {one.key[-1]: one.fields for one in found if one.action == "change"}
    assert set(changed) == {city.standard.condition_code, "cover_new"}
    [(label, here, given)] = changed[city.standard.condition_code]
    assert (label, here, given) == ("时限", "9.00", "2.00")
    city.standard.refresh_from_db()
    assert city.standard.limit_amount == 2
    # but for the device profile: the version in force goes on, the difference stands in a draft
    metric.refresh_from_db()
    draft = DeviceProfile.objects.get(code="cover_new", state="draft")
    assert metric.high == 40 and draft.metrics.get().high == 15 and draft.version == 2
    # and a second time does nothing
    events = Event.objects.count()
    assert actions(practice.apply(package, actor=city.user("administrator")))["change"] == 0
    assert Event.objects.count() == events
    event = Event.objects.filter(subject_type="cases.filingstandard").latest("id")
    assert event.actor == city.user("administrator") and event.payload["fields"] == ["limit_amount"]


def test_units_travel_as_roles_and_find_the_unit_of_that_name(city):
    # given a place where the lead unit is called otherwise and nobody is called so
    package = exported(city)
    name = city.municipal.name
    OrgUnit.objects.filter(pk=city.municipal.pk).update(name="另一个名字")
    practice.apply(package, actor=city.user("administrator"))
    lead = city.standard.units.get(part="lead")
    assert (lead.unit, lead.role_name) == (None, name)
    # when a unit of that name is there, it takes the part
    OrgUnit.objects.filter(pk=city.municipal.pk).update(name=name)
    StandardUnit.objects.filter(standard=city.standard, part="lead").update(role_name="没有的角色")
    practice.apply(package, actor=city.user("administrator"))
    lead = city.standard.units.get(part="lead")
    assert (lead.unit, lead.role_name) == (city.municipal, "")


def test_nothing_of_a_person_leaves_the_place(city, profile):
    # given people with names and phones all over the place
    for number, person in enumerate(User.objects.all()):
        person.name, person.phone = f"名字{number}号人", f"+9990000{number:04}"
        person.save()
    city.open(reporter_name="王举报", reporter_phone="+99900008888")
    # then none of them is in a package
    text = json.dumps(practice.written(actor=city.user("administrator")), ensure_ascii=False)
    assert "号人" not in text and "+999" not in text and "王举报" not in text
    assert not any(user.username in text for user in User.objects.filter(is_staff=True))


def test_no_registered_field_is_a_person_s():
    for part in parts():
        for name in part.fields:
            field = part.model._meta.get_field(name)
            assert field.remote_field is None or field.remote_field.model is not User
            assert not {"phone", "owner", "reporter"} & set(name.split("_"))
            assert isinstance(field, models.Field)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda rows: rows["standards"][0]["fields"].update(limit_amount="much"), "much"),
        (lambda rows: rows["standards"][0]["fields"].update(limit_amount=-1), ""),
        (lambda rows: rows["standards"][0]["fields"].update(category=["no", "such", "key"]), "no"),
        (lambda rows: rows["standards"][0]["fields"].update(colour="red"), "colour"),
        (lambda rows: rows["standards"][0].update(key=["a"]), ""),
        (lambda rows: rows["standards"][0].update(key="a"), ""),
        (lambda rows: rows["standards"][0].update(children={"units": "x"}), "units"),
        (lambda rows: rows["standards"][0].update(children={"units": [{"part": "captain", "role_name": "x"}]}), ""),
        (lambda rows: rows["device_profiles"][0]["children"]["metrics"][0].update(alarm="unheard"), ""),
        (lambda rows: rows["categories"].append("x"), ""),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_kept(city, profile, change, says):
    package = exported(city)
    CaseCategory.objects.filter(pk=city.category.pk).update(name="别名")
    change(package["parts"])
    with pytest.raises(Invalid) as refused:
        practice.apply(package, actor=city.user("administrator"))
    assert says in str(refused.value.detail)
    assert refused.value.field.split("[")[0] in {"categories", "standards", "device_profiles"}
    assert CaseCategory.objects.get(pk=city.category.pk).name == "别名"


@pytest.mark.parametrize(
    "content",
    [
        b"", b"x", b"[]", b"{}", b'{"jiceng_practice": 2, "parts": {}}', b'{"jiceng_practice": 1, "parts": []}',
        b'{"jiceng_practice": 1, "parts": {"secrets": []}}', b'{"jiceng_practice": 1, "parts": {"standards": 1}}',
    ],
)  # fmt: skip
def test_what_is_no_package_is_refused(content):
    with pytest.raises(Invalid) as refused:
        practice.read(content)
    assert refused.value.field == "file"


@pytest.mark.parametrize("role", ["outside_administrator", "operations_centre", "dispatcher", "resident"])
def test_only_administrators_of_the_whole_city_move_practices(city, role):
    package, person = exported(city), city.user(role)
    CaseCategory.objects.filter(pk=city.category.pk).update(name="别名")
    for attempt in (
        lambda: practice.written(actor=person),
        lambda: practice.differences(package, actor=person),
        lambda: practice.apply(package, actor=person),
    ):
        with pytest.raises(NotPermitted):
            attempt()
    assert CaseCategory.objects.get(pk=city.category.pk).name == "别名"


def test_the_commands_write_check_and_apply(city, tmp_path):
    file, administrator = tmp_path / "practice.json", city.user("administrator").username
    call_command("export_practice", file, "--as", administrator, "--part", "standards", "--part", "categories")
    assert set(json.loads(file.read_text())["parts"]) == {"standards", "categories"}
    FilingStandard.objects.filter(pk=city.standard.pk).update(limit_amount=9)
    call_command("import_practice", file, "--as", administrator, "--check")
    city.standard.refresh_from_db()
    assert city.standard.limit_amount == 9
    call_command("import_practice", file, "--as", administrator)
    city.standard.refresh_from_db()
    assert city.standard.limit_amount == 2
    for arguments in (["--as", "nobody"], ["--as", city.user("dispatcher").username]):
        with pytest.raises(CommandError):
            call_command("import_practice", file, *arguments, stdout=StringIO())
    with pytest.raises(CommandError):
        call_command("import_practice", tmp_path / "none.json", "--as", administrator)
