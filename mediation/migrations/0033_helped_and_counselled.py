"""When the hours of a helper were entered, and that somebody came to counselling: for some days both may be put right.
An offer of counselling is taken back."""

from django.db import migrations, models

import governance.workflow

# So far only the event told when.
THANKED = """
UPDATE mediation_helperinvitation SET thanked_at = (
    SELECT max(occurred_at) FROM governance_event
    WHERE subject_type = 'mediation.helperinvitation' AND subject_id = mediation_helperinvitation.id
        AND name = 'helper_invitation.thanked'
)
WHERE state = 'thanked';
"""
ATTENDED = "UPDATE mediation_counsellingreferral SET attendance_recorded_on = attended_on WHERE state = 'attended';"
STATES = [
    ("offered", "Counselling offered"), ("consented", "Counselling consented to"),
    ("referred", "Referred to a counsellor"), ("attended", "Counselling attended"),
    ("declined", "Counselling declined"), ("withdrawn", "Offer of counselling taken back"),
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("mediation", "0032_ends_taken_back")]

    operations = [
        migrations.AddField(
            "helperinvitation", "thanked_at",
            models.DateTimeField(blank=True, editable=False, null=True, verbose_name="thanked at"),
        ),
        migrations.AddField(
            "counsellingreferral", "attendance_recorded_on",
            models.DateField(blank=True, editable=False, null=True, verbose_name="attendance recorded on"),
        ),
        migrations.AddField(
            "counsellingreferral", "withdrawn_on",
            models.DateField(blank=True, null=True, verbose_name="taken back on"),
        ),
        migrations.AlterField(
            "counsellingreferral", "state",
            governance.workflow.FSMField(choices=STATES, default="offered", max_length=9, protected=True,
                                         verbose_name="state"),
        ),
        migrations.RunSQL(THANKED, migrations.RunSQL.noop),
        migrations.RunSQL(ATTENDED, migrations.RunSQL.noop),
    ]  # fmt: skip
