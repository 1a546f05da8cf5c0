"""Hourly roll-ups, how long readings are kept, quality of values, stable numbers of datastreams."""

import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

# Profiles are written in several ways; the database sees them all. The view is what SensorThings calls Datastreams.
FORWARD = """
INSERT INTO devices_observedproperty (word) SELECT 'status';
INSERT INTO devices_observedproperty (word) SELECT metric FROM devices_profilemetric GROUP BY metric ORDER BY min(id);

CREATE FUNCTION devices_know_property() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    said text := coalesce(to_jsonb(NEW) ->> 'metric', 'status');
BEGIN
    IF NOT EXISTS (SELECT FROM devices_observedproperty WHERE word = said) THEN
        INSERT INTO devices_observedproperty (word) VALUES (said) ON CONFLICT (word) DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER property_known AFTER INSERT OR UPDATE OF metric ON devices_profilemetric
    FOR EACH ROW EXECUTE FUNCTION devices_know_property();
CREATE TRIGGER property_known AFTER INSERT ON devices_profilestatus
    FOR EACH ROW EXECUTE FUNCTION devices_know_property();

CREATE VIEW devices_datastream AS
SELECT device.id * 100000 + property.id AS id, device.id AS device_id, property.id AS observed_property_id,
    property.word AS metric, metric.id AS profile_metric_id
FROM devices_device AS device
JOIN devices_profilemetric AS metric ON metric.profile_id = device.profile_id
JOIN devices_observedproperty AS property ON property.word = metric.metric
UNION ALL
SELECT device.id * 100000 + property.id, device.id, property.id, property.word, NULL
FROM devices_device AS device JOIN devices_observedproperty AS property ON property.word = 'status';
"""

BACK = """
DROP VIEW devices_datastream;
DROP TRIGGER property_known ON devices_profilestatus;
DROP TRIGGER property_known ON devices_profilemetric;
DROP FUNCTION devices_know_property();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("devices", "0007_alarms_of_a_case"),
    ]

    operations = [
        migrations.CreateModel(
            name="Datastream",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("metric", models.CharField(max_length=40, verbose_name="metric")),
            ],
            options={
                "verbose_name": "datastream",
                "verbose_name_plural": "datastreams",
                "db_table": "devices_datastream",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="ObservedProperty",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("word", models.CharField(max_length=40, unique=True, verbose_name="metric")),
            ],
            options={
                "verbose_name": "observed property",
                "verbose_name_plural": "observed properties",
            },
        ),
        migrations.CreateModel(
            name="ReadingHour",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "device_id", "metric", "hour", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "device",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="hours",
                        to="devices.device",
                        verbose_name="device",
                    ),
                ),
                ("metric", models.CharField(max_length=40, verbose_name="metric")),
                ("hour", models.DateTimeField(verbose_name="hour")),
                ("low", models.FloatField(verbose_name="smallest")),
                ("mean", models.FloatField(verbose_name="mean")),
                ("high", models.FloatField(verbose_name="greatest")),
                ("count", models.PositiveIntegerField(verbose_name="readings")),
            ],
            options={
                "verbose_name": "hourly roll-up",
                "verbose_name_plural": "hourly roll-ups",
            },
        ),
        migrations.CreateModel(
            name="ReadingRetention",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_on", models.DateField(unique=True, verbose_name="holds from")),
                (
                    "raw_days",
                    models.PositiveSmallIntegerField(
                        help_text="At least 90: a message may be that old when it arrives."
                        " Hourly figures are kept for good.",
                        validators=[
                            django.core.validators.MinValueValidator(90),
                            django.core.validators.MaxValueValidator(3660),
                        ],
                        verbose_name="days raw readings are kept",
                    ),
                ),
            ],
            options={
                "verbose_name": "retention of readings",
                "verbose_name_plural": "retention of readings",
                "ordering": ["-starts_on"],
            },
        ),
        migrations.CreateModel(
            name="RollUpMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "device",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="devices.device",
                        verbose_name="device",
                    ),
                ),
                ("hour", models.DateTimeField(verbose_name="hour")),
            ],
            options={
                "verbose_name": "hour to roll up anew",
                "verbose_name_plural": "hours to roll up anew",
            },
        ),
        migrations.CreateModel(
            name="RollUpProgress",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("covered_until", models.DateTimeField(null=True, verbose_name="rolled up until")),
            ],
            options={
                "verbose_name": "progress of roll-ups",
                "verbose_name_plural": "progress of roll-ups",
            },
        ),
        migrations.AddField(
            model_name="latestvalue",
            name="quality",
            field=models.CharField(
                choices=[("good", "Good"), ("stale", "Stale"), ("bad", "Bad")],
                max_length=5,
                null=True,
                verbose_name="quality",
            ),
        ),
        migrations.AddField(
            model_name="profilemetric",
            name="valid_max",
            field=models.FloatField(
                blank=True,
                help_text="Figures outside of what can be are kept as bad and raise no alarm.",
                null=True,
                verbose_name="greatest possible",
            ),
        ),
        migrations.AddField(
            model_name="profilemetric",
            name="valid_min",
            field=models.FloatField(blank=True, null=True, verbose_name="smallest possible"),
        ),
        migrations.AddField(
            model_name="reading",
            name="quality",
            field=models.CharField(
                choices=[("good", "Good"), ("stale", "Stale"), ("bad", "Bad")],
                max_length=5,
                null=True,
                verbose_name="quality",
            ),
        ),
        migrations.AddIndex(
            model_name="reading",
            index=django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=["at"], name="reading_at"),
        ),
        migrations.AddConstraint(
            model_name="profilemetric",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_min", None), ("valid_max", None), ("valid_min__lt", models.F("valid_max")), _connector="OR"
                ),
                name="profile_metric_valid",
                violation_error_message="The smallest possible figure lies below the greatest possible one.",
            ),
        ),
        migrations.AddConstraint(
            model_name="observedproperty",
            constraint=models.CheckConstraint(condition=models.Q(("id__lt", 100000)), name="observed_property_few"),
        ),
        migrations.AddConstraint(
            model_name="readingretention",
            constraint=models.CheckConstraint(
                condition=models.Q(("raw_days__gte", 90), ("raw_days__lte", 3660)), name="reading_retention_days"
            ),
        ),
        migrations.AddConstraint(
            model_name="rollupprogress",
            constraint=models.CheckConstraint(condition=models.Q(("id", 1)), name="rollup_progress_once"),
        ),
        migrations.RunSQL(FORWARD, BACK),
    ]
