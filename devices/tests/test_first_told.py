"""An alarm of medium severity that was held back is told when nothing holds it back any more: once, to the same people
as any other."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Case
from devices.life import device_begin_maintenance, device_end_maintenance
from devices.models import Alarm, Device, ProfileStatus
from devices.profile_rules import forget_rules
from devices.tests.fleet import at, message
from devices.tests.test_alarm_notices import limits, noticed, severities, shipped, tilt  # noqa: F401
from devices.tests.test_storms import bins
from governance.models import Event, Notice, User
from governance.notices.tests.conftest import tell
from governance.workflow import act

pytestmark = pytest.mark.django_db
NORMAL = [("handler", "normal"), ("operations_centre", "normal")]


@pytest.fixture
def medium(shipped):  # noqa: F811
    severities(tilted="medium")
    return shipped


def maintained(fleet, device="cover", *, begun, ended=None):
    """Begin the maintenance of a device at a minute, or end it."""
    row, person = Device.objects.get(pk=getattr(fleet, device).pk), User.objects.get(username="handler")
    if ended is None:
        device_begin_maintenance(row, actor=person, until=at(600), reason="检修", occurred_at=at(begun))
    else:
        device_end_maintenance(row, actor=person, occurred_at=at(ended))
        tell()


def say(fleet, minute, word):
    fleet.ingest(message(minute, status=word), received_at=at(minute))
    tell()


def told() -> list:
    """What people were told of alarms, by event."""
    found = {name: noticed(f"alarm.{name}") for name in ("raised", "released", "returned", "severity_changed")}
    return [(name, people) for name, people in found.items() if people]


@pytest.mark.parametrize("opens_case", [True, False])
def test_a_medium_alarm_held_back_by_maintenance_is_told_at_its_end(medium, opens_case):
    ProfileStatus.objects.filter(code="tilted").update(opens_case=opens_case)
    forget_rules()
    maintained(medium, begun=0)
    say(medium, 1, "tilted")
    assert told() == []
    # when the work is done and it is there still
    maintained(medium, begun=0, ended=2)
    # then centre and owner are told, as of any alarm of its severity, and somebody is sent where that is so
    assert told() == [("released", NORMAL)]
    assert Event.objects.get(name="alarm.released").payload["first_told"] is True
    assert Case.objects.count() == opens_case
    assert "MC-001" in Notice.objects.filter(event__name="alarm.released").first().title
    # and never again: not when it is held back and released once more, nor when it comes back
    maintained(medium, begun=3)
    maintained(medium, begun=3, ended=4)
    say(medium, 5, "normal")
    say(medium, 6, "tilted")
    assert told() == [("released", NORMAL)]


def test_one_that_was_told_when_it_was_raised_is_not_told_again(medium):
    say(medium, 0, "tilted")
    maintained(medium, begun=1)
    maintained(medium, begun=1, ended=2)
    assert told() == [("raised", NORMAL)]
    assert "first_told" not in Event.objects.get(name="alarm.released").payload


def test_one_that_is_over_at_the_end_is_told_when_it_comes_back(medium):
    # given an alarm raised and over while it was held back
    maintained(medium, begun=0)
    say(medium, 1, "tilted")
    say(medium, 2, "normal")
    maintained(medium, begun=0, ended=3)
    assert told() == []
    # when it comes back within its window, and again
    for minute, word in enumerate(["tilted", "normal", "tilted"], 4):
        say(medium, minute, word)
    # then people are told, once
    assert Alarm.objects.get().count == 3
    assert told() == [("returned", NORMAL)]


@pytest.mark.parametrize(("severity", "urgency"), [("low", None), ("medium", "normal"), ("high", "urgent")])
@pytest.mark.parametrize("opens_case", [True, False])
def test_one_whose_off_delay_runs_at_the_end_is_told_when_it_holds_again(shipped, severity, urgency, opens_case):  # noqa: F811
    # given an alarm raised while it was held back, whose off-delay runs when it is released
    ProfileStatus.objects.filter(code="tilted").update(off_delay=300, opens_case=opens_case)
    severities(tilted=severity)
    maintained(shipped, begun=0)
    tilt(shipped, 1, 20)
    tilt(shipped, 2, 5)
    maintained(shipped, begun=0, ended=3)
    assert told() == []
    # when it holds again before that is over, and comes and goes
    for minute, figure in enumerate([20, 5, 20], 4):
        tilt(shipped, minute, figure)
    # then people are told as of any alarm of its severity, once
    people = [("handler", urgency), ("operations_centre", urgency)]
    assert told() == ([("returned", people)] if urgency else [])
    assert Event.objects.filter(name="alarm.returned").count() == bool(urgency)
    assert Case.objects.count() == opens_case


def test_an_alarm_that_is_shelved_for_all_of_its_type_is_told_when_the_shelf_is_taken_back(medium):
    # given a type that is shelved at the device, so that a new occurrence begins held back
    say(medium, 0, "tilted")
    centre = medium.city.user("operations_centre")
    act(Alarm.objects.get(), "shelve", actor=centre, until=at(600), reason="施工", occurred_at=at(1))
    say(medium, 2, "normal")
    say(medium, 60, "tilted")
    second = Alarm.objects.active().get()
    assert second.inhibited == "shelved" and Alarm.objects.count() == 2
    act(second, "unshelve", actor=centre, occurred_at=at(61))
    tell()
    assert told() == [("raised", NORMAL), ("released", NORMAL)]
    assert Notice.objects.filter(event__name="alarm.released").first().event.subject_id == second.pk


@pytest.mark.parametrize(("severity", "wanted"), [
    ("low", []), ("high", [("released", [("handler", "urgent"), ("operations_centre", "urgent")])]),
])  # fmt: skip
def test_others_are_told_as_before(shipped, severity, wanted):  # noqa: F811
    severities(tilted=severity)
    maintained(shipped, begun=0)
    say(shipped, 1, "tilted")
    maintained(shipped, begun=0, ended=2)
    assert told() == wanted


def test_one_that_was_told_of_and_rises_is_told_as_a_rise(shipped):  # noqa: F811
    limits()
    maintained(shipped, begun=0)
    tilt(shipped, 1, 20)
    maintained(shipped, begun=0, ended=2)
    tilt(shipped, 3, 70)
    tilt(shipped, 4, 20)
    tilt(shipped, 5, 1)
    tilt(shipped, 6, 20)
    urgent = [("handler", "urgent"), ("operations_centre", "urgent")]
    assert told() == [("released", NORMAL), ("severity_changed", urgent)]


def test_one_that_joins_a_storm_when_it_is_released_is_told_with_it(shipped):  # noqa: F811
    # given a storm of full bins, and one more that was full while somebody worked on it
    ProfileStatus.objects.filter(code="full").update(storm_count=3)
    forget_rules()
    maintained(shipped, "bin", begun=0)
    shipped.ingest(message(1, "TB-001", status="full"), received_at=at(1))
    for minute, row in enumerate(bins(shipped, 3), 2):
        code = getattr(row, "code", row)
        shipped.ingest(message(minute, code, status="full"), received_at=at(minute))
    tell()
    before = told()
    maintained(shipped, "bin", begun=0, ended=6)
    assert Alarm.objects.get(device=shipped.bin).case is not None
    assert told() == before and noticed("storm.begun")


def test_what_goes_on_asks_nothing_more(medium):
    # given an alarm with its case that comes back
    say(medium, 0, "tilted")
    say(medium, 1, "normal")
    with CaptureQueriesContext(connection) as captured:
        medium.ingest(message(2, status="tilted"), received_at=at(2))
    assert Event.objects.filter(name="alarm.returned").exists()
    assert not [query for query in captured if "first_told" in query["sql"]]
