"""The fictional city: its places, people, standards and history hang together."""

import json
from collections import Counter
from decimal import Decimal
from itertools import combinations

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone
from shapely.geometry import Point

from cases.demo_history import load_history
from cases.demo_material import FOLDER
from cases.demo_sources import load_messages
from cases.dispatch import Plan, Unresolved, plan_for
from cases.intake.forms import message_form
from cases.intake.mapping import rules_of
from cases.models import (
    Case,
    CaseCategory,
    CaseRating,
    CaseSource,
    CaseState,
    CaseUnit,
    DeadLetter,
    Dispatch,
    FilingStandard,
    IntakeSource,
    StageClock,
    UnitAlias,
)
from cases.states import ENDED
from governance.boundaries import shape_of
from governance.models import Appointment, Area, AreaKind, CalendarDay, Event, OrgUnit, Role, Timer, UnitKind, User
from governance.workflow import steps_of

pytestmark = pytest.mark.django_db
FIXTURES = settings.BASE_DIR / "fixtures"


@pytest.fixture(scope="module", autouse=True)
def yunchuan(django_db_setup, django_db_blocker):
    """The city with a part of its history, loaded once for this module and rolled back after it."""
    files = [str(path) for path in sorted(FIXTURES.glob("0[0-2]*.json"))]
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("loaddata", *files, verbosity=0)
        load_history(share=0.25)
        yield
        transaction.set_rollback(True)


def shapes(kind: str) -> dict[str, object]:
    return {area.code: shape_of(area.boundary) for area in Area.objects.filter(kind=kind)}


def test_the_city_has_the_parts_it_should():
    kinds = Counter(Area.objects.values_list("kind", flat=True))
    units = Counter(OrgUnit.objects.values_list("kind", flat=True))
    assert {kind: kinds[kind] for kind in ("city", "district", "street", "community")} == {
        "city": 1, "district": 1, "street": 2, "community": 4,
    }  # fmt: skip
    assert 12 <= kinds["grid"] <= 16
    assert units[UnitKind.DEPARTMENT] == 12
    assert units[UnitKind.OPERATIONS_CENTRE] == 1
    assert (units[UnitKind.STREET_OFFICE], units[UnitKind.COMMUNITY_COMMITTEE]) == (2, 4)
    assert CalendarDay.objects.filter(is_workday=True).exists()
    assert CalendarDay.objects.filter(is_workday=False).exists()


def test_every_area_is_what_its_form_accepts():
    for area in Area.objects.select_related("parent"):
        area.full_clean()
        assert area.parent is None or area.code.startswith(area.parent.code.rstrip("0"))


@pytest.mark.parametrize(("kind", "parts"), [("community", "grid"), ("street", "community"), ("district", "street"),
                                             ("city", "district")])  # fmt: skip
def test_parts_do_not_overlap_and_fill_the_whole(kind, parts):
    small = shapes(parts)
    for (one, first), (other, second) in combinations(small.items(), 2):
        assert first.intersection(second).area < 1e-12, (one, other)
    for area in Area.objects.filter(kind=kind):
        whole = shape_of(area.boundary)
        mine = [small[child.code] for child in area.children.all()]
        assert all(whole.buffer(1e-9).contains(part) for part in mine)
        assert sum(part.area for part in mine) == pytest.approx(whole.area, rel=1e-9)


def test_every_point_of_the_city_lies_in_exactly_one_grid():
    # given points all over the city
    city, grids = shape_of(Area.objects.get(kind="city").boundary), shapes("grid")
    west, south, east, north = city.bounds
    points = [
        Point(west + (east - west) * (x + 0.5) / 40, south + (north - south) * (y + 0.5) / 40)
        for x in range(40)
        for y in range(40)
    ]
    # when those inside it are looked up
    inside = [point for point in points if city.contains(point)]
    # then each has one grid
    assert len(inside) > 1000
    for point in inside:
        assert sum(shape.covers(point) for shape in grids.values()) == 1
    assert Area.objects.holding(inside[0].x, inside[0].y).kind == AreaKind.GRID


def test_a_grid_is_the_size_of_some_street_blocks():
    for code, shape in shapes("grid").items():
        west, south, east, north = shape.bounds
        assert 300 < (east - west) * 98_200 < 850, code
        assert 300 < (north - south) * 110_850 < 850, code


