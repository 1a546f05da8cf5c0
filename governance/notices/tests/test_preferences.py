"""Quiet hours and choices."""

from datetime import UTC, datetime, time

import pytest

from governance.errors import Invalid
from governance.models import Event, NoticePreference
from governance.notices.preferences import default_for, preferences_of, quiet_until, reach
from governance.notices.services import preference_of, preference_save
from governance.notices.tests.conftest import rule


def preference(begins="22:00", ends="07:00", **given):
    hours = {name: text and time.fromisoformat(text) for name, text in (("quiet_from", begins), ("quiet_to", ends))}
    return NoticePreference(**hours | given)


def at(text):
    """A moment given in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("begins", "ends", "now", "until"),
    [
        # Shanghai is eight hours ahead: 14:00 UTC is 22:00 there.
        ("22:00", "07:00", "2026-11-23 13:59", None),
        ("22:00", "07:00", "2026-11-23 14:00", "2026-11-23 23:00"),
        ("22:00", "07:00", "2026-11-23 15:59", "2026-11-23 23:00"),
        ("22:00", "07:00", "2026-11-23 16:01", "2026-11-23 23:00"),  # past midnight in Shanghai
        ("22:00", "07:00", "2026-11-23 22:59", "2026-11-23 23:00"),
        ("22:00", "07:00", "2026-11-23 23:00", None),
        ("22:00", "07:00", "2026-12-31 15:00", "2026-12-31 23:00"),
        ("12:00", "14:00", "2026-11-23 05:00", "2026-11-23 06:00"),
        ("12:00", "14:00", "2026-11-23 06:00", None),
        ("00:00", "06:00", "2026-11-23 15:59", None),
        ("00:00", "06:00", "2026-11-23 16:00", "2026-11-23 22:00"),
        (None, None, "2026-11-23 16:00", None),
    ],
)
def test_quiet_hours_are_local_and_go_over_midnight(begins, ends, now, until):
    assert quiet_until(preference(begins, ends), at(now), urgent=False) == (until and at(until))


def test_urgent_notices_ring_only_for_those_who_allow_it():
    night = at("2026-11-23 16:00")
    assert quiet_until(preference(urgent_any_time=True), night, urgent=True) is None
    assert quiet_until(preference(urgent_any_time=False), night, urgent=True) is not None
    assert quiet_until(preference(urgent_any_time=True), night, urgent=False) is not None


def test_without_a_choice_staff_are_reached_urgently_at_night_and_residents_are_not(city):
    assert default_for(city.user("handler")).urgent_any_time
    assert not default_for(city.user("resident")).urgent_any_time


def test_a_choice_for_a_rule_is_stronger_than_one_for_its_group(city):
    made = rule(code="one", reach="phone")
    assert reach(preference(choices={}), made) == "phone"
    assert reach(preference(choices={"case": "product"}), made) == "product"
    assert reach(preference(choices={"case": "off", "rule:one": "phone"}), made) == "phone"
    assert reach(preference(choices={"alarm": "off"}), made) == "phone"


GIVEN = {"language": "en", "quiet_from": time(21), "quiet_to": time(6), "urgent_any_time": False, "choices": {}}


def test_choices_are_kept_per_person_and_leave_a_trace_without_content(city):
    rule(code="one")
    handler = city.user("handler")
    preference_save(actor=handler, **GIVEN | {"choices": {"case": "off", "rule:one": "phone"}})
    preference_save(actor=handler, **GIVEN | {"choices": {"case": "product"}})
    assert preference_of(handler).choices == {"case": "product"} and preference_of(handler).language == "en"
    assert preference_of(city.user("supervisor")).language == "zh-hans"
    assert len(preferences_of([handler, city.user("supervisor")])) == 2
    trace = Event.objects.filter(name="notice_preference.changed")
    assert [event.payload for event in trace] == [{}, {}]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"language": "fr"}, "language"),
        ({"quiet_to": None}, "quiet_to"),
        ({"quiet_to": time(21)}, "quiet_to"),
        ({"choices": {"nothing": "off"}}, "choices"),
        ({"choices": {"case": "loud"}}, "choices"),
    ],
)
def test_a_choice_that_cannot_be_meant_is_refused_and_nothing_is_kept(city, wrong, field):
    rule(code="one")
    with pytest.raises(Invalid) as caught:
        preference_save(actor=city.user("handler"), **GIVEN | wrong)
    assert caught.value.field == field
    assert not NoticePreference.objects.exists()
