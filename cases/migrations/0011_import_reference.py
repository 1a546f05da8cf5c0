"""A reference under which a case was imported is that of one case only."""

from django.db import migrations

# An index of the table, not of the model: it stands on what the importer keeps in ``origin`` (cases/case_importer.py).
FORWARD = """
CREATE UNIQUE INDEX case_import_reference ON cases_case ((origin -> 'import')) WHERE (origin -> 'import') IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0010_scoring")]

    operations = [migrations.RunSQL(FORWARD, "DROP INDEX case_import_reference;")]
