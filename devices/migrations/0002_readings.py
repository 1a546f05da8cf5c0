"""Readings, partitioned by week; the latest values' fillfactor."""

import django.db.models.deletion
from django.db import migrations, models

# One partition a week (Monday 00:00 UTC). What falls outside every week goes to the default partition and is moved when
# its week is made, so that nothing is refused when the job that makes partitions ahead did not run.
FORWARD = """
CREATE TABLE devices_reading (
    device_id bigint NOT NULL,
    metric varchar(40) NOT NULL,
    at timestamptz NOT NULL,
    value double precision,
    text varchar(40) NOT NULL DEFAULT '',
    received_at timestamptz NOT NULL,
    claimed_at timestamptz,
    PRIMARY KEY (device_id, metric, at)
) PARTITION BY RANGE (at);
CREATE INDEX reading_claimed ON devices_reading (device_id, claimed_at) WHERE claimed_at IS NOT NULL;
CREATE TABLE devices_reading_default PARTITION OF devices_reading DEFAULT;

CREATE FUNCTION devices_make_partitions(since timestamptz, until timestamptz) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    week timestamp := date_trunc('week', since AT TIME ZONE 'UTC');
    name text;
    made integer := 0;
    starts timestamptz;
    ends timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('devices_make_partitions'));
    WHILE week <= until AT TIME ZONE 'UTC' LOOP
        name := 'devices_reading_' || to_char(week, 'IYYY"w"IW');
        IF to_regclass(name) IS NULL THEN
            starts := week AT TIME ZONE 'UTC';
            ends := (week + interval '1 week') AT TIME ZONE 'UTC';
            EXECUTE format('CREATE TABLE %I (LIKE devices_reading INCLUDING ALL)', name);
            EXECUTE format('WITH moved AS (DELETE FROM devices_reading_default WHERE at >= %L AND at < %L RETURNING *)'
                ' INSERT INTO %I SELECT * FROM moved', starts, ends, name);
            EXECUTE format('ALTER TABLE devices_reading ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                name, starts, ends);
            made := made + 1;
        END IF;
        week := week + interval '1 week';
    END LOOP;
    RETURN made;
END $$;

-- Raw readings are kept 90 days (domain/devices.md, "Storage"); a late one finds its week.
SELECT devices_make_partitions(now() - interval '13 weeks', now() + interval '4 weeks');

ALTER TABLE devices_latestvalue SET (fillfactor = 70);
"""

BACK = """
ALTER TABLE devices_latestvalue RESET (fillfactor);
DROP FUNCTION devices_make_partitions(timestamptz, timestamptz);
DROP TABLE devices_reading;
"""


class Migration(migrations.Migration):
    dependencies = [("devices", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(FORWARD, BACK)],
            state_operations=[
                migrations.CreateModel(
                    name="Reading",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "device_id",
                                "metric",
                                "at",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("metric", models.CharField(max_length=40, verbose_name="metric")),
                        ("at", models.DateTimeField(verbose_name="measured at")),
                        ("value", models.FloatField(null=True, verbose_name="value")),
                        ("text", models.CharField(blank=True, default="", max_length=40, verbose_name="text")),
                        ("received_at", models.DateTimeField(verbose_name="received at")),
                        ("claimed_at", models.DateTimeField(null=True, verbose_name="time claimed by the device")),
                        (
                            "device",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="readings",
                                to="devices.device",
                                verbose_name="device",
                            ),
                        ),
                    ],
                    options={"verbose_name": "reading", "verbose_name_plural": "readings"},
                ),
                migrations.AddIndex(
                    model_name="reading",
                    index=models.Index(
                        condition=models.Q(("claimed_at__isnull", False)),
                        fields=["device", "claimed_at"],
                        name="reading_claimed",
                    ),
                ),
            ],
        ),
    ]
