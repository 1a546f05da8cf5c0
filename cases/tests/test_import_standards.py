"""Filing standards by their codes, stage limits and patrol plans come in by Excel or CSV."""

from cases.models import FilingStandard, PatrolPlan, PatrolPoint, StageLimit
from cases.tests.patrols import a_route
from governance.exchange.importers import grant_to_import, importer_named
from governance.exchange.tests.material import bring, counted, wrong_lines
from governance.models import Event

STANDARD = ["category", "condition_code", "condition", "closing_condition", "limit_amount", "limit_unit", "lead",
            "assisting", "supervising", "is_active"]  # fmt: skip
NEW = ["0101", "lost", "井盖丢失", "补齐", "1.5", "urgent_hour", "municipal", "water、各产权单位", "urban单位", ""]
PLAN = ["code", "route", "rule", "weekdays", "month_day", "starts", "ends", "worker", "valid_from"]


def units_of(standard: FilingStandard) -> list[tuple]:
    return [(row.part, row.unit.code if row.unit else row.role_name) for row in standard.units.order_by("part", "id")]


def test_a_standard_with_its_units_by_code_name_or_role(city):
    admin = city.user("administrator")
    assert counted(bring("cases.filingstandard", [STANDARD, NEW], admin)) == (1, 0, 0)
    assert counted(bring("cases.filingstandard", [STANDARD, NEW], admin)) == (0, 0, 1)
    made = FilingStandard.objects.get(condition_code="lost")
    assert (str(made.limit_amount), made.limit_unit, made.category) == ("1.50", "urgent_hour", city.category)
    assert units_of(made) == [
        ("assisting", "water"), ("assisting", "各产权单位"), ("lead", "municipal"), ("supervising", "urban"),
    ]  # fmt: skip
    # one of the city's: a line may change the units alone, empty cells leave the rest
    rows = [STANDARD, ["0101", "tilted", "井盖倾斜", "", "2", "urgent_hour", "water", "", "-", ""]]
    assert counted(bring("cases.filingstandard", rows, admin)) == (0, 1, 0)
    assert units_of(city.standard) == [("assisting", "water"), ("lead", "water")]
    fields = [event.payload["fields"] for event in Event.objects.filter(subject_id=city.standard.pk)]
    assert fields == [["units"]]


def test_what_a_standard_asks_of_photos_and_inspection_goes_out_and_comes_in(city):
    admin = city.user("administrator")
    header, line = [*STANDARD, "photo_before", "photo_after", "inspection_share"], [*NEW, "1", "1", "0.2"]
    assert bring("cases.filingstandard", [header, line], admin).adds == 1
    made = FilingStandard.objects.get(condition_code="lost")
    assert (made.photo_before, made.photo_after, str(made.inspection_share)) == (True, True, "0.20")
    told = importer_named("cases.filingstandard")
    assert {"photo_before", "photo_after", "inspection_share"} <= {column.name for column in told.columns}
    # a share below one needs the photo after the work
    wrong = [*NEW, "", "0", "0.5"]
    wrong[1] = "stolen"
    assert wrong_lines("cases.filingstandard", [header, wrong], admin) == [(2, "")]
    assert not FilingStandard.objects.filter(condition_code="stolen").exists()


def test_bad_standards_are_named_and_nothing_changes(city):
    changed = [{"category": "9"}, {"limit_amount": "0"}, {"limit_amount": "x"}, {"limit_unit": "月"},
               {"lead": ""}, {"lead": "-"}, {"lead": "water、urban"},
               {"supervising": "长" * 41}, {"is_active": "perhaps"}]  # fmt: skip
    rows = [[{**dict(zip(STANDARD, NEW, strict=True)), **one}[name] for name in STANDARD] for one in changed]
    for number, row in enumerate(rows):
        row[1] = f"n{number}"
    before = FilingStandard.objects.count()
    assert wrong_lines("cases.filingstandard", [STANDARD, *rows], city.user("administrator")) == [
        (2, "category"), (3, ""), (4, "limit_amount"), (5, "limit_unit"), (6, "lead"), (7, "lead"), (8, "lead"),
        (9, "supervising"), (10, "is_active"),
    ]  # fmt: skip
    assert FilingStandard.objects.count() == before
    # standards hold for a whole city
    assert grant_to_import(importer_named("cases.filingstandard"), city.outsider("administrator")) is None


