"""Migration 0016 puts terms right that a rule of a place had set: its statement, run over the column it had then."""

from datetime import date, timedelta
from importlib import import_module

import pytest
from django.db import connection

from mediation.agreements.tests.deals import effective
from mediation.models import JudicialConfirmation, MediationRule

REPAIR = import_module("mediation.migrations.0016_statutory_days").REPAIR
COLUMN = """
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE mediation_mediationrule ADD COLUMN confirm_days smallint NOT NULL DEFAULT 30;
"""
WRONG = timedelta(days=60)
pytestmark = pytest.mark.django_db


def confirmation(county, **given) -> JudicialConfirmation:
    """One whose term was reckoned by a rule of 60 days."""
    row = JudicialConfirmation.objects.get(agreement=effective(county, county.mediating(**given)))
    JudicialConfirmation.objects.filter(pk=row.pk).update(last_day=row.agreement.effective_on + WRONG)
    return JudicialConfirmation.objects.select_related("agreement").get(pk=row.pk)


def test_terms_of_other_rules_end_on_day_thirty_and_the_rest_stays(county):
    # given a township whose rule set 60 days, with terms that run, were applied for, and lie elsewhere
    with connection.cursor() as cursor:
        cursor.execute(COLUMN)
    ruled = MediationRule.objects.create(area=county.area("street"), valid_from=date(2026, 1, 1))
    usual = MediationRule.objects.create(area=county.area("other_street"), valid_from=date(2026, 1, 1))
    runs, unwanted, applied = (confirmation(county) for _number in range(3))
    elsewhere = confirmation(county)
    elsewhere.agreement.dispute.__class__.objects.filter(pk=elsewhere.agreement.dispute_id).update(
        area=county.area("other_community")
    )
    JudicialConfirmation.objects.filter(pk=unwanted.pk).update(state="not_wanted")
    JudicialConfirmation.objects.filter(pk=applied.pk).update(
        state="jointly_applied", applied_on=applied.agreement.effective_on, court=county.unit("court")
    )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("UPDATE mediation_mediationrule SET confirm_days = 60 WHERE id = %s", [ruled.pk])
        # when the migration's statement runs
        cursor.execute(REPAIR)
        cursor.execute("SELECT id, confirm_days FROM mediation_mediationrule ORDER BY id")
        rules = dict(cursor.fetchall())
    # then what runs ends on day 30, and what was applied for or is of another rule is as it was
    thirty = timedelta(days=30)
    last = {row.pk: row.last_day - row.agreement.effective_on
            for row in JudicialConfirmation.objects.select_related("agreement")}  # fmt: skip
    assert last == {runs.pk: thirty, unwanted.pk: thirty, applied.pk: WRONG, elsewhere.pk: WRONG}
    assert rules == {ruled.pk: 30, usual.pk: 30}
