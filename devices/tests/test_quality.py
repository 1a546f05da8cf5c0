"""Figures that cannot be: kept as bad, shown with a flag, never judged."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.tests.api import client_of
from devices.history import series
from devices.models import Alarm, LatestValue, ProfileMetric, Reading
from devices.offline import offline_sweep
from devices.profile_rules import forget_rules
from devices.tests.fleet import NOW, at, message


@pytest.fixture
def ranged(fleet):
    """The fleet; a tilt lies between 0 and 180."""
    ProfileMetric.objects.filter(metric="tilt").update(valid_min=0, valid_max=180)
    forget_rules()
    yield fleet
    forget_rules()


def qualities() -> dict:
    return {(row.metric, row.value): row.quality for row in Reading.objects.all()}


def test_a_figure_that_cannot_be_is_kept_as_bad_and_raises_nothing(ranged):
    result = ranged.ingest(message(metrics={"tilt": 999, "depth": 1}), message(1, metrics={"tilt": 180}))

    assert result.accepted == 2 and not result.rejected
    assert qualities() == {("tilt", 999): "bad", ("depth", 1): None, ("tilt", 180): None}
    # 180 can be, and is past the limit
    assert Alarm.objects.get().value == 180


@pytest.mark.parametrize("late", [False, True])
def test_it_neither_raises_nor_clears(ranged, late):
    ranged.ingest(message(metrics={"tilt": 30}))
    ranged.ingest(message(-5 if late else 5, metrics={"tilt": -1}), received_at=at(5))
    alarm = Alarm.objects.get()
    assert alarm.active and alarm.count == 1


def test_a_good_figure_that_comes_in_behind_a_bad_one_is_no_history(ranged):
    # given a bad figure, and nothing good before it
    ranged.ingest(message(5, metrics={"tilt": -1}), received_at=at(5))
    # when good ones of before come in late: past the limit, then normal, then past it but older than that
    ranged.ingest(message(1, metrics={"tilt": 30}), received_at=at(6))
    alarm = Alarm.objects.get()
    assert alarm.active and not alarm.late
    ranged.ingest(message(3, metrics={"tilt": 2}), received_at=at(7))
    ranged.ingest(message(2, metrics={"tilt": 40}), received_at=at(8))
    # then they count as if the bad one had never come
    alarm.refresh_from_db()
    assert (alarm.active, alarm.cleared_at, alarm.count) == (False, at(3), 1)
    row = LatestValue.objects.get()
    assert (row.value, row.quality, row.good_at) == (-1, "bad", at(3))
    # and a newer good one leaves no trace of it
    ranged.ingest(message(6, metrics={"tilt": 30}), received_at=at(9))
    row.refresh_from_db()
    assert (row.value, row.quality, row.good_at) == (30, None, None)
    assert Alarm.objects.latest("pk").active


def test_the_newest_value_carries_the_flag_until_a_good_one_comes(ranged):
    ranged.ingest(message(metrics={"tilt": 3}), message(1, metrics={"tilt": 400}), received_at=at(1))
    row = LatestValue.objects.get()
    assert (row.value, row.quality) == (400, "bad")
    shown = client_of(ranged.city.user("dispatcher")).get("/api/v1/devices/MC-001/").json()["latest"]
    assert [(one["value"], one["quality"]) for one in shown] == [(400, "bad")]
    page = (
        client_of(ranged.city.user("dispatcher"))
        .get(f"/admin/devices/device/{ranged.cover.pk}/", follow=True)
        .content.decode()
    )
    assert "坏值：不可能" in page
    # a good one, in one batch with a bad one before it
    ranged.ingest(message(2, metrics={"tilt": 500}), message(3, metrics={"tilt": 4}), received_at=at(3))
    row.refresh_from_db()
    assert (row.value, row.quality) == (4, None)
    # and it is no part of the line
    assert [point.max for point in series(ranged.cover, "tilt", at(-60), at(60))] == [3, 4]


def test_an_alarm_whose_newest_figure_cannot_be_says_so_everywhere(ranged):
    # given a cover that is tilted by its figure, and missing by its own word
    ranged.ingest(message(metrics={"tilt": 20}), message(1, status="missing"), received_at=at(1))
    client = client_of(ranged.city.user("grid_worker"))

    def qualities_told() -> dict:
        return {row["alarm_type"]: row["quality"] for row in client.get("/api/v1/alarms/").json()["results"]}

    assert qualities_told() == {"tilted": "good", "missing": "good"}
    # when its sensor says what cannot be
    ranged.ingest(message(5, metrics={"tilt": 9999}), received_at=at(5))
    # then that of the figure says so: by REST, on the console, on the phone; and the figure is marked
    assert qualities_told() == {"tilted": "bad", "missing": "good"}
    alarm = Alarm.objects.get(alarm_type="tilted")
    console = client_of(ranged.city.user("dispatcher")).get("/admin/devices/alarm/").content.decode()
    assert console.count("最新读数不可信") == 1
    for page in (f"/m/alarms/{alarm.pk}/", "/m/alarms/"):
        assert client.get(page).content.decode().count("最新读数不可信") == 1, page
    for page in (f"/m/alarms/{alarm.pk}/", "/m/devices/MC-001/"):
        assert "坏值：不可能" in client.get(page).content.decode(), page
    # and a good one takes it back
    ranged.ingest(message(6, metrics={"tilt": 21}), received_at=at(6))
    assert qualities_told() == {"tilted": "good", "missing": "good"}


def test_values_of_a_device_that_is_offline_are_stale(ranged):
    ranged.cover_profile.statuses.create(code="offline", label="离线", severity="low", opens_case=False)
    forget_rules()
    ranged.ingest(message(metrics={"tilt": 30}))
    offline_sweep(NOW + timedelta(days=1))
    client = client_of(ranged.city.user("dispatcher"))
    assert [row["quality"] for row in client.get("/api/v1/devices/MC-001/").json()["latest"]] == ["stale"]
    told = {row["alarm_type"]: row["stale"] for row in client.get("/api/v1/alarms/").json()["results"]}
    assert told == {"tilted": True, "offline": False}
    # heard again with nothing but a bad figure: it is there, and its alarm still holds
    later = 60 * 24 + 1
    ranged.ingest(message(later, metrics={"tilt": 999}), received_at=at(later))
    told = {row["alarm_type"]: row["active"] for row in client.get("/api/v1/alarms/").json()["results"]}
    assert told == {"tilted": True, "offline": False}


def test_a_repeated_bad_message_is_stored_once(ranged):
    said = message(metrics={"tilt": 999})
    assert ranged.ingest(said, said).duplicate == 1
    assert ranged.ingest(said).duplicate == 1
    assert Reading.objects.count() == 1


def test_good_batches_take_no_statement_more(ranged):
    ranged.ingest(message(metrics={"tilt": 1}))
    taken = []
    for minute in (1, 2):
        with CaptureQueriesContext(connection) as queries:
            ranged.ingest(*[message(minute + n / 100, metrics={"tilt": 1}) for n in range(20)], received_at=at(minute))
        taken.append(len(queries))
        ProfileMetric.objects.filter(metric="tilt").update(valid_min=None, valid_max=None)
        forget_rules()
        ranged.ingest(message(minute + 0.5, metrics={"tilt": 1}), received_at=at(minute + 0.5))
    assert taken[0] == taken[1]


def test_the_least_lies_below_the_greatest(ranged):
    with pytest.raises(IntegrityError), transaction.atomic():
        ProfileMetric.objects.filter(metric="tilt").update(valid_min=180, valid_max=0)


SAID = st.lists(
    st.tuples(
        st.sampled_from([-30, -1, 0, 1, 2, 3, 4]),
        st.sampled_from([None, "normal", "tilted"]),
        st.sampled_from([None, 3.0, 12.0, 30.0, -5.0, 200.0]),
    ).filter(lambda said: said[1:] != (None, None)),
    max_size=6,
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(batches=st.lists(SAID, min_size=1, max_size=4))
def test_alarms_are_those_without_the_bad_figures(ranged, batches):
    def alarms(believe: bool) -> list:
        """Return the alarms of the batches; ``believe``: the bad figures are left out before."""
        with transaction.atomic():
            for number, batch in enumerate(batches):
                messages = []
                for minutes, status, tilt in batch:
                    if believe and tilt is not None and not 0 <= tilt <= 180:
                        tilt = None
                    told = ({"status": status} if status else {}) | ({"metrics": {"tilt": tilt}} if tilt else {})
                    if told:
                        messages.append(message(minutes + number, **told))
                ranged.ingest(*messages, received_at=at(number))
            found = list(
                Alarm.objects.order_by("raised_at", "id").values_list(
                    "alarm_type", "raised_at", "cleared_at", "last_at", "count", "late", "asserted", "exceeded"
                )
            )
            transaction.set_rollback(True)
        return found

    # a message at a time that is taken already counts by its first words: then the two cannot be compared
    times = [minutes + number for number, batch in enumerate(batches) for minutes, _status, _tilt in batch]
    if len(times) == len(set(times)):
        assert alarms(believe=False) == alarms(believe=True)
