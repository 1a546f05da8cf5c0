"""Integrity that lives in the database: the area tree, append-only history, the live relay's wake-up call."""

from django.db import migrations

AREA = """
CREATE FUNCTION governance_area_place() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    levels text[] := ARRAY['city', 'district', 'street', 'community', 'grid'];
    above governance_area%ROWTYPE;
BEGIN
    IF NEW.parent_id IS NULL THEN
        IF NEW.kind <> 'city' THEN
            RAISE EXCEPTION 'area %: only a city has no parent', NEW.code USING ERRCODE = 'check_violation';
        END IF;
        NEW.path := '/' || NEW.id || '/';
    ELSE
        SELECT * INTO above FROM governance_area WHERE id = NEW.parent_id;
        IF array_position(levels, above.kind::text) <> array_position(levels, NEW.kind::text) - 1 THEN
            RAISE EXCEPTION 'area %: the parent must be exactly one level up', NEW.code
                USING ERRCODE = 'check_violation';
        END IF;
        NEW.path := above.path || NEW.id || '/';
    END IF;
    SELECT min((point->>0)::float8), min((point->>1)::float8), max((point->>0)::float8), max((point->>1)::float8)
        INTO NEW.west, NEW.south, NEW.east, NEW.north
        FROM jsonb_path_query(NEW.boundary, 'lax $.coordinates.**') AS point
        WHERE jsonb_typeof(point) = 'array' AND jsonb_typeof(point->0) = 'number';
    RETURN NEW;
END $$;
CREATE TRIGGER area_place BEFORE INSERT OR UPDATE OF parent_id, kind, boundary ON governance_area
    FOR EACH ROW EXECUTE FUNCTION governance_area_place();

CREATE FUNCTION governance_area_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE governance_area SET path = NEW.path || substr(path, length(OLD.path) + 1)
        WHERE path LIKE OLD.path || '_%' AND id <> NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER area_moved AFTER UPDATE OF parent_id ON governance_area
    FOR EACH ROW WHEN (OLD.path IS DISTINCT FROM NEW.path) EXECUTE FUNCTION governance_area_moved();
"""

AREA_BACK = """
DROP TRIGGER area_moved ON governance_area;
DROP TRIGGER area_place ON governance_area;
DROP FUNCTION governance_area_moved();
DROP FUNCTION governance_area_place();
"""

# TRUNCATE is refused too, except where a session says it is a test database being emptied between tests.
EVENT = """
CREATE FUNCTION governance_event_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_setting('jiceng.test_database', true) = 'yes' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'events are append-only: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON governance_event
    FOR EACH ROW EXECUTE FUNCTION governance_event_append_only();
CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON governance_event
    FOR EACH STATEMENT EXECUTE FUNCTION governance_event_append_only();

CREATE FUNCTION governance_event_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('jiceng_events', '');
    RETURN NULL;
END $$;
CREATE TRIGGER event_notify AFTER INSERT ON governance_event
    FOR EACH STATEMENT EXECUTE FUNCTION governance_event_notify();
"""

EVENT_BACK = """
DROP TRIGGER event_notify ON governance_event;
DROP TRIGGER event_no_truncate ON governance_event;
DROP TRIGGER event_append_only ON governance_event;
DROP FUNCTION governance_event_notify();
DROP FUNCTION governance_event_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0001_initial")]

    operations = [
        migrations.RunSQL(AREA, AREA_BACK),
        migrations.RunSQL(EVENT, EVENT_BACK),
    ]
