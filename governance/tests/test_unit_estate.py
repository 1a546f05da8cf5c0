"""The one estate a unit is for: an owners' committee must name it, in every door; it comes back from its own sheet."""

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from governance.configuration import configuration_save
from governance.errors import Invalid
from governance.exchange.engine import RowsRefused, run
from governance.exchange.importers import importer_named
from governance.exchange.tests.material import text
from governance.models import Estate, OrgUnit
from governance.scoping import grants_of

pytestmark = pytest.mark.django_db
COLUMNS = ["code", "name", "kind", "area", "estate"]


@pytest.fixture
def estates(city):
    """One in the community, one elsewhere."""
    places = {"GY": "community", "FX": "other_community"}
    return {code: Estate.objects.create(code=code, name=code, area=city.area(area)) for code, area in places.items()}


@pytest.mark.parametrize("named", [None, "FX"])
def test_a_committee_of_no_estate_or_of_one_elsewhere_is_refused_by_every_door(city, client, estates, named):
    admin, estate = city.user("administrator"), estates.get(named)
    given = {"code": "yw", "name": "桂园业委会", "kind": "owners_committee"}
    # the service names the field
    with pytest.raises(Invalid) as refusal:
        configuration_save(OrgUnit(area=city.community, estate=estate, **given), actor=admin, changed=["name"])
    assert refusal.value.field == "estate"
    # so do the form of the admin and the line of a sheet
    client.force_login(admin, backend="governance.permissions.PersonBackend")
    data = given | {"area": city.community.pk, "estate": estate.pk if estate else "", "is_active": "on"}
    page = client.post(reverse("admin:governance_orgunit_add"), data)
    assert list(page.context["adminform"].form.errors) == ["estate"]
    with pytest.raises(RowsRefused) as caught:
        row = [given["code"], given["name"], given["kind"], city.community.code, named or ""]
        run(importer_named("governance.orgunit")(), text([COLUMNS, row]), actor=admin)
    assert [(error.line, error.column) for error in caught.value.report.errors] == [(2, "estate")]
    assert not OrgUnit.objects.filter(code="yw").exists()


def test_the_estate_comes_by_sheet_goes_out_by_api_and_stands_on_the_grant(city, estates):
    rows = [COLUMNS, ["yw", "桂园业委会", "owners_committee", city.community.code, "GY"]]
    admin = city.user("administrator")
    run(importer_named("governance.orgunit")(), text(rows), actor=admin)
    unit = OrgUnit.objects.get(code="yw")
    assert unit.estate == estates["GY"]
    # its own sheet brings the same back
    reader = importer_named("governance.orgunit")()
    reader.actor = admin
    cells = next(row for row in reader.filled(OrgUnit.objects.filter(pk=unit.pk)))
    assert cells["estate"] == "GY"
    # a dash, which empties a cell, does not unname it
    with pytest.raises(RowsRefused):
        run(importer_named("governance.orgunit")(), text([COLUMNS, ["yw", "", "", "", "-"]]), actor=admin)
    api = APIClient()
    api.force_authenticate(admin)
    told = {row["code"]: row["estate"] for row in api.get("/api/v1/units/").json()["results"]}
    assert (told["yw"], told["water"]) == ("GY", None)
    person = city.user("handler")
    unit.appointments.create(user=person, role="owners_member", area=city.community)
    assert {grant.estate_id for grant in grants_of(city.user("handler"))} == {None, unit.estate_id}
