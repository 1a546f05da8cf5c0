"""A watch keeps which night could not be looked at, and why."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mediation", "0010_authorisations_courts_retention")]

    operations = [
        migrations.AddField(
            model_name="warningwatch",
            name="failed_on",
            field=models.DateField(editable=False, null=True, verbose_name="failed for the night of"),
        ),
        migrations.AddField(
            model_name="warningwatch",
            name="failure",
            field=models.CharField(blank=True, editable=False, max_length=80, verbose_name="kind of the failure"),
        ),
    ]
