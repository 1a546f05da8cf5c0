"""Plans: the venue, other dates and places, times within reach, the sign-up opened again."""

from datetime import timedelta

import pytest
import time_machine

from cases.tests.api import client_of
from governance.bookings import booking_cancel
from governance.calendar_feeds import feed_make
from governance.calendar_pages import calendar_text
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Booking, Event
from governance.timers import fire_due
from property.gatherings.tests.festival import BEGINS, ENDS, NOW
from property.models import NeighbourEvent

pytestmark = pytest.mark.django_db


def test_the_venue_is_booked_by_the_one_engine_given_back_and_booked_anew(square):
    event = square.event()
    assert event.booking.state == "booked" and event.booking.purpose_id == event.pk
    # somebody else's event at the same hour is refused, and nothing is left of it
    with pytest.raises(Conflict):
        square.event(title="乒乓球赛")
    assert NeighbourEvent.objects.count() == Booking.objects.count() == 1
    # another time moves the booking
    later = BEGINS + timedelta(days=1)
    event = square.step(event, "plan", starts_at=later, ends_at=later + timedelta(hours=2), places=3)
    event.refresh_from_db()
    assert event.booking.starts_at == later and Booking.objects.booked().count() == 1
    event = square.go(event, "publish")
    event = square.go(event, "postpone")
    assert not Booking.objects.booked().exists() and event.booking is None
    event = square.step(event, "reschedule", starts_at=BEGINS, ends_at=ENDS, venue=square.hall, place="")
    assert event.state == "published" and NeighbourEvent.objects.get(pk=event.pk).booking.state == "booked"
    for field, given in (
        ("starts_at", {"starts_at": NOW - timedelta(days=1), "ends_at": NOW}),
        ("ends_at", {"ends_at": BEGINS}),
        ("places", {"places": 41, "venue": square.hall}),
        ("sign_up_until", {"sign_up_until": ENDS}),
        ("starts_at", {"starts_at": BEGINS.replace(year=9999), "ends_at": ENDS.replace(year=9999)}),
        ("sign_up_from", {"sign_up_from": BEGINS.replace(year=1)}),
        ("sign_up_until", {"sign_up_until": BEGINS.replace(year=1)}),
        ("estate", {"area": square.city.area("other_community")}),
        ("parent", {"parent": event}),
        ("title", {"title": " "}),
    ):
        with pytest.raises((Invalid, NotPermitted)) as refused:
            square.event(**{"venue": None, "place": "花园"} | given)
        assert refused.value.field == field or isinstance(refused.value, NotPermitted)


def test_a_published_event_that_lost_its_venue_moves_elsewhere_and_times_out_of_reach_are_named(square):
    event = square.open(sign_up_from=NOW + timedelta(days=2))
    booking_cancel(event.booking, actor=square.organiser, reason="内部会议")
    assert NeighbourEvent.objects.get(pk=event.pk).venue_missing
    client, base = client_of(square.organiser), f"/admin/property/neighbourevent/{event.pk}/transition"
    given = {"starts_at": "9999-12-31T23:30", "minutes": "120", "place": "花园", "sign_up_until": "0001-01-01T00:00"}
    answer = client.post(f"{base}/reschedule/", given, format="multipart")
    assert answer.status_code == 400
    assert {"starts_at", "sign_up_until"} <= set(answer.context_data["form"].errors)
    # when it is moved to tomorrow, before its sign-up was to open
    given = {"starts_at": "2026-06-03T15:00", "minutes": "120", "place": "花园"}
    assert client.post(f"{base}/reschedule/", given, format="multipart").status_code == 302
    event = NeighbourEvent.objects.get(pk=event.pk)
    # then people sign up at once
    assert (event.state, event.place_text, event.venue_missing, event.sign_up_from) == (
        "published",
        "花园",
        False,
        None,
    )
    assert square.sign_up(event, 0).state == "signed_up"


def test_a_plan_keeps_what_its_editor_may_not_choose(square):
    event = square.event()
    square.hall.unit, square.hall.area = square.city.company, square.city.area("other_community")
    square.hall.save()
    client = client_of(square.organiser)
    form = client.get(f"/admin/property/neighbourevent/{event.pk}/transition/plan/").context_data["form"]
    values = {name: "" if form[name].value() is None else form[name].value() for name in form.fields}
    assert values["venue"] == "square"
    values = {name: value for name, value in values.items() if name != "photos"} | {"title": "改名"}
    answer = client.post(f"/admin/property/neighbourevent/{event.pk}/transition/plan/", values, format="multipart")
    assert answer.status_code == 302, answer.context_data["form"].errors
    event = NeighbourEvent.objects.get(pk=event.pk)
    assert (event.title, event.venue, event.booking.state) == ("改名", square.hall, "booked")


def test_opening_the_sign_up_again_reminds_nobody_again(square):
    event = square.open()
    with time_machine.travel(BEGINS - timedelta(hours=23), tick=False):
        fire_due()
        event = square.go(NeighbourEvent.objects.get(pk=event.pk), "close")
        square.step(event, "reopen", sign_up_until=BEGINS, reason="还有空位")
        fire_due()
    assert Event.objects.filter(name="gathering.reminded").count() == 1


def test_calendars_show_what_one_signed_up_to_and_what_is_open_to_all(square):
    event = square.open()
    free = square.open(places=0, venue=None, place="广场", title="露天电影")
    square.sign_up(event, 0)
    for person, shown in ((0, {event.pk, free.pk}), (1, {free.pk})):
        feed, _token = feed_make(actor=square.neighbours[person], kind="person")
        text = calendar_text(feed).decode()
        assert {one.pk for one in (event, free) if f"neighbour-event-{one.pk}" in text} == shown
    feed, _token = feed_make(actor=square.organiser, kind="unit", unit=square.city.committee)
    assert f"neighbour-event-{event.pk}" in calendar_text(feed).decode()
    square.go(event, "postpone")
    assert "STATUS:CANCELLED" in calendar_text(feed).decode()
