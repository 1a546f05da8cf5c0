"""Closing says before the press what is still open; the party goes on reading that the agreement binds."""

from datetime import timedelta

import pytest

from cases.tests.api import client_of
from governance.workflow import act
from mediation.agreements.tests.deals import effective, owed_money, parties
from mediation.confirmation.tests.test_confirmation import applied, opened, wished
from mediation.followup.left_open import still_open
from mediation.models import Dispute, FollowUpVisit, JudicialConfirmation, Obligation
from mediation.papers.own import progress_of
from mediation.papers.saying import Reader, say

pytestmark = pytest.mark.django_db


def form_of(county, dispute) -> str:
    page = f"/admin/mediation/dispute/{dispute.pk}/transition/close/"
    return client_of(county.mediator).get(page).content.decode()


def test_what_is_open_stands_above_the_button(county, clock):
    # given 2000 of 3000 yuan due, a repair, visits, a term that runs, and a party who says that nothing was done
    agreement = effective(county)
    dispute, party = agreement.dispute, parties(agreement.dispute)[0]
    act(owed_money(agreement), "perform_part", actor=county.mediator, paid=1000)
    say(Reader(party), "reply", performed="no", relapse=True)
    # when the form that closes it is opened
    shown = form_of(county, dispute)
    # then it says so, and not who said so
    words = ["尚有 2 项义务未履行，2000.00 元待付", "4 次回访", "2026-07-02", "2026-06-02", "纠纷又起"]
    assert all(word in shown.partition('id="still-open"')[2] for word in words)
    assert "何秀英" not in shown and not any(party.masked in line for line in still_open(dispute))
    # and it may be closed all the same
    answer = client_of(county.mediator).post(
        f"/admin/mediation/dispute/{dispute.pk}/transition/close/", {}, "multipart"
    )
    assert answer.status_code == 302 and Dispute.objects.get(pk=dispute.pk).state == "closed"


def test_a_party_who_put_it_right_and_a_court_that_was_asked(county):
    row = applied(county, wished(county, wished(county, opened(county), 0), 1))
    party = parties(row.dispute)[0]
    say(Reader(party), "reply", performed="no")
    assert any("法院尚未" in line for line in still_open(row.dispute))
    assert any("当事人在本人页面" in line for line in still_open(row.dispute))
    say(Reader(party), "reply", performed="yes")
    assert not any("当事人在本人页面" in line for line in still_open(row.dispute))


def test_where_nothing_is_open_nothing_is_said(county):
    agreement = effective(county, obligations=[])
    FollowUpVisit.objects.update(state="refused")
    JudicialConfirmation.objects.update(state="not_wanted")
    assert still_open(agreement.dispute) == [] and "still-open" not in form_of(county, agreement.dispute)
    failed = county.step(county.mediating(), "terminate")
    assert "still-open" not in form_of(county, failed)


@pytest.mark.parametrize("state", ["closed", "archived"])
def test_the_party_reads_that_the_agreement_binds_as_long_as_it_is_owed(county, clock, state):
    # given a closed dispute of whose agreement something is due
    agreement = effective(county)
    dispute = county.step(agreement.dispute, "close")
    if state == "archived":
        dispute = county.step(dispute, "archive")
    reader = parties(Dispute.objects.get(pk=dispute.pk))
    assert all("请按期履行" in progress_of(party) for party in reader)
    page = client_of(county.people["neighbour"]).get(f"/r/disputes/{reader[0].pk}/").content.decode()
    assert "请按期履行" in page
    # when all is performed, then it is closed and no more
    Obligation.objects.update(state="performed", performed_on=dispute.ended_at.date())
    clock.shift(timedelta(minutes=1))
    assert all("请按期履行" not in progress_of(party) for party in parties(Dispute.objects.get(pk=dispute.pk)))