def test_there_are_people_for_every_role_and_place():
    roles = set(Appointment.objects.values_list("role", flat=True))
    assert roles == set(Role.values) - {Role.SYSTEM, Role.RESIDENT}
    assert User.objects.filter(is_staff=False, is_system=False, appointments=None).exists(), "residents"
    for grid in Area.objects.filter(kind="grid"):
        assert grid.appointments.filter(role=Role.GRID_WORKER).exists(), grid
    for community in Area.objects.filter(kind="community"):
        assert community.appointments.filter(role=Role.COMMUNITY_STAFF).exists(), community
    leads = OrgUnit.objects.filter(pk__in=FilingStandard.objects.filter(units__part="lead").values("units__unit"))
    for unit in {*leads, *(alias.unit for alias in UnitAlias.objects.all())}:
        assert unit.appointments.filter(role=Role.HANDLER).exists(), unit


def test_no_telephone_number_can_reach_anybody():
    phones = [phone for phone in User.objects.filter(is_system=False).values_list("phone", flat=True) if phone]
    assert phones
    assert all(phone.startswith("+999") for phone in phones), "+999 is no country's code"
    assert all(unit.phone.startswith("0000-") for unit in OrgUnit.objects.all())


def test_the_demo_accounts_are_people_of_the_city_and_cannot_sign_in_before_prepare():
    rows = json.loads((FOLDER / "accounts.json").read_text())
    assert {row["role"] for row in rows} == set(Role.values) - {Role.SYSTEM}
    for row in rows:
        user = User.objects.get(username=row["username"])
        assert not user.has_usable_password()
        assert row["role"] == Role.RESIDENT or user.appointments.filter(role=row["role"]).exists()


def test_a_tilted_manhole_cover_goes_to_the_municipal_department_within_two_urgent_hours():
    standard = FilingStandard.objects.get(category__name="井盖", condition_code="tilted")
    units = {
        part: [row.unit.short_name for row in standard.units.filter(part=part)] for part in ("lead", "supervising")
    }
    assert units == {"lead": ["市政"], "supervising": ["城管"]}
    assert (standard.limit_amount, standard.limit_unit) == (Decimal(2), "urgent_hour")
    assert standard.category.parent.name == "公用设施"


def test_standards_are_complete():
    assert FilingStandard.objects.count() >= 40
    for standard in FilingStandard.objects.all():
        standard.full_clean()
        assert standard.closing_condition
        assert standard.units.filter(part="lead").count() == 1
        lead = standard.units.get(part="lead")
        supervising = standard.units.filter(part="supervising")
        assert supervising.exists()
        assert lead.unit_id is None or not supervising.filter(unit=lead.unit).exists(), "nobody supervises themselves"
    classes = CaseCategory.objects.filter(parent=None)
    assert Counter(classes.values_list("kind", flat=True)) == {"component": 5, "event": 6}
    assert set(CaseCategory.objects.values_list("scheme", "scheme_version")) == {("云川", "2026")}


def test_a_role_is_filled_in_one_place_and_left_to_a_dispatcher_in_another():
    # given a standard led by whoever owns the box
    standard = FilingStandard.objects.get(category__name="通信交接箱", condition_code="open")
    # when it is looked up for every grid
    found = {}
    for grid in Area.objects.filter(kind="grid"):
        plan = plan_for(Case(area=grid, category=standard.category, standard=standard))
        found.setdefault(grid.parent.name, set()).add(plan.lead.code if isinstance(plan, Plan) else plan)
    # then the nearest alias decides, and one community has none
    assert found == {
        "渡口里社区": {"ducts"}, "柳堤社区": {"power"}, "青榆里社区": {"ducts"},
        "书声巷社区": {Unresolved("lead_unresolved")},
    }  # fmt: skip


def test_places_lie_in_the_grids_they_name():
    rows = json.loads((FOLDER / "places.json").read_text())
    assert len(rows) > 100
    for row in rows:
        assert Area.objects.holding(row["longitude"], row["latitude"]).code == row["grid"], row


def test_the_words_are_many():
    told = json.loads((FOLDER / "history.json").read_text())
    texts = {telling["text"] for story in told["stories"] for telling in story["tellings"]}
    assert len(texts) >= 40


def test_history_shows_every_state_and_source():
    states = Counter(Case.objects.values_list("state", flat=True))
    assert set(states) == set(CaseState.values)
    assert states["closed"] > sum(states.values()) / 3
    # (what stewards find and assemblies resolve is told with them: property.demo_stewards, property.demo_assembly)
    assert set(Case.objects.values_list("source", flat=True)) == set(CaseSource.values) - {"steward", "assembly"}
    assert Case.objects.overdue().exists()
    assert CaseRating.objects.exists()
    assert {"lead_unresolved", "returned", "reopened"} <= set(Case.objects.values_list("review_reason", flat=True))
    assert set(Dispatch.objects.values_list("method", flat=True)) >= {"standard", "manual", "arbitration"}
    happened = set(Event.objects.filter(subject_type="cases.case").values_list("name", flat=True))
    seldom = {
        "case.corrected", "case.contacted", "case.part_done", "case.handed_over", "case.request_refused",
        "case.appeal_refused", "case.attached", "case.task_assigned",
    }  # fmt: skip
    wanted = {step.event for step in steps_of(Case).values()} - seldom
    assert wanted | {"case.overdue", "case.rated"} <= happened


