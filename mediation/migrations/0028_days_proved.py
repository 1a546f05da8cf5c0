"""What proves the day of an application recorded late; obligations found performed of which nobody said the day."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mediation", "0027_withdrawn_by_court")]

    operations = [
        migrations.RemoveConstraint("obligation", "obligation_performed_whole"),
        migrations.AddField(
            "judicialconfirmation", "late_reason",
            models.CharField(blank=True, default="", max_length=1000, verbose_name="why recorded after the last day"),
            preserve_default=False,
        ),
        migrations.AddField(
            "judicialconfirmation", "proof",
            models.CharField(
                blank=True, default="", max_length=120, verbose_name="number of the receipt or of the posting"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "judicialconfirmation", "proof_file",
            models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                to="mediation.disputefile", verbose_name="file that shows the day",
            ),
        ),
        migrations.AddField(
            "obligation", "found_on", models.DateField(blank=True, null=True, verbose_name="found performed on")
        ),
        migrations.AddConstraint(
            "obligation",
            models.CheckConstraint(
                name="obligation_performed_whole",
                condition=~models.Q(state="performed")
                | models.Q(performed_on__isnull=False)
                | models.Q(found_on__isnull=False),
            ),
        ),
    ]  # fmt: skip
