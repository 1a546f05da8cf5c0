"""Events no longer NOTIFY: transactions that do commit one after the other (docs/decisions/0039)."""

from django.db import migrations

WITHOUT = """
DROP TRIGGER event_notify ON governance_event;
DROP FUNCTION governance_event_notify();
"""

WITH = """
CREATE FUNCTION governance_event_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('jiceng_events', '');
    RETURN NULL;
END $$;
CREATE TRIGGER event_notify AFTER INSERT ON governance_event
    FOR EACH STATEMENT EXECUTE FUNCTION governance_event_notify();
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0012_roles_of_partners")]

    operations = [migrations.RunSQL(WITHOUT, WITH)]
