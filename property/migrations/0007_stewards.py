"""Teams of red stewards, their shifts and visits, disputes they saw, and counted time, whose lines stand."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# As ledgers do: a line is never changed, corrections are lines of their own (the function is that of 0004).
STANDS = """
CREATE TRIGGER property_hoursentry_stands BEFORE UPDATE OR DELETE ON property_hoursentry
    FOR EACH ROW EXECUTE FUNCTION property_stands();
"""
STANDS_BACK = "DROP TRIGGER property_hoursentry_stands ON property_hoursentry;"


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0017_stewards"),
        ("governance", "0010_roles_of_property"),
        ("property", "0006_debtors"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="StewardPlan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=30, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
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
                ("day", models.DateField(blank=True, null=True, verbose_name="on one day")),
                ("starts", models.TimeField(verbose_name="shift begins")),
                ("ends", models.TimeField(verbose_name="shift ends")),
                ("place", models.CharField(blank=True, max_length=60, verbose_name="place in words")),
                (
                    "wanted",
                    models.PositiveSmallIntegerField(
                        default=1,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(50),
                        ],
                        verbose_name="how many are wanted",
                    ),
                ),
                ("valid_from", models.DateField(default=django.utils.timezone.localdate, verbose_name="from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="to")),
                (
                    "building",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.building",
                        verbose_name="building",
                    ),
                ),
            ],
            options={
                "verbose_name": "plan of shifts",
                "verbose_name_plural": "plans of shifts",
                "ordering": ["team", "starts", "code"],
            },
        ),
        migrations.CreateModel(
            name="StewardTeam",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=30, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                (
                    "area",
                    models.ForeignKey(
                        blank=True,
                        help_text="Left empty: the estate's.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steward_teams",
                        to="governance.area",
                        verbose_name="area",
                    ),
                ),
                (
                    "estate",
                    models.ForeignKey(
                        blank=True,
                        help_text="Left empty: the whole area.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steward_teams",
                        to="governance.estate",
                        verbose_name="estate",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steward_teams",
                        to="property.partyorganisation",
                        verbose_name="party organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "steward team",
                "verbose_name_plural": "steward teams",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="StewardShift",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("date", models.DateField(verbose_name="day")),
                ("starts_at", models.DateTimeField(verbose_name="begins")),
                ("ends_at", models.DateTimeField(verbose_name="ends")),
                ("place", models.CharField(max_length=150, verbose_name="place")),
                ("wanted", models.PositiveSmallIntegerField(verbose_name="how many are wanted")),
                (
                    "state",
                    models.CharField(
                        choices=[("planned", "On the roster"), ("called_off", "Called off")],
                        default="planned",
                        max_length=10,
                        verbose_name="state",
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
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shifts",
                        to="property.stewardplan",
                        verbose_name="plan of shifts",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shifts",
                        to="property.stewardteam",
                        verbose_name="steward team",
                    ),
                ),
            ],
            options={
                "verbose_name": "steward shift",
                "verbose_name_plural": "steward shifts",
                "ordering": ["-starts_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="StewardRoute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "route",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steward_route",
                        to="cases.patrolroute",
                        verbose_name="patrol route",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="routes",
                        to="property.stewardteam",
                        verbose_name="steward team",
                    ),
                ),
            ],
            options={
                "verbose_name": "route of a steward team",
                "verbose_name_plural": "routes of a steward team",
                "ordering": ["route"],
            },
        ),
        migrations.AddField(
            model_name="stewardplan",
            name="team",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="plans",
                to="property.stewardteam",
                verbose_name="steward team",
            ),
        ),
        migrations.CreateModel(
            name="StewardMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("party_member", "Party member"),
                            ("resident", "Resident"),
                            ("volunteer", "Volunteer"),
                        ],
                        max_length=12,
                        verbose_name="joins as",
                    ),
                ),
                ("is_lead", models.BooleanField(default=False, verbose_name="leads the team")),
                ("valid_from", models.DateField(default=django.utils.timezone.localdate, verbose_name="from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="to")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stewardships",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="property.stewardteam",
                        verbose_name="steward team",
                    ),
                ),
            ],
            options={
                "verbose_name": "steward",
                "verbose_name_plural": "stewards",
                "ordering": ["team", "-is_lead", "id"],
            },
        ),
        migrations.CreateModel(
            name="ShiftDuty",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("taken", "Taken"),
                            ("under_way", "On duty"),
                            ("done", "Stood"),
                            ("no_show", "Did not come"),
                            ("excused", "Excused"),
                            ("given_up", "Given up"),
                            ("called_off", "Called off"),
                        ],
                        default="taken",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("taken_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="taken at")),
                ("started_at", models.DateTimeField(blank=True, null=True, verbose_name="began")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended")),
                ("by_clock", models.BooleanField(default=False, verbose_name="ended by the clock")),
                ("longitude", models.FloatField(blank=True, null=True, verbose_name="longitude at the beginning")),
                ("latitude", models.FloatField(blank=True, null=True, verbose_name="latitude at the beginning")),
                ("end_longitude", models.FloatField(blank=True, null=True, verbose_name="longitude at the end")),
                ("end_latitude", models.FloatField(blank=True, null=True, verbose_name="latitude at the end")),
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
                    "assigned_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="assigned by",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="duties",
                        to="property.stewardmember",
                        verbose_name="steward",
                    ),
                ),
                (
                    "shift",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="duties",
                        to="property.stewardshift",
                        verbose_name="steward shift",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="property.stewardteam",
                        verbose_name="steward team",
                    ),
                ),
            ],
            options={
                "verbose_name": "place in a shift",
                "verbose_name_plural": "places in shifts",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="OutreachVisit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("topic", models.CharField(max_length=60, verbose_name="policy explained")),
                ("place", models.CharField(blank=True, max_length=100, verbose_name="place in words")),
                ("at", models.DateTimeField(verbose_name="visited at")),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(
                        default=15,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(480),
                        ],
                        verbose_name="length (minutes)",
                    ),
                ),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("explained", "Explained"),
                            ("questions", "Questions raised"),
                            ("not_met", "Nobody opened"),
                            ("refused", "Not wanted"),
                        ],
                        max_length=10,
                        verbose_name="how it went",
                    ),
                ),
                ("questions", models.TextField(blank=True, max_length=1000, verbose_name="questions raised")),
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
                    "case",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outreach_visit",
                        to="cases.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "dwelling",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.dwelling",
                        verbose_name="dwelling",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="property.stewardmember",
                        verbose_name="steward",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="property.stewardteam",
                        verbose_name="steward team",
                    ),
                ),
            ],
            options={
                "verbose_name": "outreach visit",
                "verbose_name_plural": "outreach visits",
                "ordering": ["-at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="JoinRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("words", models.CharField(blank=True, max_length=300, verbose_name="what I can help with")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Asked to join"),
                            ("accepted", "Accepted"),
                            ("declined", "Declined"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="asked",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="asked at")),
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
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steward_requests",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="property.stewardmember",
                        verbose_name="steward",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="property.stewardteam",
                        verbose_name="steward team",
                    ),
                ),
            ],
            options={
                "verbose_name": "request to join",
                "verbose_name_plural": "requests to join",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="HoursEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("shift", "Shift"),
                            ("patrol", "Patrol"),
                            ("outreach", "Outreach"),
                            ("correction", "Correction"),
                        ],
                        max_length=10,
                        verbose_name="counted for",
                    ),
                ),
                ("date", models.DateField(verbose_name="day")),
                ("begins_at", models.DateTimeField(blank=True, null=True, verbose_name="begins")),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="ends")),
                ("minutes", models.SmallIntegerField(verbose_name="length (minutes)")),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="reason")),
                ("counted_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="counted at")),
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
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="corrected by",
                    ),
                ),
                (
                    "patrol",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steward_hours",
                        to="cases.patrol",
                        verbose_name="patrol",
                    ),
                ),
                (
                    "visit",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="hours",
                        to="property.outreachvisit",
                        verbose_name="outreach visit",
                    ),
                ),
                (
                    "duty",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="hours",
                        to="property.shiftduty",
                        verbose_name="place in a shift",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="hours",
                        to="property.stewardmember",
                        verbose_name="steward",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="hours",
                        to="property.stewardteam",
                        verbose_name="steward team",
                    ),
                ),
            ],
            options={
                "verbose_name": "counted time",
                "verbose_name_plural": "counted times",
                "ordering": ["-date", "-id"],
            },
        ),
        migrations.CreateModel(
            name="DisputeSighting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("place", models.CharField(blank=True, max_length=100, verbose_name="place in words")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("neighbours", "Between neighbours"),
                            ("family", "In a family"),
                            ("noise", "Noise"),
                            ("parking", "Parking"),
                            ("property", "With the property company"),
                            ("leak", "Leaks and damage"),
                            ("pets", "Pets"),
                            ("other", "Other"),
                        ],
                        max_length=10,
                        verbose_name="kind of dispute",
                    ),
                ),
                (
                    "urgency",
                    models.CharField(
                        choices=[
                            ("normal", "Not urgent"),
                            ("urgent", "Urgent: people are in danger or it is getting worse"),
                        ],
                        default="normal",
                        max_length=10,
                        verbose_name="urgency",
                    ),
                ),
                ("words", models.TextField(max_length=2000, verbose_name="what was seen")),
                ("seen_at", models.DateTimeField(verbose_name="seen at")),
                ("answer_due_at", models.DateTimeField(verbose_name="answer due")),
                (
                    "unanswered_since",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="unanswered since"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("handed_over", "Handed over"),
                            ("taken", "Taken on"),
                            ("dismissed", "Nothing to settle"),
                            ("became_case", "Became a case"),
                        ],
                        default="handed_over",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="answered at")),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="answered by",
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
                    "building",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.building",
                        verbose_name="building",
                    ),
                ),
                (
                    "case",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dispute_sighting",
                        to="cases.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "estate",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.estate",
                        verbose_name="estate",
                    ),
                ),
                (
                    "reporter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="reported by",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sightings",
                        to="property.stewardteam",
                        verbose_name="steward team",
                    ),
                ),
            ],
            options={
                "verbose_name": "dispute seen",
                "verbose_name_plural": "disputes seen",
                "ordering": ["-id"],
            },
        ),
        migrations.AddIndex(
            model_name="stewardshift",
            index=models.Index(fields=["team", "starts_at"], name="steward_shift_of_team"),
        ),
        migrations.AddConstraint(
            model_name="stewardshift",
            constraint=models.UniqueConstraint(fields=("plan", "date"), name="steward_shift_once"),
        ),
        migrations.AddConstraint(
            model_name="stewardshift",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="steward_shift_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="stewardplan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("day__isnull", True), ("weekdays__len__gt", 0)),
                    models.Q(("day__isnull", False), ("weekdays__len", 0)),
                    _connector="OR",
                ),
                name="steward_plan_days",
                violation_error_message="Say on which days of the week, or on which one day.",
            ),
        ),
        migrations.AddConstraint(
            model_name="stewardplan",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends__gt", models.F("starts"))),
                name="steward_plan_hours",
                violation_error_message="A shift ends later on the same day.",
            ),
        ),
        migrations.AddConstraint(
            model_name="stewardplan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_to__isnull", True), ("valid_to__gte", models.F("valid_from")), _connector="OR"
                ),
                name="steward_plan_in_order",
                violation_error_message="The last day lies before the first.",
            ),
        ),
        migrations.AddConstraint(
            model_name="stewardplan",
            constraint=models.CheckConstraint(
                condition=models.Q(("wanted__range", (1, 50))), name="steward_plan_wanted"
            ),
        ),
        migrations.AddIndex(
            model_name="stewardmember",
            index=models.Index(fields=["person", "team"], name="steward_person"),
        ),
        migrations.AddConstraint(
            model_name="stewardmember",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_to__isnull", True), ("valid_to__gte", models.F("valid_from")), _connector="OR"
                ),
                name="steward_in_order",
                violation_error_message="The last day lies before the first.",
            ),
        ),
        migrations.AddConstraint(
            model_name="stewardmember",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("team", "="),
                    ("person", "="),
                    (models.Func("valid_from", "valid_to", models.Value("[]"), function="daterange"), "&&"),
                ],
                name="steward_once",
                violation_error_message="This person is in the team in this time already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="stewardmember",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("is_lead", True)),
                expressions=[
                    ("team", "="),
                    (models.Func("valid_from", "valid_to", models.Value("[]"), function="daterange"), "&&"),
                ],
                name="steward_one_lead",
                violation_error_message="Somebody else leads the team in this time.",
            ),
        ),
        migrations.AddIndex(
            model_name="shiftduty",
            index=models.Index(fields=["member", "-id"], name="duty_of_member"),
        ),
        migrations.AddConstraint(
            model_name="shiftduty",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["given_up", "called_off"]), _negated=True),
                fields=("shift", "member"),
                name="duty_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="shiftduty",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["under_way", "done"]), _negated=True),
                    ("started_at__isnull", False),
                    _connector="OR",
                ),
                name="duty_begun",
            ),
        ),
        migrations.AddConstraint(
            model_name="shiftduty",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "done"), _negated=True),
                    models.Q(("ended_at__gte", models.F("started_at")), ("ended_at__isnull", False)),
                    _connector="OR",
                ),
                name="duty_ended",
            ),
        ),
        migrations.AddIndex(
            model_name="outreachvisit",
            index=models.Index(fields=["team", "-at"], name="outreach_of_team"),
        ),
        migrations.AddConstraint(
            model_name="outreachvisit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("dwelling__isnull", False), models.Q(("place", ""), _negated=True), _connector="OR"
                ),
                name="outreach_somewhere",
                violation_error_message="Say where: a dwelling or a place.",
            ),
        ),
        migrations.AddConstraint(
            model_name="outreachvisit",
            constraint=models.CheckConstraint(
                condition=models.Q(("minutes__range", (1, 480))), name="outreach_minutes"
            ),
        ),
        migrations.AddConstraint(
            model_name="outreachvisit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("result", "questions"), _negated=True),
                    models.Q(("questions", ""), _negated=True),
                    _connector="OR",
                ),
                name="outreach_questions",
                violation_error_message="Say what was asked.",
            ),
        ),
        migrations.AddConstraint(
            model_name="joinrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "asked")), fields=("team", "person"), name="steward_asked_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="joinrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "accepted"), _negated=True), ("member__isnull", False), _connector="OR"
                ),
                name="steward_joined",
            ),
        ),
        migrations.AddIndex(
            model_name="hoursentry",
            index=models.Index(fields=["member", "date"], name="hours_of_member"),
        ),
        migrations.AddIndex(
            model_name="hoursentry",
            index=models.Index(fields=["team", "date"], name="hours_of_team"),
        ),
        migrations.AddConstraint(
            model_name="hoursentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(
                            models.Q(
                                ("duty__isnull", False),
                                ("kind", "shift"),
                                ("patrol__isnull", True),
                                ("visit__isnull", True),
                            ),
                            models.Q(
                                ("duty__isnull", True),
                                ("kind", "patrol"),
                                ("patrol__isnull", False),
                                ("visit__isnull", True),
                            ),
                            models.Q(
                                ("duty__isnull", True),
                                ("kind", "outreach"),
                                ("patrol__isnull", True),
                                ("visit__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        ("begins_at__isnull", False),
                        ("ends_at__gte", models.F("begins_at")),
                        ("minutes__gte", 0),
                        ("reason", ""),
                    ),
                    models.Q(
                        ("duty__isnull", True),
                        ("kind", "correction"),
                        ("patrol__isnull", True),
                        ("visit__isnull", True),
                        models.Q(("minutes", 0), _negated=True),
                        models.Q(("reason", ""), _negated=True),
                        ("begins_at__isnull", True),
                        ("by__isnull", False),
                        ("ends_at__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="hours_sourced",
            ),
        ),
        migrations.AddIndex(
            model_name="disputesighting",
            index=models.Index(
                condition=models.Q(("state", "handed_over")), fields=["area", "answer_due_at"], name="sighting_waiting"
            ),
        ),
        migrations.AddConstraint(
            model_name="disputesighting",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answered_by__isnull", True), ("state", "handed_over")),
                    models.Q(
                        models.Q(("state", "handed_over"), _negated=True),
                        ("answered_at__isnull", False),
                        ("answered_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="sighting_answered",
            ),
        ),
        migrations.AddConstraint(
            model_name="disputesighting",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "became_case"), _negated=True), ("case__isnull", False), _connector="OR"
                ),
                name="sighting_case",
            ),
        ),
        migrations.RunSQL(STANDS, STANDS_BACK),
    ]
