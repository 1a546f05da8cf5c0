"""What happened in time is recorded later: the day counts on which it was said or handed in, not that of the typing."""

from datetime import date, timedelta

import pytest

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid
from governance.models import Event, Notice, OrgUnit
from governance.workflow import act
from mediation.agreements.documents.papers import paper_take
from mediation.agreements.tests.deals import parties
from mediation.confirmation.eligibility import wishes_of
from mediation.confirmation.tests.test_confirmation import PROOF, applied, in_state, opened, snapshot, wished
from mediation.confirmation.tests.test_wishes import fresh, shut, templates  # noqa: F401
from mediation.models import ConfirmationState, JudicialConfirmation
from mediation.tests.county import NOW
from mediation.tests.papers import text_of

pytestmark = pytest.mark.django_db
C = ConfirmationState
DAY = timedelta(days=1)
FIRST, DAY_28, DAY_29 = NOW.date(), date(2026, 6, 30), date(2026, 7, 1)  # the last day is 2 July


def said(county, row, number=0, answer="agreed", how="recorded", **given):
    return act(
        row, "consent", actor=county.mediator, party=parties(row.dispute)[number], answer=answer, how=how, **given
    )


def handed_in(county, row, **given):
    return act(row, "apply", actor=county.mediator, court=county.unit("court"), basis="mediation", **given)


@pytest.mark.parametrize("door", ["api", "admin"])
def test_handed_in_on_day_28_and_recorded_on_day_32(county, clock, door):
    # given both went to court on day 28 without the mediator, who hears of it after the last day
    row = opened(county)
    clock.move_to(NOW + 32 * DAY)
    client = client_of(county.mediator)
    wishes = [("consent", {"party": str(party.pk), "answer": "agreed", "how": "together", "said_on": str(DAY_28)})
              for party in parties(row.dispute)]  # fmt: skip
    # when it is recorded with its days
    apply = {"court": "court", "basis": "mediation", "applied_on": str(DAY_28), **PROOF}
    for name, given in [*wishes, ("apply", apply)]:
        if door == "api":
            answer = client.post(f"/api/v1/mediation/confirmations/{row.pk}/transitions/{name}/", given)
            assert answer.status_code == 200, answer.content
        else:
            page = f"/admin/mediation/judicialconfirmation/{row.pk}/transition/{name}/"
            assert client.get(page).status_code == 200
            assert client.post(page, given, format="multipart").status_code == 302
    # then it is in time, the clerk goes on with it, and the paper and REST tell the day
    row = fresh(row)
    assert (row.state, row.applied_on) == (C.JOINTLY_APPLIED, DAY_28)
    assert act(row, "receive", actor=county.people["judges_clerk"], on=DAY_29).state == C.RECEIVED
    told = client.get(f"/api/v1/mediation/confirmations/{row.pk}/").json()["wishes"]
    assert {one["said_on"] for one in told} == {str(DAY_28)}
    assert "2026-06-30" in client.get(f"/admin/mediation/judicialconfirmation/{row.pk}/change/").content.decode()
    paper = text_of(paper_take(row.dispute, "confirmation_application", actor=county.mediator)[1])
    assert paper.count("2026年6月30日") >= 3
    # and who typed it stands beside, with the day
    event = Event.objects.filter(name="confirmation.consent_recorded").first()
    assert (event.actor, event.payload["on"], event.occurred_at) == (county.mediator, str(DAY_28), NOW + 32 * DAY)


def test_what_is_said_too_late_stays_too_late(county, clock):
    row = said(county, opened(county), said_on=FIRST)
    clock.move_to(NOW + 32 * DAY)
    row = said(county, row, 1)
    before = snapshot(row)
    for day, code in ((DAY_28, "one_sided"), (None, "late")):
        with pytest.raises(Conflict) as refusal:
            handed_in(county, row, applied_on=day)
        assert refusal.value.code == code and snapshot(row) == before


def test_no_day_ahead_nor_before_the_effect(county, clock):
    row = opened(county)
    clock.move_to(NOW + 3 * DAY)
    before = snapshot(row)
    for day, code in ((FIRST + 4 * DAY, "in_future"), (date.max, "in_future"), (FIRST - DAY, "too_early")):
        with pytest.raises(Invalid) as refusal:
            said(county, row, said_on=day)
        assert (refusal.value.field, refusal.value.code) == ("said_on", code) and snapshot(row) == before
    with pytest.raises(Invalid) as refusal:
        act(row, "consent", actor=county.people["neighbour"], party=parties(row.dispute)[0], answer="agreed",
            how="account", said_on=FIRST)  # fmt: skip
    assert (refusal.value.field, refusal.value.code) == ("said_on", "own") and snapshot(row) == before


