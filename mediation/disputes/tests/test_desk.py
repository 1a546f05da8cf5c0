"""From the phone to the forms of the administration, and back."""

import re
from urllib.parse import urlencode

import pytest

from cases.tests.api import client_of
from mediation.models import DisputeState
from mediation.tests.county import USUAL

pytestmark = pytest.mark.django_db


def desk_of(client, dispute) -> dict[str, str]:
    """Return the addresses of the forms of the administration that the phone page leads to, by their words."""
    page = client.get(f"/m/disputes/{dispute.pk}/").content.decode()
    found = re.findall(r'href="(/admin/[^"]*back=[^"]*)"[^>]*>([^<]+)<', page)
    return {words.strip(): address.replace("&amp;", "&") for address, words in found}


def test_who_came_from_the_phone_stands_on_the_phone_again_after_a_form_of_the_desk(county):
    # given the phone page of a dispute
    dispute, client = county.in_state(DisputeState.REGISTERED), client_of(county.mediator)
    here = f"/m/disputes/{dispute.pk}/"
    desk = desk_of(client, dispute)
    (decline,) = [address for address in desk.values() if "/transition/decline/" in address]
    (police,) = [address for address in desk.values() if "/do/police/" in address]
    # then every form leads back without being done
    for address in (decline, police):
        page = client.get(address)
        assert page.status_code == 200 and f'href="{here}"' in page.content.decode(), address
    # and, done, to the phone page, which says so once
    answer = client.post(decline, USUAL["decline"], format="multipart")
    assert (answer.status_code, answer["Location"]) == (302, here)
    told = '<p class="notice" role="status">'
    assert told in client.get(here).content.decode() and told not in client.get(here).content.decode()


@pytest.mark.parametrize("back", ["https://example.org/m/", "//example.org/m/", "/\\example.org", "javascript:alert(1)",
                                  "/admin/logout/", "m/"])  # fmt: skip
def test_a_form_leads_nowhere_but_to_a_phone_page(county, back):
    dispute, client = county.in_state(DisputeState.REGISTERED), client_of(county.mediator)
    form = f"/admin/mediation/dispute/{dispute.pk}/transition/decline/?{urlencode({'back': back})}"
    assert back not in re.findall(r'href="([^"]*)"', client.get(form).content.decode())
    answer = client.post(form, USUAL["decline"], format="multipart")
    assert answer["Location"] == f"/admin/mediation/dispute/{dispute.pk}/change/"
