"""Arbitration after so many days is told by the type; the statute's days for confirmation are no figure of a place."""

import django.core.validators
from django.db import migrations, models

LABOUR = "UPDATE mediation_disputetype SET arbitration_days = 15 WHERE code IN ('migrant_wages', 'labour')"


class Migration(migrations.Migration):
    dependencies = [("mediation", "0016_statutory_days")]

    operations = [
        migrations.AddField(
            model_name="disputetype",
            name="arbitration_days",
            field=models.PositiveSmallIntegerField(
                blank=True,
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(366),
                ],
                verbose_name="arbitration after (days of mediation)",
            ),
        ),
        migrations.RunSQL(LABOUR, migrations.RunSQL.noop),
        migrations.RemoveConstraint(model_name="mediationrule", name="mediation_rule_statutory_days"),
        migrations.RemoveConstraint(model_name="mediationrule", name="mediation_rule_days"),
        migrations.RemoveField(model_name="mediationrule", name="confirm_days"),
        migrations.AddConstraint(
            model_name="mediationrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("suggest_days__gte", 1), ("term_days__gte", 1), ("visit_days__gte", 1)),
                name="mediation_rule_days",
            ),
        ),
    ]
