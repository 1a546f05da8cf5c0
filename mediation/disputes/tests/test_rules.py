"""The figures of mediation are kept in the administration and brought in from a sheet, every one of them."""

from datetime import date

import pytest

from cases.tests.api import client_of
from governance.exchange.engine import RowsRefused, run
from governance.exchange.importers import importer_named
from governance.exchange.tests.material import text
from governance.models import Event
from mediation.admin.rules import MediationRuleAdmin
from mediation.models import MediationRule

pytestmark = pytest.mark.django_db
HEAD = ["area", "valid_from", "visit_grace_days", "reminder_days"]


def brought(county, *rows):
    return run(importer_named("mediation.mediationrule")(), text([HEAD, *rows]), actor=county.user("administrator"))


def test_the_form_and_the_sheet_hold_every_figure():
    kept = {field.name for field in MediationRule._meta.fields} - {"id"}
    assert set(MediationRuleAdmin.fields) == kept
    assert {column.name for column in importer_named("mediation.mediationrule").columns} == kept


def test_days_of_grace_and_of_reminders_come_from_a_sheet(county):
    code = county.area("street").code
    # when a sheet brings a rule, and once more the same with the days in another order
    assert brought(county, [code, "2026-01-01", "5", "28、7，14"]).adds == 1
    assert brought(county, [code, "2026-01-01", "5", "7 14 28"]).same == 1
    row = MediationRule.objects.get()
    assert (row.visit_grace_days, row.reminder_days, row.visit_days) == (5, [7, 14, 28], 7)
    # then wrong days are refused, the cell named, and nothing is changed
    for wrong in ("七天", "0", "7、400", "-7", "-", "99999999999"):
        with pytest.raises(RowsRefused) as refused:
            brought(county, [code, "2026-01-01", "", wrong])
        assert refused.value.report.errors[0].column == "reminder_days", wrong
    with pytest.raises(RowsRefused):
        brought(county, [code, "2026-01-01", "61", ""])
    assert MediationRule.objects.get().reminder_days == [7, 14, 28]


def test_the_form_keeps_the_days_of_grace(county):
    row = MediationRule.objects.create(area=county.area("street"), valid_from=date(2026, 1, 1))
    client, page = client_of(county.user("administrator")), f"/admin/mediation/mediationrule/{row.pk}/change/"
    assert 'name="visit_grace_days"' in client.get(page).content.decode()
    given = {name: getattr(row, name) for name in MediationRuleAdmin.fields if name not in ("area", "valid_from")}
    given |= {"visit_grace_days": "0", "reminder_days": "7,20", "intermediate_from": "50000000", "signal_days": "365",
              "contact_years": "10"}  # fmt: skip
    answer = client.post(page, given, format="multipart")
    assert answer.status_code == 302, answer.content.decode()[:2000]
    row.refresh_from_db()
    assert (row.visit_grace_days, row.reminder_days, row.signal_days, row.contact_years) == (0, [7, 20], 365, 10)
    assert row.intermediate_from == 50_000_000


MAY_READ = {"village_mediator", "township_mediator", "county_centre", "grid_worker", "administrator",
            "operations_centre", "judges_clerk"}  # fmt: skip
URL = "/api/v1/mediation/rules/"


def test_whoever_mediates_reads_the_rules_by_rest(county):
    area, other = county.area("street"), county.area("district")
    MediationRule.objects.create(area=other, valid_from=date(2026, 1, 1), term_days=40)
    row = MediationRule.objects.create(area=area, valid_from=date(2026, 5, 1), intermediate_from="50000000")
    for role in (*MAY_READ, "counsellor", "respected_helper", "dispatcher", "neighbour"):
        client = client_of(county.user(role))
        assert [client.get(url).status_code for url in (URL, f"{URL}{row.pk}/")] == (
            [200, 200] if role in MAY_READ else [403, 403]
        ), role
    client = client_of(county.mediator)
    listed = client.get(URL, {"area": area.code}).json()["results"]
    assert [one["id"] for one in listed] == [row.pk] and listed[0]["reminder_days"] == [7, 20, 27]
    assert len(client.get(URL, {"area": other.code}).json()["results"]) == 2
    assert client.get(URL, {"area": "1"}).status_code == 400
    # what holds in a community on a day: of the nearest area the latest, else the usual figures
    asked = {"area": county.area("community").code}
    told = [
        client.get(f"{URL}in-force/", asked | {"on": day}).json() for day in ("2026-04-30", "2026-05-01", "2025-01-01")
    ]
    assert [(one["area"], one["term_days"], one["id"] is None) for one in told] == [
        (other.code, 40, False), (area.code, 30, False), (asked["area"], 30, True),
    ]  # fmt: skip
    for wrong in ({}, {"area": "0"}, asked | {"on": "x"}, asked | {"on": "0000-00-00"}):
        assert client.get(f"{URL}in-force/", wrong).status_code == 400, wrong


def test_a_new_version_is_entered_by_the_administrator_of_the_area_alone(county):
    area = county.area("street")
    MediationRule.objects.create(area=area, valid_from=date(2026, 1, 1), term_days=40, source="本街道规定")
    body = {"area": area.code, "valid_from": "2026-07-01", "visit_grace_days": 5, "reminder_days": [7, 21]}
    for role in (*(MAY_READ - {"administrator"}), "outside_administrator", "counsellor", "neighbour"):
        assert client_of(county.user(role)).post(URL, body, format="json").status_code == 403, role
    client = client_of(county.user("administrator"))
    for wrong in ({"term_days": 0}, {"term_days": 367}, {"reminder_days": [0]}, {"reminder_days": "x"},
                  {"area": "1"}, {"area": ""}, {"valid_from": ""},
                  {"valid_from": "2026-01-01"}, {"intermediate_from": "0"},
                  {"signal_days": 10**20}, {"contact_years": 2}, {"contact_years": 101},
                  {"source": "a\0b"}, {"source": "长" * 201},
                  {"suggest_people": 1}):  # fmt: skip
        assert client.post(URL, body | wrong, format="json").status_code in (400, 409), wrong
    assert MediationRule.objects.count() == 1
    answer = client.post(URL, body, format="json")
    assert answer.status_code == 201, answer.content
    # what was not given stays as it was there
    row = MediationRule.objects.get(pk=answer.json()["id"])
    assert (row.term_days, row.visit_grace_days, row.reminder_days, row.source) == (40, 5, [7, 21], "本街道规定")
    event = Event.objects.get(name="config.changed")
    fields = ["area", "reminder_days", "valid_from", "visit_grace_days"]
    assert event.payload["added"] and event.payload["fields"] == fields
    # the same place and day twice is one too many
    assert client.post(URL, body, format="json").status_code in (400, 409)
    assert client.patch(f"{URL}{row.pk}/", {"term_days": 1}, format="json").status_code == 405
