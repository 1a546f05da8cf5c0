"""The phone does not stop half-way: all that a person may do on a dispute stands there, ended ones stay in reach."""

import pytest
from django.urls import reverse

from cases.tests.api import client_of
from governance.admin.returning import returning
from governance.errors import Invalid
from governance.workflow import available
from mediation.disputes.pages.phone import AT_THE_DESK
from mediation.models import Party

pytestmark = pytest.mark.django_db


def page_of(county, dispute, user=None) -> str:
    answer = client_of(user or county.mediator).get(f"/m/disputes/{dispute.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("state", ["registered", "awaiting_consent", "mediating", "terminated", "declined", "reopened"])
def test_every_action_stands_on_the_phone_page(county, state):
    # given a dispute that the mediator carries on
    dispute = county.in_state(state)
    shown = page_of(county, dispute)
    # then each step that is possible now has a button, here or to its form
    for step in available(dispute, county.mediator):
        name = "admin:mediation_dispute_transition" if step.name in AT_THE_DESK else "phone_disputes:step"
        button = reverse(name, args=[dispute.pk, step.name])
        if step.name in AT_THE_DESK:  # whose form leads back here
            button = returning(button, reverse("phone_disputes:dispute", args=[dispute.pk]))
        assert f'href="{button}"' in shown, step.name
    # and so has what is done beside the steps, as on the desktop page
    desktop = client_of(county.mediator).get(f"/admin/mediation/dispute/{dispute.pk}/change/").context["doings"]
    assert desktop or state == "archived"
    for _title, url in desktop:
        here = {"do/consent/": f"{dispute.pk}/answers/", "do/party/": "parties/new/",
                "do/counselling/": f"visits/counselling/{dispute.pk}/"}  # fmt: skip
        told = next((mine for theirs, mine in here.items() if url.endswith(theirs)), url)
        assert told in shown and (told == url or url not in shown), url


def test_what_it_is_about_and_who_needs_an_agent(county):
    dispute = county.mediating()
    Party.objects.filter(dispute=dispute, name="马国梁").update(without_capacity=True)
    shown = page_of(county, dispute)
    assert "3000.00" in shown and "未成年人或限制民事行为能力人" in shown and "尚未登记法定代理人" in shown


def test_ended_ones_stay_in_a_second_list_until_they_are_archived(county):
    client = client_of(county.mediator)
    kept = [county.in_state(state) for state in ("agreed", "terminated", "closed", "declined", "referred")]
    archived = county.in_state("archived")
    page = client.get("/m/disputes/").content.decode()
    ended = page.split('id="ended"')[1]
    assert all(f"/m/disputes/{row.pk}/" in ended for row in kept)
    assert f"/m/disputes/{archived.pk}/" not in page
    # nobody else's
    outside = client_of(county.people["outside_village_mediator"]).get("/m/disputes/").content.decode()
    assert 'id="ended"' not in outside


def test_the_refusal_says_whose_agent_is_missing(county):
    dispute = county.in_state("awaiting_consent")
    party = Party.objects.get(dispute=dispute, name="马国梁")
    Party.objects.filter(pk=party.pk).update(without_capacity=True)
    with pytest.raises(Invalid) as refused:
        county.consent(Party.objects.get(pk=party.pk))
    assert party.masked in str(refused.value.detail) and "代理人" in str(refused.value.detail)
    Party.objects.filter(pk=party.pk).update(agent="马大山")
    with pytest.raises(Invalid) as refused:
        county.consent(Party.objects.get(pk=party.pk))
    assert refused.value.code == "no_authorisation" and party.masked in str(refused.value.detail)
    assert "马国梁" not in str(refused.value.detail)
