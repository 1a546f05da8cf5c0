import pytest
from django.db import connection

from cases.models import Case, CaseState, Dispatch, StageClock
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event, Timer
from governance.workflow import act

pytestmark = pytest.mark.django_db


def events_of(case):
    rows = Event.objects.filter(subject_type="cases.case", subject_id=case.pk).order_by("id")
    return list(rows.values_list("name", flat=True))


def test_a_sensor_case_is_dispatched_as_its_standard_says(city):
    # given the standard 井盖倾斜: municipal leads, water assists, urban management supervises, 2 urgent hours
    # when a sensor opens a case
    case = city.open()
    # then it is with municipal, the limit runs, and every step left a trace
    assert case.state == CaseState.DISPATCHED
    assert case.lead_unit == city.municipal
    assert case.units_as("assisting") == [city.water]
    assert case.units_as("supervising") == [city.urban]
    assert (case.due_at - case.dispatched_at).total_seconds() == 2 * 3600
    assert case.promised_at == case.due_at
    assert events_of(case) == ["case.reported", "case.accepted", "case.dispatched"]
    assert "市政" not in Dispatch.objects.get(case=case).reason
    assert "municipal单位" in Dispatch.objects.get(case=case).reason
    assert StageClock.objects.get(case=case, ended_at=None).stage == "handling"
    assert Timer.objects.get(key=f"case:{case.pk}:stage", cancelled_at=None).due_at == case.due_at


def test_a_role_resolves_by_area_or_waits_for_a_dispatcher(city):
    # given a standard led by the role 产权单位, which means water in the first street only
    # when cases are opened in both streets
    here = city.open(standard=city.roleless)
    there = city.open(standard=city.roleless, area=city.other_grid)
    # then the first goes to water, the second is not guessed
    assert here.lead_unit == city.water
    assert (there.state, there.lead_unit, there.review_reason) == (CaseState.ACCEPTED, None, "lead_unresolved")
    assert events_of(there)[-1] == "case.review_needed"


def test_the_whole_way_to_closing_and_reopening(city):
    case = city.open()
    case = act(case, "start", actor=city.user("handler"))
    case = act(case, "submit", actor=city.user("handler"), result="已复位")
    assert case.due_at is not None
    case = act(case, "rework", actor=city.user("grid_worker"), reason="仍有缝隙")
    assert case.state == "reworked"
    assert StageClock.objects.get(case=case, ended_at=None).stage == "handling"
    case = act(case, "start", actor=city.user("handler"))
    case = act(case, "submit", actor=city.user("handler"), result="重新固定")
    case = act(case, "inspect", actor=city.user("supervisor"))
    case = act(case, "close", actor=city.user("registrar"))
    assert (case.state, case.due_at) == ("closed", None)
    assert not StageClock.objects.filter(case=case, ended_at=None).exists()
    assert not Timer.objects.filter(key=f"case:{case.pk}:stage", fired_at=None, cancelled_at=None).exists()
    case = act(case, "reopen", actor=city.user("registrar"), reason="又歪了")
    assert (case.state, case.review_reason) == ("reopened", "reopened")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"longitude": 100.0, "latitude": 20.0}, "longitude"),
        ({"latitude": None}, "latitude"),
        ({"description": "  "}, "description"),
        ({"source": "sensor", "actor": "grid_worker"}, "source"),
    ],
)
def test_a_bad_report_names_its_field_and_stores_nothing(city, given, field):
    if "actor" in given:
        given = given | {"actor": city.user(given["actor"])}
    with pytest.raises(Invalid) as refused:
        city.report(**given)
    assert refused.value.field == field
    assert not Case.objects.exists()
    assert not Event.objects.exists()


def test_a_stale_version_and_a_wrong_state_are_conflicts(city):
    case = city.open()
    handler = city.user("handler")
    with pytest.raises(Conflict):
        act(case, "start", actor=handler, version=case.version - 1)
    with pytest.raises(Conflict):
        act(case, "submit", actor=handler, result="好了")
    with pytest.raises(NotPermitted):
        act(case, "start", actor=city.user("dispatcher"))
    with pytest.raises(Invalid):
        act(case, "return", actor=handler, reason=" ")
    case.refresh_from_db()
    assert case.state == "dispatched"


def test_a_returned_case_leaves_its_units(city):
    case = city.open()
    returned = act(case, "return", actor=city.user("handler"), reason="不归我单位管")
    assert (returned.state, returned.lead_unit) == ("returned", None)
    assert not Case.objects.visible_to(city.user("handler")).exists()
    assert Case.objects.visible_to(city.user("dispatcher")).get() == case


def test_a_running_number_past_six_digits_is_not_cut_off(city):
    # given a day on which a case was opened, and a million cases since
    first = city.report()
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval('cases_number_seq', nextval('cases_number_seq') + 1000000)")
    # when more are reported for that day, then each has a number of its own
    numbers = {first.number} | {city.report().number for _ in range(11)}
    assert len(numbers) == 12
    assert sorted(len(number) for number in numbers) == [16] + [17] * 11
