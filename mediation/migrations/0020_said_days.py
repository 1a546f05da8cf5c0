"""The days on which an agreement was signed and sealed, and on which a party asked for confirmation: so far that of the
recording was taken for it. And the court that transferred a dispute: so far nothing said which one it was."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

# The rows are append-only; the day that so far stood for it is written into each once, in the time of the place.
SIGNED_ON = """
ALTER TABLE mediation_agreementsignature DISABLE TRIGGER signature_append_only;
UPDATE mediation_agreementsignature SET signed_on = (at AT TIME ZONE 'Asia/Shanghai')::date;
ALTER TABLE mediation_agreementsignature ENABLE TRIGGER signature_append_only;
"""
SAID_ON = """
ALTER TABLE mediation_confirmationconsent DISABLE TRIGGER wish_append_only;
UPDATE mediation_confirmationconsent SET said_on = (at AT TIME ZONE 'Asia/Shanghai')::date;
ALTER TABLE mediation_confirmationconsent ENABLE TRIGGER wish_append_only;
"""
GROUNDS = [
    ("355_1", "Not a matter for the people's court (355)"),
    ("355_2", "Not for this court (355)"),
    ("355_3", "Marriage, parentage or adoption itself (355)"),
    ("355_4", "A special or other procedure applies (355)"),
    ("355_5", "Title to property or intellectual property (355)"),
    ("357", "Papers or statements not completed in time (357)"),
    ("358_1", "Against mandatory law (358)"),
    ("358_2", "Harms the state, the public or others (358)"),
    ("358_3", "Against public order and good morals (358)"),
    ("358_4", "Against the free will of a party (358)"),
    ("358_5", "Content unclear (358)"),
    ("358_6", "Otherwise not to be confirmed (358)"),
]
# Where an application went to a court as the one that invited, that court is taken for it: the latest.
INVITED = """
UPDATE mediation_dispute SET inviting_court_id = told.court_id FROM (
    SELECT DISTINCT ON (dispute_id) dispute_id, court_id FROM mediation_judicialconfirmation
    WHERE court_basis = 'invited' AND court_id IS NOT NULL ORDER BY dispute_id, id DESC
) told WHERE told.dispute_id = mediation_dispute.id AND mediation_dispute.source = 'court';
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [("mediation", "0019_hazards_of_events")]

    operations = [
        migrations.AddField(
            "agreementsignature", "signed_on", models.DateField(null=True, verbose_name="signed on"),
        ),
        migrations.RunSQL(SIGNED_ON, migrations.RunSQL.noop),
        migrations.AlterField(
            "agreementsignature", "signed_on",
            models.DateField(default=django.utils.timezone.localdate, verbose_name="signed on"),
        ),
        migrations.AlterField(
            "agreementsignature", "at",
            models.DateTimeField(default=django.utils.timezone.now, verbose_name="recorded at"),
        ),
        migrations.AlterField(
            "agreement", "mediator_signed_at",
            models.DateTimeField(blank=True, null=True, verbose_name="signature of the mediator recorded at"),
        ),
        migrations.AlterField(
            "agreement", "sealed_at", models.DateTimeField(blank=True, null=True, verbose_name="seal recorded at"),
        ),
        migrations.AddField(
            "confirmationconsent", "said_on", models.DateField(null=True, verbose_name="said on"),
        ),
        migrations.RunSQL(SAID_ON, migrations.RunSQL.noop),
        migrations.AlterField(
            "confirmationconsent", "said_on",
            models.DateField(default=django.utils.timezone.localdate, verbose_name="said on"),
        ),
        migrations.AlterField(
            "confirmationconsent", "at",
            models.DateTimeField(default=django.utils.timezone.now, verbose_name="recorded at"),
        ),
        migrations.AlterField(
            "judicialconfirmation", "ground",
            models.CharField(blank=True, choices=GROUNDS, max_length=5, verbose_name="ground of the court"),
        ),
        migrations.AddField(
            "dispute", "inviting_court",
            models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                to="governance.orgunit", verbose_name="court that invited mediation",
            ),
        ),
        migrations.RunSQL(INVITED, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "dispute",
            models.CheckConstraint(
                condition=models.Q(("inviting_court__isnull", True), ("source", "court"), _connector="OR"),
                name="dispute_inviting_court",
            ),
        ),
    ]  # fmt: skip
