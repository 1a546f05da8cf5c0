"""One party's "no" takes nothing from another: who asks within the term opens it again, and parties are reminded."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import call_command

from cases.tests.api import client_of
from governance.errors import Conflict
from governance.models import Event, Notice, Timer
from governance.timers import fire_due
from governance.workflow import act
from mediation.agreements.tests.deals import parties
from mediation.confirmation.tests.test_confirmation import applied, opened, snapshot, wished
from mediation.followup.tests.visiting import found
from mediation.followup.visits import visit_log
from mediation.models import ConfirmationState, FollowUpVisit, JudicialConfirmation
from mediation.papers.links import link_make
from mediation.papers.saying import Reader, may_say, say
from mediation.tests.county import NOW

pytestmark = pytest.mark.django_db
C = ConfirmationState
DAY = timedelta(days=1)
WAITING = {"kind": "mediation.confirmation_reminder", "fired_at": None, "cancelled_at": None}


@pytest.fixture
def templates(county):
    for name in ("0011_agreement_notices", "0012_mediation_notices"):
        call_command("loaddata", str(settings.BASE_DIR / "fixtures" / f"{name}.json"), verbosity=0)


def shut(county) -> JudicialConfirmation:
    """A confirmation that the first visit recorded as not wanted, though only one party had been asked."""
    return act(opened(county), "not_wanted", actor=county.mediator)


def fresh(row) -> JudicialConfirmation:
    return JudicialConfirmation.objects.with_rows().get(pk=row.pk)


@pytest.mark.parametrize("door", ["account", "link", "api", "desk"])
def test_a_party_who_asks_for_it_opens_it_again(county, clock, templates, door):
    # given a "no" for all parties, and no reminder to come
    row = shut(county)
    first, second = parties(row.dispute)
    assert not Timer.objects.filter(**WAITING).exists()
    clock.move_to(NOW + 10 * DAY)
    # when one party asks for it all the same
    party = second if door == "link" else first
    own = client_of(county.people["neighbour"])
    if door == "account":
        assert "say/confirm/" in own.get(f"/r/disputes/{first.pk}/").content.decode()
        assert own.post(f"/r/disputes/{first.pk}/say/confirm/").status_code == 302
    elif door == "link":
        link_make(second, actor=county.mediator)
        say(Reader(second), "confirm")
    elif door == "api":
        url = f"/api/v1/mediation/own/{first.pk}/"
        assert "confirm" in own.get(url).json()["may"]
        assert own.post(f"{url}say/", {"say": "confirm"}, format="json").status_code == 200
    else:
        act(row, "consent", actor=county.mediator, party=first, answer="agreed", how="recorded")
    # then it may be applied for, the reminders that are left come, and the mediator is told
    row = fresh(row)
    assert row.state == C.ELIGIBLE and row.consents.get().party == party
    days = Timer.objects.filter(**WAITING).values_list("payload__day", flat=True)
    assert sorted(days) == [20, 27]
    event = Event.objects.get(name="confirmation.wanted")
    assert event.payload["party"] == party.pk and "何" not in str(event.payload)
    notice = Notice.objects.get(person=county.mediator)
    assert row.dispute.number in notice.title and "2026-07-02" in notice.body and "何" not in notice.body
    # and the other one has the say that they always had
    assert applied(county, row).state == C.JOINTLY_APPLIED


def test_who_does_not_want_it_opens_nothing(county):
    row = shut(county)
    row = act(row, "consent", actor=county.mediator, party=parties(row.dispute)[1], answer="refused", how="recorded")
    assert row.state == C.NOT_WANTED and not Timer.objects.filter(**WAITING).exists()
    assert may_say(parties(row.dispute)[1])[-2:] == ["confirm", "reply"]


def test_after_the_last_day_nothing_is_opened_again(county, clock):
    row = shut(county)
    party = parties(row.dispute)[0]
    clock.move_to(NOW + 31 * DAY)
    before = snapshot(row)
    for wish in (lambda: act(row, "consent", actor=county.mediator, party=party, answer="agreed", how="recorded"),
                 lambda: say(Reader(party, county.people["neighbour"]), "confirm")):  # fmt: skip
        with pytest.raises(Conflict) as refusal:
            wish()
        assert refusal.value.code == "late" and snapshot(row) == before
    assert "confirm" not in may_say(party)


def test_a_visit_at_which_the_other_says_no_takes_nothing_from_who_asked_for_it(county, clock):
    # given one party asked for it, and the visit of day 7 finds a "no"
    row = wished(county, opened(county), 0)
    visit = FollowUpVisit.objects.get(agreement=row.agreement, kind="week")
    clock.move_to(NOW + 7 * DAY)
    visit_log(visit, actor=county.mediator, found=found(confirmation_wanted=False))
    # then it may still be applied for, and who asked is reminded
    assert fresh(row).state == C.ELIGIBLE and Timer.objects.filter(**WAITING).exists()
    # nor does the desk record for all what one of them does not want
    before = snapshot(row)
    with pytest.raises(Conflict) as refusal:
        act(fresh(row), "not_wanted", actor=county.mediator)
    assert refusal.value.code == "wished" and snapshot(row) == before
    # until that party does not ask for it any more
    act(fresh(row), "consent", actor=county.mediator, party=parties(row.dispute)[0], answer="refused", how="recorded")
    assert act(fresh(row), "not_wanted", actor=county.mediator).state == C.NOT_WANTED


def test_parties_with_an_account_are_reminded_on_the_same_days(county, clock, templates):
    # given one party with an account, one without
    row = opened(county)
    party = parties(row.dispute)[0]
    for day in (7, 20, 27):
        clock.move_to(NOW + day * DAY)
        fire_due()
        # then that one is told of the term, on the own page, without a word of the matter or a name
        told = Notice.objects.filter(person=county.people["neighbour"]).order_by("-id")
        assert told.count() == {7: 1, 20: 2, 27: 3}[day]
    notice = told.first()
    assert notice.url == f"/r/disputes/{party.pk}/" and row.dispute.number in notice.title
    assert "2026-07-02" in notice.body and not any(word in notice.body for word in ("马", "何", "漏水"))
    assert Notice.objects.exclude(person=county.mediator).count() == 3
