"""Putting devices up on site, commands to them, forecasts, baselines, maintenance from a case."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import devices.models.profile_command


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0014_scenes_of_scores"),
        ("devices", "0009_storms"),
        ("governance", "0009_photo_origin"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DeviceBaseline",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("metric", models.CharField(max_length=40, verbose_name="metric")),
                ("value", models.FloatField(verbose_name="value")),
                ("set_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="set at")),
            ],
            options={
                "verbose_name": "baseline of a device",
                "verbose_name_plural": "baselines of devices",
                "ordering": ["device", "metric"],
            },
        ),
        migrations.CreateModel(
            name="DeviceClaim",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("claimed_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="claimed at")),
                (
                    "longitude",
                    models.FloatField(
                        validators=[
                            django.core.validators.MinValueValidator(-180),
                            django.core.validators.MaxValueValidator(180),
                        ],
                        verbose_name="longitude",
                    ),
                ),
                (
                    "latitude",
                    models.FloatField(
                        validators=[
                            django.core.validators.MinValueValidator(-90),
                            django.core.validators.MaxValueValidator(90),
                        ],
                        verbose_name="latitude",
                    ),
                ),
                ("accuracy", models.FloatField(blank=True, null=True, verbose_name="accuracy (metres)")),
                ("distance", models.FloatField(verbose_name="distance from the registered place (metres)")),
                ("moved", models.BooleanField(default=False, verbose_name="registered place was corrected")),
                ("completed_at", models.DateTimeField(blank=True, null=True, verbose_name="put in service at")),
                ("replaced_at", models.DateTimeField(blank=True, null=True, verbose_name="claimed anew at")),
            ],
            options={
                "verbose_name": "claim of a device",
                "verbose_name_plural": "claims of devices",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="DeviceCommand",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("name", models.CharField(max_length=40, verbose_name="command")),
                ("payload", models.JSONField(blank=True, default=dict, verbose_name="parameters")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Waits for the device"),
                            ("sent", "Handed out"),
                            ("confirmed", "Carried out"),
                            ("failed", "Failed on the device"),
                            ("expired", "Expired"),
                            ("cancelled", "Taken back"),
                        ],
                        default="queued",
                        editable=False,
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("queued_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="given at")),
                ("expires_at", models.DateTimeField(verbose_name="expires")),
                ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="first handed out")),
                ("last_sent_at", models.DateTimeField(blank=True, null=True, verbose_name="last handed out")),
                ("deliveries", models.PositiveIntegerField(default=0, verbose_name="times handed out")),
                ("settled_at", models.DateTimeField(blank=True, null=True, verbose_name="settled at")),
                ("answer", models.CharField(blank=True, max_length=200, verbose_name="answer of the device")),
            ],
            options={
                "verbose_name": "command to a device",
                "verbose_name_plural": "commands to devices",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="DeviceForecast",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("battery", "Battery")], default="battery", max_length=12, verbose_name="kind"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="computed at")),
                (
                    "outlook",
                    models.CharField(
                        choices=[
                            ("expected", "Reaches the limit"),
                            ("reached", "At the limit already"),
                            ("steady", "Not falling"),
                            ("unknown", "Not enough data"),
                        ],
                        max_length=8,
                        verbose_name="outlook",
                    ),
                ),
                ("level", models.FloatField(null=True, verbose_name="level")),
                ("limit", models.FloatField(verbose_name="limit")),
                ("slope_per_day", models.FloatField(null=True, verbose_name="change per day")),
                ("reaches_at", models.DateTimeField(null=True, verbose_name="reaches the limit")),
                ("samples", models.PositiveIntegerField(verbose_name="days of readings")),
                ("since", models.DateTimeField(null=True, verbose_name="readings since")),
            ],
            options={
                "verbose_name": "battery forecast",
                "verbose_name_plural": "battery forecasts",
                "ordering": ["reaches_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="ProfileCommand",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "name",
                    models.CharField(
                        max_length=40,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z][a-z0-9_]{0,39}$",
                                "Use small letters, digits and underscores, a letter first; at most 40.",
                            )
                        ],
                        verbose_name="command",
                    ),
                ),
                ("label", models.CharField(max_length=40, verbose_name="label")),
                (
                    "parameters",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="A JSON Schema of the object that goes with the command.",
                        validators=[devices.models.profile_command.plain_schema],
                        verbose_name="shape of the parameters",
                    ),
                ),
            ],
            options={
                "verbose_name": "command of a profile",
                "verbose_name_plural": "commands of a profile",
                "ordering": ["profile", "name"],
            },
        ),
        migrations.AddField(
            model_name="device",
            name="maintenance_case",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="maintained_devices",
                to="cases.case",
                verbose_name="case of the maintenance",
            ),
        ),
        migrations.AddField(
            model_name="deviceprofile",
            name="claim_distance",
            field=models.PositiveSmallIntegerField(
                default=50,
                help_text="How far from its registered place a device may be put in service on site.",
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(5000),
                ],
                verbose_name="put up within (metres)",
            ),
        ),
        migrations.AddField(
            model_name="deviceprofile",
            name="maintain_while_handled",
            field=models.BooleanField(
                default=False,
                help_text=(
                    "Its alarms are held back from the beginning of the work until the case is closed, a day at most."
                ),
                verbose_name="in maintenance while its case is handled",
            ),
        ),
        migrations.AddField(
            model_name="profilemetric",
            name="relative_to_baseline",
            field=models.BooleanField(
                default=False,
                help_text="Judged is how far the figure is from what the device measured when it was put up.",
                verbose_name="relative to the baseline",
            ),
        ),
        migrations.AddConstraint(
            model_name="device",
            constraint=models.CheckConstraint(
                condition=models.Q(("maintenance_case", None), ("state", "maintenance"), _connector="OR"),
                name="device_maintenance_case",
            ),
        ),
        migrations.AddConstraint(
            model_name="profilemetric",
            constraint=models.CheckConstraint(
                condition=models.Q(("relative_to_baseline", False), ("high__isnull", False), _connector="OR"),
                name="profile_metric_relative",
                violation_error_message="Only a metric with an upper limit can be relative to the baseline.",
            ),
        ),
        migrations.AddField(
            model_name="devicebaseline",
            name="device",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="baselines",
                to="devices.device",
                verbose_name="device",
            ),
        ),
        migrations.AddField(
            model_name="devicebaseline",
            name="set_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="set by",
            ),
        ),
        migrations.AddField(
            model_name="deviceclaim",
            name="claimed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="claimed by",
            ),
        ),
        migrations.AddField(
            model_name="deviceclaim",
            name="device",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="claims",
                to="devices.device",
                verbose_name="device",
            ),
        ),
        migrations.AddField(
            model_name="devicecommand",
            name="device",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="commands",
                to="devices.device",
                verbose_name="device",
            ),
        ),
        migrations.AddField(
            model_name="devicecommand",
            name="queued_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="given by",
            ),
        ),
        migrations.AddField(
            model_name="deviceforecast",
            name="device",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="forecasts",
                to="devices.device",
                verbose_name="device",
            ),
        ),
        migrations.AddField(
            model_name="profilecommand",
            name="profile",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="commands",
                to="devices.deviceprofile",
                verbose_name="device profile",
            ),
        ),
        migrations.AddConstraint(
            model_name="devicebaseline",
            constraint=models.UniqueConstraint(fields=("device", "metric"), name="device_baseline_once"),
        ),
        migrations.AddConstraint(
            model_name="deviceclaim",
            constraint=models.UniqueConstraint(
                condition=models.Q(("completed_at", None), ("replaced_at", None)),
                fields=("device",),
                name="device_claim_open_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="deviceclaim",
            constraint=models.CheckConstraint(
                condition=models.Q(("completed_at", None), ("replaced_at", None), _connector="OR"),
                name="device_claim_ends_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="deviceclaim",
            constraint=models.CheckConstraint(
                condition=models.Q(("latitude__range", (-90, 90)), ("longitude__range", (-180, 180))),
                name="device_claim_place",
            ),
        ),
        migrations.AddIndex(
            model_name="devicecommand",
            index=models.Index(
                condition=models.Q(("state__in", ["queued", "sent"])),
                fields=["device", "id"],
                name="device_command_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="devicecommand",
            index=models.Index(fields=["device", "-id"], name="device_command_newest"),
        ),
        migrations.AddConstraint(
            model_name="devicecommand",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("settled_at", None), ("state__in", ["queued", "sent"])),
                    models.Q(models.Q(("state__in", ["queued", "sent"]), _negated=True), ("settled_at__isnull", False)),
                    _connector="OR",
                ),
                name="device_command_settled",
            ),
        ),
        migrations.AddIndex(
            model_name="deviceforecast",
            index=models.Index(fields=["reaches_at", "id"], name="device_forecast_reaches_at"),
        ),
        migrations.AddConstraint(
            model_name="deviceforecast",
            constraint=models.UniqueConstraint(fields=("device", "kind"), name="device_forecast_once"),
        ),
        migrations.AddConstraint(
            model_name="deviceforecast",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outlook__in", ["expected", "reached"]), ("reaches_at__isnull", False)),
                    models.Q(("outlook__in", ["steady", "unknown"]), ("reaches_at", None)),
                    _connector="OR",
                ),
                name="device_forecast_reaches",
            ),
        ),
        migrations.AddConstraint(
            model_name="profilecommand",
            constraint=models.UniqueConstraint(fields=("profile", "name"), name="profile_command_once"),
        ),
    ]
