"""Estates, buildings, dwellings, and who lives in and owns them."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("governance", "0002_triggers")]

    operations = [
        migrations.CreateModel(
            name="Building",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=20, verbose_name="building number")),
                ("name", models.CharField(blank=True, max_length=60, verbose_name="name")),
                ("floors", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="floors")),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                (
                    "area",
                    models.ForeignKey(
                        blank=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="buildings",
                        to="governance.area",
                        verbose_name="area",
                    ),
                ),
            ],
            options={
                "verbose_name": "building",
                "verbose_name_plural": "buildings",
                "ordering": ["estate", "number"],
            },
        ),
        migrations.CreateModel(
            name="Entrance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=20, verbose_name="entrance number")),
                (
                    "building",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entrances",
                        to="governance.building",
                        verbose_name="building",
                    ),
                ),
            ],
            options={
                "verbose_name": "entrance",
                "verbose_name_plural": "entrances",
                "ordering": ["building", "number"],
            },
        ),
        migrations.CreateModel(
            name="Dwelling",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=60, unique=True, verbose_name="code")),
                ("floor", models.SmallIntegerField(blank=True, null=True, verbose_name="floor")),
                ("number", models.CharField(max_length=20, verbose_name="dwelling number")),
                (
                    "floor_area",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=8, null=True, verbose_name="floor area (m²)"
                    ),
                ),
                (
                    "use",
                    models.CharField(
                        choices=[
                            ("residential", "Residential"),
                            ("commercial", "Commercial"),
                            ("parking", "Parking"),
                            ("other", "Other"),
                        ],
                        default="residential",
                        max_length=12,
                        verbose_name="use",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                (
                    "area",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dwellings",
                        to="governance.area",
                        verbose_name="area",
                    ),
                ),
                (
                    "building",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dwellings",
                        to="governance.building",
                        verbose_name="building",
                    ),
                ),
                (
                    "entrance",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dwellings",
                        to="governance.entrance",
                        verbose_name="entrance",
                    ),
                ),
            ],
            options={
                "verbose_name": "dwelling",
                "verbose_name_plural": "dwellings",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="Estate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=30, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("address", models.CharField(blank=True, max_length=200, verbose_name="address")),
                ("longitude", models.FloatField(blank=True, null=True, verbose_name="longitude")),
                ("latitude", models.FloatField(blank=True, null=True, verbose_name="latitude")),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="estates",
                        to="governance.area",
                        verbose_name="area",
                    ),
                ),
            ],
            options={
                "verbose_name": "estate",
                "verbose_name_plural": "estates",
                "ordering": ["code"],
            },
        ),
        migrations.AddField(
            model_name="building",
            name="estate",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="buildings",
                to="governance.estate",
                verbose_name="estate",
            ),
        ),
        migrations.CreateModel(
            name="Ownership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("valid_from", models.DateField(default=django.utils.timezone.localdate, verbose_name="from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="to")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("claimed", "Claimed"),
                            ("verified", "Confirmed"),
                            ("refused", "Refused"),
                            ("withdrawn", "Withdrawn"),
                            ("ended", "Ended"),
                        ],
                        default="claimed",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "claimed_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="claimed at"),
                ),
                ("owner_name", models.CharField(max_length=60, verbose_name="owner's name")),
                (
                    "owner_phone",
                    models.CharField(
                        blank=True,
                        max_length=16,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^(1[3-9]\\d{9}|\\+[1-9]\\d{6,14})$", "Enter a valid phone number."
                            )
                        ],
                        verbose_name="owner's phone",
                    ),
                ),
                ("share_numerator", models.PositiveIntegerField(default=1, verbose_name="share, numerator")),
                ("share_denominator", models.PositiveIntegerField(default=1, verbose_name="share, denominator")),
                ("is_voter", models.BooleanField(default=False, verbose_name="votes for the dwelling")),
                (
                    "area",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.area",
                        verbose_name="area",
                    ),
                ),
                (
                    "dwelling",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ownerships",
                        to="governance.dwelling",
                        verbose_name="dwelling",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ownerships",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="account",
                    ),
                ),
            ],
            options={
                "verbose_name": "ownership",
                "verbose_name_plural": "ownerships",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Residency",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("valid_from", models.DateField(default=django.utils.timezone.localdate, verbose_name="from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="to")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("claimed", "Claimed"),
                            ("verified", "Confirmed"),
                            ("refused", "Refused"),
                            ("withdrawn", "Withdrawn"),
                            ("ended", "Ended"),
                        ],
                        default="claimed",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "claimed_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="claimed at"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("owner", "Owner"), ("tenant", "Tenant"), ("family", "Family member")],
                        max_length=10,
                        verbose_name="lives there as",
                    ),
                ),
                (
                    "area",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.area",
                        verbose_name="area",
                    ),
                ),
                (
                    "dwelling",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="residencies",
                        to="governance.dwelling",
                        verbose_name="dwelling",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="residencies",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "residency",
                "verbose_name_plural": "residencies",
                "ordering": ["-id"],
            },
        ),
        migrations.AddConstraint(
            model_name="entrance",
            constraint=models.UniqueConstraint(fields=("building", "number"), name="entrance_number_once"),
        ),
        migrations.AddConstraint(
            model_name="dwelling",
            constraint=models.UniqueConstraint(
                fields=("building", "entrance", "number"), name="dwelling_number_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="dwelling",
            constraint=models.CheckConstraint(
                condition=models.Q(("floor_area__isnull", True), ("floor_area__gt", 0), _connector="OR"),
                name="dwelling_floor_area",
                violation_error_message="The floor area must be above 0.",
            ),
        ),
        migrations.AddConstraint(
            model_name="estate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("latitude__isnull", True), ("longitude__isnull", True)),
                    models.Q(
                        ("longitude__isnull", False),
                        ("longitude__range", (-180, 180)),
                        ("latitude__isnull", False),
                        ("latitude__range", (-90, 90)),
                    ),
                    _connector="OR",
                ),
                name="estate_coordinates",
                violation_error_message="Give both longitude and latitude.",
            ),
        ),
        migrations.AddConstraint(
            model_name="building",
            constraint=models.UniqueConstraint(fields=("estate", "number"), name="building_number_once"),
        ),
        migrations.AddIndex(
            model_name="ownership",
            index=models.Index(fields=["area", "state"], name="ownership_queue"),
        ),
        migrations.AddConstraint(
            model_name="ownership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_to__isnull", True), ("valid_to__gte", models.F("valid_from")), _connector="OR"
                ),
                name="ownership_dates_in_order",
                violation_error_message="The last day lies before the first.",
            ),
        ),
        migrations.AddConstraint(
            model_name="ownership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "ended"), ("valid_to__isnull", False)),
                    models.Q(models.Q(("state", "ended"), _negated=True), ("valid_to__isnull", True)),
                    _connector="OR",
                ),
                name="ownership_ended_with_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="ownership",
            constraint=models.CheckConstraint(
                condition=models.Q(("share_numerator__gt", 0), ("share_numerator__lte", models.F("share_denominator"))),
                name="ownership_share",
                violation_error_message="A share is above 0 and at most the whole.",
            ),
        ),
        migrations.AddConstraint(
            model_name="ownership",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("claimed", "verified"))),
                fields=("user", "dwelling"),
                name="ownership_open_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="ownership",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_voter", True), ("state", "verified")),
                fields=("dwelling",),
                name="ownership_one_voter",
            ),
        ),
        migrations.AddConstraint(
            model_name="ownership",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_voter", False), ("state", "verified"), _connector="OR"),
                name="ownership_voter_is_verified",
            ),
        ),
        migrations.AddIndex(
            model_name="residency",
            index=models.Index(fields=["area", "state"], name="residency_queue"),
        ),
        migrations.AddConstraint(
            model_name="residency",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_to__isnull", True), ("valid_to__gte", models.F("valid_from")), _connector="OR"
                ),
                name="residency_dates_in_order",
                violation_error_message="The last day lies before the first.",
            ),
        ),
        migrations.AddConstraint(
            model_name="residency",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "ended"), ("valid_to__isnull", False)),
                    models.Q(models.Q(("state", "ended"), _negated=True), ("valid_to__isnull", True)),
                    _connector="OR",
                ),
                name="residency_ended_with_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="residency",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("claimed", "verified"))),
                fields=("user", "dwelling"),
                name="residency_open_once",
            ),
        ),
    ]
