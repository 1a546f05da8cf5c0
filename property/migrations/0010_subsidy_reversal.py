"""A wrong line of a subsidy can be taken back by a line of its own."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("property", "0009_estate_rights"),
    ]

    operations = [
        migrations.AddField(
            model_name="subsidyline",
            name="reverses",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reversal",
                to="property.subsidyline",
                verbose_name="reverses",
            ),
        ),
    ]
