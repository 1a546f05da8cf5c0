"""Columns sent as text arrive as they were; rows inserted at once are those Django would insert (governance.bulk)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devices.models import Alarm, DeviceKey
from devices.tests.fleet import NOW, build_fleet
from governance.bulk import rows_insert
from governance.columns import AT, flags, numbers, times, words
from governance.events import Draft, record_many
from governance.models import Event, Role, User
from governance.scoping import Grant

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)
MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
ROWS = st.lists(
    st.tuples(
        st.none() | st.integers(-(2**63), 2**63 - 1),
        st.none() | st.floats(allow_nan=False, allow_infinity=False),
        st.booleans(),
        st.none() | MOMENTS,
        st.none() | st.sampled_from(["", "null", "NULL", '"', "\\", "{}", "a,b", " "]) | TEXTS,
    ),
    max_size=8,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(ROWS)
def test_columns_arrive_as_they_were(db, rows):
    whole, real, flag, at, text = zip(*rows, strict=True) if rows else [()] * 5
    columns = numbers(whole), numbers(real), flags(flag), times(at), words(text)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT a, b, c, {AT.format('d')}, e FROM unnest(%s::bigint[], %s::float8[], %s::boolean[], %s::bigint[],"
            " %s::text[]) AS sent (a, b, c, d, e)", columns,
        )  # fmt: skip
        assert cursor.fetchall() == rows


def _values(rows, *without) -> list[dict]:
    return [{name: value for name, value in row.items() if name not in without} for row in rows.order_by("pk").values()]


def test_rows_are_those_django_would_insert(city):
    fleet = build_fleet(city)

    def some():
        return [
            Alarm(
                device=fleet.cover, area=fleet.cover.area, alarm_type=f'type "{number}"\\', severity="high",
                device_at=NOW, received_at=NOW, raised_at=NOW, last_at=NOW + timedelta(microseconds=number),
                value=None if number else 0.1, exceeded=bool(number), count=number,
                activations=[NOW, NOW + timedelta(seconds=1)][:number],
            )
            for number in range(3)
        ]  # fmt: skip

    with transaction.atomic():
        Alarm.objects.bulk_create(some())
        usual = _values(Alarm.objects.all(), "id")
        transaction.set_rollback(True)
    made = some()
    rows_insert(made)
    assert _values(Alarm.objects.all(), "id") == usual
    assert [Alarm.objects.get(pk=row.pk).alarm_type for row in made] == [row.alarm_type for row in made]
    assert not any(row._state.adding for row in made)


def test_what_the_database_fills_in_is_read_when_it_is_asked_for(city):
    subject = city.unit("water")
    payload = {"a": '"\\', "b": None, "c": [1.5, "文"], "d": {}}
    drafts = [Draft("device.rate_limited", subject, payload, NOW), Draft("device.rate_limited", subject, {}, NOW)]
    record_many(drafts, actor=User.objects.system("devices"), grant=Grant(Role.SYSTEM))
    assert list(Event.objects.order_by("pk").values_list("payload", flat=True)) == [payload, {}]
    row = Event(name="x", subject_type="y", subject_id=1, actor=User.objects.system("devices"), role="system",
                occurred_at=NOW)  # fmt: skip
    rows_insert([row])
    assert row.recorded_at == Event.objects.get(pk=row.pk).recorded_at


def test_a_refused_row_stores_none(city):
    fleet = build_fleet(city)
    key = {"prefix": "x", "device": fleet.cover}
    with pytest.raises(IntegrityError), transaction.atomic():
        rows_insert([DeviceKey(digest="a", **key), DeviceKey(digest="a", **key)])
    assert not DeviceKey.objects.filter(digest="a").exists()
    rows_insert([])


def test_a_field_left_to_the_database_by_some_only_is_refused(city):
    given = {"name": "x", "subject_type": "y", "subject_id": 1, "actor": city.user("handler"), "role": "handler",
             "occurred_at": NOW}  # fmt: skip
    with pytest.raises(ValueError, match="recorded_at"):
        rows_insert([Event(**given), Event(**given, recorded_at=NOW)])
