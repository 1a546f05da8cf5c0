"""Party organisations of four levels, their members and cross-appointments.

Beside the models: the parent of a level is exactly one level up (a composite foreign key), and the area of an
organisation follows its place when that moves.
"""

import django.contrib.postgres.constraints
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

PARENT_LEVEL = """
ALTER TABLE property_partyorganisation ADD CONSTRAINT party_parent_one_level_up
    FOREIGN KEY (parent_id, parent_level) REFERENCES property_partyorganisation (id, level);
"""
PARENT_LEVEL_BACK = "ALTER TABLE property_partyorganisation DROP CONSTRAINT party_parent_one_level_up"

AREA = """
CREATE FUNCTION property_party_follows_estate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE property_partyorganisation SET area_id = NEW.area_id WHERE estate_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER party_follows_estate AFTER UPDATE OF area_id ON governance_estate
    FOR EACH ROW WHEN (OLD.area_id <> NEW.area_id) EXECUTE FUNCTION property_party_follows_estate();

CREATE FUNCTION property_party_follows_building() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE property_partyorganisation SET area_id = NEW.area_id WHERE building_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER party_follows_building AFTER UPDATE OF area_id ON governance_building
    FOR EACH ROW WHEN (OLD.area_id <> NEW.area_id) EXECUTE FUNCTION property_party_follows_building();

CREATE FUNCTION property_party_follows_dwelling() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE property_partyorganisation SET area_id = NEW.area_id WHERE dwelling_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER party_follows_dwelling AFTER UPDATE OF area_id ON governance_dwelling
    FOR EACH ROW WHEN (OLD.area_id <> NEW.area_id) EXECUTE FUNCTION property_party_follows_dwelling();
"""
AREA_BACK = """
DROP TRIGGER party_follows_estate ON governance_estate;
DROP TRIGGER party_follows_building ON governance_building;
DROP TRIGGER party_follows_dwelling ON governance_dwelling;
DROP FUNCTION property_party_follows_estate();
DROP FUNCTION property_party_follows_building();
DROP FUNCTION property_party_follows_dwelling();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("governance", "0010_roles_of_property"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PartyOrganisation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=30, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("committee", "Community party committee"),
                            ("branch", "Estate party branch"),
                            ("group", "Building party group"),
                            ("household", "Party member centre household"),
                        ],
                        max_length=10,
                        verbose_name="level",
                    ),
                ),
                (
                    "parent_level",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(level="branch", then=models.Value("committee")),
                            models.When(level="group", then=models.Value("branch")),
                            models.When(level="household", then=models.Value("group")),
                        ),
                        output_field=models.CharField(max_length=10, null=True),
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                (
                    "area",
                    models.ForeignKey(
                        blank=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="party_organisations",
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
                        related_name="party_groups",
                        to="governance.building",
                        verbose_name="building",
                    ),
                ),
                (
                    "dwelling",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="party_households",
                        to="governance.dwelling",
                        verbose_name="dwelling",
                    ),
                ),
                (
                    "estate",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="party_branches",
                        to="governance.estate",
                        verbose_name="estate",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="property.partyorganisation",
                        verbose_name="parent organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "party organisation",
                "verbose_name_plural": "party organisations",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="PartyMembership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "post",
                    models.CharField(
                        choices=[
                            ("secretary", "Secretary"),
                            ("deputy", "Deputy secretary"),
                            ("committee_member", "Member of its committee"),
                            ("member", "Party member"),
                        ],
                        default="member",
                        max_length=16,
                        verbose_name="post",
                    ),
                ),
                ("is_full", models.BooleanField(default=True, verbose_name="full member")),
                ("valid_from", models.DateField(default=django.utils.timezone.localdate, verbose_name="from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="to")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="party_memberships",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="property.partyorganisation",
                        verbose_name="party organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "party membership",
                "verbose_name_plural": "party memberships",
                "ordering": ["organisation", "post", "id"],
            },
        ),
        migrations.CreateModel(
            name="CrossAppointment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "direction",
                    models.CharField(
                        choices=[
                            ("into_body", "Party member into the owners' committee or property company"),
                            ("into_party", "Head of the company or owners' committee into the party organisation"),
                        ],
                        max_length=12,
                        verbose_name="direction",
                    ),
                ),
                ("seat", models.CharField(max_length=60, verbose_name="seat taken")),
                ("held_post", models.CharField(max_length=60, verbose_name="post held at the time")),
                (
                    "procedure",
                    models.CharField(
                        choices=[
                            ("owners_election", "Elected by the owners"),
                            ("party_election", "Elected by the party members"),
                            ("party_appointment", "Appointed by the higher party organisation"),
                            ("company_appointment", "Appointed by the company"),
                        ],
                        max_length=20,
                        verbose_name="procedure",
                    ),
                ),
                ("decided_on", models.DateField(verbose_name="decided on")),
                ("document_number", models.CharField(max_length=60, verbose_name="document number")),
                ("valid_from", models.DateField(verbose_name="from")),
                ("valid_to", models.DateField(verbose_name="to")),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cross_appointments",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cross_appointments",
                        to="governance.orgunit",
                        verbose_name="owners' committee or company",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cross_appointments",
                        to="property.partyorganisation",
                        verbose_name="party organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "cross-appointment",
                "verbose_name_plural": "cross-appointments",
                "ordering": ["-id"],
            },
        ),
        migrations.AddConstraint(
            model_name="partyorganisation",
            constraint=models.UniqueConstraint(fields=("id", "level"), name="party_organisation_level"),
        ),
        migrations.AddConstraint(
            model_name="partyorganisation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("building__isnull", True),
                        ("dwelling__isnull", True),
                        ("estate__isnull", True),
                        ("level", "committee"),
                        ("parent__isnull", True),
                    ),
                    models.Q(
                        ("building__isnull", True),
                        ("dwelling__isnull", True),
                        ("estate__isnull", False),
                        ("level", "branch"),
                        ("parent__isnull", False),
                    ),
                    models.Q(
                        ("building__isnull", False),
                        ("dwelling__isnull", True),
                        ("estate__isnull", True),
                        ("level", "group"),
                        ("parent__isnull", False),
                    ),
                    models.Q(
                        ("building__isnull", True),
                        ("dwelling__isnull", False),
                        ("estate__isnull", True),
                        ("level", "household"),
                        ("parent__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="party_organisation_placed",
                violation_error_message="Name the place of its level, and a parent unless it is a committee.",
            ),
        ),
        migrations.AddConstraint(
            model_name="partyorganisation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_active", True)),
                fields=("estate",),
                name="party_estate_served_once",
                violation_error_message="Another organisation in use serves this place.",
            ),
        ),
        migrations.AddConstraint(
            model_name="partyorganisation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_active", True)),
                fields=("building",),
                name="party_building_served_once",
                violation_error_message="Another organisation in use serves this place.",
            ),
        ),
        migrations.AddConstraint(
            model_name="partyorganisation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_active", True)),
                fields=("dwelling",),
                name="party_dwelling_served_once",
                violation_error_message="Another organisation in use serves this place.",
            ),
        ),
        migrations.AddConstraint(
            model_name="partymembership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_to__isnull", True), ("valid_to__gte", models.F("valid_from")), _connector="OR"
                ),
                name="party_membership_in_order",
                violation_error_message="The last day lies before the first.",
            ),
        ),
        migrations.AddConstraint(
            model_name="partymembership",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_full", True), ("post", "member"), _connector="OR"),
                name="party_post_full_member",
                violation_error_message="A person on probation holds no post.",
            ),
        ),
        migrations.AddConstraint(
            model_name="partymembership",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("post", "secretary")),
                expressions=[
                    ("organisation", "="),
                    (models.Func("valid_from", "valid_to", models.Value("[]"), function="daterange"), "&&"),
                ],
                name="party_one_secretary",
                violation_error_message="Somebody else is secretary in this time.",
            ),
        ),
        migrations.AddConstraint(
            model_name="partymembership",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("organisation", "="),
                    ("person", "="),
                    (models.Func("valid_from", "valid_to", models.Value("[]"), function="daterange"), "&&"),
                ],
                name="party_member_once",
                violation_error_message="This person belongs to the organisation in this time already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="crossappointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_from__gte", models.F("decided_on")), ("valid_to__gte", models.F("valid_from"))
                ),
                name="cross_appointment_in_order",
                violation_error_message="Decided on, from and to must come in this order.",
            ),
        ),
        migrations.AddConstraint(
            model_name="crossappointment",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("direction", "="),
                    ("organisation", "="),
                    ("unit", "="),
                    ("person", "="),
                    (models.Func("valid_from", "valid_to", models.Value("[]"), function="daterange"), "&&"),
                ],
                name="cross_appointment_once",
                violation_error_message="This person has this seat in this time already.",
            ),
        ),
        migrations.RunSQL(PARENT_LEVEL, PARENT_LEVEL_BACK),
        migrations.RunSQL(AREA, AREA_BACK),
    ]
