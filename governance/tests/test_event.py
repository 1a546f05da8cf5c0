import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from governance.models import Event, User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("statement", ["UPDATE governance_event SET name = 'x'", "DELETE FROM governance_event"])
def test_history_cannot_be_rewritten(statement):
    # given an event
    Event.objects.create(
        name="case.reported", subject_type="cases.case", subject_id=1, actor=User.objects.system("test"),
        role="system", occurred_at="2026-11-23T08:00:00+08:00",
    )  # fmt: skip
    # when somebody tries to change or remove it with SQL
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    # then it stands as it was
    assert Event.objects.values_list("name", flat=True).get() == "case.reported"


@pytest.mark.django_db(transaction=True)
def test_after_a_restore_events_from_the_future_become_past_and_stay_append_only():
    # given an event that carries a transaction id this server has not reached
    Event.objects.create(
        name="case.reported", subject_type="cases.case", subject_id=1, actor=User.objects.system("test"),
        role="system", occurred_at="2026-11-23T08:00:00+08:00", tx="9000000000",
    )  # fmt: skip
    # when the restored database is made ready
    call_command("reset_event_positions")
    # then it lies in the past, and history still cannot be rewritten
    assert Event.objects.get().tx == 3
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE governance_event SET name = 'x'")
