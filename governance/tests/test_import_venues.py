"""Opening hours, closures, bookings and series come in by Excel or CSV, through the services that make them by hand."""

from datetime import time

import pytest
from django.test import Client
from django.urls import reverse

from governance.exchange.engine import check
from governance.exchange.importers import grant_to_import, importer_named
from governance.exchange.tests.material import bring, counted, text, wrong_lines
from governance.exchange.weekdays import weekdays_in
from governance.models import Booking, BookingSeries, Event, OpeningHours, VenueClosure
from governance.tests.bookings import _standing_still, at, book, hall_of  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_standing_still")]
HOURS = ["venue", "weekdays", "hours"]
BOOKING = ["venue", "day", "starts", "ends", "title", "attendance", "unit"]
SERIES = ["venue", "title", "kind", "weekdays", "nth", "first_day", "until", "starts", "ends", "clashes"]
MONDAY = "2026-11-30"


def hours_of(venue, day) -> list[tuple[int, int]]:
    rows = OpeningHours.objects.filter(venue=venue, weekday=day).order_by("opens")
    return [(row.opens.hour, row.closes.hour) for row in rows]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("周一、周三", [0, 2]),
        ("星期六，星期天", [5, 6]),
        ("周一至周五", [0, 1, 2, 3, 4]),
        ("六-一", [0, 5, 6]),
        ("1 3;7", [0, 2, 6]),
        ("Monday, sunday", [0, 6]),
        ("每天", [0, 1, 2, 3, 4, 5, 6]),
        ("周八", None),
        ("0", None),
        ("8", None),
    ],
)
def test_days_of_the_week_as_people_write_them(text, days):
    if days is None:
        with pytest.raises(ValueError, match="周一"):
            weekdays_in(text)
    else:
        assert weekdays_in(text) == days


def test_a_line_of_hours_replaces_what_its_weekdays_had_and_leaves_the_others(city):
    venue, staff = hall_of(city), city.user("community_staff")
    rows = [HOURS, ["hall", "周一至周三", "08:30-12:00、13:00-24:00"], ["hall", "日", "休息"]]
    assert counted(bring("governance.openinghours", rows, staff)) == (0, 2, 0)
    assert [hours_of(venue, day) for day in (0, 2, 3, 6)] == [[(8, 12), (13, 0)]] * 2 + [[(8, 12), (14, 18)], []]
    assert OpeningHours.objects.filter(venue=venue, weekday=1, opens=time(8, 30)).exists()
    # the change stands in the venue's own history
    assert {(row.subject_id, *row.payload["fields"]) for row in Event.objects.all()} == {(venue.pk, "hours")}
    # and again it changes nothing
    assert counted(bring("governance.openinghours", rows, staff)) == (0, 0, 2)
    assert Event.objects.count() == 2


def test_bad_hours_are_named(city):
    venue = hall_of(city)
    before = OpeningHours.objects.count()
    rows = [HOURS, ["x", "一", "8:00-9:00"], ["hall", "八", "8:00-9:00"], ["hall", "一", "9:00-8:00"],
            ["hall", "二", "8:00-10:00、9:00-11:00"], ["hall", "三", "25:00-26:00"], ["hall", "四", "上午"],
            ["hall", "五", "8:00-24:30"], ["hall", "六", "9:00-10:00"], ["hall", "六、日", "9:00-10:00"]]  # fmt: skip
    assert wrong_lines("governance.openinghours", rows, city.user("administrator")) == [
        (2, "venue"), (3, "weekdays"), (4, "hours"), (5, "hours"), (6, "hours"), (7, "hours"), (8, "hours"),
        (10, "weekdays"),
    ]  # fmt: skip
    # nobody keeps the hours of another community's rooms
    rows = [HOURS, ["hall", "一", "8:00-9:00"]]
    assert wrong_lines("governance.openinghours", rows, city.outsider("community_staff")) == [(2, "venue")]
    assert OpeningHours.objects.filter(venue=venue).count() == before
    assert grant_to_import(importer_named("governance.openinghours"), city.user("grid_worker")) is None


def test_closures_are_part_of_their_venue(city):
    venue, staff = hall_of(city), city.user("community_staff")
    rows = [["venue", "first_day", "last_day", "reason"], ["hall", "2026-12-08", "2026/12/9", "粉刷"]]
    assert counted(bring("governance.venueclosure", rows, staff)) == (1, 0, 0)
    assert counted(bring("governance.venueclosure", rows, staff)) == (0, 0, 1)
    rows[1][2] = "2026-12-10"
    assert counted(bring("governance.venueclosure", rows, staff)) == (0, 1, 0)
    assert str(VenueClosure.objects.get().last_day) == "2026-12-10"
    assert {(row.subject_type, row.subject_id) for row in Event.objects.all()} == {("governance.venue", venue.pk)}
    rows[1][2] = "2026-12-01"
    assert wrong_lines("governance.venueclosure", rows, staff) == [(2, "")]
    assert wrong_lines("governance.venueclosure", rows, city.outsider("community_staff")) == [(2, "")]


