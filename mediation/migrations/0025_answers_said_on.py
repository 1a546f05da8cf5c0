"""The day on which a party answered: so far that of the recording was taken for it."""

import django.utils.timezone
from django.db import migrations, models

# The rows are append-only; the day that so far stood for it is written into each once, in the time of the place.
SAID_ON = """
ALTER TABLE mediation_consent DISABLE TRIGGER consent_append_only;
UPDATE mediation_consent SET said_on = (at AT TIME ZONE 'Asia/Shanghai')::date;
ALTER TABLE mediation_consent ENABLE TRIGGER consent_append_only;
"""


class Migration(migrations.Migration):
    dependencies = [("mediation", "0024_hazards_emptied")]

    operations = [
        migrations.AddField("consent", "said_on", models.DateField(null=True, verbose_name="said on")),
        migrations.RunSQL(SAID_ON, migrations.RunSQL.noop),
        migrations.AlterField(
            "consent", "said_on",
            models.DateField(default=django.utils.timezone.localdate, verbose_name="said on"),
        ),
        migrations.AlterField(
            "consent", "at",
            models.DateTimeField(default=django.utils.timezone.now, verbose_name="recorded at"),
        ),
    ]  # fmt: skip
