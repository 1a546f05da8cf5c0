"""Patrols."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_case_number"), ("governance", "0004_exchange")]

    operations = [
        migrations.CreateModel(
            name="PatrolPoint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(verbose_name="order")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
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
                (
                    "radius",
                    models.PositiveSmallIntegerField(
                        default=80,
                        validators=[
                            django.core.validators.MinValueValidator(10),
                            django.core.validators.MaxValueValidator(1000),
                        ],
                        verbose_name="radius in metres",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="what to look at")),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
            ],
            options={
                "verbose_name": "patrol point",
                "verbose_name_plural": "patrol points",
                "ordering": ["route", "position"],
            },
        ),
        migrations.CreateModel(
            name="PatrolPlan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=30, unique=True, verbose_name="code")),
                (
                    "rule",
                    models.CharField(
                        choices=[
                            ("daily", "Every day"),
                            ("weekdays", "On days of the week"),
                            ("workdays", "On working days (public holidays and moved working days counted)"),
                            ("monthly", "Once a month"),
                        ],
                        default="workdays",
                        max_length=10,
                        verbose_name="on which days",
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
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="days of the week",
                    ),
                ),
                (
                    "month_day",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(31),
                        ],
                        verbose_name="day of the month",
                    ),
                ),
                ("starts", models.TimeField(verbose_name="shift begins")),
                (
                    "ends",
                    models.TimeField(
                        help_text="At or before the beginning: on the next day.", verbose_name="shift ends"
                    ),
                ),
                ("valid_from", models.DateField(default=django.utils.timezone.localdate, verbose_name="from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="to")),
                (
                    "worker",
                    models.ForeignKey(
                        blank=True,
                        help_text="Left empty: anybody of the team.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="patrol_plans",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="assigned to",
                    ),
                ),
            ],
            options={
                "verbose_name": "patrol plan",
                "verbose_name_plural": "patrol plans",
                "ordering": ["route", "starts", "code"],
            },
        ),
        migrations.CreateModel(
            name="Patrol",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("date", models.DateField(verbose_name="date")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("under_way", "Under way"),
                            ("finished", "Finished"),
                            ("missed", "Missed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="planned",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("grid_worker", "Grid worker"), ("community_staff", "Community staff")],
                        max_length=20,
                        verbose_name="team's role",
                    ),
                ),
                ("starts_at", models.DateTimeField(verbose_name="window begins")),
                ("ends_at", models.DateTimeField(verbose_name="window ends")),
                ("started_at", models.DateTimeField(blank=True, null=True, verbose_name="started")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished")),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="patrols",
                        to="governance.area",
                        verbose_name="area",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="patrols",
                        to="governance.orgunit",
                        verbose_name="team's unit",
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="patrols",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="patrolled by",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="patrols",
                        to="cases.patrolplan",
                        verbose_name="patrol plan",
                    ),
                ),
            ],
            options={
                "verbose_name": "patrol",
                "verbose_name_plural": "patrols",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="PatrolFinding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("found_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="found at")),
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="patrol_finding",
                        to="cases.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "patrol",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="cases.patrol",
                        verbose_name="patrol",
                    ),
                ),
                (
                    "point",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="cases.patrolpoint",
                        verbose_name="patrol point",
                    ),
                ),
            ],
            options={
                "verbose_name": "finding",
                "verbose_name_plural": "findings",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="PatrolRoute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=30, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                (
                    "role",
                    models.CharField(
                        choices=[("grid_worker", "Grid worker"), ("community_staff", "Community staff")],
                        default="grid_worker",
                        max_length=20,
                        verbose_name="team's role",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="patrol_routes",
                        to="governance.area",
                        verbose_name="area",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="patrol_routes",
                        to="governance.orgunit",
                        verbose_name="team's unit",
                    ),
                ),
            ],
            options={
                "verbose_name": "patrol route",
                "verbose_name_plural": "patrol routes",
                "ordering": ["code"],
            },
        ),
        migrations.AddField(
            model_name="patrolpoint",
            name="route",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="points",
                to="cases.patrolroute",
                verbose_name="patrol route",
            ),
        ),
        migrations.AddField(
            model_name="patrolplan",
            name="route",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="plans",
                to="cases.patrolroute",
                verbose_name="patrol route",
            ),
        ),
        migrations.AddField(
            model_name="patrol",
            name="route",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="patrols",
                to="cases.patrolroute",
                verbose_name="patrol route",
            ),
        ),
        migrations.CreateModel(
            name="MissedPoint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="why")),
                ("noticed_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="noticed at")),
                (
                    "patrol",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="missed_points",
                        to="cases.patrol",
                        verbose_name="patrol",
                    ),
                ),
                (
                    "point",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="misses",
                        to="cases.patrolpoint",
                        verbose_name="patrol point",
                    ),
                ),
            ],
            options={
                "verbose_name": "missed point",
                "verbose_name_plural": "missed points",
                "ordering": ["point__position"],
                "constraints": [models.UniqueConstraint(fields=("patrol", "point"), name="missed_point_once")],
            },
        ),
        migrations.CreateModel(
            name="CheckIn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="checked in at")),
                ("received_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="received at")),
                ("longitude", models.FloatField(blank=True, null=True, verbose_name="longitude")),
                ("latitude", models.FloatField(blank=True, null=True, verbose_name="latitude")),
                ("accuracy_m", models.FloatField(blank=True, null=True, verbose_name="accuracy in metres")),
                ("distance_m", models.FloatField(blank=True, null=True, verbose_name="distance in metres")),
                ("at_place", models.BooleanField(verbose_name="at the place")),
                ("is_late", models.BooleanField(default=False, verbose_name="sent later")),
                ("note", models.TextField(blank=True, max_length=500, verbose_name="note")),
                ("key", models.CharField(blank=True, max_length=64, verbose_name="client's key")),
                (
                    "event",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.event",
                        verbose_name="event",
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="patrolled by",
                    ),
                ),
                (
                    "patrol",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="check_ins",
                        to="cases.patrol",
                        verbose_name="patrol",
                    ),
                ),
                (
                    "point",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="check_ins",
                        to="cases.patrolpoint",
                        verbose_name="patrol point",
                    ),
                ),
            ],
            options={
                "verbose_name": "check-in",
                "verbose_name_plural": "check-ins",
                "ordering": ["at", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("key", ""), _negated=True), fields=("patrol", "key"), name="check_in_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("at_place", False),
                                ("distance_m__isnull", True),
                                ("latitude__isnull", True),
                                ("longitude__isnull", True),
                            ),
                            models.Q(
                                ("distance_m__gte", 0),
                                ("distance_m__isnull", False),
                                ("latitude__isnull", False),
                                ("latitude__range", (-90, 90)),
                                ("longitude__isnull", False),
                                ("longitude__range", (-180, 180)),
                            ),
                            _connector="OR",
                        ),
                        name="check_in_place_whole",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="patrolpoint",
            constraint=models.UniqueConstraint(fields=("route", "position"), name="patrol_point_order"),
        ),
        migrations.AddConstraint(
            model_name="patrolpoint",
            constraint=models.CheckConstraint(
                condition=models.Q(("latitude__range", (-90, 90)), ("longitude__range", (-180, 180))),
                name="patrol_point_on_earth",
            ),
        ),
        migrations.AddConstraint(
            model_name="patrolplan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_to__isnull", True), ("valid_to__gte", models.F("valid_from")), _connector="OR"
                ),
                name="patrol_plan_dates_in_order",
                violation_error_message="The last day lies before the first.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patrolplan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("rule__in", ["daily", "workdays"]),
                    models.Q(("rule", "weekdays"), ("weekdays__len__gt", 0)),
                    models.Q(("month_day__isnull", False), ("month_day__range", (1, 31)), ("rule", "monthly")),
                    _connector="OR",
                ),
                name="patrol_plan_rule_whole",
                violation_error_message="Say which days of the week, or which day of the month.",
            ),
        ),
        migrations.AddIndex(
            model_name="patrol",
            index=models.Index(fields=["area", "-starts_at"], name="patrol_area"),
        ),
        migrations.AddIndex(
            model_name="patrol",
            index=models.Index(fields=["unit", "-starts_at"], name="patrol_unit"),
        ),
        migrations.AddIndex(
            model_name="patrol",
            index=models.Index(fields=["worker", "-starts_at"], name="patrol_worker"),
        ),
        migrations.AddIndex(
            model_name="patrol",
            index=models.Index(fields=["state", "-starts_at"], name="patrol_state"),
        ),
        migrations.AddIndex(
            model_name="patrol",
            index=models.Index(fields=["date"], name="patrol_date"),
        ),
        migrations.AddConstraint(
            model_name="patrol",
            constraint=models.UniqueConstraint(fields=("plan", "date"), name="patrol_once_a_day"),
        ),
        migrations.AddConstraint(
            model_name="patrol",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="patrol_window_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="patrol",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["under_way", "finished"]), _negated=True),
                    ("worker__isnull", False),
                    _connector="OR",
                ),
                name="patrol_walked_by_somebody",
            ),
        ),
    ]
