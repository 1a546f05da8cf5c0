"""A draft is run over past readings: what would have been an alarm, and which confirmed ones would be lost."""

import pytest
import time_machine
from django.db import transaction

from cases.models import Case
from devices import profile_trials
from devices.models import Alarm, ProfileMetric, ProfileStatus, ProfileTrial
from devices.profiles import is_tried, profile_draft, profile_publish, profile_try
from devices.tests.fleet import at, message
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event

HOUR, DAY = 60, 24 * 60
ROLES = [
    "operations_centre", "registrar", "dispatcher", "handler", "supervisor", "grid_worker", "community_staff",
    "resident", "outside_administrator",
]  # fmt: skip


@pytest.fixture
def admin(fleet):
    return fleet.city.user("administrator")


@pytest.fixture
def past(fleet):
    """Six short tilts of a cover two hours apart and one of four minutes; people confirmed the first and the last."""
    for number in range(7):
        begins, lasts = number * 2 * HOUR, 4 if number == 6 else 0
        for minute in range(lasts + 1):
            sent = begins + minute
            fleet.ingest(message(sent, metrics={"tilt": 20}), received_at=at(sent))
        over = begins + lasts + 0.2
        fleet.ingest(message(over, metrics={"tilt": 2}), received_at=at(over))
    first, *_between, last = Alarm.objects.order_by("raised_at")
    confirmed = Case.objects.filter(pk__in=[first.case_id, last.case_id])
    confirmed.update(state="closed", closed_at=at(DAY))
    Case.objects.exclude(pk__in=confirmed).update(state="cancelled")
    return first, last


@pytest.fixture(autouse=True)
def now():
    """A day after the fleet began to report; also while people are appointed."""
    with time_machine.travel(at(DAY), tick=False):
        yield


def with_delay(fleet, admin, seconds: int):
    draft = profile_draft(fleet.cover_profile, actor=admin)
    ProfileStatus.objects.filter(profile=draft, code="tilted").update(on_delay=seconds)
    return draft


def untouched() -> list:
    return [list(rows.order_by("pk").values_list()) for rows in (Alarm.objects.all(), Case.objects.all())]


def figures(trial) -> tuple:
    return trial.were, trial.would, trial.confirmed, trial.lost


def test_it_tells_how_many_alarms_there_would_be_and_which_confirmed_ones_are_lost(fleet, admin, past):
    # given a draft that waits for a minute: six of the seven tilts were shorter
    draft, before = with_delay(fleet, admin, 60), untouched()
    # when it is tried
    trial = profile_try(draft, actor=admin)
    # then one of seven alarms is left, and of the two confirmed the short one is lost
    assert figures(trial) == (7, 1, 2, 1)
    assert trial.lost_alarms == [past[0].pk] and trial.by_type == {"tilted": [7, 1, 2, 1]}
    assert (trial.devices, trial.readings, trial.cut) == (2, 18, False)
    # no alarm and no case was touched, and history says what was found
    assert untouched() == before
    told = Event.objects.get(name="profile.tried").payload
    assert told == {"code": "manhole_cover", "version": 2, "trial": trial.pk, "days": 7, "readings": 18, "were": 7,
                    "would": 1, "confirmed": 2, "lost": 1}  # fmt: skip


def test_a_device_that_fell_silent_is_not_lost_by_a_draft(fleet, admin, past):
    # given that one of the two confirmed alarms was that the device fell silent
    first, _last = past
    Alarm.objects.filter(pk=first.pk).update(alarm_type="offline")
    # then a draft, which is judged by readings, neither finds nor loses it
    assert figures(profile_try(with_delay(fleet, admin, 60), actor=admin)) == (7, 1, 1, 0)


def test_a_draft_that_loses_nothing_says_so(fleet, admin, past):
    assert figures(profile_try(with_delay(fleet, admin, 5), actor=admin)) == (7, 7, 2, 0)


