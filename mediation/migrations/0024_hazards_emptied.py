"""Hazards excluded long ago are emptied of what tells of persons: when, and after how many days by a place's rule."""

import django.core.validators
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0020_hotspot_need"),
        ("governance", "0014_roles_of_mediation"),
        ("mediation", "0023_signal_batches"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="hazard",
            name="erased_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="emptied at"),
        ),
        migrations.AddField(
            model_name="mediationrule",
            name="hazard_days",
            field=models.PositiveSmallIntegerField(
                default=365,
                validators=[
                    django.core.validators.MinValueValidator(30),
                    django.core.validators.MaxValueValidator(3660),
                ],
                verbose_name="excluded hazards tell of persons for (days)",
            ),
        ),
        migrations.AddConstraint(
            model_name="hazard",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "excluded"), ("erased_at", None), _connector="OR"),
                name="hazard_emptied_once_excluded",
            ),
        ),
    ]
