"""Statuses that are single events: over by themselves so long after the device last said so."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("devices", "0001_squashed_0012"),
    ]

    operations = [
        migrations.AddField(
            model_name="profilestatus",
            name="over_after",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="For single events of devices that never say “normal” (cameras): over so long after the last "
                "of them. Empty: it stands until “normal”.",
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(86400),
                ],
                verbose_name="over by itself after (seconds)",
            ),
        ),
        migrations.AddConstraint(
            model_name="profilestatus",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("over_after", None),
                    models.Q(("over_after__range", (1, 86400)), models.Q(("code", "offline"), _negated=True)),
                    _connector="OR",
                ),
                name="profile_status_over_after",
                violation_error_message="That a device is offline ends when it is heard again, not by itself.",
            ),
        ),
    ]