def test_a_status_of_the_device_itself_has_no_delay_and_is_never_lost(fleet, admin):
    fleet.ingest(message(0, status="missing"))
    fleet.ingest(message(1, status="normal"), received_at=at(1))
    Case.objects.update(state="closed", closed_at=at(2))
    draft = profile_draft(fleet.cover_profile, actor=admin)
    ProfileStatus.objects.filter(profile=draft).update(on_delay=3600, latched=True)
    assert figures(profile_try(draft, actor=admin)) == (1, 1, 1, 0)


def test_what_returns_within_the_reopen_window_is_one_alarm_and_one_still_pending_is_none(fleet, admin):
    for minute, tilt in [(0, 20), (1, 2), (10, 20), (11, 2), (DAY - 1, 20)]:
        fleet.ingest(message(minute, metrics={"tilt": tilt}), received_at=at(minute))
    draft = profile_draft(fleet.cover_profile, actor=admin)
    ProfileStatus.objects.filter(profile=draft, code="tilted").update(reopen_window=60, on_delay=30)
    ProfileStatus.objects.filter(profile=draft, code="tilted").update(on_delay=50)
    # under the rules in force: one that came back, and the one of this minute; under the draft three, each for itself
    trial = profile_try(draft, actor=admin)
    assert figures(trial)[:2] == (2, 3)
    ProfileStatus.objects.filter(profile=draft, code="tilted").update(on_delay=61)
    assert figures(profile_try(draft, actor=admin))[:2] == (2, 0)


def test_devices_that_do_not_fit_whole_are_left_out_and_it_says_so(fleet, admin, past, monkeypatch):
    # given the other cover has readings too, but never an alarm
    for minute in range(5):
        fleet.ingest(message(minute, "MC-900", metrics={"tilt": 1}), owner=fleet.far, received_at=at(minute))
    draft = with_delay(fleet, admin, 60)
    monkeypatch.setattr(profile_trials, "MOST_READINGS", 20)
    trial = profile_try(draft, actor=admin)
    assert (trial.devices, trial.readings, trial.cut, trial.were) == (1, 18, True, 7)
    monkeypatch.setattr(profile_trials, "MOST_READINGS", 10)
    trial = profile_try(draft, actor=admin)
    assert (trial.devices, trial.readings, trial.cut, figures(trial)) == (0, 0, True, (0, 0, 0, 0))


def test_only_the_days_asked_for_are_read(fleet, admin, past):
    with time_machine.travel(at(DAY + 11 * HOUR), tick=False):
        assert profile_try(with_delay(fleet, admin, 60), actor=admin, days=1).were == 1


def test_a_trial_of_the_present_rules_spares_the_reason(fleet, admin, past):
    # given a draft that was tried and changed since
    draft = with_delay(fleet, admin, 60)
    profile_try(draft, actor=admin)
    assert is_tried(draft)
    ProfileMetric.objects.filter(profile=draft).update(high=25)
    with pytest.raises(Invalid), transaction.atomic():
        profile_publish(draft, actor=admin)
    # when it is tried again, and only a label is changed
    trial = profile_try(draft, actor=admin)
    ProfileStatus.objects.filter(profile=draft, code="tilted").update(label="歪斜")
    # then it may be published, and the event names the trial
    profile_publish(draft, actor=admin)
    assert Event.objects.get(name="profile.published").payload["trial"] == trial.pk


@pytest.mark.parametrize("days", [0, -1, 91])
def test_days_out_of_range_are_refused(fleet, admin, days):
    draft = with_delay(fleet, admin, 60)
    with pytest.raises(Invalid) as error:
        profile_try(draft, actor=admin, days=days)
    assert error.value.field == "days" and not ProfileTrial.objects.exists()


@pytest.mark.parametrize("role", ROLES)
def test_only_the_citys_administrators_try(fleet, admin, role):
    draft = with_delay(fleet, admin, 60)
    with pytest.raises(NotPermitted):
        profile_try(draft, actor=fleet.city.user(role))
    assert not ProfileTrial.objects.exists()


def test_the_version_in_force_is_not_tried(fleet, admin):
    with pytest.raises(Conflict):
        profile_try(fleet.cover_profile, actor=admin)
    assert not ProfileTrial.objects.exists()
