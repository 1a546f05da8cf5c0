"""Case numbers: C + day of the report + running number of that day."""

from django.db import migrations

# A sequence never waits for another transaction; the day's base makes it start at 1 each day. Gaps may occur.
FORWARD = """
CREATE SEQUENCE cases_number_seq;
CREATE TABLE cases_number_day (day date PRIMARY KEY, base bigint NOT NULL);

CREATE FUNCTION cases_give_number() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    report_day date := (NEW.reported_at AT TIME ZONE 'Asia/Shanghai')::date;
    start bigint;
BEGIN
    SELECT base INTO start FROM cases_number_day WHERE day = report_day;
    IF NOT FOUND THEN
        INSERT INTO cases_number_day (day, base)
            SELECT report_day, CASE WHEN is_called THEN last_value ELSE 0 END FROM cases_number_seq
            ON CONFLICT DO NOTHING;
        SELECT base INTO start FROM cases_number_day WHERE day = report_day;
    END IF;
    NEW.number := 'C' || to_char(report_day, 'YYYYMMDD') || '-'
        || lpad((nextval('cases_number_seq') - start)::text, 6, '0');
    RETURN NEW;
END $$;
CREATE TRIGGER case_number BEFORE INSERT ON cases_case
    FOR EACH ROW WHEN (NEW.number = '') EXECUTE FUNCTION cases_give_number();
"""

BACK = """
DROP TRIGGER case_number ON cases_case;
DROP FUNCTION cases_give_number();
DROP TABLE cases_number_day;
DROP SEQUENCE cases_number_seq;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_initial")]

    operations = [migrations.RunSQL(FORWARD, BACK)]
