"""The term to apply for confirmation is the statute's everywhere; whether the parties were told of their rights."""

from django.db import migrations, models

# Rules that set another term are put right, and the terms that run under them end on day 30; whether that is a holiday
# is reckoned again by the service (``last_day_of``) when it is applied for, which only ever makes the term longer.
REPAIR = """
UPDATE mediation_judicialconfirmation AS c SET last_day = a.effective_on + 30
FROM mediation_agreement a, mediation_dispute d, governance_area place, governance_area ruled, mediation_mediationrule r
WHERE c.agreement_id = a.id AND a.dispute_id = d.id AND d.area_id = place.id AND r.area_id = ruled.id
  AND place.path LIKE ruled.path || '%' AND r.confirm_days <> 30 AND c.state IN ('eligible', 'not_wanted')
  AND a.effective_on IS NOT NULL;
UPDATE mediation_mediationrule SET confirm_days = 30 WHERE confirm_days <> 30;
"""


class Migration(migrations.Migration):
    dependencies = [("mediation", "0013_files")]

    operations = [
        # The tables are altered below in the same transaction: nothing may be left to be checked at its end.
        migrations.RunSQL([REPAIR, "SET CONSTRAINTS ALL IMMEDIATE"], migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="mediationrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("confirm_days", 30)),
                name="mediation_rule_statutory_days",
                violation_error_code="statute",
            ),
        ),
        migrations.AddField(
            model_name="dispute",
            name="rights_told_on",
            field=models.DateField(blank=True, null=True, verbose_name="parties told of their rights on"),
        ),
    ]
