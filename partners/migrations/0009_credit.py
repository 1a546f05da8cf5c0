"""Credit files: formulas, notes, profiles with their computations, appeals, lists (docs/decisions/0038)."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# What the services keep is kept here too, whoever writes.
FORMULAS = """
CREATE FUNCTION partners_formula_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'draft' AND
       (NEW.code, NEW.area_id, NEW.base, NEW.floor, NEW.ceiling, NEW.notice_hours, NEW.appeal_days, NEW.review_days,
        NEW.valid_from)
       IS DISTINCT FROM
       (OLD.code, OLD.area_id, OLD.base, OLD.floor, OLD.ceiling, OLD.notice_hours, OLD.appeal_days, OLD.review_days,
        OLD.valid_from)
       OR OLD.state = 'replaced' AND (NEW.state, NEW.valid_to) IS DISTINCT FROM (OLD.state, OLD.valid_to)
       OR OLD.state = 'in_force' AND NEW.state = 'draft' THEN
        RAISE EXCEPTION 'a formula in force is never edited' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER credit_formula_guard BEFORE UPDATE ON partners_creditformula
    FOR EACH ROW EXECUTE FUNCTION partners_formula_guard();

CREATE FUNCTION partners_formula_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'draft' THEN
        RAISE EXCEPTION 'a formula in force stays' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER credit_formula_kept BEFORE DELETE ON partners_creditformula
    FOR EACH ROW EXECUTE FUNCTION partners_formula_kept();

CREATE FUNCTION partners_formula_part_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND EXISTS (SELECT FROM partners_creditformula WHERE id = OLD.formula_id AND state <> 'draft')
       OR TG_OP <> 'DELETE'
          AND EXISTS (SELECT FROM partners_creditformula WHERE id = NEW.formula_id AND state <> 'draft') THEN
        RAISE EXCEPTION 'a formula in force is never edited' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER credit_weight_guard BEFORE INSERT OR UPDATE OR DELETE ON partners_creditweight
    FOR EACH ROW EXECUTE FUNCTION partners_formula_part_guard();
CREATE TRIGGER credit_level_guard BEFORE INSERT OR UPDATE OR DELETE ON partners_creditlevel
    FOR EACH ROW EXECUTE FUNCTION partners_formula_part_guard();
"""

FORMULAS_BACK = """
DROP TRIGGER credit_level_guard ON partners_creditlevel;
DROP TRIGGER credit_weight_guard ON partners_creditweight;
DROP FUNCTION partners_formula_part_guard();
DROP TRIGGER credit_formula_kept ON partners_creditformula;
DROP FUNCTION partners_formula_kept();
DROP TRIGGER credit_formula_guard ON partners_creditformula;
DROP FUNCTION partners_formula_guard();
"""

# A note's facts stay, it is told once, it is never annulled back; computations and lines are only ever added.
FILES = """
CREATE FUNCTION partners_note_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.partner_id, NEW.area_id, NEW.line, NEW.happened_on, NEW.what, NEW.figure, NEW.source, NEW.evidence_type,
        NEW.evidence_id, NEW.recorded_by_id, NEW.recorded_at)
       IS DISTINCT FROM
       (OLD.partner_id, OLD.area_id, OLD.line, OLD.happened_on, OLD.what, OLD.figure, OLD.source, OLD.evidence_type,
        OLD.evidence_id, OLD.recorded_by_id, OLD.recorded_at)
       OR OLD.told_at IS NOT NULL AND NEW.told_at IS DISTINCT FROM OLD.told_at
       OR OLD.state = 'annulled' AND NEW.state <> 'annulled' THEN
        RAISE EXCEPTION 'a recorded fact stays as it was recorded' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER credit_note_guard BEFORE UPDATE ON partners_creditnote
    FOR EACH ROW EXECUTE FUNCTION partners_note_guard();
CREATE TRIGGER credit_note_stays BEFORE DELETE ON partners_creditnote
    FOR EACH ROW EXECUTE FUNCTION partners_append_only();
CREATE TRIGGER credit_computation_append_only BEFORE UPDATE OR DELETE ON partners_creditcomputation
    FOR EACH ROW EXECUTE FUNCTION partners_append_only();
CREATE TRIGGER credit_line_append_only BEFORE UPDATE OR DELETE ON partners_creditline
    FOR EACH ROW EXECUTE FUNCTION partners_append_only();
