"""A wish for confirmation reaches who carries the dispute on: told on the own page, or heard at the first visit."""

import re

import pytest
from django.conf import settings
from django.core.management import call_command

from cases.tests.api import client_of
from governance.models import Notice
from governance.workflow import act
from mediation.agreements.tests.deals import parties
from mediation.confirmation.tests.test_confirmation import opened
from mediation.followup.tests.visiting import V, at_nine, found, fresh, in_state, visit_of
from mediation.models import JudicialConfirmation
from mediation.papers.links import link_make
from mediation.papers.saying import Reader, say

pytestmark = pytest.mark.django_db
BODY = {"step": "log", "performed": "yes", "relapse": "no"}


@pytest.fixture
def templates(county):
    for name in ("0011_agreement_notices", "0014_answer_notices"):
        call_command("loaddata", str(settings.BASE_DIR / "fixtures" / f"{name}.json"), verbosity=0)


@pytest.mark.parametrize("what", ["confirm", "not_confirm"])
@pytest.mark.parametrize("door", ["account", "link"])
def test_what_a_party_says_on_the_own_page_reaches_the_mediator(county, templates, door, what):
    # given an agreement that may be confirmed
    row = opened(county)
    first, second = parties(row.dispute)
    # when a party says on the own page whether to apply
    if door == "account":
        assert client_of(county.people["neighbour"]).post(f"/r/disputes/{first.pk}/say/{what}/").status_code == 302
    else:
        link_make(second, actor=county.mediator)
        say(Reader(second), what)
    # then who carries it on is told with number and last day, not by whom nor what about, and nobody else is
    notice = Notice.objects.get()
    assert notice.person == county.mediator and "表态" in notice.title
    assert row.dispute.number in notice.title and row.number in notice.body and "2026-07-02" in notice.body
    assert not any(word in notice.title + notice.body for word in ("何", "马", "漏水"))
    assert notice.url == f"/admin/mediation/judicialconfirmation/{row.pk}/change/"


def test_what_the_mediator_writes_down_is_told_to_nobody(county, templates):
    row = opened(county)
    act(row, "consent", actor=county.mediator, party=parties(row.dispute)[0], answer="agreed", how="recorded")
    assert not Notice.objects.exists()


def test_who_reopens_the_term_is_told_once(county, templates):
    row = act(opened(county), "not_wanted", actor=county.mediator)
    say(Reader(parties(row.dispute)[0], county.people["neighbour"]), "confirm")
    assert "要求司法确认" in Notice.objects.get().title


def test_a_yes_at_the_first_visit_leads_to_the_wish_of_each_party(county, clock):
    # given the first visit
    row, client = in_state(county, clock, V.DUE), client_of(county.mediator)
    page = f"/m/visits/{row.pk}/"
    assert "登记各方意愿" not in client.get(page).content.decode()
    # when it hears that they want the agreement confirmed
    answer = client.post(page, BODY | {"confirmation_wanted": "yes"}, format="multipart")
    # then the page that follows leads to the form of each party's wish, which leads back
    assert answer["Location"] == page
    shown = client.get(page).content.decode()
    (form,) = re.findall(r'href="([^"]*judicialconfirmation[^"]*)"', shown)
    confirmation = JudicialConfirmation.objects.get()
    assert form.startswith(f"/admin/mediation/judicialconfirmation/{confirmation.pk}/transition/consent/")
    assert "登记各方意愿" in shown and client.get(form).status_code == 200
    assert f'href="{page}"' in client.get(form).content.decode()
    # and so does the page of the visit at the desk
    assert form.split("?")[0] in client.get(f"/admin/mediation/followupvisit/{row.pk}/change/").content.decode()


def test_a_no_leads_on_to_the_other_visits(county, clock):
    row, client = in_state(county, clock, V.DUE), client_of(county.mediator)
    answer = client.post(f"/m/visits/{row.pk}/", BODY | {"confirmation_wanted": "no"}, format="multipart")
    assert answer["Location"] == "/m/visits/"
    assert "登记各方意愿" not in client.get(f"/m/visits/{row.pk}/").content.decode()


@pytest.mark.parametrize(("wanted", "words"), [(True, "愿意申请"), (False, "不愿申请")])
def test_the_confirmation_says_what_the_visit_heard_and_not_to_the_court(county, clock, wanted, words):
    row = at_nine(clock, visit_of(county))
    confirmation = JudicialConfirmation.objects.get()
    page, rest = (f"/admin/mediation/judicialconfirmation/{confirmation.pk}/change/",
                  f"/api/v1/mediation/confirmations/{confirmation.pk}/")  # fmt: skip
    client = client_of(county.mediator)
    assert "首次回访" not in client.get(page).content.decode()
    assert client.get(rest).json()["wanted_at_visit"] is None
    act(fresh(row), "log", actor=county.mediator, found=found(confirmation_wanted=wanted))
    assert words in re.search(r'id="at-visit">.*?</dd>', client.get(page).content.decode(), re.DOTALL).group()
    assert client.get(rest).json()["wanted_at_visit"] is wanted
    # the clerk of the court, once it is applied for, reads nothing of it
    JudicialConfirmation.objects.update(state="jointly_applied", court=county.unit("court"), applied_on="2026-06-09")
    clerk = client_of(county.user("judges_clerk"))
    answer = clerk.get(page)
    assert answer.status_code == 200 and "首次回访" not in answer.content.decode()
    assert clerk.get(rest).json()["wanted_at_visit"] is None
