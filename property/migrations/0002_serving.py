"""Service lists and what is done by them, contracts, parcels, care visits; dwellings looked after by households.

Beside the models: a published list and its items are never edited, and areas follow the places that move.
"""

import datetime
from decimal import Decimal

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import property.models.parcel

PUBLISHED = """
CREATE FUNCTION property_service_list_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state IN ('published', 'replaced') AND (
        TG_OP = 'DELETE' OR (NEW.estate_id, NEW.edition, NEW.organisation_id, NEW.company_id, NEW.published_on)
            IS DISTINCT FROM (OLD.estate_id, OLD.edition, OLD.organisation_id, OLD.company_id, OLD.published_on)
    ) THEN
        RAISE EXCEPTION 'service list %: a published list is never edited', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER service_list_kept BEFORE UPDATE OR DELETE ON property_servicelist
    FOR EACH ROW EXECUTE FUNCTION property_service_list_kept();

CREATE FUNCTION property_service_item_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[] := CASE TG_OP WHEN 'INSERT' THEN ARRAY[NEW.service_list_id]
        WHEN 'DELETE' THEN ARRAY[OLD.service_list_id] ELSE ARRAY[OLD.service_list_id, NEW.service_list_id] END;
BEGIN
    IF EXISTS (SELECT FROM property_servicelist WHERE id = ANY (ids) AND state IN ('published', 'replaced')) THEN
        RAISE EXCEPTION 'service list %: a published list is never edited', ids USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER service_item_kept BEFORE INSERT OR UPDATE OR DELETE ON property_serviceitem
    FOR EACH ROW EXECUTE FUNCTION property_service_item_kept();
"""
PUBLISHED_BACK = """
DROP TRIGGER service_item_kept ON property_serviceitem;
DROP TRIGGER service_list_kept ON property_servicelist;
DROP FUNCTION property_service_item_kept();
DROP FUNCTION property_service_list_kept();
"""

