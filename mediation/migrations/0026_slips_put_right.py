"""Days of signatures and spellings of names put right; what stood there first is kept. Both are append-only."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# What was corrected, and to what, is not rewritten afterwards; the function is of 0001.
KEPT = """
CREATE TRIGGER signatureday_append_only BEFORE UPDATE OR DELETE ON mediation_signatureday
    FOR EACH ROW EXECUTE FUNCTION mediation_append_only();
CREATE TRIGGER signatureday_no_truncate BEFORE TRUNCATE ON mediation_signatureday
    FOR EACH STATEMENT EXECUTE FUNCTION mediation_append_only();
CREATE TRIGGER formername_append_only BEFORE UPDATE OR DELETE ON mediation_formername
    FOR EACH ROW EXECUTE FUNCTION mediation_append_only();
CREATE TRIGGER formername_no_truncate BEFORE TRUNCATE ON mediation_formername
    FOR EACH STATEMENT EXECUTE FUNCTION mediation_append_only();
"""

KEPT_BACK = """
DROP TRIGGER formername_no_truncate ON mediation_formername;
DROP TRIGGER formername_append_only ON mediation_formername;
DROP TRIGGER signatureday_no_truncate ON mediation_signatureday;
DROP TRIGGER signatureday_append_only ON mediation_signatureday;
"""


def of(model: str, said: str, name: str = "+") -> models.ForeignKey:
    """A key to a row that is kept as long as this one."""
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, related_name=name, to=model, verbose_name=said
    )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("mediation", "0025_answers_said_on"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="FormerName",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="recorded at")),
                ("corrected_by", of(settings.AUTH_USER_MODEL, "corrected by")),
                ("dispute", of("mediation.dispute", "dispute")),
                ("party", of("mediation.party", "party to a dispute", "former_names")),
            ],
            options={
                "verbose_name": "former spelling of a party's name",
                "verbose_name_plural": "former spellings of parties' names",
                "ordering": ["party", "id"],
            },
        ),
        migrations.CreateModel(
            name="SignatureDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on", models.DateField(verbose_name="signed on")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="recorded at")),
                ("dispute", of("mediation.dispute", "dispute")),
                ("recorded_by", of(settings.AUTH_USER_MODEL, "recorded by")),
                ("signature", of("mediation.agreementsignature", "signature of an agreement", "days")),
            ],
            options={
                "verbose_name": "corrected day of a signature",
                "verbose_name_plural": "corrected days of signatures",
                "ordering": ["signature", "id"],
            },
        ),
        migrations.AddField(
            "party",
            "names_after",
            models.BigIntegerField(
                default=0, editable=False, verbose_name="last former spelling of somebody else's name"
            ),
        ),
        migrations.RunSQL(KEPT, KEPT_BACK),
    ]
