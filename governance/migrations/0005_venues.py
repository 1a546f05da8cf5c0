"""Venues, opening hours, bookings and calendar links."""

import uuid

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models

# A span of a day in seconds; 00:00 as its end is midnight. Empty where it ends before it begins: a check refuses that.
DAY_SPAN = """
CREATE FUNCTION governance_day_span(opens time, closes time) RETURNS int4range LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT CASE
        WHEN closes = '00:00' THEN int4range(extract(epoch FROM opens)::int, 86400)
        WHEN closes > opens THEN int4range(extract(epoch FROM opens)::int, extract(epoch FROM closes)::int)
        ELSE 'empty'::int4range
    END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0004_exchange")]

    operations = [
        BtreeGistExtension(),
        migrations.RunSQL(DAY_SPAN, "DROP FUNCTION governance_day_span(time, time)"),
        migrations.CreateModel(
            name="Venue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=30, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("address", models.CharField(blank=True, max_length=200, verbose_name="address")),
                (
                    "capacity",
                    models.PositiveIntegerField(
                        validators=[django.core.validators.MinValueValidator(1)], verbose_name="capacity (persons)"
                    ),
                ),
                ("open_on_holidays", models.BooleanField(default=False, verbose_name="open on public holidays")),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="venues",
                        to="governance.area",
                        verbose_name="area served",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="venues",
                        to="governance.orgunit",
                        verbose_name="run by",
                    ),
                ),
            ],
            options={
                "verbose_name": "venue",
                "verbose_name_plural": "venues",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="OpeningHours",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "weekday",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "Monday"),
                            (1, "Tuesday"),
                            (2, "Wednesday"),
                            (3, "Thursday"),
                            (4, "Friday"),
                            (5, "Saturday"),
                            (6, "Sunday"),
                        ],
                        verbose_name="weekday",
                    ),
                ),
                ("opens", models.TimeField(verbose_name="opens")),
                ("closes", models.TimeField(help_text="00:00 is midnight.", verbose_name="closes")),
                (
                    "venue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hours",
                        to="governance.venue",
                        verbose_name="venue",
                    ),
                ),
            ],
            options={
                "verbose_name": "opening hours",
                "verbose_name_plural": "opening hours",
                "ordering": ["venue", "weekday", "opens"],
            },
        ),
        migrations.CreateModel(
            name="CalendarFeed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("venue", "A venue"), ("unit", "A unit"), ("person", "My own")],
                        max_length=10,
                        verbose_name="calendar of",
                    ),
                ),
                ("token_hash", models.CharField(editable=False, max_length=64, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "Valid"), ("revoked", "Revoked")],
                        default="active",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "made_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="made at"),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calendar_feeds",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.orgunit",
                        verbose_name="unit",
                    ),
                ),
                (
                    "venue",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.venue",
                        verbose_name="venue",
                    ),
                ),
            ],
            options={
                "verbose_name": "calendar link",
                "verbose_name_plural": "calendar links",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="BookingSeries",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=120, verbose_name="occasion")),
                (
                    "kind",
                    models.CharField(
                        choices=[("weekly", "Weekly"), ("monthly", "Monthly")], max_length=10, verbose_name="repeats"
                    ),
                ),
                (
                    "weekdays",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(
                            choices=[
                                (0, "Monday"),
                                (1, "Tuesday"),
                                (2, "Wednesday"),
                                (3, "Thursday"),
                                (4, "Friday"),
                                (5, "Saturday"),
                                (6, "Sunday"),
                            ]
                        ),
                        size=None,
                        verbose_name="weekdays",
                    ),
                ),
                ("nth", models.SmallIntegerField(blank=True, null=True, verbose_name="which one of the month")),
                ("interval", models.PositiveSmallIntegerField(default=1, verbose_name="every … weeks or months")),
                ("first_day", models.DateField(verbose_name="first day")),
                ("until", models.DateField(blank=True, null=True, verbose_name="last day")),
                ("count", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="how many times")),
                ("starts", models.TimeField(verbose_name="from")),
                ("ends", models.TimeField(verbose_name="to")),
                (
                    "skipped",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.DateField(),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="dates left out",
                    ),
                ),
                (
                    "made_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="made at"),
                ),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.area",
                        verbose_name="area",
                    ),
                ),
                (
                    "booked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="booked by",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.orgunit",
                        verbose_name="booked for unit",
                    ),
                ),
                (
                    "venue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="series",
                        to="governance.venue",
                        verbose_name="venue",
                    ),
                ),
            ],
            options={
                "verbose_name": "series of bookings",
                "verbose_name_plural": "series of bookings",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Booking",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("period", django.contrib.postgres.fields.ranges.DateTimeRangeField(verbose_name="time")),
                ("title", models.CharField(max_length=120, verbose_name="occasion")),
                ("attendance", models.PositiveIntegerField(blank=True, null=True, verbose_name="expected persons")),
                (
                    "state",
                    models.CharField(
                        choices=[("booked", "Booked"), ("cancelled", "Cancelled")],
                        default="booked",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("purpose_type", models.CharField(blank=True, max_length=80, verbose_name="kind of purpose")),
                ("purpose_id", models.BigIntegerField(blank=True, null=True, verbose_name="purpose")),
                (
                    "made_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="made at"),
                ),
                (
                    "changed_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="changed at"),
                ),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bookings",
                        to="governance.area",
                        verbose_name="area",
                    ),
                ),
                (
                    "booked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bookings",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="booked by",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bookings",
                        to="governance.orgunit",
                        verbose_name="booked for unit",
                    ),
                ),
                (
                    "series",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bookings",
                        to="governance.bookingseries",
                        verbose_name="series",
                    ),
                ),
                (
                    "venue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bookings",
                        to="governance.venue",
                        verbose_name="venue",
                    ),
                ),
            ],
            options={
                "verbose_name": "booking",
                "verbose_name_plural": "bookings",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="VenueClosure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first_day", models.DateField(verbose_name="first day")),
                ("last_day", models.DateField(verbose_name="last day")),
                ("reason", models.CharField(max_length=80, verbose_name="reason")),
                (
                    "venue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="closures",
                        to="governance.venue",
                        verbose_name="venue",
                    ),
                ),
            ],
            options={
                "verbose_name": "closure",
                "verbose_name_plural": "closures",
                "ordering": ["venue", "first_day"],
            },
        ),
        migrations.AddConstraint(
            model_name="venue",
            constraint=models.CheckConstraint(condition=models.Q(("capacity__gte", 1)), name="venue_capacity_some"),
        ),
        migrations.AddConstraint(
            model_name="openinghours",
            constraint=models.CheckConstraint(
                condition=models.Q(("closes__gt", models.F("opens")), ("closes", "00:00"), _connector="OR"),
                name="opening_hours_in_order",
                violation_error_message="It must close after it opens.",
            ),
        ),
        migrations.AddConstraint(
            model_name="openinghours",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("venue", "="),
                    ("weekday", "="),
                    (models.Func("opens", "closes", function="governance_day_span"), "&&"),
                ],
                name="opening_hours_no_overlap",
                violation_error_message="These opening hours overlap others of the same day.",
            ),
        ),
        migrations.AddConstraint(
            model_name="calendarfeed",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "venue"), ("unit__isnull", True), ("venue__isnull", False)),
                    models.Q(("kind", "unit"), ("unit__isnull", False), ("venue__isnull", True)),
                    models.Q(("kind", "person"), ("unit__isnull", True), ("venue__isnull", True)),
                    _connector="OR",
                ),
                name="calendar_feed_subject",
            ),
        ),
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(fields=["venue", "period"], name="booking_venue_period"),
        ),
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(
                condition=models.Q(("purpose_type", ""), _negated=True),
                fields=["purpose_type", "purpose_id"],
                name="booking_purpose",
            ),
        ),
        migrations.AddConstraint(
            model_name="booking",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("state", "booked")),
                expressions=[("venue", "="), ("period", "&&")],
                name="booking_no_overlap",
            ),
        ),
        migrations.AddConstraint(
            model_name="booking",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("period__isempty", False),
                    ("period__lower_inc", True),
                    ("period__lower_inf", False),
                    ("period__upper_inc", False),
                    ("period__upper_inf", False),
                ),
                name="booking_period_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="booking",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("purpose_id__isnull", True), ("purpose_type", "")),
                    models.Q(models.Q(("purpose_type", ""), _negated=True), ("purpose_id__isnull", False)),
                    _connector="OR",
                ),
                name="booking_purpose_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="venueclosure",
            constraint=models.CheckConstraint(
                condition=models.Q(("last_day__gte", models.F("first_day"))),
                name="venue_closure_in_order",
                violation_error_message="The last day lies before the first.",
            ),
        ),
    ]
