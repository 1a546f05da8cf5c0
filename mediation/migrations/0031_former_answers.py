"""Former answers of departments and former results of tracks are kept; both are append-only.

Whoever leads the joint work waits for an organ no longer: a state of its own, which is no refusal of the organ.
And whoever refuses a longer term needs to name no day.
"""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# What was answered is not rewritten afterwards; the function is of 0001.
KEPT = """
CREATE TRIGGER formeranswer_append_only BEFORE UPDATE OR DELETE ON mediation_formeranswer
    FOR EACH ROW EXECUTE FUNCTION mediation_append_only();
CREATE TRIGGER formeranswer_no_truncate BEFORE TRUNCATE ON mediation_formeranswer
    FOR EACH STATEMENT EXECUTE FUNCTION mediation_append_only();
CREATE TRIGGER formerresult_append_only BEFORE UPDATE OR DELETE ON mediation_formerresult
    FOR EACH ROW EXECUTE FUNCTION mediation_append_only();
CREATE TRIGGER formerresult_no_truncate BEFORE TRUNCATE ON mediation_formerresult
    FOR EACH STATEMENT EXECUTE FUNCTION mediation_append_only();
"""

KEPT_BACK = """
DROP TRIGGER formerresult_no_truncate ON mediation_formerresult;
DROP TRIGGER formerresult_append_only ON mediation_formerresult;
DROP TRIGGER formeranswer_no_truncate ON mediation_formeranswer;
DROP TRIGGER formeranswer_append_only ON mediation_formeranswer;
"""

# So far only the event told that it was not the organ that declined.
GIVEN_UP = """
UPDATE mediation_track SET state = 'given_up'
WHERE state = 'declined' AND EXISTS (
    SELECT 1 FROM governance_event
    WHERE subject_type = 'mediation.track' AND subject_id = mediation_track.id AND name = 'track.given_up'
);
"""

GIVEN_UP_BACK = "UPDATE mediation_track SET state = 'declined' WHERE state = 'given_up';"
STATES = [
    ("invited", "Organ invited"), ("accepted", "Organ takes part"), ("working", "Track at work"),
    ("result", "Result handed in"), ("declined", "Organ declined"), ("given_up", "Organ not waited for any more"),
    ("ended", "Ended without a result"),
]  # fmt: skip
Q = models.Q


def of(model: str, said: str, name: str = "+", **given) -> models.ForeignKey:
    """A key to a row that is kept as long as this one."""
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, related_name=name, to=model, verbose_name=said, **given
    )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("mediation", "0030_signatures_void_recusals_taken_back"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="FormerAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(blank=True, max_length=4000, verbose_name="answer of the department")),
                ("answer_by", models.DateField(verbose_name="to be answered by")),
                ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="department answered at")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="recorded at")),
                ("answered_by", of(settings.AUTH_USER_MODEL, "answered by", blank=True, null=True)),
                ("dispute", of("mediation.dispute", "dispute")),
                ("task", of("mediation.departmenttask", "task of a department", "former_answers")),
            ],
            options={
                "verbose_name": "former answer of a department",
                "verbose_name_plural": "former answers of the department",
                "ordering": ["task", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(answered_at=None, answered_by=None, text="")
                        | (Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(text="")),
                        name="former_answer_whole",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FormerResult",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("result", models.TextField(max_length=2000, verbose_name="result of the track")),
                ("document", models.CharField(blank=True, max_length=120, verbose_name="document of the track")),
                ("given_at", models.DateTimeField(verbose_name="result given at")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="recorded at")),
                ("dispute", of("mediation.dispute", "dispute")),
                ("given_by", of(settings.AUTH_USER_MODEL, "result given by")),
                ("track", of("mediation.track", "track of joint mediation", "former_results")),
            ],
            options={
                "verbose_name": "former result of a track",
                "verbose_name_plural": "former results of the track",
                "ordering": ["track", "id"],
            },
        ),
        migrations.RunSQL(KEPT, KEPT_BACK),
        migrations.RemoveConstraint("track", "track_once_of_a_kind"),
        migrations.RemoveConstraint("track", "track_lead_takes_part"),
        migrations.AlterField("track", "state", models.CharField(
            choices=STATES, default="invited", max_length=8, verbose_name="state")),
        migrations.RunSQL(GIVEN_UP, GIVEN_UP_BACK),
        migrations.AddConstraint("track", models.UniqueConstraint(
            condition=~Q(state__in=["declined", "given_up", "ended"]), fields=("dispute", "round", "kind"),
            name="track_once_of_a_kind")),
        migrations.AddConstraint("track", models.CheckConstraint(
            condition=~Q(is_lead=True, state__in=["declined", "given_up"]), name="track_lead_takes_part")),
        migrations.RemoveConstraint("consent", "consent_extension_until"),
        migrations.AddConstraint("consent", models.CheckConstraint(
            condition=(Q(until__isnull=True) & (~Q(what="extension") | ~Q(answer="agreed")))
            | Q(what="extension", until__isnull=False), name="consent_extension_until")),
    ]  # fmt: skip
