"""When a superior last urged an overdue visit. And which reply of a party puts right an earlier one of the same day."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mediation", "0028_days_proved")]

    operations = [
        migrations.AddField(
            "followupvisit", "urged_at",
            models.DateTimeField(blank=True, editable=False, null=True, verbose_name="urged by the superior at"),
        ),
        migrations.AddField(
            "partyreply", "corrects",
            models.OneToOneField(
                blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT,
                related_name="corrected_by", to="mediation.partyreply", verbose_name="puts right the reply",
            ),
        ),
    ]  # fmt: skip
