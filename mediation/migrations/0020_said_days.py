"""The days on which an agreement was signed and sealed, and on which a party asked for confirmation: so far that of the
recording was taken for it."""

import django.utils.timezone
from django.db import migrations, models

# The rows are append-only; the day that so far stood for it is written into each once, in the time of the place.
SIGNED_ON = """
ALTER TABLE mediation_agreementsignature DISABLE TRIGGER signature_append_only;
UPDATE mediation_agreementsignature SET signed_on = (at AT TIME ZONE 'Asia/Shanghai')::date;
ALTER TABLE mediation_agreementsignature ENABLE TRIGGER signature_append_only;
"""
SAID_ON = """
ALTER TABLE mediation_confirmationconsent DISABLE TRIGGER wish_append_only;
UPDATE mediation_confirmationconsent SET said_on = (at AT TIME ZONE 'Asia/Shanghai')::date;
ALTER TABLE mediation_confirmationconsent ENABLE TRIGGER wish_append_only;
"""


class Migration(migrations.Migration):
    dependencies = [("mediation", "0019_hazards_of_events")]

    operations = [
        migrations.AddField(
            "agreementsignature", "signed_on", models.DateField(null=True, verbose_name="signed on"),
        ),
        migrations.RunSQL(SIGNED_ON, migrations.RunSQL.noop),
        migrations.AlterField(
            "agreementsignature", "signed_on",
            models.DateField(default=django.utils.timezone.localdate, verbose_name="signed on"),
        ),
        migrations.AlterField(
            "agreementsignature", "at",
            models.DateTimeField(default=django.utils.timezone.now, verbose_name="recorded at"),
        ),
        migrations.AlterField(
            "agreement", "mediator_signed_at",
            models.DateTimeField(blank=True, null=True, verbose_name="signature of the mediator recorded at"),
        ),
        migrations.AlterField(
            "agreement", "sealed_at", models.DateTimeField(blank=True, null=True, verbose_name="seal recorded at"),
        ),
        migrations.AddField(
            "confirmationconsent", "said_on", models.DateField(null=True, verbose_name="said on"),
        ),
        migrations.RunSQL(SAID_ON, migrations.RunSQL.noop),
        migrations.AlterField(
            "confirmationconsent", "said_on",
            models.DateField(default=django.utils.timezone.localdate, verbose_name="said on"),
        ),
        migrations.AlterField(
            "confirmationconsent", "at",
            models.DateTimeField(default=django.utils.timezone.now, verbose_name="recorded at"),
        ),
    ]  # fmt: skip
