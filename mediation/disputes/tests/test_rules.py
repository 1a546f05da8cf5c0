"""The figures of mediation are kept in the administration and brought in from a sheet, every one of them."""

from datetime import date

import pytest

from cases.tests.api import client_of
from governance.exchange.engine import RowsRefused, run
from governance.exchange.importers import importer_named
from governance.exchange.tests.material import text
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
    given |= {"visit_grace_days": "0", "reminder_days": "7,20", "intermediate_from": "50000000", "signal_days": "365"}
    answer = client.post(page, given, format="multipart")
    assert answer.status_code == 302, answer.content.decode()[:2000]
    row.refresh_from_db()
    assert (row.visit_grace_days, row.reminder_days, row.signal_days) == (0, [7, 20], 365)
    assert row.intermediate_from == 50_000_000
