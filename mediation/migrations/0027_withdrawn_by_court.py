"""Who entered that an application was withdrawn: what the court's clerk entered by mistake is taken back."""

from django.db import migrations, models

# So far only the event told in which role it was entered.
BY_COURT = """
UPDATE mediation_judicialconfirmation SET withdrawn_by_court = true
WHERE state = 'withdrawn' AND ground = '' AND (
    SELECT role FROM governance_event
    WHERE subject_type = 'mediation.judicialconfirmation' AND subject_id = mediation_judicialconfirmation.id
        AND name = 'confirmation.withdrawn'
    ORDER BY id DESC LIMIT 1
) = 'judges_clerk';
"""


class Migration(migrations.Migration):
    dependencies = [("mediation", "0026_slips_put_right")]

    operations = [
        migrations.AddField(
            "judicialconfirmation", "withdrawn_by_court",
            models.BooleanField(default=False, editable=False, verbose_name="withdrawal entered by the court"),
        ),
        migrations.RunSQL(BY_COURT, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "judicialconfirmation",
            models.CheckConstraint(
                condition=models.Q(state="withdrawn") | models.Q(withdrawn_by_court=False),
                name="confirmation_withdrawn_by_court",
            ),
        ),
    ]  # fmt: skip
