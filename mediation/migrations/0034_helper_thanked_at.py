"""When the hours of a helper were entered: for some days they may be put right."""

from django.db import migrations, models

# So far only the event told when.
THANKED = """
UPDATE mediation_helperinvitation SET thanked_at = (
    SELECT max(occurred_at) FROM governance_event
    WHERE subject_type = 'mediation.helperinvitation' AND subject_id = mediation_helperinvitation.id
        AND name = 'helper_invitation.thanked'
)
WHERE state = 'thanked';
"""


class Migration(migrations.Migration):
    dependencies = [("mediation", "0029_urged_and_replies_corrected")]

    operations = [
        migrations.AddField(
            "helperinvitation", "thanked_at",
            models.DateTimeField(blank=True, editable=False, null=True, verbose_name="thanked at"),
        ),
        migrations.RunSQL(THANKED, migrations.RunSQL.noop),
    ]  # fmt: skip
