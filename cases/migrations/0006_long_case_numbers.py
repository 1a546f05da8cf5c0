"""A running number of more than six digits keeps all of them: cut off, it could be given twice."""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION cases_give_number() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    report_day date := (NEW.reported_at AT TIME ZONE 'Asia/Shanghai')::date;
    start bigint;
    running text;
BEGIN
    SELECT base INTO start FROM cases_number_day WHERE day = report_day;
    IF NOT FOUND THEN
        INSERT INTO cases_number_day (day, base)
            SELECT report_day, CASE WHEN is_called THEN last_value ELSE 0 END FROM cases_number_seq
            ON CONFLICT DO NOTHING;
        SELECT base INTO start FROM cases_number_day WHERE day = report_day;
    END IF;
    running := (nextval('cases_number_seq') - start)::text;
    NEW.number := 'C' || to_char(report_day, 'YYYYMMDD') || '-' || lpad(running, greatest(6, length(running)), '0');
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_search")]

    # The longer numbers stay valid for the function before it: nothing to undo.
    operations = [migrations.RunSQL(FUNCTION, migrations.RunSQL.noop)]