def test_a_category_of_two_versions_asks_which(city):
    type(city.category).objects.create(scheme="test", scheme_version="2", code="0101", name="井盖", kind="component")
    assert wrong_lines("cases.filingstandard", [STANDARD, NEW], city.user("administrator")) == [(2, "category")]
    rows = [[*STANDARD, "scheme_version"], [*NEW, "2"]]
    assert bring("cases.filingstandard", rows, city.user("administrator")).adds == 1
    assert FilingStandard.objects.get(condition_code="lost").category.scheme_version == "2"


def test_limits_of_the_stages_are_changed_and_none_is_added(city):
    admin = city.user("administrator")
    StageLimit.objects.filter(stage="closing").delete()
    rows = [["stage", "limit_amount", "limit_unit"], ["核实", "12", "urgent_hour"], ["dispatch", "2", "work_hour"]]
    assert counted(bring("cases.stagelimit", rows, admin)) == (0, 1, 1)
    assert StageLimit.objects.get(stage="verification").limit_amount == 12
    rows = [rows[0], ["closing", "1", "work_day"], ["dispatch", "-1", "work_hour"], ["x", "1", "work_day"]]
    assert wrong_lines("cases.stagelimit", rows, admin) == [(2, ""), (3, ""), (4, "stage")]


def test_plans_of_patrols(city):
    staff = city.user("community_staff")
    a_route(city)
    rows = [PLAN, ["P1", "R-1", "每周指定日", "周一至周五", "", "8:00", "11:30", "grid_worker", "2026-12-01"],
            ["P2", "R-1", "monthly", "", "31", "20:00", "2:00", "", ""]]  # fmt: skip
    rows[1][2] = "weekdays"
    assert counted(bring("cases.patrolplan", rows, staff)) == (2, 0, 0)
    assert counted(bring("cases.patrolplan", rows, staff)) == (0, 0, 2)
    plan = PatrolPlan.objects.get(code="P1")
    assert (plan.weekdays, plan.worker, f"{plan.ends:%H:%M}") == ([0, 1, 2, 3, 4], city.user("grid_worker"), "11:30")
    # a dash lets anybody of the team go
    rows[1][7] = "-"
    assert counted(bring("cases.patrolplan", rows, staff)) == (0, 1, 1)
    assert PatrolPlan.objects.get(code="P1").worker is None


def test_bad_plans_are_named(city):
    a_route(city)
    a_route(city, "R-2", area="other_grid", unit="other_committee", shift=0.02)
    good = ["P1", "R-1", "daily", "", "", "8:00", "11:30", "", "2026-12-01"]
    bring("cases.patrolplan", [PLAN, good], city.user("community_staff"))
    changed = [{"route": "x"}, {"rule": "x"}, {"rule": "weekdays"}, {"weekdays": "周九"}, {"month_day": "32"},
               {"starts": "8"}, {"worker": "handler"}, {"worker": "x"}, {"route": "R-2"},
               {"code": "P1", "route": "R-2"}]  # fmt: skip
    rows = [[{**dict(zip(PLAN, good, strict=True)), "code": f"n{number}", **one}[name] for name in PLAN]
            for number, one in enumerate(changed)]  # fmt: skip
    assert wrong_lines("cases.patrolplan", [PLAN, *rows], city.user("community_staff")) == [
        (2, "route"), (3, "rule"), (4, ""), (5, "weekdays"), (6, "month_day"), (7, "starts"), (8, "worker"),
        (9, "worker"), (10, ""), (11, "route"),
    ]  # fmt: skip
    assert PatrolPlan.objects.count() == 1


def test_points_are_recorded_with_their_route(city):
    route = a_route(city)
    rows = [["route", "position", "name", "longitude", "latitude"], ["R-1", "4", "桥头", "112.906", "28.206"]]
    assert bring("cases.patrolpoint", rows, city.user("community_staff")).adds == 1
    event = Event.objects.get()
    assert (event.subject_type, event.subject_id, event.payload["fields"]) == (
        "cases.patrolroute",
        route.pk,
        ["points"],
    )
    assert wrong_lines("cases.patrolpoint", rows, city.outsider("community_staff")) == [(2, "")]
    assert PatrolPoint.objects.count() == 4