def test_every_trail_tells_how_the_case_came_to_where_it_is():
    target = {step.event: step for step in steps_of(Case).values()}
    for case in Case.objects.all():
        # given the events of a case in the order they were written
        events = list(Event.objects.filter(subject_type="cases.case", subject_id=case.pk).order_by("id"))
        # then they begin with the report, follow the time and never lie ahead
        assert events[0].name == "case.reported"
        assert events[0].occurred_at == case.reported_at
        times = [event.occurred_at for event in events]
        assert times == sorted(times), case
        assert times[-1] <= timezone.now()
        # and each move starts where the one before ended, up to today's state
        state = CaseState.REPORTED
        for event in events[1:]:
            if event.name in target:
                assert event.payload["from"] == state, (case, event)
                state = event.payload["to"]
            assert event.payload["number"] == case.number
        assert state == case.state


def test_everybody_acted_in_a_role_they_hold():
    for event in Event.objects.select_related("actor", "area"):
        held = set(event.actor.appointments.values_list("role", flat=True)) | {Role.RESIDENT}
        assert event.role in ({Role.SYSTEM} if event.actor.is_system else held), event


def test_clocks_timers_and_units_agree_with_the_state():
    now = timezone.now()
    for case in Case.objects.prefetch_related("clocks", "units"):
        running = [clock for clock in case.clocks.all() if clock.ended_at is None]
        still = case.state in (*ENDED, CaseState.SUSPENDED)
        assert [clock.due_at for clock in running] == ([] if still else [case.due_at]), case
        if case.state in (CaseState.DISPATCHED, CaseState.HANDLING, CaseState.SUBMITTED):
            assert CaseUnit.objects.get(case=case, part="lead").unit_id == case.lead_unit_id
    assert not StageClock.objects.filter(started_at__gt=now).exists()
    open_timers = Timer.objects.filter(fired_at=None, cancelled_at=None)
    assert not open_timers.filter(due_at__lt=now).exists(), "what passed was fired, and is not fired again at the start"
    # a stage that runs has its next alert ahead: warning, end or, past the end, escalation
    running = StageClock.objects.filter(ended_at=None)
    waiting = set(open_timers.filter(kind="case.stage_due").values_list("subject_id", flat=True))
    ahead = set(running.filter(due_at__gt=now).values_list("case_id", flat=True))
    assert ahead <= waiting <= set(running.values_list("case_id", flat=True))


def test_devices_that_guides_begin_with_have_no_history():
    codes = {case.origin["device"] for case in Case.objects.filter(source=CaseSource.SENSOR)}
    assert codes
    assert not any(code.endswith("-001") for code in codes)


def test_history_is_never_written_over_cases():
    # given a city with cases
    before = Case.objects.count()
    # when somebody asks for history again
    with pytest.raises(CommandError, match="cases already"):
        call_command("load_history")
    # then nothing was added
    assert Case.objects.count() == before


def test_the_departments_send_through_named_sources():
    # given the sources of the city: each of the twelve departments has one, and its mapping names what exists here
    sources = list(IntakeSource.objects.select_related("unit"))
    departments = OrgUnit.objects.filter(kind=UnitKind.DEPARTMENT)
    assert {source.unit for source in sources} >= set(departments)
    ours = {CaseSource.PATROL, CaseSource.STEWARD, CaseSource.ASSEMBLY}  # people of the product itself
    assert {source.kind for source in sources} == set(CaseSource) - ours
    for source in sources:
        source.full_clean()
        for name, rule in rules_of(source.mapping).fields.items():
            words = [word for word in (rule.default, *rule.values.values()) if word]
            if name in ("standard", "category", "area"):
                assert not message_form({"description": "x", name: words[0]}, source).faults() if words else True
    # when a day of their messages comes in
    before = Case.objects.count()
    left = load_messages()
    # then most are cases, and those that cannot be say why
    wrong = {letter.source.code: {error["field"] for error in letter.errors} for letter in DeadLetter.objects.all()}
    assert wrong == {
        "municipal-orders": {"longitude"}, "urban-video": {"standard"}, "police-calls": {"area"},
        "water-flood": {"standard"}, "market-complaints": {"description"}, "grid-app": {"longitude"},
    }  # fmt: skip
    assert (Case.objects.count() - before, left) == (17, 6)
