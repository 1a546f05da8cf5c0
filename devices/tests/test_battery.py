"""Battery forecasts: the robust trend against a plain oracle, replacements, what cannot be said; the monthly list."""

import io
from datetime import UTC, date, datetime, timedelta
from statistics import median

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.tests.api import client_of
from devices.battery import forecast, forecasts_compute
from devices.models import Device, DeviceForecast, Reading
from devices.months import month_end, month_of
from devices.tests import test_admin
from governance.errors import Invalid

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
TODAY = NOW.date()
BATTERIES = "/api/v1/devices/battery/"


def falling(days: int, *, newest: float, per_day: float) -> list[tuple[date, float]]:
    """The levels of some days up to today that fall evenly."""
    return [(TODAY - timedelta(days=back), newest + per_day * back) for back in reversed(range(days))]


def oracle(levels, limit):
    """Theil and Sen by hand: the median slope of all pairs, through the medians of days and levels."""
    points = [((day - TODAY).days, level) for day, level in levels]
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for place, a in enumerate(points) for b in points[place + 1 :]]
    slope = median(slopes)
    line = median(level for _day, level in points) - slope * median(day for day, _level in points)
    return slope, ((limit - line) / slope if slope < 0 else None)


LEVELS = st.lists(
    st.tuples(st.integers(0, 89), st.floats(11, 30)), min_size=7, max_size=40, unique_by=lambda level: level[0]
).map(lambda rows: [(TODAY - timedelta(days=back), level) for back, level in sorted(rows, reverse=True)])


@settings(max_examples=200, deadline=None)
@given(LEVELS)
def test_the_trend_is_that_of_the_oracle(levels):
    # given levels that nowhere rise as by a replacement
    found = forecast(levels, limit=10, at=NOW)
    slope, left = oracle(levels, 10)
    assert found.samples == len(levels)
    assert found.slope_per_day == pytest.approx(slope, abs=1e-9)
    if left is None or left > 5 * 365:
        assert (found.outlook, found.reaches_at) == ("steady", None)
    else:
        midnight = datetime(2026, 11, 23, tzinfo=UTC)
        expected = max(NOW, midnight + timedelta(days=left))
        assert found.outlook == "expected"
        assert abs(found.reaches_at - expected) < timedelta(seconds=1) + (expected - NOW) * 1e-6


def test_an_even_fall_reaches_its_limit_when_it_should():
    found = forecast(falling(30, newest=30, per_day=0.5), limit=10, at=NOW)
    assert (found.outlook, found.samples, found.level) == ("expected", 30, 30)
    assert found.slope_per_day == pytest.approx(-0.5)
    assert found.reaches_at.date() == TODAY + timedelta(days=40)


def test_a_line_that_falls_by_rounding_only_is_no_fault():
    # given a battery that lies below its limit but for the newest day, and falls by so little that it is no time
    levels = [*falling(30, newest=9.85, per_day=1e-15)[:-1], (TODAY, 10.2)]
    # then it is to be replaced now
    found = forecast(levels, limit=10, at=NOW)
    assert (found.outlook, found.reaches_at) == ("expected", NOW)


def test_a_quarter_of_nonsense_changes_nothing():
    even = falling(32, newest=30, per_day=0.5)
    levels = [(day, 31.0 if place % 4 == 0 else level) for place, (day, level) in enumerate(even)]
    assert forecast(levels, limit=10, at=NOW).slope_per_day == pytest.approx(-0.5, abs=0.1)


def test_days_before_the_last_replacement_do_not_count():
    # given a battery that was replaced ten days ago
    old = [(day - timedelta(days=10), level) for day, level in falling(40, newest=12, per_day=1)]
    new = falling(10, newest=99, per_day=0.1)
    found = forecast(old + new, limit=10, at=NOW)
    assert (found.samples, found.since, found.outlook) == (10, new[0][0], "expected")
    assert found.slope_per_day == pytest.approx(-0.1)


@pytest.mark.parametrize(("levels", "outlook"), [
    ([], "unknown"),
    (falling(6, newest=50, per_day=1), "unknown"),
    (falling(20, newest=80, per_day=0), "steady"),
    (falling(20, newest=80, per_day=-0.2), "steady"),
    (falling(20, newest=90, per_day=0.001), "steady"),
    (falling(3, newest=9, per_day=1), "reached"),
])  # fmt: skip
def test_what_cannot_be_said_is_said_so(levels, outlook):
    found = forecast(levels, limit=10, at=NOW)
    assert found.outlook == outlook
    assert (found.reaches_at is not None) == (outlook == "reached")


def test_months_end_where_people_say_they_do():
    assert month_end("2026-12").isoformat() == "2027-01-01T00:00:00+08:00"
    assert month_of(datetime(2026, 11, 30, 17, tzinfo=UTC)) == "2026-12"
    assert [month_of(NOW, later) for later in (0, 1, 2)] == ["2026-11", "2026-12", "2027-01"]
    for wrong in ("", "2026", "2026-13", "2026-1", "12-2026"):
        with pytest.raises(Invalid):
            month_end(wrong)


def measured(device, levels) -> None:
    Reading.objects.bulk_create(
        Reading(device=device, metric="battery", at=datetime(day.year, day.month, day.day, hour, tzinfo=UTC),
                value=level, received_at=NOW)
        for day, level in levels for hour in (1, 2, 3)
    )  # fmt: skip


@pytest.fixture
def bins(fleet) -> list[Device]:
    """Bins with batteries: empty in 20 days, empty in 50 days, unknown; the bin of the fleet is the first."""
    made = [
        Device.objects.create(
            code=f"TB-10{number}", name="垃圾桶", profile=fleet.bin.profile, area=fleet.city.grid,
            unit=fleet.city.municipal, longitude=fleet.bin.longitude, latitude=fleet.bin.latitude,
        )
        for number in range(2)
    ]  # fmt: skip
    measured(fleet.bin, falling(10, newest=40, per_day=1))
    measured(made[0], falling(10, newest=70, per_day=1))
    return [fleet.bin, *made]


