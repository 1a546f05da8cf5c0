"""At most one agreement of a dispute is in effect: what the parties agreed anew has replaced the older one. Tracks of
joint mediation belong to a round of the dispute, and end with it. Who never accepted an invitation is not thanked."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

# The next agreement of the same dispute that took effect took the place of each older one. Nothing is owed by what was
# replaced, nobody applies for it, and nothing of it comes due.
REPLACE = """
UPDATE mediation_agreement older SET state = 'replaced', version = older.version + 1, replaced_by_id = (
    SELECT min(newer.id) FROM mediation_agreement newer
    WHERE newer.dispute_id = older.dispute_id AND newer.state = 'effective' AND newer.id > older.id
) WHERE older.state = 'effective' AND EXISTS (
    SELECT FROM mediation_agreement newer
    WHERE newer.dispute_id = older.dispute_id AND newer.state = 'effective' AND newer.id > older.id
);
UPDATE mediation_obligation owed SET state = 'replaced', version = owed.version + 1 FROM mediation_agreement agreement
WHERE agreement.id = owed.agreement_id AND agreement.state = 'replaced' AND owed.state <> 'performed';
UPDATE mediation_judicialconfirmation asked SET state = 'replaced', version = asked.version + 1
FROM mediation_agreement agreement
WHERE agreement.id = asked.agreement_id AND agreement.state = 'replaced' AND asked.state IN ('eligible', 'not_wanted');
UPDATE governance_timer SET cancelled_at = now() WHERE fired_at IS NULL AND cancelled_at IS NULL AND (
    kind = 'mediation.obligation_due' AND subject_id IN (SELECT id FROM mediation_obligation WHERE state = 'replaced')
    OR kind = 'mediation.confirmation_reminder'
    AND subject_id IN (SELECT id FROM mediation_judicialconfirmation WHERE state = 'replaced')
);
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""
PUT_BACK = """
UPDATE mediation_agreement SET state = 'effective', replaced_by_id = NULL WHERE state = 'replaced';
UPDATE mediation_obligation SET state = 'due' WHERE state = 'replaced';
UPDATE mediation_judicialconfirmation SET state = 'not_wanted' WHERE state = 'replaced';
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""
# A track belongs to the round in which its organ was invited. Whose round is over: who has not answered need not any
# more, what an organ works on may be handed in for ten days from now on.
ROUNDS = """
UPDATE mediation_track track SET round = (
    SELECT count(*) FROM governance_event event
    WHERE event.subject_type = 'mediation.dispute' AND event.subject_id = track.dispute_id
    AND event.name = 'dispute.reopened' AND event.occurred_at <= track.invited_at
);
UPDATE mediation_track track SET
    version = track.version + 1,
    state = CASE track.state WHEN 'invited' THEN 'ended' ELSE track.state END,
    ended_at = CASE track.state WHEN 'invited' THEN coalesce(dispute.ended_at, now()) END,
    hand_in_by = CASE track.state WHEN 'invited' THEN NULL ELSE (now() AT TIME ZONE 'Asia/Shanghai')::date + 10 END
FROM mediation_dispute dispute
WHERE dispute.id = track.dispute_id AND track.state IN ('invited', 'accepted', 'working')
AND (track.round < dispute.reopened
     OR dispute.state NOT IN ('registered', 'awaiting_consent', 'accepted', 'mediating', 'reopened'));
