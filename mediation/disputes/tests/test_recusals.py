"""Recusal: asked by a party, or stepping aside; decided by somebody else."""

import pytest

from cases.tests.api import client_of
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event
from governance.testing import snapshot
from governance.workflow import act
from mediation.disputes.recusals import recusal_ask
from mediation.models import Dispute, DisputeAccess, DisputeState, Recusal
from mediation.tests.county import ACCOUNTS, PEOPLE

pytestmark = pytest.mark.django_db


def asked(county, dispute=None, **given):
    dispute = dispute or county.mediating()
    given = {
        "actor": county.mediator,
        "ground": "relation",
        "party": dispute.parties.last(),
        "words": "是对方表亲",
    } | given
    return recusal_ask(dispute, **given)


def test_a_party_asks_and_a_colleague_upholds(county):
    row = asked(county, actor=None)
    assert row.recorded_by is None
    with pytest.raises(NotPermitted):
        act(row, "uphold", actor=county.mediator, mediator=county.people["colleague"])
    with pytest.raises(Invalid) as refused:
        act(row, "uphold", actor=county.user("colleague"))
    assert refused.value.field == "mediator"
    with pytest.raises(Invalid):
        act(row, "uphold", actor=county.user("colleague"), mediator=county.user("township_mediator"))
    assert Recusal.objects.get().state == "asked" and Dispute.objects.get().mediator == county.mediator
    row = act(row, "uphold", actor=county.user("colleague"), mediator=county.user("colleague"))
    dispute = Dispute.objects.get()
    assert row.state == "upheld" and dispute.mediator == county.people["colleague"]
    with pytest.raises(Invalid) as again:
        act(dispute, "assign", actor=county.user("colleague"), mediator=county.mediator)
    assert again.value.code == "recused"
    assert "表亲" not in str(list(Event.objects.values_list("payload", flat=True)))


def test_nothing_begins_before_it_is_decided(county):
    dispute = county.accepted()
    row = asked(county, dispute)
    with pytest.raises(Conflict) as refused:
        act(dispute, "begin", actor=county.mediator)
    assert refused.value.code == "recusal"
    with pytest.raises(Conflict):
        asked(county, dispute)
    with pytest.raises(Invalid):
        act(row, "reject", actor=county.user("colleague"))
    with pytest.raises(NotPermitted):
        act(row, "reject", actor=county.mediator, reason="没有亲属关系")
    row = act(row, "reject", actor=county.user("colleague"), reason="没有亲属关系")
    assert row.state == "rejected" and row.decided_by == county.people["colleague"]
    assert act(dispute, "begin", actor=county.mediator).state == DisputeState.MEDIATING


def test_a_mediator_steps_aside_alone(county):
    dispute = county.dispute()
    with pytest.raises(NotPermitted):
        asked(county, dispute, actor=county.user("colleague"), party=None)
    row = act(asked(county, dispute, party=None, ground="interest"), "uphold", actor=county.mediator)
    dispute.refresh_from_db()
    assert row.state == "upheld" and dispute.mediator is None
    with pytest.raises(Conflict):
        asked(county, dispute, actor=county.user("colleague"))


@pytest.mark.parametrize("name", ["uphold", "reject"])
def test_who_decides(county, name):
    row = asked(county)
    before = snapshot(row)
    for key in ("outside_village_mediator", "township_mediator", "county_centre", "grid_worker", "neighbour",
                "administrator", "village_mediator"):  # fmt: skip
        with pytest.raises(NotPermitted):
            act(row, name, actor=county.user(key), reason="x")
        assert snapshot(row) == before
    for key in ("grid_worker", "neighbour", "township_mediator"):
        with pytest.raises(NotPermitted):
            asked(county, row.dispute, actor=county.user(key))
    for given in ({"ground": "face"}, {"words": "x" * 501}, {"party": county.dispute().parties.first()}):
        with pytest.raises(Invalid):
            asked(county, row.dispute, **given)


@pytest.mark.parametrize("address", ["/api/v1/mediation/recusals/{}/", "/admin/mediation/recusal/{}/change/"])
def test_reading_a_recusal_is_recorded(county, address):
    row = asked(county)
    DisputeAccess.objects.all().delete()
    assert client_of(county.mediator).get(address.format(row.pk)).status_code == 200
    read = DisputeAccess.objects.get()
    assert (read.dispute, read.person, read.what) == (row.dispute, county.mediator, f"mediation.recusal {row.pk}")


@pytest.mark.parametrize("door", ["service", "api", "admin"])
@pytest.mark.parametrize(("name", "state"), [("uphold", "upheld"), ("reject", "rejected")])
def test_each_step_by_each_role_through_each_door(county, name, state, door):
    """Another mediator of the unit decides, nobody else."""
    row = asked(county)
    before = snapshot(row)
    everybody = [key for key, *_rest in PEOPLE] + [*ACCOUNTS, "administrator", "operations_centre", "grid_worker",
                                                   "community_staff", "registrar", "outside_administrator"]  # fmt: skip

    def pressed(key):
        given = {"mediator": "colleague"} if name == "uphold" else {"reason": "没有亲属关系"}
        if door == "api":
            return client_of(county.user(key)).post(
                f"/api/v1/mediation/recusals/{row.pk}/transitions/{name}/", given, format="json"
            ).status_code  # fmt: skip
        page = f"/admin/mediation/recusal/{row.pk}/transition/{name}/"
        return client_of(county.user(key)).post(page, given, format="multipart").status_code

    for key in set(everybody) - {"colleague"}:
        if door == "service":
            with pytest.raises(NotPermitted):
                act(row, name, actor=county.user(key), reason="没有亲属关系", mediator=county.people["colleague"])
        else:
            assert pressed(key) in (302, 403, 404), key
        assert snapshot(row) == before, key
    if door == "service":
        given = {"mediator": county.people["colleague"]} if name == "uphold" else {"reason": "没有亲属关系"}
        act(row, name, actor=county.user("colleague"), **given)
    else:
        assert pressed("colleague") == (200 if door == "api" else 302)
    assert Recusal.objects.get(pk=row.pk).state == state
