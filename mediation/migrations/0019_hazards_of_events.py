"""All signals of one event have its one hazard."""

from django.db import migrations

# The hazards of an event: those its signals point to, and those that were reported of one of them (a later report may
# have moved the pointers). One that became a dispute before others, so that no word of it stands in lists; else the
# first.
ONE_HAZARD = """
WITH members AS (
    SELECT id, hazard_id, coalesce(duplicate_of_id, id) AS head FROM mediation_signal
), told AS (
    SELECT head, hazard_id FROM members WHERE hazard_id IS NOT NULL
    UNION
    SELECT members.head, hazard.id FROM mediation_hazard hazard
    JOIN members ON hazard.origin_type = 'mediation.signal' AND hazard.origin_id = members.id
), chosen AS (
    SELECT DISTINCT ON (told.head) told.head, hazard.id
    FROM told JOIN mediation_hazard hazard ON hazard.id = told.hazard_id
    ORDER BY told.head, hazard.dispute_id IS NULL, hazard.id
)
UPDATE mediation_signal SET hazard_id = chosen.id FROM members JOIN chosen USING (head)
WHERE mediation_signal.id = members.id AND mediation_signal.hazard_id IS DISTINCT FROM chosen.id
"""


class Migration(migrations.Migration):
    dependencies = [("mediation", "0018_streams_and_retention")]

    operations = [
        migrations.RunSQL(ONE_HAZARD, migrations.RunSQL.noop),
    ]
