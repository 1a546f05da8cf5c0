"""Assemblies, their sessions, invitations, topics, minutes and follow-up items; an answer to minutes stays as given."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# What a party said to a version of the minutes is evidence: nobody changes it afterwards.
ANSWERS = """
CREATE FUNCTION property_minutes_answer_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the answer % to minutes stays as it was given', OLD.id USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER minutes_answer_kept BEFORE UPDATE OR DELETE ON property_minutesanswer
    FOR EACH ROW EXECUTE FUNCTION property_minutes_answer_kept();
"""
ANSWERS_BACK = """
DROP TRIGGER minutes_answer_kept ON property_minutesanswer;
DROP FUNCTION property_minutes_answer_kept();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0015_unit_parts"),
        ("governance", "0010_roles_of_property"),
        ("property", "0004_costs"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Assembly",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=30, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "rule",
                    models.CharField(
                        choices=[
                            ("nth_weekday", "the n-th weekday of the month"),
                            ("last_weekday", "the last weekday of the month"),
                            ("month_day", "a day of the month"),
                        ],
                        default="nth_weekday",
                        max_length=20,
                        verbose_name="meets on",
                    ),
                ),
                (
                    "nth",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        default=1,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(4),
                        ],
                        verbose_name="which one of the month",
                    ),
                ),
                (
                    "weekday",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        choices=[
                            (0, "Monday"),
                            (1, "Tuesday"),
                            (2, "Wednesday"),
                            (3, "Thursday"),
                            (4, "Friday"),
                            (5, "Saturday"),
                            (6, "Sunday"),
                        ],
                        default=5,
                        null=True,
                        verbose_name="weekday",
                    ),
                ),
                (
                    "month_day",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="31 means the last day of shorter months too.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(31),
                        ],
                        verbose_name="day of the month",
                    ),
                ),
                (
                    "holiday_move",
                    models.CharField(
                        choices=[
                            ("next_week", "a week later"),
                            ("next_day", "the next day that will do"),
                            ("stay", "not moved"),
                        ],
                        default="next_week",
                        max_length=10,
                        verbose_name="on public holidays and working weekends",
                    ),
                ),
                ("starts", models.TimeField(verbose_name="begins at")),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(
                        default=120,
                        validators=[
                            django.core.validators.MinValueValidator(15),
                            django.core.validators.MaxValueValidator(600),
                        ],
                        verbose_name="length in minutes",
                    ),
                ),
                (
                    "collect_days",
                    models.PositiveSmallIntegerField(
                        default=20,
                        validators=[django.core.validators.MaxValueValidator(60)],
                        verbose_name="topics are collected from so many days before",
                    ),
                ),
                (
                    "notice_days",
                    models.PositiveSmallIntegerField(
                        default=3,
                        validators=[django.core.validators.MaxValueValidator(30)],
                        verbose_name="notice at least so many days before",
                    ),
                ),
                ("quorum_numerator", models.PositiveSmallIntegerField(default=1, verbose_name="quorum: numerator")),
                ("quorum_denominator", models.PositiveSmallIntegerField(default=2, verbose_name="quorum: denominator")),
                (
                    "quorum_more_than",
                    models.BooleanField(
                        default=True,
                        help_text="Otherwise exactly that share is enough.",
                        verbose_name="more than that share",
                    ),
                ),
                ("quorum_minimum", models.PositiveSmallIntegerField(default=3, verbose_name="at least so many")),
                (
                    "quorum_roles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("party", "Party organisation"),
                                ("property_company", "Property company"),
                                ("owners_committee", "Owners' committee"),
                                ("residents", "Residents' representative"),
                            ],
                            max_length=20,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="one of each must be there",
                    ),
                ),
                ("valid_from", models.DateField(default=django.utils.timezone.localdate, verbose_name="meets from")),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assemblies",
                        to="governance.area",
                        verbose_name="area",
                    ),
                ),
                (
                    "chair",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assemblies",
                        to="property.partyorganisation",
                        verbose_name="chaired by",
                    ),
                ),
                (
                    "estate",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: for the whole area.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assemblies",
                        to="governance.estate",
                        verbose_name="estate",
                    ),
                ),
                (
                    "venue",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assemblies",
                        to="governance.venue",
                        verbose_name="venue",
                    ),
                ),
            ],
            options={
                "verbose_name": "assembly",
                "verbose_name_plural": "assemblies",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="AssemblySession",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("is_regular", models.BooleanField(default=True, verbose_name="regular")),
                ("month", models.DateField(verbose_name="month")),
                ("rule_day", models.DateField(blank=True, null=True, verbose_name="day by the rule")),
                ("starts_at", models.DateTimeField(verbose_name="begins")),
                ("ends_at", models.DateTimeField(verbose_name="ends")),
                ("place", models.CharField(blank=True, max_length=120, verbose_name="other place")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("collecting", "Collecting topics"),
                            ("noticed", "Noticed"),
                            ("in_session", "In session"),
                            ("minuting", "Writing the minutes"),
                            ("confirmed", "Minutes confirmed"),
                            ("published", "Published"),
                            ("archived", "Archived"),
                            ("postponed", "Postponed"),
                            ("inquorate", "No quorum"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="draft",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                (
                    "made_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="made at"),
                ),
                ("noticed_at", models.DateTimeField(blank=True, null=True, verbose_name="notice sent at")),
                ("opened_at", models.DateTimeField(blank=True, null=True, verbose_name="opened at")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="session closed at")),
                ("confirmed_at", models.DateTimeField(blank=True, null=True, verbose_name="minutes confirmed at")),
                ("published_at", models.DateTimeField(blank=True, null=True, verbose_name="published at")),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assembly_sessions",
                        to="governance.area",
                        verbose_name="area",
                    ),
                ),
                (
                    "assembly",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sessions",
                        to="property.assembly",
                        verbose_name="assembly",
                    ),
                ),
                (
                    "booking",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assembly_session",
                        to="governance.booking",
                        verbose_name="booking",
                    ),
                ),
                (
                    "venue",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assembly_sessions",
                        to="governance.venue",
                        verbose_name="venue",
                    ),
                ),
            ],
            options={
                "verbose_name": "assembly session",
                "verbose_name_plural": "assembly sessions",
                "ordering": ["-starts_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="AgendaItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="order")),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("resident", "Put forward by a resident"),
                            ("chair", "Raised by the chair"),
                            ("case", "From a case"),
                            ("follow_up", "Unfinished item"),
                            ("put_off", "Put off last time"),
                        ],
                        max_length=10,
                        verbose_name="where it comes from",
                    ),
                ),
                ("title", models.CharField(max_length=120, verbose_name="topic")),
                ("body", models.TextField(blank=True, max_length=4000, verbose_name="what it is about")),
                ("on_notice", models.BooleanField(default=False, verbose_name="stood on the notice")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "Proposed"),
                            ("accepted", "On the agenda"),
                            ("rejected", "Not taken on"),
                            ("withdrawn", "Withdrawn"),
                            ("decided", "Decided"),
                            ("noted", "Talked over"),
                            ("deferred", "Put off"),
                        ],
                        default="proposed",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "proposed_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="put forward at"
                    ),
                ),
                ("answer", models.CharField(blank=True, max_length=2000, verbose_name="why it was not taken on")),
                ("discussion", models.TextField(blank=True, max_length=10000, verbose_name="what was said")),
                ("outcome", models.TextField(blank=True, max_length=4000, verbose_name="what was agreed")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="agreed at")),
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
                    "carried_from",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="carried_to",
                        to="property.agendaitem",
                        verbose_name="put off from",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="agenda_items",
                        to="cases.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "proposer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="topics",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="put forward by",
                    ),
                ),
                (
                    "resolution",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="agenda_items",
                        to="property.resolution",
                        verbose_name="resolution",
                    ),
                ),
                (
                    "assembly",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="topics",
                        to="property.assembly",
                        verbose_name="assembly",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="agenda",
                        to="property.assemblysession",
                        verbose_name="assembly session",
                    ),
                ),
            ],
            options={
                "verbose_name": "topic",
                "verbose_name_plural": "topics",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="FollowUpItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("title", models.CharField(max_length=200, verbose_name="what is to be done")),
                ("due_on", models.DateField(verbose_name="until")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("assigned", "Assigned"),
                            ("accepted", "Taken on"),
                            ("in_progress", "In progress"),
                            ("awaiting", "Awaiting acceptance"),
                            ("closed", "Done"),
                            ("returned", "To be done again"),
                            ("escalated", "Referred upwards"),
                        ],
                        default="assigned",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                (
                    "made_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="made at"),
                ),
                ("result", models.TextField(blank=True, max_length=4000, verbose_name="what was done")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="work accepted at")),
                (
                    "agenda_item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="follow_ups",
                        to="property.agendaitem",
                        verbose_name="topic",
                    ),
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
                    "assembly",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="follow_ups",
                        to="property.assembly",
                        verbose_name="assembly",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="follow_ups",
                        to="cases.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="follow_ups",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person who does it",
                    ),
                ),
                (
                    "owner_unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="follow_ups",
                        to="governance.orgunit",
                        verbose_name="unit that does it",
                    ),
                ),
                (
                    "submitted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="handed in by",
                    ),
                ),
            ],
            options={
                "verbose_name": "follow-up item",
                "verbose_name_plural": "follow-up items",
                "ordering": ["-id"],
            },
        ),
        migrations.AddField(
            model_name="agendaitem",
            name="follow_up",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="returns",
                to="property.followupitem",
                verbose_name="follow-up item",
            ),
        ),
        migrations.CreateModel(
            name="Minutes",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(max_length=20000, verbose_name="minutes")),
                ("text_version", models.PositiveSmallIntegerField(default=1, verbose_name="version of the text")),
                ("written_at", models.DateTimeField(verbose_name="written at")),
                (
                    "session",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="minutes",
                        to="property.assemblysession",
                        verbose_name="assembly session",
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="written by",
                    ),
                ),
            ],
            options={
                "verbose_name": "minutes",
                "verbose_name_plural": "minutes",
            },
        ),
        migrations.CreateModel(
            name="MinutesAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text_version", models.PositiveSmallIntegerField(verbose_name="version of the text")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("party", "Party organisation"),
                            ("property_company", "Property company"),
                            ("owners_committee", "Owners' committee"),
                            ("residents", "Residents' representative"),
                            ("guest", "Guest"),
                            ("listener", "Listener"),
                        ],
                        max_length=20,
                        verbose_name="party",
                    ),
                ),
                ("agrees", models.BooleanField(verbose_name="agrees with it")),
                ("reason", models.CharField(blank=True, max_length=2000, verbose_name="reason")),
                ("at", models.DateTimeField(verbose_name="when")),
                (
                    "minutes",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="property.minutes",
                        verbose_name="minutes",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
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
            ],
            options={
                "verbose_name": "answer to the minutes",
                "verbose_name_plural": "answers to the minutes",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Seat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(verbose_name="order")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("party", "Party organisation"),
                            ("property_company", "Property company"),
                            ("owners_committee", "Owners' committee"),
                            ("residents", "Residents' representative"),
                            ("guest", "Guest"),
                        ],
                        max_length=20,
                        verbose_name="sits there as",
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=60, verbose_name="what it is called")),
                ("name", models.CharField(blank=True, max_length=60, verbose_name="name, without an account")),
                ("valid_from", models.DateField(default=django.utils.timezone.localdate, verbose_name="from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="to")),
                (
                    "assembly",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seats",
                        to="property.assembly",
                        verbose_name="assembly",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seats",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seats",
                        to="governance.orgunit",
                        verbose_name="unit",
                    ),
                ),
            ],
            options={
                "verbose_name": "seat",
                "verbose_name_plural": "seats",
                "ordering": ["assembly", "position"],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("party", "Party organisation"),
                            ("property_company", "Property company"),
                            ("owners_committee", "Owners' committee"),
                            ("residents", "Residents' representative"),
                            ("guest", "Guest"),
                            ("listener", "Listener"),
                        ],
                        max_length=20,
                        verbose_name="sits there as",
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=60, verbose_name="what it is called")),
                ("name", models.CharField(blank=True, max_length=60, verbose_name="name, without an account")),
                ("stand_in", models.CharField(blank=True, max_length=60, verbose_name="who comes")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("invited", "Invited"),
                            ("coming", "Coming"),
                            ("declined", "Not coming"),
                            ("attended", "Signed in there"),
                            ("left", "Left early"),
                            ("absent", "Absent"),
                            ("withdrawn", "Invitation taken back"),
                        ],
                        default="invited",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("signed_in_at", models.DateTimeField(blank=True, null=True, verbose_name="signed in at")),
                (
                    "signed_in_way",
                    models.CharField(
                        blank=True,
                        choices=[("code", "the code"), ("hand", "hand")],
                        max_length=4,
                        verbose_name="signed in by",
                    ),
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
                    "attended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="signed in as",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitations",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitations",
                        to="property.assemblysession",
                        verbose_name="assembly session",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitations",
                        to="governance.orgunit",
                        verbose_name="unit",
                    ),
                ),
                (
                    "seat",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitations",
                        to="property.seat",
                        verbose_name="seat",
                    ),
                ),
            ],
            options={
                "verbose_name": "invitation",
                "verbose_name_plural": "invitations",
                "ordering": ["session", "id"],
            },
        ),
        migrations.CreateModel(
            name="TopicSecond",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="when")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "topic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seconds",
                        to="property.agendaitem",
                        verbose_name="topic",
                    ),
                ),
            ],
            options={
                "verbose_name": "second",
                "verbose_name_plural": "seconds",
            },
        ),
        migrations.AddConstraint(
            model_name="assembly",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("nth__range", (1, 4)), ("rule", "nth_weekday"), ("weekday__isnull", False)),
                    models.Q(("rule", "last_weekday"), ("weekday__isnull", False)),
                    models.Q(("month_day__range", (1, 31)), ("rule", "month_day")),
                    _connector="OR",
                ),
                name="assembly_rule_whole",
                violation_error_message="Say which weekday and which one, or which day of the month.",
            ),
        ),
        migrations.AddConstraint(
            model_name="assembly",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("quorum_denominator__gt", 0), ("quorum_numerator__lte", models.F("quorum_denominator"))
                ),
                name="assembly_quorum_share",
                violation_error_message="The quorum is a share of at most the whole.",
            ),
        ),
        migrations.AddConstraint(
            model_name="assembly",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_active", True)),
                fields=("estate",),
                name="assembly_one_per_estate",
                violation_error_message="This estate has an assembly already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="assembly",
            constraint=models.UniqueConstraint(
                condition=models.Q(("estate__isnull", True), ("is_active", True)),
                fields=("area",),
                name="assembly_one_per_area",
                violation_error_message="This area has an assembly already.",
            ),
        ),
        migrations.AddIndex(
            model_name="assemblysession",
            index=models.Index(fields=["area", "-starts_at"], name="assembly_session_area"),
        ),
        migrations.AddIndex(
            model_name="assemblysession",
            index=models.Index(fields=["state", "starts_at"], name="assembly_session_state"),
        ),
        migrations.AddConstraint(
            model_name="assemblysession",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_regular", True)),
                fields=("assembly", "month"),
                name="assembly_session_once_a_month",
            ),
        ),
        migrations.AddConstraint(
            model_name="assemblysession",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="assembly_session_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="assemblysession",
            constraint=models.CheckConstraint(
                condition=models.Q(("month__day", 1)), name="assembly_session_month_begins"
            ),
        ),
        migrations.AddIndex(
            model_name="followupitem",
            index=models.Index(fields=["assembly", "state"], name="follow_up_assembly_state"),
        ),
        migrations.AddIndex(
            model_name="followupitem",
            index=models.Index(fields=["area", "due_on"], name="follow_up_area"),
        ),
        migrations.AddConstraint(
            model_name="followupitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("owner_unit__isnull", False), ("owner__isnull", False), _connector="OR"),
                name="follow_up_has_an_owner",
                violation_error_message="Say which unit or who does it.",
            ),
        ),
        migrations.AddIndex(
            model_name="agendaitem",
            index=models.Index(fields=["assembly", "state"], name="topic_assembly_state"),
        ),
        migrations.AddIndex(
            model_name="agendaitem",
            index=models.Index(fields=["area", "-proposed_at"], name="topic_area"),
        ),
        migrations.AddConstraint(
            model_name="agendaitem",
            constraint=models.UniqueConstraint(
                condition=models.Q(("source", "follow_up")),
                fields=("session", "follow_up"),
                name="topic_follow_up_once_a_session",
            ),
        ),
        migrations.AddConstraint(
            model_name="agendaitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "decided"), _negated=True),
                    models.Q(("on_notice", True), ("session__isnull", False)),
                    _connector="OR",
                ),
                name="topic_decided_was_noticed",
            ),
        ),
        migrations.AddConstraint(
            model_name="agendaitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("source", "follow_up"), _negated=True), ("follow_up__isnull", False), _connector="OR"
                ),
                name="topic_source_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="minutesanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(("agrees", True), models.Q(("reason", ""), _negated=True), _connector="OR"),
                name="minutes_objection_reasoned",
            ),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.UniqueConstraint(fields=("assembly", "position"), name="seat_position_once"),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("name", ""), ("person__isnull", True), ("unit__isnull", False)),
                    models.Q(("name", ""), ("person__isnull", False), ("unit__isnull", True)),
                    models.Q(("person__isnull", True), ("unit__isnull", True), models.Q(("name", ""), _negated=True)),
                    _connector="OR",
                ),
                name="seat_held_by_one",
                violation_error_message="Name a unit, or a person with an account, or a name: one of them.",
            ),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_to__isnull", True), ("valid_to__gte", models.F("valid_from")), _connector="OR"
                ),
                name="seat_dates_in_order",
                violation_error_message="The last day lies before the first.",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(fields=("session", "seat"), name="invitation_once_a_seat"),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(fields=("session", "person"), name="invitation_once_a_person"),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(fields=("session", "unit"), name="invitation_once_a_unit"),
        ),
        migrations.AddConstraint(
            model_name="topicsecond",
            constraint=models.UniqueConstraint(fields=("topic", "person"), name="topic_seconded_once"),
        ),
        migrations.RunSQL(ANSWERS, ANSWERS_BACK),
    ]