def test_forecasts_are_computed_for_devices_with_a_battery_in_use(fleet, bins):
    # the profile's alarm begins at 20 %, and it has no critical limit
    assert forecasts_compute(NOW) == 3  # not the covers, whose profile here knows no battery
    rows = {row.device.code: row for row in DeviceForecast.objects.select_related("device")}
    assert {code: row.outlook for code, row in rows.items()} == {
        "TB-001": "expected", "TB-100": "expected", "TB-101": "unknown",
    }  # fmt: skip
    assert (rows["TB-001"].limit, rows["TB-001"].samples) == (20, 10)
    assert rows["TB-001"].reaches_at.date() == TODAY + timedelta(days=20)
    # when a device is no longer in use its forecast is gone; the others are renewed, not doubled
    Device.objects.filter(code="TB-101").update(state="retired")
    measured(bins[0], [(TODAY + timedelta(days=1), 39.0)])
    assert forecasts_compute(NOW + timedelta(days=1)) == 2
    assert DeviceForecast.objects.count() == 2
    assert DeviceForecast.objects.get(device=bins[0]).samples == 11


def test_as_many_statements_for_many_devices_as_for_one(fleet, bins):
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            forecasts_compute(NOW)
        return len(queries)

    many = statements()
    Device.objects.exclude(pk=fleet.bin.pk).update(state="retired")
    assert statements() == many


def codes(user, **query) -> list[str]:
    response = client_of(user).get(BATTERIES, query)
    assert response.status_code == 200, response.content
    return [row["device"] for row in response.json()["results"]]


def test_the_list_of_a_month_by_unit_and_area(fleet, bins):
    forecasts_compute(NOW)
    centre = fleet.city.user("operations_centre")
    # given now is 23 November: 20 days lead into December, 50 into January
    assert codes(centre, month="2026-11") == []
    assert codes(centre, month="2026-12") == ["TB-001"]
    assert codes(centre, month="2027-01") == codes(centre) == ["TB-001", "TB-100"]
    assert codes(centre, outlook="unknown") == ["TB-101"]
    assert codes(centre, unit="municipal") == codes(centre, area=fleet.city.grid.code) == ["TB-001", "TB-100"]
    # page by page
    page = client_of(centre).get(BATTERIES, {"page_size": 1}).json()
    assert [row["device"] for row in client_of(centre).get(page["next"]).json()["results"]] == ["TB-100"]
    for wrong in ({"month": "2026-13"}, {"cursor": "cD1ub3doZXJl"}, {"unit": "none"}, {"outlook": "rosy"}):
        response = client_of(centre).get(BATTERIES, wrong)
        assert (response.status_code, response.json()["errors"][0]["attr"]) in [(400, next(iter(wrong)))], wrong


def test_who_sees_forecasts(fleet, bins):
    forecasts_compute(NOW)
    # who sees the device sees its battery: the owner's handler, not another unit's supervisor
    for role in ("administrator", "registrar", "dispatcher", "grid_worker", "community_staff", "handler"):
        assert len(codes(fleet.city.user(role))) == 2, role
        assert codes(fleet.city.outsider(role)) == [], role
    assert codes(fleet.city.user("supervisor")) == []
    assert client_of(fleet.city.user("resident")).get(BATTERIES).status_code == 403
    assert client_of(None).get(BATTERIES).status_code == 401


def test_an_empty_list_says_when_forecasts_are_made(fleet, bins):
    html = test_admin.client_of(fleet.city.user("community_staff")).get("/admin/devices/deviceforecast/")
    html = html.content.decode()
    assert "每晚计算一次" in html and "新增" not in html


def test_an_empty_list_offers_what_may_be_done_and_no_more(fleet):
    client = test_admin.client_of(fleet.city.user("administrator"))

    def shown(path: str) -> str:
        html = client.get(f"/admin/devices/{path}").content.decode()
        return html[html.index("jc-no-rows") :].partition("</section>")[0]

    # where nobody creates, nothing to create; where nothing was asked for, nothing that does not fit
    assert not {word for word in ("新增", "清除筛选", "没有符合条件") if word in shown("collectionrun/")}
    found = shown("devicecommand/?q=nowhere")
    assert "清除筛选" in found and "没有符合条件" in found and 'href="?"' in found
    # where somebody may, the form, in a popup as one
    assert "/admin/devices/gateway/add/" in shown("gateway/?q=nowhere")
    found = shown("gateway/?q=nowhere&_popup=1")
    assert "/admin/devices/gateway/add/?_popup=1" in found and 'href="?_popup=1"' in found


def test_the_admin_list_goes_out_as_a_sheet(fleet, bins):
    forecasts_compute(NOW)
    client = test_admin.client_of(fleet.city.user("community_staff"))
    url = "/admin/devices/deviceforecast/"
    assert "TB-101" in client.get(url).content.decode()
    shown = client.get(url, {"month": "2026-12"}).content.decode()
    assert "TB-001" in shown and "TB-100" not in shown
    sheet = client.post(f"{url}export/?month=2027-01", {"format": "xlsx"})
    rows = list(openpyxl.load_workbook(io.BytesIO(b"".join(sheet.streaming_content))).active.values)
    assert [row[0] for row in rows[1:]] == ["TB-001", "TB-100"]
    assert rows[1][3] == "2026-12-13"
    # and nobody writes there
    assert client.post(f"{url}add/").status_code == 403
