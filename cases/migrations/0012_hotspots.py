"""Hot spots: counts of cases by place, time and category; watches, and what they found."""

import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.db import migrations, models

# A case is counted anew when anything changes by which it is counted. Only its id is noted: no statement of the writer,
# no row that two writers could wait for. Cases that are there already are noted as well.
NOTE = """
CREATE FUNCTION cases_count_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO cases_casechange (case_id) SELECT id FROM fresh;
    RETURN NULL;
END $$;
CREATE FUNCTION cases_count_anew() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO cases_casechange (case_id) VALUES (OLD.id);
    RETURN NULL;
END $$;
CREATE TRIGGER case_counted AFTER INSERT ON cases_case REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION cases_count_new();
CREATE TRIGGER case_recounted AFTER UPDATE ON cases_case FOR EACH ROW
    WHEN (OLD.area_id <> NEW.area_id OR OLD.category_id IS DISTINCT FROM NEW.category_id
        OR OLD.reported_at <> NEW.reported_at OR OLD.address <> NEW.address
        OR OLD.longitude IS DISTINCT FROM NEW.longitude OR OLD.latitude IS DISTINCT FROM NEW.latitude
        OR OLD.state <> NEW.state AND (OLD.state IN ('rejected', 'cancelled', 'merged')
            OR NEW.state IN ('rejected', 'cancelled', 'merged')))
    EXECUTE FUNCTION cases_count_anew();
CREATE TRIGGER case_uncounted AFTER DELETE ON cases_case FOR EACH ROW EXECUTE FUNCTION cases_count_anew();
INSERT INTO cases_casechange (case_id) SELECT id FROM cases_case;
"""
NOTE_BACK = """
DROP TRIGGER case_counted ON cases_case;
DROP TRIGGER case_recounted ON cases_case;
DROP TRIGGER case_uncounted ON cases_case;
DROP FUNCTION cases_count_new();
DROP FUNCTION cases_count_anew();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0011_import_reference"),
        ("governance", "0008_search"),
    ]

    operations = [
        migrations.CreateModel(
            name="CaseChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("case_id", models.BigIntegerField()),
            ],
            options={
                "verbose_name": "case to be counted",
                "verbose_name_plural": "cases to be counted",
            },
        ),
        migrations.CreateModel(
            name="TallyState",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("counted_at", models.DateTimeField(null=True)),
                ("rebuilt_to", models.BigIntegerField(null=True)),
                ("is_stale", models.BooleanField(default=False)),
            ],
            options={
                "verbose_name": "state of the counts",
                "verbose_name_plural": "state of the counts",
            },
        ),
        migrations.CreateModel(
            name="HotSpotRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=30, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                (
                    "watched",
                    models.CharField(
                        choices=[
                            ("all", "All cases together"),
                            ("classes", "Each class by itself"),
                            ("categories", "Each sub-class by itself"),
                        ],
                        default="classes",
                        max_length=12,
                        verbose_name="watched",
                    ),
                ),
                (
                    "resolution",
                    models.PositiveSmallIntegerField(
                        choices=[(9, "200 m"), (8, "500 m"), (7, "1.4 km")],
                        default=9,
                        help_text="Length of an edge of a hexagon.",
                        verbose_name="size of cells",
                    ),
                ),
                (
                    "rings",
                    models.PositiveSmallIntegerField(
                        default=2,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(5),
                        ],
                        verbose_name="rings of cells",
                    ),
                ),
                (
                    "longest_days",
                    models.PositiveSmallIntegerField(
                        default=7,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(28),
                        ],
                        verbose_name="longest cluster (days)",
                    ),
                ),
                (
                    "baseline_days",
                    models.PositiveSmallIntegerField(
                        default=90,
                        validators=[
                            django.core.validators.MinValueValidator(28),
                            django.core.validators.MaxValueValidator(366),
                        ],
                        verbose_name="days to compare with",
                    ),
                ),
                (
                    "recurrence_days",
                    models.PositiveSmallIntegerField(
                        default=365,
                        help_text="Of each series watched: the more days, the fewer signals.",
                        validators=[
                            django.core.validators.MinValueValidator(20),
                            django.core.validators.MaxValueValidator(3650),
                        ],
                        verbose_name="one false alarm in days",
                    ),
                ),
                (
                    "least_cases",
                    models.PositiveSmallIntegerField(
                        default=4,
                        validators=[
                            django.core.validators.MinValueValidator(2),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="fewest cases",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                ("watched_to", models.DateField(editable=False, null=True, verbose_name="watched up to")),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="hotspot_rules",
                        to="governance.area",
                        verbose_name="area",
                    ),
                ),
            ],
            options={
                "verbose_name": "hot-spot watch",
                "verbose_name_plural": "hot-spot watches",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="HotSpotSignal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                (
                    "state",
                    models.CharField(
                        choices=[("new", "New"), ("opened", "Case opened"), ("dismissed", "Dismissed")],
                        default="new",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("cells", models.JSONField(verbose_name="cells")),
                ("longitude", models.FloatField(verbose_name="longitude")),
                ("latitude", models.FloatField(verbose_name="latitude")),
                ("first_day", models.DateField(verbose_name="first day")),
                ("last_day", models.DateField(verbose_name="last day")),
                ("observed", models.PositiveIntegerField(verbose_name="observed")),
                ("expected", models.FloatField(verbose_name="expected")),
                ("p_value", models.FloatField(verbose_name="p-value")),
                ("recurrence_days", models.FloatField(verbose_name="by chance once in days")),
                ("detected_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="detected at")),
                ("last_seen", models.DateField(verbose_name="last found")),
                ("times_seen", models.PositiveIntegerField(default=1, verbose_name="nights seen")),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="hotspot_signals",
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
                        related_name="hotspot_signal",
                        to="cases.case",
                        verbose_name="case",
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="cases.casecategory",
                        verbose_name="category",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signals",
                        to="cases.hotspotrule",
                        verbose_name="hot-spot watch",
                    ),
                ),
            ],
            options={
                "verbose_name": "hot-spot signal",
                "verbose_name_plural": "hot-spot signals",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="AreaTally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("cases", models.IntegerField()),
                ("reports", models.IntegerField()),
                ("span", models.SmallIntegerField()),
                ("starts", models.DateField()),
                (
                    "area",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="governance.area",
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="cases.casecategory",
                    ),
                ),
            ],
            options={
                "verbose_name": "count of an area",
                "verbose_name_plural": "counts of areas",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("area", "span", "starts", "category"), name="area_tally_once", nulls_distinct=False
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseSpot",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="spot",
                        serialize=False,
                        to="cases.case",
                    ),
                ),
                ("place", models.BigIntegerField(null=True)),
                ("day", models.DateField()),
                ("cases", models.SmallIntegerField()),
                ("reports", models.SmallIntegerField()),
                (
                    "area",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="governance.area",
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="cases.casecategory",
                    ),
                ),
                (
                    "category_class",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="cases.casecategory",
                    ),
                ),
            ],
            options={
                "verbose_name": "counted case",
                "verbose_name_plural": "counted cases",
                "indexes": [
                    models.Index(fields=["place", "day"], name="spot_place"),
                    models.Index(
                        fields=["day"],
                        include=("place", "area", "category", "category_class", "cases"),
                        name="spot_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CellTally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("cases", models.IntegerField()),
                ("reports", models.IntegerField()),
                ("span", models.SmallIntegerField()),
                ("starts", models.DateField()),
                ("cell", models.BigIntegerField(null=True)),
                (
                    "area",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="governance.area",
                    ),
                ),
                (
                    "category_class",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="cases.casecategory",
                    ),
                ),
            ],
            options={
                "verbose_name": "count of a cell",
                "verbose_name_plural": "counts of cells",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("category_class", "span", "starts", "area", "cell"),
                        include=("cases", "reports"),
                        name="cell_tally_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DayTally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("cases", models.IntegerField()),
                ("reports", models.IntegerField()),
                ("day", models.DateField(verbose_name="day")),
                ("cell", models.BigIntegerField(null=True, verbose_name="cell")),
                (
                    "area",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="governance.area",
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="cases.casecategory",
                    ),
                ),
                (
                    "category_class",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="cases.casecategory",
                    ),
                ),
            ],
            options={
                "verbose_name": "hot spot",
                "verbose_name_plural": "hot spots",
                "indexes": [
                    models.Index(
                        fields=["category", "day"],
                        include=["cell", "area", "cases", "reports"],
                        name="day_tally_category",
                    ),
                    models.Index(
                        fields=["category_class", "day"],
                        include=["cell", "area", "cases", "reports"],
                        name="day_tally_class",
                    ),
                    models.Index(fields=["area", "day"], name="day_tally_area"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("day", "area", "cell", "category", "category_class"),
                        name="day_tally_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="hotspotrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("resolution__in", (7, 8, 9))), name="hotspot_rule_cells"
            ),
        ),
        migrations.AddConstraint(
            model_name="hotspotrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "baseline_days__gte",
                        django.db.models.expressions.CombinedExpression(models.F("longest_days"), "*", models.Value(2)),
                    )
                ),
                name="hotspot_rule_baseline",
                violation_error_message="What is compared with must be at least twice as long as a cluster.",
            ),
        ),
        migrations.AddIndex(
            model_name="hotspotsignal",
            index=models.Index(fields=["state", "-id"], name="hotspot_signal_state"),
        ),
        migrations.AddIndex(
            model_name="hotspotsignal",
            index=models.Index(fields=["rule", "category", "last_seen"], name="hotspot_signal_again"),
        ),
        migrations.RunSQL(NOTE, NOTE_BACK),
    ]