INSERT INTO governance_timer (key, kind, subject_id, payload, due_at, next_try_at, attempts, last_error)
SELECT 'track.ends:' || id, 'track.ends', id, '{}', due_at, due_at, 0, '' FROM (
    SELECT id, (hand_in_by + 1)::timestamp AT TIME ZONE 'Asia/Shanghai' AS due_at
    FROM mediation_track WHERE hand_in_by IS NOT NULL
) ending;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""
WITHOUT_ROUNDS = """
UPDATE mediation_track SET state = 'declined', is_lead = false WHERE state = 'ended';
UPDATE governance_timer SET cancelled_at = now()
WHERE kind = 'track.ends' AND fired_at IS NULL AND cancelled_at IS NULL;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""
# Thanked without having accepted: their access had ended by itself. What was entered stays in its columns.
NOT_THANKED = """
UPDATE mediation_helperinvitation SET state = 'expired', version = version + 1
WHERE state = 'thanked' AND no_conflict_at IS NULL;
"""
IN_EFFECT = ["effective", "replaced"]
AGREEMENT = [
    ("draft", "Draft of the agreement"),
    ("signed_by_parties", "Signed by all parties"),
    ("signed_by_mediator", "Signed by the mediator"),
    ("effective", "Agreement in effect"),
    ("discarded", "Draft discarded"),
    ("replaced", "Replaced by a newer agreement"),
]
OBLIGATION = [
    ("due", "To be performed"),
    ("performed", "Performed"),
    ("part", "Partly performed"),
    ("overdue", "Not performed in time"),
    ("urged", "Urged to perform"),
    ("told_of_litigation", "Told of the way to court"),
    ("replaced", "Replaced by a newer agreement"),
]
CONFIRMATION = [
    ("eligible", "May be applied for"),
    ("not_wanted", "Confirmation not wanted"),
    ("jointly_applied", "Jointly applied for"),
    ("received", "Received by the court"),
    ("admitted", "Admitted by the court"),
    ("valid", "Confirmed as valid"),
    ("rejected", "Rejected by the court"),
    ("withdrawn", "Application for confirmation withdrawn"),
    ("replaced", "Replaced by a newer agreement"),
]
TRACK = [
    ("invited", "Organ invited"),
    ("accepted", "Organ takes part"),
    ("working", "Track at work"),
    ("result", "Result handed in"),
    ("declined", "Organ declined"),
    ("ended", "Ended without a result"),
]


def state(model: str, choices, default: str, length: int) -> migrations.AlterField:
    """Return the change of the choices of a state."""
    field = models.CharField(choices=choices, default=default, max_length=length, verbose_name="state")
    return migrations.AlterField(model_name=model, name="state", field=field)


class Migration(migrations.Migration):
    dependencies = [("governance", "0014_roles_of_mediation"), ("mediation", "0020_said_days")]

    operations = [
        migrations.RemoveConstraint(model_name="agreement", name="mediation_agreement_effect_whole"),
        migrations.RemoveConstraint(model_name="agreement", name="mediation_agreement_sealed_whole"),
        migrations.RemoveConstraint(model_name="judicialconfirmation", name="confirmation_applied_whole"),
        migrations.AddField(
            model_name="agreement",
            name="replaced_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replaces",
                to="mediation.agreement",
                verbose_name="replaced by",
            ),
        ),
        state("agreement", AGREEMENT, "draft", 18),
        state("obligation", OBLIGATION, "due", 18),
        state("judicialconfirmation", CONFIRMATION, "eligible", 15),
        migrations.RunSQL(REPLACE, PUT_BACK),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                name="mediation_agreement_effect_whole",
                condition=Q(state__in=IN_EFFECT, effective_on__isnull=False, mediator_signed_at__isnull=False)
                | (~Q(state__in=IN_EFFECT) & Q(effective_on__isnull=True)),
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.UniqueConstraint(
                fields=["dispute"], name="mediation_agreement_one_in_effect", condition=Q(state="effective")
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                name="mediation_agreement_replaced_whole",
                condition=Q(state="replaced", replaced_by__isnull=False)
                | (~Q(state="replaced") & Q(replaced_by__isnull=True)),
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                name="mediation_agreement_sealed_whole",
                condition=~Q(state__in=IN_EFFECT, form="written") | Q(sealed_at__isnull=False, sealed_by__isnull=False),
            ),
        ),
        migrations.AddConstraint(
            model_name="judicialconfirmation",
            constraint=models.CheckConstraint(
                name="confirmation_applied_whole",
                condition=Q(state__in=["eligible", "not_wanted", "replaced"])
                | Q(court__isnull=False, applied_on__isnull=False),
            ),
        ),
        migrations.RemoveConstraint(model_name="track", name="track_once_of_a_kind"),
        migrations.RemoveConstraint(model_name="track", name="track_one_lead"),
        migrations.AddField(
            model_name="track",
            name="round",
            field=models.PositiveSmallIntegerField(default=0, editable=False, verbose_name="times reopened before"),
        ),
        migrations.AddField(
            model_name="track",
            name="hand_in_by",
            field=models.DateField(blank=True, null=True, verbose_name="result may be handed in until"),
        ),
        state("track", TRACK, "invited", 8),
        migrations.RunSQL(ROUNDS, WITHOUT_ROUNDS),
        migrations.AddConstraint(
            model_name="track",
            constraint=models.UniqueConstraint(
                condition=~Q(state__in=["declined", "ended"]),
                fields=["dispute", "round", "kind"],
                name="track_once_of_a_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="track",
            constraint=models.UniqueConstraint(
                condition=Q(is_lead=True), fields=["dispute", "round"], name="track_one_lead"
            ),
        ),
        migrations.RemoveConstraint(model_name="helperinvitation", name="helper_thanked_whole"),
        migrations.RunSQL(NOT_THANKED, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="helperinvitation",
            constraint=models.CheckConstraint(
                name="helper_thanked_whole",
                condition=~Q(state="thanked") | Q(no_conflict_at__isnull=False, hours__isnull=False, hours__gte=0),
            ),
        ),
    ]