def test_bookings_are_made_by_their_service_and_once(city):
    hall_of(city)
    staff = city.user("community_staff")
    rows = [BOOKING, ["hall", MONDAY, "9:00", "11:00", "楼栋议事会", "20", ""],
            ["hall", MONDAY, "11:00", "12:00", "书法课", "", "committee"],
            ["hall", "2026-12-05", "22:00", "0:00", "跨年彩排", "", ""]]  # fmt: skip
    # a check leaves nothing
    assert check(importer_named("governance.booking")(), text(rows), actor=staff).adds == 3
    assert not Booking.objects.exists()
    assert counted(bring("governance.booking", rows, staff)) == (3, 0, 0)
    assert counted(bring("governance.booking", rows, staff)) == (0, 0, 3)
    first, _second, late = Booking.objects.order_by("period")
    assert (first.starts_at, first.ends_at, first.attendance) == (at("mon", 9), at("mon", 11), 20)
    assert (first.booked_by, first.unit) == (staff, city.committee)
    assert (late.starts_at, late.ends_at) == (at("sat", 22), at("sun", 0))
    assert Event.objects.filter(name="booking.made").count() == 3


def test_bookings_that_cannot_be_are_named_also_where_lines_are_in_each_others_way(city):
    venue = hall_of(city)
    book(city, venue, at("tue", 9), at("tue", 10))
    rows = [BOOKING, ["x", MONDAY, "9:00", "10:00", "会", "", ""], ["hall", MONDAY, "9:00", "10:00", "会", "", "x"],
            ["hall", "30.11.", "9:00", "10:00", "会", "", ""], ["hall", MONDAY, "9", "10:00", "会", "", ""],
            ["hall", MONDAY, "9:00", "10:00", "会", "41", ""], ["hall", "2026-12-01", "9:30", "10:30", "会", "", ""],
            ["hall", "2026-11-20", "9:00", "10:00", "会", "", ""], ["hall", MONDAY, "6:00", "7:00", "会", "", ""],
            ["hall", MONDAY, "14:00", "15:00", "会", "", ""], ["hall", MONDAY, "14:30", "15:30", "会", "", ""],
            ["hall", MONDAY, "16:00", "17:00", "会", "", "water"]]  # fmt: skip
    assert wrong_lines("governance.booking", rows, city.user("community_staff")) == [
        (2, "venue"), (3, "unit"), (4, "day"), (5, "starts"), (6, "attendance"), (7, "starts"), (8, "starts"),
        (9, "starts"), (11, "starts"), (12, "unit"),
    ]  # fmt: skip
    assert Booking.objects.count() == 1
    # a room of another community is not there to be booked
    rows = [BOOKING, ["hall", MONDAY, "9:00", "10:00", "会", "", ""]]
    assert wrong_lines("governance.booking", rows, city.outsider("community_staff")) == [(2, "venue")]


def test_series_are_made_once_and_their_clashes_named(city):
    venue, staff = hall_of(city), city.user("community_staff")
    book(city, venue, at("mon", 9, 1), at("mon", 10, 1))
    every = ["hall", "书法课", "每周", "周一、周三", "", MONDAY, "2026-12-16", "9:00", "11:00", ""]
    assert wrong_lines("governance.bookingseries", [SERIES, every], staff) == [(2, "first_day")]
    rows = [SERIES, [*every[:-1], "skip"]]
    assert counted(bring("governance.bookingseries", rows, staff)) == (1, 0, 0)
    assert counted(bring("governance.bookingseries", rows, staff)) == (0, 0, 1)
    series = BookingSeries.objects.get()
    assert (series.bookings.count(), [str(day) for day in series.skipped]) == (5, ["2026-12-07"])
    bad = [SERIES, [*every[:3], "周九", *every[4:]], [*every[:2], "daily", *every[3:]], [*every[:4], "3", *every[5:]],
           [*every[:6], "", *every[7:]], [*every[:-1], "perhaps"]]  # fmt: skip
    assert [line for line, _column in wrong_lines("governance.bookingseries", bad, staff)] == [2, 3, 4, 5, 6]


@pytest.mark.parametrize("key", ["governance.booking", "governance.bookingseries"])
def test_who_may_bring_bookings(city, key):
    assert all(grant_to_import(importer_named(key), city.user(role)) for role in ("handler", "grid_worker"))
    assert grant_to_import(importer_named(key), city.user("resident")) is None


def test_the_list_of_venues_leads_to_all_that_belongs_to_them(city):
    client = Client()
    client.force_login(city.user("community_staff"))
    choice = f"{reverse('admin:governance_importrun_add')}?of=governance.venue"
    assert choice in client.get(reverse("admin:governance_venue_changelist")).content.decode()
    offered = client.get(choice).context["importers"]
    assert {cls.key for cls in offered} == {"governance.openinghours", "governance.venueclosure"}
