"""Where a dispute is, is put right within its committee, by who decides for the unit."""

import pytest

from cases.tests.api import client_of
from governance.errors import Invalid, NotPermitted
from governance.models import Event
from governance.testing import snapshot
from governance.workflow import act
from mediation.models import Dispute

pytestmark = pytest.mark.django_db
GIVEN = {"title": "改", "people": "3", "urgency": "urgent", "type": "neighbours"}


@pytest.mark.parametrize("door", ["api", "admin"])
def test_the_grid_is_put_right(county, door):
    dispute, client, grid = county.mediating(), client_of(county.mediator), county.area("grid")
    address = {"api": f"/api/v1/mediation/disputes/{dispute.pk}/transitions/amend/",
               "admin": f"/admin/mediation/dispute/{dispute.pk}/transition/amend/"}[door]  # fmt: skip
    kind = "json" if door == "api" else "multipart"
    for wrong in (county.area("other_community").code, county.area("street").code):
        assert client.post(address, GIVEN | {"area": wrong}, format=kind).status_code == 400
    assert client.post(address, GIVEN | {"area": grid.code}, format=kind).status_code in (200, 302)
    assert Dispute.objects.get().area == grid
    payload = Event.objects.get(name="dispute.amended").payload
    assert (payload["area_before"], payload["area"]) == (county.area("community").pk, grid.pk)
    # what is left empty stays
    assert client.post(address, GIVEN, format=kind).status_code in (200, 302)
    assert Dispute.objects.get().area == grid


def test_not_elsewhere_nor_by_who_mediates_on_the_spot(county):
    dispute = act(county.mediating(), "assign", actor=county.mediator, mediator=county.user("grid_worker"))
    before = snapshot(dispute)
    with pytest.raises(NotPermitted):
        act(dispute, "amend", actor=county.user("grid_worker"), area=county.area("grid"))
    for area, code in (("other_community", "elsewhere"), ("street", "kind")):
        with pytest.raises(Invalid) as refused:
            act(dispute, "amend", actor=county.mediator, area=county.area(area))
        assert (refused.value.field, refused.value.code) == ("area", code)
    assert snapshot(dispute) == before
    # the form of who may not does not ask for it
    page = f"/admin/mediation/dispute/{dispute.pk}/transition/amend/"
    assert 'name="area"' not in client_of(county.user("grid_worker")).get(page).content.decode()
    assert 'name="area"' in client_of(county.mediator).get(page).content.decode()
