"""Neighbours' events with sign-ups, volunteers, photos, feedback and cost; skill exchange. Lines of cost stay."""

import datetime
from decimal import Decimal

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# What an event cost is corrected by another line, never changed.
KEPT = """
CREATE FUNCTION property_event_cost_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'line % of the cost of an event stays as it is', OLD.id USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER event_cost_kept BEFORE UPDATE OR DELETE ON property_eventcostline
    FOR EACH ROW EXECUTE FUNCTION property_event_cost_kept();
"""
KEPT_BACK = """
DROP TRIGGER event_cost_kept ON property_eventcostline;
DROP FUNCTION property_event_cost_kept();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0010_roles_of_property"),
        ("property", "0007_stewards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SkillCategory",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=30, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=40, verbose_name="name")),
                (
                    "words",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="words",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
            ],
            options={
                "verbose_name": "skill category",
                "verbose_name_plural": "skill categories",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="NeighbourEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("festival", "Neighbours' festival"),
                            ("cooking", "Cooking together"),
                            ("performance", "Performance"),
                            ("skills", "Skill exchange day"),
                            ("sport", "Sport and games"),
                            ("talk", "Talk or course"),
                            ("service", "Free services"),
                            ("other", "Other event"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("title", models.CharField(max_length=80, verbose_name="title")),
                ("about", models.TextField(blank=True, max_length=4000, verbose_name="what it is")),
                ("starts_at", models.DateTimeField(verbose_name="begins")),
                ("ends_at", models.DateTimeField(verbose_name="ends")),
                ("place", models.CharField(blank=True, max_length=120, verbose_name="other place")),
                (
                    "counts_by",
                    models.CharField(
                        choices=[("heads", "heads"), ("households", "households")],
                        default="heads",
                        max_length=10,
                        verbose_name="places are",
                    ),
                ),
                (
                    "places",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="0: nobody signs up, everybody may come.",
                        validators=[django.core.validators.MaxValueValidator(10000)],
                        verbose_name="places",
                    ),
                ),
                ("taken", models.PositiveIntegerField(default=0, editable=False, verbose_name="places taken")),
                (
                    "companions_most",
                    models.PositiveSmallIntegerField(
                        default=0,
                        validators=[django.core.validators.MaxValueValidator(20)],
                        verbose_name="companions at most",
                    ),
                ),
                ("children_count", models.BooleanField(default=True, verbose_name="children take a place")),
                ("sign_up_from", models.DateTimeField(blank=True, null=True, verbose_name="sign-up opens")),
                ("sign_up_until", models.DateTimeField(blank=True, null=True, verbose_name="sign-up closes")),
                (
                    "offer_hours",
                    models.PositiveSmallIntegerField(
                        default=24,
                        help_text="0: whoever waits first has it at once.",
                        validators=[django.core.validators.MaxValueValidator(240)],
                        verbose_name="a freed place is held for (hours)",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("published", "Open for sign-up"),
                            ("closed", "Sign-up closed"),
                            ("under_way", "Under way"),
                            ("held", "Held"),
                            ("settled", "Settled"),
                            ("postponed", "Postponed"),
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
                ("published_at", models.DateTimeField(blank=True, null=True, verbose_name="published at")),
                ("begun_at", models.DateTimeField(blank=True, null=True, verbose_name="begun at")),
                ("held_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                ("settled_at", models.DateTimeField(blank=True, null=True, verbose_name="settled at")),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="neighbour_events",
                        to="governance.area",
                        verbose_name="area",
                    ),
                ),
                (
                    "booking",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="neighbour_event",
                        to="governance.booking",
                        verbose_name="booking",
                    ),
                ),
                (
                    "estate",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: for the whole area.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="neighbour_events",
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
                        related_name="neighbour_events",
                        to="property.partyorganisation",
                        verbose_name="party organisation behind it",
                    ),
                ),
                (
                    "organiser",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person in charge",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="property.neighbourevent",
                        verbose_name="part of the event",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="neighbour_events",
                        to="governance.orgunit",
                        verbose_name="organised by",
                    ),
                ),
                (
                    "venue",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="neighbour_events",
                        to="governance.venue",
                        verbose_name="venue",
                    ),
                ),
            ],
            options={
                "verbose_name": "neighbours' event",
                "verbose_name_plural": "neighbours' events",
                "ordering": ["-starts_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="EventPhoto",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("caption", models.CharField(blank=True, max_length=80, verbose_name="caption")),
                ("uploaded_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="uploaded at")),
                (
                    "state",
                    models.CharField(
                        choices=[("kept", "Kept"), ("taken_down", "Taken down")],
                        default="kept",
                        max_length=12,
                        verbose_name="state",
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
                    "nobody_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who says that nobody can be recognised",
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="uploaded by",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="photos",
                        to="property.neighbourevent",
                        verbose_name="neighbours' event",
                    ),
                ),
            ],
            options={
                "verbose_name": "photo of an event",
                "verbose_name_plural": "photos of events",
                "ordering": ["event", "id"],
            },
        ),
        migrations.CreateModel(
            name="EventFeedback",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "stars",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ],
                        verbose_name="stars",
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=500, verbose_name="words")),
                ("given_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="given at")),
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
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="feedback",
                        to="property.neighbourevent",
                        verbose_name="neighbours' event",
                    ),
                ),
            ],
            options={
                "verbose_name": "feedback on an event",
                "verbose_name_plural": "feedback on events",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="EventCostLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ordinal", models.PositiveSmallIntegerField(verbose_name="number")),
                (
                    "stage",
                    models.CharField(
                        choices=[("planned", "planned"), ("actual", "actual")],
                        max_length=10,
                        verbose_name="planned or actual",
                    ),
                ),
                ("title", models.CharField(max_length=80, verbose_name="what for")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=10, verbose_name="amount (yuan)")),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("subsidy", "Government subsidy"),
                            ("sponsor", "Sponsor"),
                            ("public_income", "Public income"),
                            ("party_funds", "Funds of the party organisation"),
                            ("other", "Other money"),
                        ],
                        max_length=14,
                        verbose_name="paid from",
                    ),
                ),
                ("source_text", models.CharField(max_length=120, verbose_name="paid from, exactly")),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="made at")),
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
                    "corrects",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="property.eventcostline",
                        verbose_name="corrects line",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="made by",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cost_lines",
                        to="property.neighbourevent",
                        verbose_name="neighbours' event",
                    ),
                ),
            ],
            options={
                "verbose_name": "line of an event's cost",
                "verbose_name_plural": "cost of events",
                "ordering": ["event", "ordinal"],
            },
        ),
        migrations.CreateModel(
            name="PhotoConsent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                (
                    "child",
                    models.CharField(blank=True, max_length=40, verbose_name="child, for whom the guardian answers"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("asked", "Asked"), ("consented", "Agreed"), ("refused", "Did not agree")],
                        default="asked",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="asked at")),
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.area",
                        verbose_name="area",
                    ),
                ),
                (
                    "dwelling",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="photo_consents",
                        to="governance.dwelling",
                        verbose_name="household asked",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="property.neighbourevent",
                        verbose_name="neighbours' event",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="photo_consents",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person asked",
                    ),
                ),
                (
                    "photo",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consents",
                        to="property.eventphoto",
                        verbose_name="photo",
                    ),
                ),
            ],
            options={
                "verbose_name": "consent to a photo",
                "verbose_name_plural": "consents to photos",
                "ordering": ["photo", "id"],
            },
        ),
        migrations.CreateModel(
            name="ProgrammeItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "position",
                    models.PositiveSmallIntegerField(
                        validators=[django.core.validators.MinValueValidator(1)], verbose_name="order"
                    ),
                ),
                ("title", models.CharField(max_length=80, verbose_name="title")),
                ("performers", models.CharField(blank=True, max_length=120, verbose_name="performers")),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(600),
                        ],
                        verbose_name="length (minutes)",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="programme",
                        to="property.neighbourevent",
                        verbose_name="neighbours' event",
                    ),
                ),
            ],
            options={
                "verbose_name": "programme item",
                "verbose_name_plural": "programme",
                "ordering": ["event", "position", "id"],
            },
        ),
        migrations.CreateModel(
            name="SignUp",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("name", models.CharField(blank=True, max_length=60, verbose_name="name, without an account")),
                ("companions", models.PositiveSmallIntegerField(default=0, verbose_name="companions")),
                ("children", models.PositiveSmallIntegerField(default=0, verbose_name="children")),
                ("size", models.PositiveSmallIntegerField(default=1, editable=False, verbose_name="places")),
                ("turn", models.PositiveIntegerField(editable=False, verbose_name="place in line")),
                ("needs", models.CharField(blank=True, max_length=300, verbose_name="wishes and needs")),
                ("walk_in", models.BooleanField(default=False, verbose_name="came without sign-up")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "On the waiting list"),
                            ("offered", "Place offered"),
                            ("signed_up", "Signed up"),
                            ("cancelled", "Sign-up cancelled"),
                            ("lapsed", "Place lapsed"),
                            ("checked_in", "There"),
                            ("no_show", "Stayed away"),
                        ],
                        default="waiting",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="signed up at")),
                ("offered_until", models.DateTimeField(blank=True, null=True, verbose_name="offered until")),
                ("checked_in_at", models.DateTimeField(blank=True, null=True, verbose_name="checked in at")),
                (
                    "way",
                    models.CharField(
                        blank=True,
                        choices=[("code", "the code"), ("hand", "hand")],
                        max_length=4,
                        verbose_name="checked in by",
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
                    "dwelling",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sign_ups",
                        to="governance.dwelling",
                        verbose_name="dwelling",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sign_ups",
                        to="property.neighbourevent",
                        verbose_name="neighbours' event",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sign_ups",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "sign-up",
                "verbose_name_plural": "sign-ups",
                "ordering": ["event", "turn"],
            },
        ),
        migrations.CreateModel(
            name="SkillEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                (
                    "side",
                    models.CharField(
                        choices=[("offer", "Offer"), ("want", "Want")], max_length=6, verbose_name="offer or want"
                    ),
                ),
                ("title", models.CharField(max_length=60, verbose_name="what")),
                ("about", models.CharField(blank=True, max_length=500, verbose_name="more about it")),
                ("where", models.CharField(blank=True, max_length=80, verbose_name="where")),
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
                ("starts", models.TimeField(default=datetime.time(8, 0), verbose_name="from (time)")),
                ("ends", models.TimeField(default=datetime.time(21, 0), verbose_name="to (time)")),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(
                        default=60,
                        validators=[
                            django.core.validators.MinValueValidator(10),
                            django.core.validators.MaxValueValidator(600),
                        ],
                        verbose_name="how long (minutes)",
                    ),
                ),
                ("valid_from", models.DateField(default=django.utils.timezone.localdate, verbose_name="from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="to")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open to neighbours"),
                            ("withdrawn", "Withdrawn"),
                            ("taken_down", "Taken down"),
                        ],
                        default="open",
                        max_length=12,
                        verbose_name="state",
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
                    "category",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="property.skillcategory",
                        verbose_name="skill category",
                    ),
                ),
                (
                    "estate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="skill_entries",
                        to="governance.estate",
                        verbose_name="estate",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="skill_entries",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "offer or want",
                "verbose_name_plural": "skill exchange",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="SkillMatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("score", models.PositiveSmallIntegerField(verbose_name="rank")),
                (
                    "reasons",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), default=list, size=None, verbose_name="why"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "Proposed"),
                            ("confirmed", "Confirmed by both"),
                            ("done", "Done"),
                            ("refused", "Not taken up"),
                            ("called_off", "Called off"),
                        ],
                        default="proposed",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("proposed_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="proposed at")),
                (
                    "giver_confirmed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="confirmed by who offers"),
                ),
                (
                    "taker_confirmed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="confirmed by who wants"),
                ),
                ("giver_done_at", models.DateTimeField(blank=True, null=True, verbose_name="done, says who offers")),
                ("taker_done_at", models.DateTimeField(blank=True, null=True, verbose_name="done, says who wants")),
                (
                    "giver_stars",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ],
                        verbose_name="stars of who offers",
                    ),
                ),
                (
                    "taker_stars",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ],
                        verbose_name="stars of who wants",
                    ),
                ),
                ("giver_words", models.CharField(blank=True, max_length=300, verbose_name="words of who offers")),
                ("taker_words", models.CharField(blank=True, max_length=300, verbose_name="words of who wants")),
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
                    "giver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who offers",
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="offered_to",
                        to="property.skillentry",
                        verbose_name="offer",
                    ),
                ),
                (
                    "taker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who wants",
                    ),
                ),
                (
                    "want",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="wanted_from",
                        to="property.skillentry",
                        verbose_name="want",
                    ),
                ),
            ],
            options={
                "verbose_name": "skill match",
                "verbose_name_plural": "skill matches",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="VolunteerTask",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=60, verbose_name="task")),
                ("about", models.CharField(blank=True, max_length=300, verbose_name="more about it")),
                (
                    "wanted",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(200),
                        ],
                        verbose_name="hands wanted",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tasks",
                        to="property.neighbourevent",
                        verbose_name="neighbours' event",
                    ),
                ),
            ],
            options={
                "verbose_name": "task for volunteers",
                "verbose_name_plural": "tasks for volunteers",
                "ordering": ["event", "id"],
            },
        ),
        migrations.CreateModel(
            name="Volunteering",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("signed_up", "Signed up"),
                            ("here", "Helping now"),
                            ("done", "Has helped"),
                            ("cancelled", "Sign-up cancelled"),
                            ("no_show", "Stayed away"),
                        ],
                        default="signed_up",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="signed up at")),
                ("checked_in_at", models.DateTimeField(blank=True, null=True, verbose_name="checked in at")),
                ("checked_out_at", models.DateTimeField(blank=True, null=True, verbose_name="checked out at")),
                ("minutes", models.PositiveIntegerField(blank=True, null=True, verbose_name="length (minutes)")),
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
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="volunteering",
                        to="property.neighbourevent",
                        verbose_name="neighbours' event",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="volunteering",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="hands",
                        to="property.volunteertask",
                        verbose_name="task",
                    ),
                ),
            ],
            options={
                "verbose_name": "voluntary work",
                "verbose_name_plural": "voluntary work",
                "ordering": ["event", "task", "id"],
            },
        ),
        migrations.AddIndex(
            model_name="neighbourevent",
            index=models.Index(fields=["area", "-starts_at"], name="neighbour_event_area"),
        ),
        migrations.AddIndex(
            model_name="neighbourevent",
            index=models.Index(fields=["state", "starts_at"], name="neighbour_event_state"),
        ),
        migrations.AddConstraint(
            model_name="neighbourevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="neighbour_event_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="neighbourevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("taken__lte", models.F("places"))), name="neighbour_event_not_overbooked"
            ),
        ),
        migrations.AddConstraint(
            model_name="neighbourevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("sign_up_until__isnull", True), ("sign_up_until__lte", models.F("starts_at")), _connector="OR"
                ),
                name="neighbour_event_signed_up_in_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="neighbourevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("places", 0), ("sign_up_until__isnull", False), _connector="OR"),
                name="neighbour_event_sign_up_has_an_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="neighbourevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("parent", models.F("id")), _negated=True), name="neighbour_event_no_part_of_itself"
            ),
        ),
        migrations.AddConstraint(
            model_name="eventfeedback",
            constraint=models.UniqueConstraint(fields=("event", "person"), name="event_feedback_once"),
        ),
        migrations.AddConstraint(
            model_name="eventfeedback",
            constraint=models.CheckConstraint(
                condition=models.Q(("stars__range", (1, 5))), name="event_feedback_stars"
            ),
        ),
        migrations.AddConstraint(
            model_name="eventcostline",
            constraint=models.UniqueConstraint(fields=("event", "ordinal"), name="event_cost_line_number"),
        ),
        migrations.AddConstraint(
            model_name="eventcostline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("amount__gt", 0), ("corrects__isnull", True)),
                    models.Q(("corrects__isnull", False), models.Q(("amount", Decimal("0")), _negated=True)),
                    _connector="OR",
                ),
                name="event_cost_line_amount",
            ),
        ),
        migrations.AddConstraint(
            model_name="photoconsent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("dwelling__isnull", True), ("person__isnull", False)),
                    models.Q(("child", ""), ("dwelling__isnull", False), ("person__isnull", True)),
                    _connector="OR",
                ),
                name="photo_consent_of_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="photoconsent",
            constraint=models.UniqueConstraint(fields=("photo", "person", "child"), name="photo_consent_once_a_person"),
        ),
        migrations.AddConstraint(
            model_name="photoconsent",
            constraint=models.UniqueConstraint(fields=("photo", "dwelling"), name="photo_consent_once_a_household"),
        ),
        migrations.AddConstraint(
            model_name="programmeitem",
            constraint=models.UniqueConstraint(fields=("event", "position"), name="programme_item_order"),
        ),
        migrations.AddIndex(
            model_name="signup",
            index=models.Index(fields=["event", "state", "turn"], name="sign_up_line"),
        ),
        migrations.AddConstraint(
            model_name="signup",
            constraint=models.UniqueConstraint(fields=("event", "person"), name="sign_up_once_a_person"),
        ),
        migrations.AddConstraint(
            model_name="signup",
            constraint=models.UniqueConstraint(fields=("event", "turn"), name="sign_up_one_turn"),
        ),
        migrations.AddConstraint(
            model_name="signup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("name", ""), ("person__isnull", False)),
                    models.Q(("person__isnull", True), models.Q(("name", ""), _negated=True)),
                    _connector="OR",
                ),
                name="sign_up_of_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="signup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("offered_until__isnull", False), ("state", "offered")),
                    models.Q(models.Q(("state", "offered"), _negated=True), ("offered_until__isnull", True)),
                    _connector="OR",
                ),
                name="sign_up_offer_ends",
            ),
        ),
        migrations.AddIndex(
            model_name="skillentry",
            index=models.Index(fields=["area", "side", "state"], name="skill_entry_open"),
        ),
        migrations.AddConstraint(
            model_name="skillentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends__gt", models.F("starts"))), name="skill_entry_times_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="skillentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_to__isnull", True), ("valid_to__gte", models.F("valid_from")), _connector="OR"
                ),
                name="skill_entry_days_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="skillmatch",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["proposed", "confirmed"])),
                fields=("offer", "want"),
                name="skill_match_open_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="skillmatch",
            constraint=models.CheckConstraint(
                condition=models.Q(("giver", models.F("taker")), _negated=True), name="skill_match_of_two"
            ),
        ),
        migrations.AddConstraint(
            model_name="skillmatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["proposed", "refused"]),
                    models.Q(("giver_confirmed_at__isnull", False), ("taker_confirmed_at__isnull", False)),
                    _connector="OR",
                ),
                name="skill_match_confirmed_by_both",
            ),
        ),
        migrations.AddConstraint(
            model_name="volunteering",
            constraint=models.UniqueConstraint(fields=("task", "person"), name="volunteering_once_a_person"),
        ),
        migrations.AddConstraint(
            model_name="volunteering",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("minutes__isnull", False), ("state", "done")),
                    models.Q(models.Q(("state", "done"), _negated=True), ("minutes__isnull", True)),
                    _connector="OR",
                ),
                name="volunteering_done_is_counted",
            ),
        ),
        migrations.RunSQL(KEPT, KEPT_BACK),
    ]
