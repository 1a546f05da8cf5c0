"""When a superior last urged an overdue visit."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mediation", "0025_answers_said_on")]

    operations = [
        migrations.AddField(
            "followupvisit", "urged_at",
            models.DateTimeField(blank=True, editable=False, null=True, verbose_name="urged by the superior at"),
        ),
    ]  # fmt: skip
