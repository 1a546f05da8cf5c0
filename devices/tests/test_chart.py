"""The chart of a device: what it shows of readings, limits and alarms, on the page and through the API."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from devices.chart import MOST_POINTS, Point, folded
from devices.models import Alarm, DeviceBaseline, Reading
from devices.tests.fleet import NOW, at, message
from devices.tests.test_admin import client_of
from devices.tests.test_api_alarms import STAFF

pytestmark = pytest.mark.django_db


def url_of(device, **query) -> str:
    page = reverse("admin:devices_device_change", args=[device.pk])
    return page + ("?" + "&".join(f"{name}={value}" for name, value in query.items()) if query else "")


def api_of(device) -> str:
    return f"/api/v1/devices/{device.code}/chart/"


def keep(device, metric: str, *values: tuple[float, float]) -> None:
    """Store readings (minutes after NOW, value)."""
    Reading.objects.bulk_create(
        Reading(device=device, metric=metric, at=at(minutes), value=value, received_at=NOW) for minutes, value in values
    )


def test_folding_keeps_extremes_means_and_counts():
    points = [Point(at(number), number - 1.0, float(number), number + 1.0, number) for number in range(1, 6)]
    assert folded(points, 2) == [
        Point(at(1), 0.0, (1 + 4 + 9) / 6, 4.0, 6), Point(at(4), 3.0, (16 + 25) / 9, 6.0, 9),
    ]  # fmt: skip
    assert folded([], 3) == [] and folded(points, 9) == points


@pytest.fixture
def told(fleet):
    """A cover that tilted an hour ago and a bin that says nothing of that; both in the readings of today."""
    now = timezone.now()
    tilts = [(90, 3.0), (60, 31.0), (30, 33.0)]
    for minutes, value in tilts:
        when = now - timedelta(minutes=minutes)
        fleet.ingest({"device": "MC-001", "at": when.isoformat(), "metrics": {"tilt": value}}, received_at=when)
    return fleet


def test_the_page_shows_chart_limits_alarms_and_table(told):
    response = client_of(told.city.user("dispatcher")).get(url_of(told.cover, metric="tilt", days=1))
    html = response.content.decode()
    data = response.context["chart_data"]
    assert [(limit["name"], limit["value"]) for limit in data["limits"]] == [("high", 15), ("clear", 10)]
    assert [point[2] for point in data["points"]] == [3.0, 31.0, 33.0]
    (alarm,) = data["alarms"]
    assert alarm["to"] is None and alarm["from"] == round(Alarm.objects.get().raised_at.timestamp() * 1000)
    assert all(text in html for text in ('id="jc-chart-data"', "以表格查看", "告警上限 15°", "24 小时"))
    # and what is not offered is the usual
    usual = client_of(told.city.user("dispatcher")).get(url_of(told.cover, metric="nix", days="9999"))
    assert usual.context["chart"].until - usual.context["chart"].since == timedelta(days=7)


def test_limits_that_are_distances_stand_around_the_baseline(told):
    # given a cover that hangs at 8 degrees when all is well, judged by the distance from that
    told.cover.profile.metrics.filter(metric="tilt").update(relative_to_baseline=True)
    DeviceBaseline.objects.create(device=told.cover, metric="tilt", value=8.0, set_at=NOW,
                                  set_by=told.city.user("administrator"))  # fmt: skip
    # then the chart draws the limits where they bite: above it, and below it as it was at 3 degrees
    user = told.city.user("dispatcher")
    response = client_of(user).get(url_of(told.cover, metric="tilt", days=1))
    drawn = [(limit["name"], limit["value"]) for limit in response.context["chart_data"]["limits"]]
    assert drawn == [("baseline", 8), ("high", 23), ("clear", 18), ("high", -7), ("clear", -2)]
    assert "基线 8°" in response.content.decode() and "告警上限 23°" in response.content.decode()
    answer = client_of(user).get(api_of(told.cover), {"metric": "tilt", "days": 1}).json()
    assert (answer["baseline"], answer["limits"]["high"]) == (8, 15)


def test_nothing_came_is_said_in_words(fleet):
    html = client_of(fleet.city.user("dispatcher")).get(url_of(fleet.bin, metric="fill")).content.decode()
    assert "这段时间内没有收到“满溢度”的读数" in html and "jc-chart-data" not in html


def test_the_api_tells_the_same_and_names_what_is_wrong(told):
    client = client_of(told.city.user("dispatcher"))
    answer = client.get(api_of(told.cover), {"metric": "tilt", "days": 1}).json()
    assert (answer["metric"], answer["unit"], answer["seconds"]) == ("tilt", "°", 86400 / MOST_POINTS)
    assert answer["limits"] == {"high": 15, "low": None, "clear": 10, "critical": None}
    assert answer["baseline"] is None
    assert [point["count"] for point in answer["points"]] == [1, 1, 1]
    assert [row["id"] for row in answer["alarms"]] == [Alarm.objects.get().pk]
    for query, attr in ({"metric": "nix"}, "metric"), ({"days": 0}, "days"), ({"days": 91}, "days"):
        wrong = client.get(api_of(told.cover), query)
        assert wrong.status_code == 400 and wrong.json()["errors"][0]["attr"] == attr, query


def test_who_sees_the_chart(told):
    for role in [*STAFF, "resident"]:
        mine = client_of(told.city.user(role)).get(api_of(told.cover)).status_code
        others = client_of(told.city.outsider(role)).get(api_of(told.cover)).status_code
        wanted = {"supervisor": (404, 200), "resident": (403, 403)}.get(role, (200, 404))
        assert (mine, others) == wanted, role


def test_statements_do_not_grow_with_readings_and_alarms(told):
    client = client_of(told.city.user("dispatcher"))

    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert client.get(url_of(told.cover, days=90)).status_code == 200
        return len(found)

    before = statements()
    keep(told.cover, "tilt", *((minute, 20.0) for minute in range(500)))
    told.ingest(message(minutes=-5, status="missing"))
    assert statements() == before
