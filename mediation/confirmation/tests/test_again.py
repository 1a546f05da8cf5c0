"""Turned away as not for this court, or with papers missing: the parties may apply again while the term runs."""

from datetime import timedelta

import pytest

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid
from governance.models import Event, Notice, Timer
from governance.workflow import act
from mediation.confirmation.tests.test_confirmation import GIVEN, PROOF, in_state, snapshot
from mediation.confirmation.tests.test_wishes import WAITING, fresh, templates  # noqa: F401
from mediation.models import ConfirmationConsent, ConfirmationState
from mediation.tests.county import NOW

pytestmark = pytest.mark.django_db
C = ConfirmationState
DAY = timedelta(days=1)
FIRST = NOW.date()  # the last day is 2 July, the thirtieth
WHY = {"reason": "不属于本院管辖"}


def turned_away(county, how="not_admit"):
    """Turned away by the court on the first day: as not for this court, or its papers not completed."""
    row, clerk = in_state(county, C.ADMITTED if how == "reject" else C.RECEIVED), county.people["judges_clerk"]
    ground = {} if how == "hand_back" else {"ground": "355_2"}
    return act(row, how, actor=clerk, **WHY, **ground)


@pytest.mark.parametrize(("how", "door"), [("not_admit", "api"), ("reject", "admin"), ("hand_back", "api")])
def test_within_the_term_they_apply_to_the_competent_court(county, clock, how, door):
    # given an application of both that the court turned away
    row = turned_away(county, how)
    assert row.state == (C.WITHDRAWN if how == "hand_back" else C.REJECTED)
    consents = ConfirmationConsent.objects.count()
    clock.move_to(NOW + 3 * DAY)
    # when it is opened again
    client = client_of(county.mediator)
    if door == "api":
        address = f"/api/v1/mediation/confirmations/{row.pk}/"
        assert "again" in client.get(address).json()["transitions"]
        assert client.post(f"{address}transitions/again/", {}).status_code == 200
    else:
        page = f"/admin/mediation/judicialconfirmation/{row.pk}/transition/again/"
        assert client.post(page, {}, format="multipart").status_code == 302
    # then the term runs on, it is called to mind, and the court that turned it away is on record
    row = fresh(row)
    assert (row.state, row.ground, row.court, row.decided_on) == (C.ELIGIBLE, "", None, None)
    assert sorted(Timer.objects.filter(**WAITING).values_list("payload__day", flat=True)) == [7, 20, 27]
    event = Event.objects.get(name="confirmation.open_again")
    assert event.payload["ground"] == ("357" if how == "hand_back" else "355_2") and event.payload["court"]
    # and they apply without being asked anew
    row = act(row, "apply", actor=county.mediator, court=county.unit("court"), basis="domicile")
    assert row.state == C.JOINTLY_APPLIED and ConfirmationConsent.objects.count() == consents
    assert act(row, "receive", actor=county.people["judges_clerk"]).state == C.RECEIVED


def test_after_the_last_day_only_what_was_set_about_in_time(county, clock):
    row = turned_away(county)
    clock.move_to(NOW + 31 * DAY)
    before = snapshot(row)
    with pytest.raises(Conflict) as refusal:
        act(row, "again", actor=county.mediator)
    assert refusal.value.code == "late" and snapshot(row) == before
    for day, code in ((FIRST + 32 * DAY, "in_future"), (FIRST - DAY, "too_early")):
        with pytest.raises(Invalid) as refusal:
            act(row, "again", actor=county.mediator, on=day)
        assert (refusal.value.field, refusal.value.code) == ("on", code) and snapshot(row) == before
    row = act(row, "again", actor=county.mediator, on=FIRST + 29 * DAY)
    row = act(row, "apply", actor=county.mediator, court=county.unit("court"), basis="domicile",
              applied_on=FIRST + 30 * DAY, **PROOF)  # fmt: skip
    assert row.state == C.JOINTLY_APPLIED


@pytest.mark.parametrize("ground", ["355_1", "355_3", "358_5"])
def test_what_no_court_confirms_is_not_opened_again(county, ground):
    admitted = ground.startswith("358")
    row = in_state(county, C.ADMITTED if admitted else C.RECEIVED)
    row = act(row, "reject" if admitted else "not_admit", actor=county.people["judges_clerk"], ground=ground, **WHY)
    before = snapshot(row)
    with pytest.raises(Conflict):
        act(row, "again", actor=county.mediator)
    assert snapshot(row) == before


def test_what_the_parties_withdrew_is_asked_anew(county):
    row = in_state(county, C.WITHDRAWN)
    before = snapshot(row)
    with pytest.raises(Conflict):
        act(row, "again", actor=county.mediator)
    assert snapshot(row) == before


def test_missing_papers_are_no_ground_to_reject(county):
    clerk = county.people["judges_clerk"]
    for state, name in ((C.RECEIVED, "not_admit"), (C.ADMITTED, "reject")):
        row = in_state(county, state)
        before = snapshot(row)
        with pytest.raises(Invalid) as refusal:
            act(row, name, actor=clerk, ground="357", reason="材料不全")
        assert refusal.value.field == "ground" and snapshot(row) == before


def test_the_mediator_is_told_that_papers_were_missing(county, templates):  # noqa: F811
    row = in_state(county, C.ADMITTED)
    before = Notice.objects.filter(person=county.mediator).count()
    act(row, "hand_back", actor=county.people["judges_clerk"], **GIVEN["hand_back"])
    assert Notice.objects.filter(person=county.mediator).count() == before + 1
