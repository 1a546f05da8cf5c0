"""A labour dispute says after which day a party may go to arbitration: to the mediator and to the party."""

from datetime import date

import pytest

from cases.tests.api import client_of
from mediation.agreements.tests.deals import parties
from mediation.models import DisputeType

pytestmark = pytest.mark.django_db
AFTER = date(2026, 6, 17)  # registered on 2 June, which is not counted


@pytest.mark.parametrize("code", ["labour", "migrant_wages"])
def test_the_day_is_shown_to_the_mediator_and_to_the_party(county, code):
    # given a labour dispute registered today
    dispute = county.mediating(type=county.type(code))
    client, party = client_of(county.mediator), parties(dispute)[0]
    own = client_of(county.user("neighbour"))
    # then the page, the phone, REST and the party's own page name the day
    admin, phone = (
        client.get(f"/admin/mediation/dispute/{dispute.pk}/change/"),
        client.get(f"/m/disputes/{dispute.pk}/"),
    )
    for shown in (admin, phone, own.get(f"/r/disputes/{party.pk}/")):
        assert 'id="arbitration"' in (text := shown.content.decode()) and f"{AFTER:%Y-%m-%d}" in text
    assert client.get(f"/api/v1/mediation/disputes/{dispute.pk}/").json()["arbitration_after"] == f"{AFTER:%Y-%m-%d}"
    assert own.get(f"/api/v1/mediation/own/{party.pk}/").json()["arbitration_after"] == f"{AFTER:%Y-%m-%d}"
    # and the mediation term stays the place's
    dispute.refresh_from_db()
    assert dispute.term_until == date(2026, 7, 2)


def test_of_another_dispute_nothing_is_said(county):
    dispute = county.mediating()
    client = client_of(county.mediator)
    assert 'id="arbitration"' not in client.get(f"/admin/mediation/dispute/{dispute.pk}/change/").content.decode()
    assert client.get(f"/api/v1/mediation/disputes/{dispute.pk}/").json()["arbitration_after"] is None


@pytest.mark.parametrize("state", ["agreed", "terminated", "closed", "archived", "declined", "referred"])
def test_nor_once_nobody_mediates(county, state):
    dispute = county.mediating(type=county.type("labour"))
    for now, told in ((state, None), ("reopened", AFTER)):
        dispute.__dict__["state"] = now  # what the rows of such states hold beside is not asked here
        assert dispute.arbitration_after == told


def test_how_many_days_is_said_by_the_type(county):
    """A type that the administration enters has the rule too, and none has it that it is not said of."""
    type_ = county.type("neighbours")
    DisputeType.objects.filter(pk=type_.pk).update(arbitration_days=10)
    type_.refresh_from_db()
    assert county.mediating(type=type_).arbitration_after == date(2026, 6, 12)
