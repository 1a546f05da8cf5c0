"""What was urged, or paid in part, after its last day is not recorded as performed in time by an empty field."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest

from cases.tests.api import client_of
from governance.clock import SHANGHAI
from governance.errors import Invalid
from governance.models import Event
from governance.testing import snapshot
from governance.workflow import act
from mediation.followup.tests.visiting import at_nine, found, fresh, visit_of
from mediation.models import Obligation, VisitKind

pytestmark = pytest.mark.django_db
WELL = {"confirmation_wanted": None}


def owed_of(row):
    return Obligation.objects.with_rows().get(pk=row.obligation_id)


def urged(county, clock):
    """Due on 30 June, urged on 1 July, visited ten days later."""
    row = at_nine(clock, visit_of(county, VisitKind.OBLIGATION))
    act(owed_of(row), "urge", actor=county.mediator)
    clock.shift(timedelta(days=10))
    return fresh(row)


def refused(county, row, code, **given):
    before = snapshot(fresh(row)), snapshot(owed_of(row))
    with pytest.raises(Invalid) as refusal:
        act(row, "log", actor=county.mediator, found=found(**WELL, **given))
    assert (refusal.value.field, refusal.value.code) == ("performed_on", code)
    assert (snapshot(fresh(row)), snapshot(owed_of(row))) == before


def test_what_was_urged_is_performed_on_a_day_that_is_said(county, clock):
    row = urged(county, clock)
    refused(county, row, "required")
    refused(county, row, "too_early", performed_on=date(2026, 6, 30))
    refused(county, row, "in_future", performed_on=date(2026, 7, 12))
    act(row, "log", actor=county.mediator, found=found(**WELL, performed_on=date(2026, 7, 5)))
    assert owed_of(row).performed_on == date(2026, 7, 5)
    assert Event.objects.get(name="obligation.performed").payload["late"] is True


def test_urged_by_mistake_it_may_have_been_in_time(county, clock):
    row = urged(county, clock)
    act(owed_of(row), "correct", actor=county.mediator, reason="误催")
    act(fresh(row), "log", actor=county.mediator, found=found(**WELL, performed_on=date(2026, 6, 30)))
    assert owed_of(row).performed_on == date(2026, 6, 30)


@pytest.mark.parametrize("late", [False, True])
def test_paid_in_part_after_the_last_day(county, clock, late):
    row = visit_of(county, VisitKind.OBLIGATION)
    if late:
        row = at_nine(clock, row)
    act(owed_of(row), "perform_part", actor=county.mediator, paid=Decimal(1000))
    row = at_nine(clock, row, days=2)
    if late:
        refused(county, row, "required")
        act(row, "log", actor=county.mediator, found=found(**WELL, performed_on=date(2026, 7, 3)))
    else:
        act(row, "log", actor=county.mediator, found=found(**WELL))
    owed = owed_of(row)
    assert (owed.performed_on, owed.found_on) == ((date(2026, 7, 3), None) if late else (None, fresh(row).visited_on))


def test_the_doors_ask_for_the_day(county, clock):
    row = urged(county, clock)
    client, page = client_of(county.mediator), f"/m/visits/{row.pk}/"
    assert "2026-07-01" in client.get(page).content.decode()
    body = {"performed": "yes", "relapse": "no"}
    shown = client.post(page, body | {"step": "log"}, format="multipart")
    assert shown.status_code == 400 and "2026-07-01" in shown.content.decode()
    answer = client.post(f"/api/v1/mediation/visits/{row.pk}/transitions/log/", body)
    assert answer.status_code == 400 and answer.json()["errors"][0]["attr"] == "performed_on"
    given = body | {"step": "log", "performed_on": "2026-07-05"}
    assert client.post(page, given, format="multipart").status_code == 302
    assert owed_of(row).performed_on == date(2026, 7, 5)


@pytest.mark.parametrize("door", ["service", "api", "phone", "admin"])
def test_found_performed_after_its_last_day_it_is_neither_in_time_nor_late(county, clock, door):
    # given what was due on 30 June, which the clock has found overdue
    row = at_nine(clock, visit_of(county, VisitKind.OBLIGATION))
    client, body = client_of(county.mediator), {"performed": "yes", "relapse": "no"}
    # when the visit finds it performed and nobody says on which day
    if door == "service":
        act(row, "log", actor=county.mediator, found=found(**WELL))
    elif door == "api":
        assert client.post(f"/api/v1/mediation/visits/{row.pk}/transitions/log/", body).status_code == 200
    elif door == "phone":
        page = client.get(f"/m/visits/{row.pk}/").content.decode()
        assert page.index("id_performed_on") < page.index("<details")  # asked, not hidden
        assert client.post(f"/m/visits/{row.pk}/", body | {"step": "log"}, format="multipart").status_code == 302
    else:
        page = f"/admin/mediation/followupvisit/{row.pk}/transition/log/"
        assert "id_performed_on" in client.get(page).content.decode()
        assert client.post(page, body, format="multipart").status_code == 302
    # then it is performed by that day, and every door tells that the day is not known
    owed = owed_of(row)
    assert (owed.state, owed.performed_on, owed.found_on) == ("performed", None, date(2026, 7, 1))
    told = Event.objects.get(name="obligation.performed").payload
    assert (told["on"], told["late"], told["found_on"]) == (None, None, "2026-07-01")
    shown = client.get(f"/api/v1/mediation/obligations/{owed.pk}/").json()
    assert (shown["performed_on"], shown["found_on"]) == (None, "2026-07-01")
    assert "日期不详" in client.get(f"/admin/mediation/obligation/{owed.pk}/change/").content.decode()
    # and corrected, nothing of it stays
    act(owed_of(row), "correct", actor=county.mediator, reason="误录")
    assert (owed_of(row).state, owed_of(row).found_on) == ("overdue", None)


def test_found_performed_before_its_last_day_it_is_in_time(county, clock):
    row = visit_of(county, VisitKind.OBLIGATION)
    clock.move_to(datetime.combine(row.obligation.due_on, time(9), SHANGHAI))
    act(row, "log", actor=county.mediator, found=found(**WELL))
    owed = owed_of(row)
    assert (owed.performed_on, owed.found_on) == (owed.due_on, None)