def test_the_last_word_is_the_one_said_last_not_the_one_typed_last(county, clock):
    row = opened(county)
    clock.move_to(NOW + 10 * DAY)
    said(county, row, answer="refused", said_on=FIRST + 9 * DAY)
    said(county, row, said_on=FIRST + 5 * DAY)
    assert {one.answer for one in wishes_of(row).values()} == {"refused"}
    assert {one.answer for one in wishes_of(row, until=FIRST + 8 * DAY).values()} == {"agreed"}
    # nor does it open what was shut
    row = act(fresh(row), "not_wanted", actor=county.mediator)
    assert said(county, row, said_on=FIRST + 6 * DAY).state == C.NOT_WANTED
    assert said(county, row, said_on=FIRST + 10 * DAY).state == C.ELIGIBLE


@pytest.mark.parametrize("way", ["wanted", "consent"])
def test_not_wanted_by_mistake_is_put_right_after_the_last_day(county, clock, way):
    # given it was recorded as not wanted, though both had signed the application on day 28
    row = shut(county)
    clock.move_to(NOW + 31 * DAY)
    before = snapshot(row)
    with pytest.raises(Conflict) as refusal:
        act(row, "wanted", actor=county.mediator)
    assert refusal.value.code == "late"
    for day, code in ((FIRST + 32 * DAY, "in_future"), (FIRST - DAY, "too_early")):
        with pytest.raises(Invalid) as refusal:
            act(row, "wanted", actor=county.mediator, on=day)
        assert (refusal.value.field, refusal.value.code) == ("on", code) and snapshot(row) == before
    # when that is recorded with its day, then what was handed in on day 29 can be recorded
    row = act(row, "wanted", actor=county.mediator, on=DAY_28) if way == "wanted" else said(county, row, said_on=DAY_28)
    assert row.state == C.ELIGIBLE
    for number in (0, 1):
        row = said(county, row, number, said_on=DAY_28)
    assert handed_in(county, row, applied_on=DAY_29, **PROOF).state == C.JOINTLY_APPLIED


@pytest.mark.parametrize("door", ["api", "admin"])
def test_court_and_day_are_put_right_without_asking_anybody_anew(county, clock, templates, door):  # noqa: F811
    # given the wrong court and the wrong day were entered, which is seen after the last day
    other = OrgUnit.objects.create(code="court-other", name="另一法院", kind="court", area=county.area("district"))
    row = applied(county)
    clock.move_to(NOW + 31 * DAY)
    given = {"court": "court-other", "basis": "domicile", "applied_on": str(FIRST), "reason": "立案法院写错"}
    client, notices = client_of(county.mediator), Notice.objects.count()
    if door == "api":
        address = f"/api/v1/mediation/confirmations/{row.pk}/transitions/correct/"
        assert client.post(address, given | {"reason": ""}).status_code == 400
        assert client.post(address, given).status_code == 200
    else:
        page = f"/admin/mediation/judicialconfirmation/{row.pk}/transition/correct/"
        assert 'value="2026-06-02"' in client.get(page).content.decode()
        assert client.post(page, given, format="multipart").status_code == 302
    # then it is there, the wishes count as they did, and what stood there before is kept
    row = fresh(row)
    assert (row.state, row.court, row.court_basis, row.applied_on) == (C.JOINTLY_APPLIED, other, "domicile", FIRST)
    event = Event.objects.get(name="confirmation.corrected")
    assert event.payload["court_before"] == county.unit("court").pk and event.payload["court"] == other.pk
    assert not JudicialConfirmation.objects.visible_to(county.people["judges_clerk"]).exists()
    assert Notice.objects.count() == notices  # nobody works at that court
    # and a day out of term, or before both had said so, is refused as in applying
    before = snapshot(row)
    for day, error in ((FIRST + 31 * DAY, Conflict), (FIRST + 32 * DAY, Invalid), (FIRST - DAY, Invalid)):
        with pytest.raises(error):
            act(row, "correct", actor=county.mediator, court=other, basis="domicile", applied_on=day, reason="日期写错")
        assert snapshot(row) == before


def test_once_the_court_has_it_nothing_is_corrected(county):
    row = in_state(county, C.RECEIVED)
    before = snapshot(row)
    with pytest.raises(Conflict):
        act(row, "correct", actor=county.mediator, court=county.unit("court"), basis="domicile", reason="写错")
    assert snapshot(row) == before


def test_after_a_withdrawal_nothing_is_said_for_a_day_before_it(county, clock):
    row = applied(county)
    clock.shift(5 * DAY)
    row = act(row, "withdraw", actor=county.mediator, reason="再考虑")
    clock.shift(5 * DAY)
    row = act(row, "wanted", actor=county.mediator)
    with pytest.raises(Invalid) as refusal:
        said(county, row, said_on=FIRST + 4 * DAY)
    assert refusal.value.code == "too_early"
    row = wished(county, row)
    assert handed_in(county, row).state == C.JOINTLY_APPLIED