AREA = """
CREATE FUNCTION property_serving_follows_estate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE property_servicelist SET area_id = NEW.area_id WHERE estate_id = NEW.id;
    UPDATE property_servicerecord SET area_id = NEW.area_id WHERE estate_id = NEW.id;
    UPDATE property_propertycontract SET area_id = NEW.area_id WHERE estate_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER serving_follows_estate AFTER UPDATE OF area_id ON governance_estate
    FOR EACH ROW WHEN (OLD.area_id <> NEW.area_id) EXECUTE FUNCTION property_serving_follows_estate();

CREATE FUNCTION property_serving_follows_dwelling() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE property_parcel SET area_id = NEW.area_id WHERE dwelling_id = NEW.id;
    UPDATE property_carereceiver SET area_id = NEW.area_id WHERE dwelling_id = NEW.id;
    UPDATE property_carevisit SET area_id = NEW.area_id FROM property_carereceiver
        WHERE receiver_id = property_carereceiver.id AND dwelling_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER serving_follows_dwelling AFTER UPDATE OF area_id ON governance_dwelling
    FOR EACH ROW WHEN (OLD.area_id <> NEW.area_id) EXECUTE FUNCTION property_serving_follows_dwelling();
"""
AREA_BACK = """
DROP TRIGGER serving_follows_dwelling ON governance_dwelling;
DROP FUNCTION property_serving_follows_dwelling();
DROP TRIGGER serving_follows_estate ON governance_estate;
DROP FUNCTION property_serving_follows_estate();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0015_unit_parts"),
        ("governance", "0010_roles_of_property"),
        ("property", "0001_party"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CareReceiver",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=30, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                (
                    "phone",
                    models.CharField(
                        blank=True,
                        max_length=16,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^(1[3-9]\\d{9}|\\+[1-9]\\d{6,14})$", "Enter a valid phone number."
                            )
                        ],
                        verbose_name="phone",
                    ),
                ),
                ("lives_alone", models.BooleanField(default=False, verbose_name="lives alone")),
                ("needs", models.CharField(blank=True, max_length=200, verbose_name="what to look after")),
                (
                    "every_days",
                    models.PositiveSmallIntegerField(
                        default=7,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(90),
                        ],
                        verbose_name="a visit every … days",
                    ),
                ),
                ("valid_from", models.DateField(default=django.utils.timezone.localdate, verbose_name="from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="to")),
                (
                    "alarm_standard",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.filingstandard",
                        verbose_name="filing standard of an alarm",
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
                        related_name="care_receivers",
                        to="governance.dwelling",
                        verbose_name="dwelling",
                    ),
                ),
                (
                    "visitor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="care_receivers",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="visited by",
                    ),
                ),
            ],
            options={
                "verbose_name": "person cared for",
                "verbose_name_plural": "people cared for",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="CareVisit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("due_on", models.DateField(verbose_name="due on")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "To be visited"),
                            ("visited", "Visited"),
                            ("missed", "Nobody has been there"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="planned",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "condition",
                    models.CharField(
                        blank=True,
                        choices=[("well", "Well"), ("needs_help", "Needs help"), ("not_met", "Nobody opened")],
                        max_length=10,
                        verbose_name="how the person is",
                    ),
                ),
                ("visited_at", models.DateTimeField(blank=True, null=True, verbose_name="visited at")),
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
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="care_visits",
                        to="cases.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "receiver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="visits",
                        to="property.carereceiver",
                        verbose_name="person",
                    ),
                ),
                (
                    "visited_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="visited by",
                    ),
                ),
            ],
            options={
                "verbose_name": "care visit",
                "verbose_name_plural": "care visits",
                "ordering": ["-due_on", "-id"],
            },
        ),
        migrations.CreateModel(
            name="HouseholdCare",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "dwelling",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="looked_after",
                        to="governance.dwelling",
                        verbose_name="dwelling",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="looks_after",
                        to="property.partyorganisation",
                        verbose_name="centre household",
                    ),
                ),
            ],
            options={
                "verbose_name": "dwelling looked after",
                "verbose_name_plural": "dwellings looked after",
                "ordering": ["household", "dwelling"],
            },
        ),
        migrations.CreateModel(
            name="Parcel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("carrier", models.CharField(max_length=30, verbose_name="carrier")),
                ("tracking", models.CharField(max_length=8, verbose_name="end of the tracking number")),
                ("shelf", models.CharField(blank=True, max_length=20, verbose_name="shelf")),
                (
                    "code",
                    models.CharField(
                        default=property.models.parcel.new_code,
                        editable=False,
                        max_length=6,
                        verbose_name="collection code",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "Received"),
                            ("notified", "Household told"),
                            ("overdue", "Overdue"),
                            ("collected", "Collected"),
                            ("returned", "Sent back"),
                        ],
                        default="received",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("received_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="received at")),
                ("notified_at", models.DateTimeField(blank=True, null=True, verbose_name="told at")),
                ("collected_at", models.DateTimeField(blank=True, null=True, verbose_name="collected at")),
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
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parcels",
                        to="governance.orgunit",
                        verbose_name="property company",
                    ),
                ),
                (
                    "dwelling",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parcels",
                        to="governance.dwelling",
                        verbose_name="dwelling",
                    ),
                ),
                (
                    "estate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parcels",
                        to="governance.estate",
                        verbose_name="estate",
                    ),
                ),
                (
                    "received_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="received by",
                    ),
                ),
            ],
            options={
                "verbose_name": "parcel",
                "verbose_name_plural": "parcels",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="PropertyContract",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("number", models.CharField(max_length=40, unique=True, verbose_name="contract number")),
                (
                    "selection",
                    models.CharField(
                        choices=[
                            ("tender", "Public tender"),
                            ("agreement", "By agreement with the owners' committee"),
                            ("owners", "Decided by the owners"),
                            ("introduced", "Brought in by the community"),
                        ],
                        max_length=12,
                        verbose_name="how it was selected",
                    ),
                ),
                ("decided_on", models.DateField(verbose_name="decided on")),
                ("decision", models.CharField(max_length=80, verbose_name="decision document")),
                ("valid_from", models.DateField(verbose_name="from")),
                ("valid_to", models.DateField(verbose_name="to")),
                (
                    "price",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=6,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                        verbose_name="price (yuan per m² and month)",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("in_force", "In force"),
                            ("handing_over", "Handing over"),
                            ("ended", "Ended"),
                        ],
                        default="draft",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("ended_on", models.DateField(editable=False, null=True, verbose_name="ended on")),
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
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="property_contracts",
                        to="governance.orgunit",
                        verbose_name="property company",
                    ),
                ),
                (
                    "estate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="property_contracts",
                        to="governance.estate",
                        verbose_name="estate",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="property_contracts",
                        to="property.partyorganisation",
                        verbose_name="party organisation",
                    ),
                ),
                (
                    "repair_standard",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.filingstandard",
                        verbose_name="filing standard of repairs",
                    ),
                ),
            ],
            options={
                "verbose_name": "property contract",
                "verbose_name_plural": "property contracts",
                "ordering": ["estate", "-valid_from"],
            },
        ),
        migrations.CreateModel(
            name="HandOverItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(verbose_name="position")),
                ("name", models.CharField(max_length=120, verbose_name="what is handed over")),
                ("is_complete", models.BooleanField(null=True, verbose_name="handed over in full")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="note")),
                ("settled_at", models.DateTimeField(editable=False, null=True, verbose_name="settled at")),
                (
                    "settled_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="taken over by",
                    ),
                ),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="handover",
                        to="property.propertycontract",
                        verbose_name="property contract",
                    ),
                ),
            ],
            options={
                "verbose_name": "hand-over item",
                "verbose_name_plural": "hand-over items",
                "ordering": ["contract", "position"],
            },
        ),
        migrations.CreateModel(
            name="ContractEvaluation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                (
                    "score",
                    models.PositiveSmallIntegerField(
                        validators=[django.core.validators.MaxValueValidator(100)], verbose_name="score (0 to 100)"
                    ),
                ),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("continue", "Go on"),
                            ("improve", "Go on, with what must get better"),
                            ("replace", "Look for another company"),
                        ],
                        max_length=10,
                        verbose_name="verdict",
                    ),
                ),
                ("words", models.CharField(max_length=500, verbose_name="in words")),
                (
                    "share",
                    models.DecimalField(decimal_places=1, max_digits=4, null=True, verbose_name="share kept (%)"),
                ),
                ("stars", models.DecimalField(decimal_places=2, max_digits=3, null=True, verbose_name="stars")),
                ("evaluated_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="evaluated at")),
                (
                    "evaluated_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="evaluated by",
                    ),
                ),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evaluations",
                        to="property.propertycontract",
                        verbose_name="property contract",
                    ),
                ),
            ],
            options={
                "verbose_name": "evaluation",
                "verbose_name_plural": "evaluations",
                "ordering": ["-year"],
            },
        ),
        migrations.CreateModel(
            name="ServiceList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                (
                    "edition",
                    models.PositiveIntegerField(
                        validators=[django.core.validators.MinValueValidator(1)], verbose_name="edition"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("published", "Published"),
                            ("replaced", "Replaced"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "party_agreed_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="party organisation agreed"),
                ),
                ("company_agreed_at", models.DateTimeField(editable=False, null=True, verbose_name="company agreed")),
                ("published_on", models.DateField(editable=False, null=True, verbose_name="published on")),
                ("replaced_on", models.DateField(editable=False, null=True, verbose_name="replaced on")),
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
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="service_lists",
                        to="governance.orgunit",
                        verbose_name="property company",
                    ),
                ),
                (
                    "company_agreed_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "estate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="service_lists",
                        to="governance.estate",
                        verbose_name="estate",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="service_lists",
                        to="property.partyorganisation",
                        verbose_name="party organisation",
                    ),
                ),
                (
                    "party_agreed_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "service list",
                "verbose_name_plural": "service lists",
                "ordering": ["estate", "-edition"],
            },
        ),
        migrations.CreateModel(
            name="ServiceItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=30, verbose_name="code")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                (
                    "group",
                    models.CharField(
                        choices=[("basic", "Basic service"), ("featured", "Featured service")],
                        default="basic",
                        max_length=10,
                        verbose_name="group",
                    ),
                ),
                (
                    "field",
                    models.CharField(
                        choices=[
                            ("cleaning", "Cleaning"),
                            ("security", "Security"),
                            ("repair", "Repairs"),
                            ("greening", "Greenery"),
                            ("parcels", "Parcels taken in"),
                            ("care", "Care for the elderly"),
                            ("other", "Other"),
                        ],
                        max_length=10,
                        verbose_name="field",
                    ),
                ),
                ("standard", models.CharField(max_length=300, verbose_name="service standard")),
                (
                    "rule",
                    models.CharField(
                        choices=[
                            ("daily", "Every day"),
                            ("weekdays", "On days of the week"),
                            ("workdays", "On working days (public holidays and moved working days counted)"),
                            ("monthly", "Once a month"),
                            ("on_demand", "When it is asked for"),
                        ],
                        default="daily",
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
                ("starts", models.TimeField(default=datetime.time(8, 0), verbose_name="from what time")),
                ("ends", models.TimeField(default=datetime.time(18, 0), verbose_name="done by")),
                ("performer", models.CharField(max_length=60, verbose_name="done by whom")),
                ("check_method", models.CharField(max_length=120, verbose_name="how it is checked")),
                ("needs_photo", models.BooleanField(default=True, verbose_name="a photo is needed")),
                (
                    "miss_standard",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.filingstandard",
                        verbose_name="filing standard of a miss",
                    ),
                ),
                (
                    "service_list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="property.servicelist",
                        verbose_name="service list",
                    ),
                ),
            ],
            options={
                "verbose_name": "service item",
                "verbose_name_plural": "service items",
                "ordering": ["service_list", "group", "position", "id"],
            },
        ),
        migrations.AddField(
            model_name="propertycontract",
            name="service_list",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="contracts",
                to="property.servicelist",
                verbose_name="service list",
            ),
        ),
        migrations.CreateModel(
            name="ServiceRating",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField(verbose_name="month")),
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
                ("words", models.CharField(blank=True, max_length=300, verbose_name="in words")),
                (
                    "given_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="given at"),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ratings",
                        to="property.serviceitem",
                        verbose_name="service item",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="service_ratings",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="rated by",
                    ),
                ),
            ],
            options={
                "verbose_name": "service rating",
                "verbose_name_plural": "service ratings",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="ServiceRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("date", models.DateField(verbose_name="day")),
                ("starts_at", models.DateTimeField(verbose_name="from")),
                ("ends_at", models.DateTimeField(verbose_name="done by")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "To be done"),
                            ("done", "Done"),
                            ("checked", "Done and checked"),
                            ("missed", "Service not done"),
                            ("excused", "Excused"),
                        ],
                        default="planned",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="done at")),
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
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="missed_services",
                        to="cases.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="service_records",
                        to="governance.orgunit",
                        verbose_name="property company",
                    ),
                ),
                (
                    "done_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="reported by",
                    ),
                ),
                (
                    "estate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="service_records",
                        to="governance.estate",
                        verbose_name="estate",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="records",
                        to="property.serviceitem",
                        verbose_name="service item",
                    ),
                ),
            ],
            options={
                "verbose_name": "service occurrence",
                "verbose_name_plural": "service occurrences",
                "ordering": ["-date", "ends_at", "id"],
            },
        ),
        migrations.AddConstraint(
            model_name="carereceiver",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_to__isnull", True), ("valid_to__gte", models.F("valid_from")), _connector="OR"
                ),
                name="care_receiver_in_order",
                violation_error_message="The last day lies before the first.",
            ),
        ),
        migrations.AddConstraint(
            model_name="carereceiver",
            constraint=models.CheckConstraint(
                condition=models.Q(("every_days__range", (1, 90))), name="care_every_days"
            ),
        ),
        migrations.AddIndex(
            model_name="carevisit",
            index=models.Index(fields=["area", "due_on"], name="care_visit_of_day"),
        ),
        migrations.AddConstraint(
            model_name="carevisit",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "planned")), fields=("receiver",), name="care_one_planned_visit"
            ),
        ),
        migrations.AddConstraint(
            model_name="carevisit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "visited"), _negated=True),
                    models.Q(
                        ("visited_at__isnull", False),
                        ("visited_by__isnull", False),
                        models.Q(("condition", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="care_visit_told",
            ),
        ),
        migrations.AddIndex(
            model_name="parcel",
            index=models.Index(fields=["estate", "state"], name="parcel_of_estate"),
        ),
        migrations.AddConstraint(
            model_name="handoveritem",
            constraint=models.UniqueConstraint(fields=("contract", "position"), name="handover_position_once"),
        ),
        migrations.AddConstraint(
            model_name="handoveritem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("is_complete__isnull", True), ("settled_at__isnull", True), ("settled_by__isnull", True)),
                    models.Q(
                        ("is_complete__isnull", False), ("settled_at__isnull", False), ("settled_by__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="handover_settled_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="handoveritem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("is_complete", False), _negated=True),
                    models.Q(("note", ""), _negated=True),
                    _connector="OR",
                ),
                name="handover_missing_said",
            ),
        ),
        migrations.AddConstraint(
            model_name="contractevaluation",
            constraint=models.UniqueConstraint(fields=("contract", "year"), name="contract_evaluated_once_a_year"),
        ),
        migrations.AddConstraint(
            model_name="contractevaluation",
            constraint=models.CheckConstraint(condition=models.Q(("score__lte", 100)), name="contract_score"),
        ),
        migrations.AddConstraint(
            model_name="servicelist",
            constraint=models.UniqueConstraint(fields=("estate", "edition"), name="service_list_edition_once"),
        ),
        migrations.AddConstraint(
            model_name="servicelist",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "published")),
                fields=("estate",),
                name="service_list_one_published",
                violation_error_message="Another list of this estate holds.",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicelist",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "draft")),
                fields=("estate",),
                name="service_list_one_draft",
                violation_error_message="There is a draft for this estate already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicelist",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("published_on__isnull", True), ("state__in", ["draft", "withdrawn"])),
                    models.Q(
                        ("company_agreed_at__isnull", False),
                        ("party_agreed_at__isnull", False),
                        ("published_on__isnull", False),
                        ("state__in", ["published", "replaced"]),
                    ),
                    _connector="OR",
                ),
                name="service_list_published_agreed",
            ),
        ),
        migrations.AddConstraint(
            model_name="serviceitem",
            constraint=models.UniqueConstraint(fields=("service_list", "code"), name="service_item_once"),
        ),
        migrations.AddConstraint(
            model_name="serviceitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends__gt", models.F("starts"))),
                name="service_item_window",
                violation_error_message="It must be done by a later time of the same day.",
            ),
        ),
        migrations.AddConstraint(
            model_name="serviceitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("rule__in", ["daily", "workdays", "on_demand"]),
                    models.Q(("rule", "weekdays"), ("weekdays__len__gt", 0)),
                    models.Q(("month_day__isnull", False), ("month_day__range", (1, 31)), ("rule", "monthly")),
                    _connector="OR",
                ),
                name="service_item_rule_whole",
                violation_error_message="Say which days of the week, or which day of the month.",
            ),
        ),
        migrations.AddConstraint(
            model_name="propertycontract",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_from__gte", models.F("decided_on")), ("valid_to__gte", models.F("valid_from"))
                ),
                name="contract_dates_in_order",
                violation_error_message="Decided on, from and to must come in this order.",
            ),
        ),
        migrations.AddConstraint(
            model_name="propertycontract",
            constraint=models.CheckConstraint(condition=models.Q(("price__gte", 0)), name="contract_price"),
        ),
        migrations.AddConstraint(
            model_name="propertycontract",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_on__isnull", False), ("state", "ended")),
                    models.Q(models.Q(("state", "ended"), _negated=True), ("ended_on__isnull", True)),
                    _connector="OR",
                ),
                name="contract_ended_with_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="propertycontract",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "in_force")), fields=("estate",), name="contract_one_in_force"
            ),
        ),
        migrations.AddConstraint(
            model_name="servicerating",
            constraint=models.UniqueConstraint(fields=("item", "month", "person"), name="service_rating_once"),
        ),
        migrations.AddConstraint(
            model_name="servicerating",
            constraint=models.CheckConstraint(
                condition=models.Q(("stars__range", (1, 5))), name="service_rating_stars"
            ),
        ),
        migrations.AddConstraint(
            model_name="servicerating",
            constraint=models.CheckConstraint(condition=models.Q(("month__day", 1)), name="service_rating_month"),
        ),
        migrations.AddIndex(
            model_name="servicerecord",
            index=models.Index(fields=["company", "date"], name="service_record_of_day"),
        ),
        migrations.AddIndex(
            model_name="servicerecord",
            index=models.Index(fields=["estate", "date"], name="service_record_of_estate"),
        ),
        migrations.AddConstraint(
            model_name="servicerecord",
            constraint=models.UniqueConstraint(fields=("item", "date"), name="service_record_once"),
        ),
        migrations.AddConstraint(
            model_name="servicerecord",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="service_record_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="servicerecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["done", "checked"]), _negated=True),
                    models.Q(("done_at__isnull", False), ("done_by__isnull", False)),
                    _connector="OR",
                ),
                name="service_record_done",
            ),
        ),
        migrations.RunSQL(PUBLISHED, PUBLISHED_BACK),
        migrations.RunSQL(AREA, AREA_BACK),
    ]