CREATE TRIGGER credit_line_notes_append_only BEFORE UPDATE OR DELETE ON partners_creditline_notes
    FOR EACH ROW EXECUTE FUNCTION partners_append_only();

CREATE FUNCTION partners_line_note_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM partners_creditnote AS note
        JOIN partners_creditline AS line ON line.id = NEW.creditline_id
        JOIN partners_creditcomputation AS made ON made.id = line.computation_id
        WHERE note.id = NEW.creditnote_id AND note.state = 'told' AND note.told_at <= made.computed_at
        AND note.partner_id = made.partner_id AND note.line = line.line
    ) THEN
        RAISE EXCEPTION 'a fact counts only after the partner was told' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER credit_line_note_told BEFORE INSERT ON partners_creditline_notes
    FOR EACH ROW EXECUTE FUNCTION partners_line_note_told();

CREATE FUNCTION partners_line_lowered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.figure <> (
        SELECT coalesce(sum(note.figure), 0) FROM partners_creditline_notes AS tied
        JOIN partners_creditnote AS note ON note.id = tied.creditnote_id WHERE tied.creditline_id = NEW.id
    ) THEN
        RAISE EXCEPTION 'a line is lowered by its notes alone' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER credit_line_lowered AFTER INSERT ON partners_creditline
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.line IN ('cancelled', 'absent', 'unpunctual', 'standing')) EXECUTE FUNCTION partners_line_lowered();
"""

FILES_BACK = """
DROP TRIGGER credit_line_lowered ON partners_creditline;
DROP FUNCTION partners_line_lowered();
DROP TRIGGER credit_line_note_told ON partners_creditline_notes;
DROP FUNCTION partners_line_note_told();
DROP TRIGGER credit_line_notes_append_only ON partners_creditline_notes;
DROP TRIGGER credit_line_append_only ON partners_creditline;
DROP TRIGGER credit_computation_append_only ON partners_creditcomputation;
DROP TRIGGER credit_note_stays ON partners_creditnote;
DROP TRIGGER credit_note_guard ON partners_creditnote;
DROP FUNCTION partners_note_guard();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0012_roles_of_partners"),
        ("partners", "0008_projects"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CreditFormula",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("code", models.SlugField(max_length=30, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                (
                    "base",
                    models.DecimalField(
                        decimal_places=2,
                        default=50,
                        max_digits=6,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(1000),
                        ],
                        verbose_name="base score",
                    ),
                ),
                (
                    "floor",
                    models.DecimalField(
                        decimal_places=2,
                        default=0,
                        max_digits=6,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(1000),
                        ],
                        verbose_name="lowest score",
                    ),
                ),
                (
                    "ceiling",
                    models.DecimalField(
                        decimal_places=2,
                        default=100,
                        max_digits=6,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(1000),
                        ],
                        verbose_name="highest score",
                    ),
                ),
                (
                    "notice_hours",
                    models.PositiveSmallIntegerField(
                        default=48,
                        validators=[django.core.validators.MaxValueValidator(720)],
                        verbose_name="cancelled late: hours before",
                    ),
                ),
                (
                    "appeal_days",
                    models.PositiveSmallIntegerField(
                        default=10,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(90),
                        ],
                        verbose_name="working days to appeal",
                    ),
                ),
                (
                    "review_days",
                    models.PositiveSmallIntegerField(
                        default=5,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(90),
                        ],
                        verbose_name="working days to decide an appeal",
                    ),
                ),
                ("valid_from", models.DateField(default=django.utils.timezone.localdate, verbose_name="from")),
                ("valid_to", models.DateField(blank=True, editable=False, null=True, verbose_name="to")),
                ("source", models.CharField(blank=True, max_length=200, verbose_name="where it comes from")),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("in_force", "In force"), ("replaced", "Replaced")],
                        default="draft",
                        max_length=10,
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
            ],
            options={
                "verbose_name": "credit formula",
                "verbose_name_plural": "credit formulas",
                "ordering": ["-valid_from", "code"],
            },
        ),
        migrations.CreateModel(
            name="CreditComputation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                ("until", models.DateField(verbose_name="facts up to")),
                ("raw", models.DecimalField(decimal_places=2, max_digits=8, verbose_name="before the bounds")),
                ("score", models.DecimalField(decimal_places=2, max_digits=6, verbose_name="score")),
                ("level", models.CharField(max_length=10, verbose_name="credit level")),
                ("level_name", models.CharField(max_length=20, verbose_name="credit level")),
                ("meaning", models.CharField(blank=True, max_length=200, verbose_name="what it means")),
                ("digest", models.CharField(max_length=64)),
                ("computed_at", models.DateTimeField(verbose_name="computed at")),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.area",
                        verbose_name="community",
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.partner",
                        verbose_name="partner",
                    ),
                ),
                (
                    "formula",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.creditformula",
                        verbose_name="credit formula",
                    ),
                ),
            ],
            options={
                "verbose_name": "computation of a credit file",
                "verbose_name_plural": "computations of credit files",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="CreditLevel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=10, verbose_name="code")),
                ("name", models.CharField(max_length=20, verbose_name="name")),
                (
                    "least",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=6,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(1000),
                        ],
                        verbose_name="from score",
                    ),
                ),
                ("meaning", models.CharField(blank=True, max_length=200, verbose_name="what it means")),
                (
                    "formula",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="levels",
                        to="partners.creditformula",
                        verbose_name="credit formula",
                    ),
                ),
            ],
            options={
                "verbose_name": "credit level",
                "verbose_name_plural": "credit levels",
                "ordering": ["formula", "-least"],
            },
        ),
        migrations.CreateModel(
            name="CreditList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("outstanding", "Outstanding partner of the year"),
                            ("policy", "Policy recommendation"),
                        ],
                        max_length=12,
                        verbose_name="what for",
                    ),
                ),
                ("title", models.CharField(max_length=80, verbose_name="title")),
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                ("as_of", models.DateField(verbose_name="as of")),
                (
                    "levels",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=10),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="levels",
                    ),
                ),
                (
                    "kinds",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("resource", "Resource partner"),
                                ("professional", "Professional partner"),
                                ("volunteer", "Volunteer partner"),
                            ],
                            max_length=12,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="kinds",
                    ),
                ),
                (
                    "least_score",
                    models.DecimalField(
                        decimal_places=2,
                        default=0,
                        max_digits=6,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="score at least",
                    ),
                ),
                ("least_points", models.PositiveIntegerField(default=0, verbose_name="points at least")),
                ("least_activities", models.PositiveIntegerField(default=0, verbose_name="activities at least")),
                ("drawn_at", models.DateTimeField(verbose_name="drawn up at")),
                ("published_at", models.DateTimeField(blank=True, null=True, verbose_name="published at")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("deciding", "Candidates are decided on"),
                            ("published", "Published"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="deciding",
                        max_length=10,
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
                    "drawn_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="drawn up by",
                    ),
                ),
            ],
            options={
                "verbose_name": "list of candidates",
                "verbose_name_plural": "lists of candidates",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="CreditCandidate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("reasons", models.JSONField(default=list, verbose_name="reasons")),
                ("added", models.BooleanField(default=False, verbose_name="put there by hand")),
                ("added_reason", models.CharField(blank=True, max_length=500, verbose_name="why put there")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided at")),
                ("decision", models.CharField(blank=True, max_length=500, verbose_name="reason of the decision")),
                (
                    "state",
                    models.CharField(
                        choices=[("proposed", "To be decided"), ("chosen", "Is chosen"), ("not_chosen", "Not chosen")],
                        default="proposed",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.area",
                        verbose_name="community",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.partner",
                        verbose_name="partner",
                    ),
                ),
                (
                    "computation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.creditcomputation",
                        verbose_name="computation",
                    ),
                ),
                (
                    "of_list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="candidates",
                        to="partners.creditlist",
                        verbose_name="list",
                    ),
                ),
            ],
            options={
                "verbose_name": "candidate",
                "verbose_name_plural": "candidates",
                "ordering": ["of_list", "id"],
            },
        ),
        migrations.CreateModel(
            name="CreditNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                (
                    "line",
                    models.CharField(
                        choices=[
                            ("cancelled", "Cancelled late"),
                            ("absent", "Did not turn up"),
                            ("unpunctual", "Came late"),
                            ("standing", "Suspended, or records reversed"),
                        ],
                        max_length=12,
                        verbose_name="credit item",
                    ),
                ),
                ("happened_on", models.DateField(verbose_name="on")),
                ("what", models.CharField(max_length=300, verbose_name="what happened")),
                (
                    "figure",
                    models.DecimalField(
                        decimal_places=2,
                        default=1,
                        max_digits=5,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="counts as",
                    ),
                ),
                ("source", models.CharField(blank=True, max_length=40, verbose_name="found by")),
                ("evidence_type", models.CharField(blank=True, max_length=60, verbose_name="evidence")),
                ("evidence_id", models.BigIntegerField(blank=True, null=True, verbose_name="number of the evidence")),
                ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
                ("told_at", models.DateTimeField(blank=True, null=True, verbose_name="told at")),
                ("reply", models.CharField(blank=True, max_length=1000, verbose_name="answer of the partner")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("recorded", "Recorded, the partner is not told yet"),
                            ("told", "The partner was told"),
                            ("annulled", "Annulled"),
                        ],
                        default="recorded",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.area",
                        verbose_name="community",
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_notes",
                        to="partners.partner",
                        verbose_name="partner",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
            ],
            options={
                "verbose_name": "fact that lowers a credit file",
                "verbose_name_plural": "facts that lower credit files",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="CreditLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "line",
                    models.CharField(
                        choices=[
                            ("points", "Points earned in the year"),
                            ("activities", "Activities"),
                            ("evaluations", "Evaluations"),
                            ("punctuality", "Dates kept"),
                            ("cancelled", "Cancelled late"),
                            ("absent", "Did not turn up"),
                            ("unpunctual", "Came late"),
                            ("standing", "Suspended, or records reversed"),
                        ],
                        max_length=12,
                        verbose_name="credit item",
                    ),
                ),
                ("figure", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="figure")),
                ("weight", models.DecimalField(decimal_places=3, max_digits=7, verbose_name="weight")),
                ("cap", models.DecimalField(decimal_places=2, max_digits=6, verbose_name="at most")),
                ("value", models.DecimalField(decimal_places=2, max_digits=6, verbose_name="counts")),
                ("facts", models.JSONField(default=list, verbose_name="facts")),
                (
                    "computation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="partners.creditcomputation",
                        verbose_name="file",
                    ),
                ),
                (
                    "notes",
                    models.ManyToManyField(
                        related_name="lines", to="partners.creditnote", verbose_name="facts that lower"
                    ),
                ),
            ],
            options={
                "verbose_name": "line of a credit file",
                "verbose_name_plural": "lines of credit files",
                "ordering": ["computation", "id"],
            },
        ),
        migrations.CreateModel(
            name="CreditProfile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                ("score", models.DecimalField(decimal_places=2, max_digits=6, null=True, verbose_name="score")),
                ("level", models.CharField(blank=True, max_length=10, verbose_name="credit level")),
                ("level_name", models.CharField(blank=True, max_length=20, verbose_name="credit level")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed at")),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.area",
                        verbose_name="community",
                    ),
                ),
                (
                    "current",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.creditcomputation",
                        verbose_name="computation",
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_profiles",
                        to="partners.partner",
                        verbose_name="partner",
                    ),
                ),
            ],
            options={
                "verbose_name": "credit file",
                "verbose_name_plural": "credit files",
                "ordering": ["-year", "-score", "id"],
            },
        ),
        migrations.AddField(
            model_name="creditcomputation",
            name="profile",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="computations",
                to="partners.creditprofile",
                verbose_name="file",
            ),
        ),
        migrations.CreateModel(
            name="CreditAppeal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                (
                    "line",
                    models.CharField(
                        choices=[
                            ("points", "Points earned in the year"),
                            ("activities", "Activities"),
                            ("evaluations", "Evaluations"),
                            ("punctuality", "Dates kept"),
                            ("cancelled", "Cancelled late"),
                            ("absent", "Did not turn up"),
                            ("unpunctual", "Came late"),
                            ("standing", "Suspended, or records reversed"),
                        ],
                        max_length=12,
                        verbose_name="credit item",
                    ),
                ),
                ("grounds", models.CharField(max_length=1000, verbose_name="grounds of the appeal")),
                ("filed_at", models.DateTimeField(verbose_name="appealed at")),
                ("due_at", models.DateTimeField(verbose_name="to be decided by")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided at")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "To be decided"),
                            ("upheld", "Appeal upheld"),
                            ("declined", "Appeal declined"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="open",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.area",
                        verbose_name="community",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "filed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="appealed by",
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_appeals",
                        to="partners.partner",
                        verbose_name="partner",
                    ),
                ),
                (
                    "recorder",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                (
                    "note",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appeals",
                        to="partners.creditnote",
                        verbose_name="fact",
                    ),
                ),
                (
                    "profile",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appeals",
                        to="partners.creditprofile",
                        verbose_name="credit file",
                    ),
                ),
            ],
            options={
                "verbose_name": "appeal against a credit file",
                "verbose_name_plural": "appeals against credit files",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="CreditWeight",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "line",
                    models.CharField(
                        choices=[
                            ("points", "Points earned in the year"),
                            ("activities", "Activities"),
                            ("evaluations", "Evaluations"),
                            ("punctuality", "Dates kept"),
                            ("cancelled", "Cancelled late"),
                            ("absent", "Did not turn up"),
                            ("unpunctual", "Came late"),
                            ("standing", "Suspended, or records reversed"),
                        ],
                        max_length=12,
                        verbose_name="credit item",
                    ),
                ),
                (
                    "weight",
                    models.DecimalField(
                        decimal_places=3,
                        max_digits=7,
                        validators=[
                            django.core.validators.MinValueValidator(-100),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="weight",
                    ),
                ),
                (
                    "cap",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=6,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(1000),
                        ],
                        verbose_name="at most",
                    ),
                ),
                (
                    "formula",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="weights",
                        to="partners.creditformula",
                        verbose_name="credit formula",
                    ),
                ),
            ],
            options={
                "verbose_name": "line of a credit formula",
                "verbose_name_plural": "lines of a credit formula",
                "ordering": ["formula", "id"],
            },
        ),
        migrations.AddConstraint(
            model_name="creditformula",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("base__gte", models.F("floor")),
                    ("ceiling__gte", models.F("base")),
                    ("ceiling__lte", 1000),
                    ("floor__gte", 0),
                ),
                name="credit_formula_bounds",
                violation_error_message="The base score lies between the lowest and the highest.",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditformula",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_to__isnull", True), ("valid_to__gte", models.F("valid_from")), _connector="OR"
                ),
                name="credit_formula_dates_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditformula",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "replaced"), _negated=True), ("valid_to__isnull", False), _connector="OR"
                ),
                name="credit_formula_replaced_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditformula",
            constraint=models.CheckConstraint(
                condition=models.Q(("appeal_days__gte", 1), ("review_days__gte", 1)), name="credit_formula_days"
            ),
        ),
        migrations.AddConstraint(
            model_name="creditformula",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("state__in", ["in_force", "replaced"])),
                expressions=[
                    ("area", "="),
                    (
                        models.Func(
                            models.F("valid_from"), models.F("valid_to"), models.Value("[]"), function="daterange"
                        ),
                        "&&",
                    ),
                ],
                name="credit_formula_no_overlap",
                violation_error_message="Another formula of this area is in force in this time.",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditlevel",
            constraint=models.UniqueConstraint(fields=("formula", "code"), name="credit_level_code_once"),
        ),
        migrations.AddConstraint(
            model_name="creditlevel",
            constraint=models.UniqueConstraint(fields=("formula", "least"), name="credit_level_score_once"),
        ),
        migrations.AddConstraint(
            model_name="creditlevel",
            constraint=models.CheckConstraint(condition=models.Q(("least__gte", 0)), name="credit_level_from_zero"),
        ),
        migrations.AddConstraint(
            model_name="creditlist",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "published"), _negated=True), ("published_at__isnull", False), _connector="OR"
                ),
                name="credit_list_published_at",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditlist",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "withdrawn"), _negated=True),
                fields=("area", "purpose", "year"),
                name="credit_list_once_a_year",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditcandidate",
            constraint=models.UniqueConstraint(fields=("of_list", "partner"), name="credit_candidate_once"),
        ),
        migrations.AddConstraint(
            model_name="creditcandidate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_by__isnull", True), ("state", "proposed")),
                    models.Q(
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                        ("state__in", ["chosen", "not_chosen"]),
                        models.Q(("decision", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="credit_candidate_decided_by_a_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditcandidate",
            constraint=models.CheckConstraint(
                condition=models.Q(("added", False), models.Q(("added_reason", ""), _negated=True), _connector="OR"),
                name="credit_candidate_added_with_reason",
            ),
        ),
        migrations.AddIndex(
            model_name="creditnote",
            index=models.Index(fields=["partner", "happened_on"], name="credit_note_year"),
        ),
        migrations.AddConstraint(
            model_name="creditnote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "recorded"), ("told_at__isnull", True)),
                    models.Q(("state", "told"), ("told_at__isnull", False)),
                    ("state", "annulled"),
                    _connector="OR",
                ),
                name="credit_note_told_at",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditnote",
            constraint=models.CheckConstraint(
                condition=models.Q(("figure__gt", 0), ("line__in", ("cancelled", "absent", "unpunctual", "standing"))),
                name="credit_note_lowers",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditnote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("evidence_id__isnull", True), ("evidence_type", "")),
                    models.Q(models.Q(("evidence_type", ""), _negated=True), ("evidence_id__isnull", False)),
                    _connector="OR",
                ),
                name="credit_note_evidence_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditnote",
            constraint=models.UniqueConstraint(
                condition=models.Q(("evidence_type", ""), _negated=True),
                fields=("partner", "line", "evidence_type", "evidence_id"),
                name="credit_note_once_an_evidence",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditline",
            constraint=models.UniqueConstraint(fields=("computation", "line"), name="credit_line_once"),
        ),
        migrations.AddConstraint(
            model_name="creditline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("line__in", ("cancelled", "absent", "unpunctual", "standing")), ("value__lte", 0)),
                    models.Q(("line__in", ("points", "activities", "evaluations", "punctuality")), ("value__gte", 0)),
                    _connector="OR",
                ),
                name="credit_line_sign",
            ),
        ),
        migrations.AddIndex(
            model_name="creditprofile",
            index=models.Index(fields=["area", "year", "level"], name="credit_profile_listed"),
        ),
        migrations.AddConstraint(
            model_name="creditprofile",
            constraint=models.UniqueConstraint(fields=("partner", "year"), name="credit_profile_once_a_year"),
        ),
        migrations.AddConstraint(
            model_name="creditprofile",
            constraint=models.CheckConstraint(
                condition=models.Q(("year__gte", 2020), ("year__lte", 2199)), name="credit_profile_year"
            ),
        ),
        migrations.AddConstraint(
            model_name="creditprofile",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("current__isnull", True), ("level", ""), ("score__isnull", True)),
                    models.Q(
                        ("current__isnull", False), ("score__isnull", False), models.Q(("level", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="credit_profile_computed",
            ),
        ),
        migrations.AddIndex(
            model_name="creditcomputation",
            index=models.Index(fields=["profile", "computed_at"], name="credit_computation_at"),
        ),
        migrations.AddConstraint(
            model_name="creditcomputation",
            constraint=models.UniqueConstraint(fields=("profile", "number"), name="credit_computation_number_once"),
        ),
        migrations.AddIndex(
            model_name="creditappeal",
            index=models.Index(fields=["area", "state"], name="credit_appeal_waiting"),
        ),
        migrations.AddConstraint(
            model_name="creditappeal",
            constraint=models.CheckConstraint(
                condition=models.Q(("note__isnull", False), ("profile__isnull", False), _connector="OR"),
                name="credit_appeal_about",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditappeal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                        ("state__in", ["upheld", "declined"]),
                    ),
                    models.Q(("decided_by__isnull", True), ("state__in", ["open", "withdrawn"])),
                    _connector="OR",
                ),
                name="credit_appeal_decided",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditappeal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_by__isnull", True),
                    ("recorder__isnull", True),
                    models.Q(("decided_by", models.F("recorder")), _negated=True),
                    _connector="OR",
                ),
                name="credit_appeal_other_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditappeal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("note__isnull", False), ("state", "open")),
                fields=("note",),
                name="credit_appeal_once_a_fact",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditappeal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("note__isnull", True), ("state", "open")),
                fields=("profile", "line"),
                name="credit_appeal_once_a_line",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditweight",
            constraint=models.UniqueConstraint(fields=("formula", "line"), name="credit_weight_once"),
        ),
        migrations.AddConstraint(
            model_name="creditweight",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("line__in", ("cancelled", "absent", "unpunctual", "standing")), ("weight__lte", 0)),
                    models.Q(("line__in", ("points", "activities", "evaluations", "punctuality")), ("weight__gte", 0)),
                    _connector="OR",
                ),
                name="credit_weight_sign",
                violation_error_message="Lines that lower have a weight below 0, the others one above.",
            ),
        ),
        migrations.AddConstraint(
            model_name="creditweight",
            constraint=models.CheckConstraint(condition=models.Q(("cap__gte", 0)), name="credit_weight_cap"),
        ),
        migrations.RunSQL(FORMULAS, FORMULAS_BACK),
        migrations.RunSQL(FILES, FILES_BACK),
    ]
