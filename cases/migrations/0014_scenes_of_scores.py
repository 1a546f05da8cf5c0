"""Frozen facts keep the scenes they counted for. Periods computed before were compared by something else."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0013_classifier"),
    ]

    operations = [
        migrations.AddField(
            model_name="frozencasefact",
            name="scenes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), default=list, size=None, verbose_name="scenes"
            ),
        ),
        migrations.AddField(
            model_name="frozenspellfact",
            name="scenes",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), default=list, size=None, verbose_name="scenes"
            ),
        ),
    ]
