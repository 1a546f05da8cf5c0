"""The REST door of venues, bookings, series and calendar links."""

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from governance.models import Booking, BookingSeries, CalendarFeed, IdempotencyRecord, VenueClosure
from governance.tests.bookings import _standing_still, at, book, hall_of  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_standing_still")]
V1 = "/api/v1/"
BODY = {
    "venue": "hall", "title": "议事", "starts_at": "2026-12-01T09:00:00+08:00", "ends_at": "2026-12-01T10:00:00+08:00",
}  # fmt: skip
SERIES = {
    "venue": "hall", "title": "每周议事", "kind": "weekly", "weekdays": [2], "count": 3, "first_day": "2026-12-02",
    "starts": "09:00", "ends": "10:00",
}  # fmt: skip


def client_of(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def staff(city) -> APIClient:
    return client_of(city.user("community_staff"))


def blamed(response) -> list[tuple]:
    return [(error["attr"], error["code"]) for error in response.json()["errors"]]


def test_a_venue_tells_its_hours_and_closures(city, staff):
    venue = hall_of(city)
    for days, reason in ((10, "粉刷"), (-10, "过去")):
        first = timezone.localdate() + timedelta(days=days)
        VenueClosure.objects.create(venue=venue, first_day=first, last_day=first + timedelta(days=1), reason=reason)
    row = staff.get(f"{V1}venues/hall/").json()
    assert (row["area"], row["unit"], row["capacity"]) == (city.community.code, "committee", 40)
    assert row["hours"][0] == {"weekday": 0, "opens": "08:00", "closes": "12:00"} and len(row["hours"]) == 12
    assert [closure["reason"] for closure in row["closures"]] == ["粉刷"]


def test_residents_learn_when_it_is_free_and_no_more(city):
    # given a booking, and a resident who looks at the Monday
    book(city, hall_of(city))
    hall_of(city, code="shut", is_active=False)
    client = client_of(city.user("resident"))
    answer = client.get(f"{V1}venues/hall/free/?from=2026-11-30T08:00:00%2B08:00&to=2026-11-30T20:00:00%2B08:00")
    spans = {
        name: [(row["start"][11:16], row["end"][11:16]) for row in answer.json()[name]] for name in ("free", "busy")
    }
    assert spans == {"free": [("08:00", "09:00"), ("11:00", "12:00"), ("14:00", "18:00")], "busy": [("09:00", "11:00")]}
    assert set(answer.json()) == {"venue", "free", "busy"} and "议事" not in answer.content.decode()
    # and of venues out of use nothing, of bookings nothing
    assert [row["code"] for row in client.get(f"{V1}venues/").json()["results"]] == ["hall"]
    assert client.get(f"{V1}venues/shut/free/").status_code == 404
    assert client.get(f"{V1}bookings/").status_code == 403


def test_the_past_is_not_free(city, staff):
    hall_of(city)
    rows = staff.get(f"{V1}venues/hall/free/?from=2026-11-23T00:00:00%2B08:00&to=2026-11-25T00:00:00%2B08:00").json()
    assert rows["free"][0]["start"].startswith("2026-11-24T08:00")


@pytest.mark.parametrize(
    ("query", "attr"),
    [
        ("from=yesterday", "from"),
        ("from=2026-12-02T00:00:00Z&to=2026-12-01T00:00:00Z", "to"),
        ("from=2026-12-02T00:00:00Z&to=2027-12-01T00:00:00Z", "to"),
        ("from=0001-01-01T00:00:00Z", "from"),
        ("from=9999-12-31T23:00:00Z", "from"),
    ],
)
def test_spans_that_cannot_be_meant(city, staff, query, attr):
    hall_of(city)
    answer = staff.get(f"{V1}venues/hall/free/?{query}")
    assert answer.status_code == 400 and blamed(answer)[0][0] == attr


def test_booking_moving_and_cancelling(city, staff):
    # given a booking made over the door
    hall_of(city)
    made = staff.post(f"{V1}bookings/", BODY, format="json")
    assert made.status_code == 201, made.json()
    row = made.json()
    assert (row["venue"], row["unit"], row["state"]) == ("hall", "committee", "booked")
    assert row["starts_at"] == "2026-12-01T09:00:00+08:00" and row["transitions"] == ["move", "cancel"]
    place = f"{V1}bookings/{row['id']}/"
    # when it is moved with a stale version, then that is a conflict; with the right one it moves
    move = {"starts_at": "2026-12-02T09:00:00+08:00", "ends_at": "2026-12-02T10:00:00+08:00", "reason": "改期"}
    assert staff.post(f"{place}transitions/move/", move | {"version": 5}, format="json").status_code == 409
    moved = staff.post(f"{place}transitions/move/", move | {"version": 0}, format="json").json()
    assert (moved["starts_at"], moved["version"]) == ("2026-12-02T09:00:00+08:00", 1)
    # and is cancelled only with a reason, and only once
    refused = staff.post(f"{place}transitions/cancel/", {}, format="json")
    assert refused.status_code == 400 and blamed(refused) == [("reason", "required")]
    assert staff.post(f"{place}transitions/cancel/", {"reason": "不开"}, format="json").json()["state"] == "cancelled"
    assert staff.post(f"{place}transitions/cancel/", {"reason": "不开"}, format="json").status_code == 409


@pytest.mark.parametrize(
    ("change", "status", "attr"),
    [
        ({"starts_at": "2026-12-01T07:00:00+08:00"}, 400, "starts_at"),
        ({"ends_at": "2026-12-01T13:00:00+08:00"}, 400, "ends_at"),
        ({"starts_at": "9999-12-31T20:00:00Z", "ends_at": "9999-12-31T23:00:00Z"}, 400, "starts_at"),
        ({"starts_at": "0001-01-01T00:00:00Z", "ends_at": "0001-01-01T01:00:00Z"}, 400, "starts_at"),
        ({"attendance": 41}, 400, "attendance"),
        ({"attendance": True}, 400, "attendance"),
        ({"venue": "moon"}, 400, "venue"),
        ({"unit": "water"}, 400, "unit"),
        ({"title": ""}, 400, "title"),
        ({"title": "会\x00"}, 400, "title"),
        ({"starts_at": "2026-12-01T14:00:00+08:00", "ends_at": "2026-12-01T15:00:00+08:00"}, 409, "starts_at"),
    ],
)
def test_bookings_that_are_refused_name_the_field(city, staff, change, status, attr):
    book(city, hall_of(city), at("tue", 14), at("tue", 16))
    answer = staff.post(f"{V1}bookings/", BODY | change, format="json")
    assert answer.status_code == status and attr in [name for name, _code in blamed(answer)], answer.json()
    assert Booking.objects.count() == 1


def test_sent_twice_booked_once(city, staff):
    hall_of(city)
    for path, body in [("bookings/", BODY), ("booking-series/", SERIES)]:
        answers = [
            staff.post(V1 + path, body, format="json", headers={"Idempotency-Key": f"k-{path}"}) for _ in range(2)
        ]
        assert [answer.status_code for answer in answers] == [201, 201]
        assert answers[0].json() == answers[1].json() and answers[1]["Idempotent-Replay"] == "true"
    assert Booking.objects.count() == 4


def test_a_series_and_its_end(city, staff):
    # given a date that is taken
    hall_of(city)
    taken = BODY | {"starts_at": "2026-12-09T09:30:00+08:00", "ends_at": "2026-12-09T11:00:00+08:00"}
    assert staff.post(f"{V1}bookings/", taken, format="json").status_code == 201
    # when a series runs into it, then the date is named
    refused = staff.post(f"{V1}booking-series/", SERIES, format="json")
    assert refused.status_code == 409 and blamed(refused) == [("first_day", "clashes")]
    assert "2026-12-09" in refused.json()["errors"][0]["detail"]
    # when it may be left out, then it is listed
    made = staff.post(f"{V1}booking-series/", SERIES | {"clashes": "skip"}, format="json").json()
    assert [clash["day"] for clash in made["skipped"]] == ["2026-12-09"] == made["series"]["skipped"]
    assert [row["starts_at"][:10] for row in made["bookings"]] == ["2026-12-02", "2026-12-16"]
    place = f"{V1}booking-series/{made['series']['id']}/"
    assert staff.get(place).json()["weekdays"] == [2]
    assert len(staff.get(f"{V1}booking-series/").json()["results"]) == 1
    # and somebody of another area neither sees nor ends it
    stranger, end = client_of(city.outsider("community_staff")), {"from_day": "2026-12-03", "reason": "停办"}
    assert stranger.get(place).status_code == stranger.post(f"{place}cancel/", end, format="json").status_code == 404
    reader = client_of(city.user("handler"))
    assert reader.get(place).status_code == 200
    assert reader.post(f"{place}cancel/", end, format="json").status_code == 403
    ended = staff.post(f"{place}cancel/", end, format="json").json()
    assert [(row["starts_at"][:10], row["state"]) for row in ended] == [("2026-12-16", "cancelled")]


@pytest.mark.parametrize(
    ("change", "attr"),
    [
        ({"kind": "daily"}, "kind"),
        ({"weekdays": []}, "weekdays"),
        ({"kind": "monthly"}, "nth"),
        ({"kind": "monthly", "nth": 0}, "nth"),
        ({"count": 105}, "count"),
        ({"count": None}, "until"),
        ({"interval": 0}, "interval"),
        ({"first_day": "2026-11-01"}, "first_day"),
        ({"first_day": "9999-12-31"}, "first_day"),
        ({"clashes": "overbook"}, "clashes"),
    ],
)
def test_rules_that_are_none_name_the_field(city, staff, change, attr):
    hall_of(city)
    answer = staff.post(f"{V1}booking-series/", SERIES | change, format="json")
    assert answer.status_code == 400 and attr in answer.json()["errors"][0]["attr"], answer.json()
    assert not BookingSeries.objects.exists()


def test_filters_of_bookings(city, staff):
    venue = hall_of(city)
    first = book(city, venue)
    second = book(city, venue, at("tue", 9), at("tue", 10), actor=city.user("dispatcher"))

    def found(query):
        answer = staff.get(f"{V1}bookings/?{query}")
        return {row["id"] for row in answer.json()["results"]} if answer.status_code == 200 else blamed(answer)[0][0]

    assert found("venue=hall") == found(f"area={city.street.code}") == {first.pk, second.pk}
    assert found("mine=true") == {first.pk} and found("mine=false") == {second.pk}
    assert found("unit=centre") == {second.pk} and found("state=cancelled") == set()
    assert found("start=2026-12-01T00:00:00%2B08:00") == {second.pk}
    assert found("end=2026-12-01T00:00:00%2B08:00") == {first.pk}
    assert [found(query) for query in ("venue=moon", "state=x", "start=x", "mine=x")] == [
        "venue", "state", "start", "mine",
    ]  # fmt: skip


def test_lists_need_the_same_statements_for_any_number_of_rows(city, staff, django_assert_max_num_queries):
    for number in range(6):
        venue = hall_of(city, code=f"hall-{number}")
        book(city, venue)
        staff.post(f"{V1}booking-series/", SERIES | {"venue": venue.code}, format="json")
    for path, rows in [("venues/", 6), ("bookings/", 24), ("booking-series/", 6)]:
        with django_assert_max_num_queries(6):
            assert len(staff.get(V1 + path).json()["results"]) == rows
    first = staff.get(f"{V1}bookings/?page_size=20").json()
    assert len(first["results"]) == 20 and len(staff.get(first["next"]).json()["results"]) == 4


def test_calendar_links_are_told_once(city, staff):
    # given a link to a hall
    hall_of(city)
    made = staff.post(f"{V1}me/calendar-feeds/", {"kind": "venue", "venue": "hall"}, format="json")
    assert made.status_code == 201 and made["Cache-Control"] == "no-store"
    link = made.json()["link"]
    assert staff.get(link).status_code == 200
    # then lists do not tell it, also not to others, and no key keeps its answer
    listed = staff.get(f"{V1}me/calendar-feeds/").json()["results"]
    assert [(row["kind"], row["venue"], row["state"]) for row in listed] == [("venue", "hall", "active")]
    assert "link" not in listed[0] and link[-47:-4] not in str(listed)
    staff.post(f"{V1}me/calendar-feeds/", {"kind": "person"}, format="json", headers={"Idempotency-Key": "k"})
    assert not IdempotencyRecord.objects.exists()
    # when somebody else revokes it, it is not there; when the owner does, the link is dead
    place = f"{V1}me/calendar-feeds/{made.json()['id']}/revoke/"
    other = client_of(city.user("administrator"))
    assert other.get(f"{V1}me/calendar-feeds/").json()["results"] == []
    assert other.post(place).status_code == 404
    assert staff.get(link).status_code == 200
    assert staff.post(place).json()["state"] == "revoked"
    assert staff.get(link).status_code == 404 and staff.post(place).status_code == 409


@pytest.mark.parametrize(
    ("who", "body", "status"),
    [
        ("resident", {"kind": "person"}, 201),
        ("resident", {"kind": "venue", "venue": "hall"}, 403),
        ("outside_community_staff", {"kind": "venue", "venue": "hall"}, 400),
        ("community_staff", {"kind": "unit", "unit": "committee"}, 201),
        ("community_staff", {"kind": "unit", "unit": "water"}, 403),
        ("resident", {"kind": "unit", "unit": "committee"}, 400),
        ("community_staff", {"kind": "unit"}, 400),
        ("community_staff", {"kind": "moon"}, 400),
    ],
)
def test_who_gets_which_link(city, who, body, status):
    hall_of(city)
    answer = client_of(city.people[who]).post(f"{V1}me/calendar-feeds/", body, format="json")
    assert answer.status_code == status, answer.json()
    assert CalendarFeed.objects.exists() == (status == 201)
