"""Cases that an assembly resolved say so."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0018_dispatch_by_origin"),
    ]

    operations = [
        migrations.AlterField(
            model_name="case",
            name="source",
            field=models.CharField(
                choices=[
                    ("sensor", "Sensor"),
                    ("grid_worker", "Grid worker"),
                    ("resident", "Resident"),
                    ("hotline", "Hotline"),
                    ("department", "Department"),
                    ("patrol", "Patrol"),
                    ("steward", "Red steward"),
                    ("video", "Video"),
                    ("assembly", "Assembly"),
                ],
                max_length=12,
                verbose_name="source",
            ),
        ),
        migrations.AlterField(
            model_name="casefact",
            name="source",
            field=models.CharField(
                choices=[
                    ("sensor", "Sensor"),
                    ("grid_worker", "Grid worker"),
                    ("resident", "Resident"),
                    ("hotline", "Hotline"),
                    ("department", "Department"),
                    ("patrol", "Patrol"),
                    ("steward", "Red steward"),
                    ("video", "Video"),
                    ("assembly", "Assembly"),
                ],
                max_length=12,
                verbose_name="source",
            ),
        ),
        migrations.AlterField(
            model_name="dispatchrule",
            name="sources",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("sensor", "Sensor"),
                        ("grid_worker", "Grid worker"),
                        ("resident", "Resident"),
                        ("hotline", "Hotline"),
                        ("department", "Department"),
                        ("patrol", "Patrol"),
                        ("steward", "Red steward"),
                        ("video", "Video"),
                        ("assembly", "Assembly"),
                    ],
                    max_length=12,
                ),
                blank=True,
                default=list,
                size=None,
                verbose_name="sources",
            ),
        ),
        migrations.AlterField(
            model_name="frozencasefact",
            name="source",
            field=models.CharField(
                choices=[
                    ("sensor", "Sensor"),
                    ("grid_worker", "Grid worker"),
                    ("resident", "Resident"),
                    ("hotline", "Hotline"),
                    ("department", "Department"),
                    ("patrol", "Patrol"),
                    ("steward", "Red steward"),
                    ("video", "Video"),
                    ("assembly", "Assembly"),
                ],
                max_length=12,
                verbose_name="source",
            ),
        ),
        migrations.AlterField(
            model_name="frozenspellfact",
            name="source",
            field=models.CharField(
                choices=[
                    ("sensor", "Sensor"),
                    ("grid_worker", "Grid worker"),
                    ("resident", "Resident"),
                    ("hotline", "Hotline"),
                    ("department", "Department"),
                    ("patrol", "Patrol"),
                    ("steward", "Red steward"),
                    ("video", "Video"),
                    ("assembly", "Assembly"),
                ],
                max_length=12,
                verbose_name="source",
            ),
        ),
        migrations.AlterField(
            model_name="intakesource",
            name="kind",
            field=models.CharField(
                choices=[
                    ("sensor", "Sensor"),
                    ("grid_worker", "Grid worker"),
                    ("resident", "Resident"),
                    ("hotline", "Hotline"),
                    ("department", "Department"),
                    ("patrol", "Patrol"),
                    ("steward", "Red steward"),
                    ("video", "Video"),
                    ("assembly", "Assembly"),
                ],
                max_length=12,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="scoreexclusion",
            name="source",
            field=models.CharField(
                blank=True,
                choices=[
                    ("sensor", "Sensor"),
                    ("grid_worker", "Grid worker"),
                    ("resident", "Resident"),
                    ("hotline", "Hotline"),
                    ("department", "Department"),
                    ("patrol", "Patrol"),
                    ("steward", "Red steward"),
                    ("video", "Video"),
                    ("assembly", "Assembly"),
                ],
                max_length=12,
                verbose_name="source",
            ),
        ),
        migrations.AlterField(
            model_name="spellfact",
            name="source",
            field=models.CharField(
                choices=[
                    ("sensor", "Sensor"),
                    ("grid_worker", "Grid worker"),
                    ("resident", "Resident"),
                    ("hotline", "Hotline"),
                    ("department", "Department"),
                    ("patrol", "Patrol"),
                    ("steward", "Red steward"),
                    ("video", "Video"),
                    ("assembly", "Assembly"),
                ],
                max_length=12,
                verbose_name="source",
            ),
        ),
    ]
