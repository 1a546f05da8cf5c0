"""All signals of one event have its one hazard; archived files keep contact data for three years at least."""

import django.core.validators
from django.db import migrations, models

# The hazards of an event: those its signals point to, and those that were reported of one of them (a later report may
# have moved the pointers). One that became a dispute before others, so that no word of it stands in lists; else the
# first.
ONE_HAZARD = """
WITH members AS (
    SELECT id, hazard_id, coalesce(duplicate_of_id, id) AS head FROM mediation_signal
), told AS (
    SELECT head, hazard_id FROM members WHERE hazard_id IS NOT NULL
    UNION
    SELECT members.head, hazard.id FROM mediation_hazard hazard
    JOIN members ON hazard.origin_type = 'mediation.signal' AND hazard.origin_id = members.id
), chosen AS (
    SELECT DISTINCT ON (told.head) told.head, hazard.id
    FROM told JOIN mediation_hazard hazard ON hazard.id = told.hazard_id
    ORDER BY told.head, hazard.dispute_id IS NULL, hazard.id
)
UPDATE mediation_signal SET hazard_id = chosen.id FROM members JOIN chosen USING (head)
WHERE mediation_signal.id = members.id AND mediation_signal.hazard_id IS DISTINCT FROM chosen.id
"""
LEAST_YEARS = "UPDATE mediation_mediationrule SET contact_years = 3 WHERE contact_years < 3"


class Migration(migrations.Migration):
    dependencies = [("mediation", "0018_streams_and_retention")]

    operations = [
        migrations.RunSQL(ONE_HAZARD, migrations.RunSQL.noop),
        migrations.RunSQL(LEAST_YEARS, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="mediationrule",
            name="contact_years",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="Empty: nothing is taken out.",
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(3),
                    django.core.validators.MaxValueValidator(100),
                ],
                verbose_name="archived files tell identity, phone and caucus notes for (years)",
            ),
        ),
    ]
