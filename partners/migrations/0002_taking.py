"""Taking points out of lots in one statement: what spending and setting aside have in common (docs/decisions/0031)."""

from django.db import migrations

# JC001: not enough points (the detail says how many there are). JC002: the account is not in use.
TAKE = """
CREATE FUNCTION partners_take(
    wanted_kind text, wanted_key text, wanted_fingerprint text, member bigint, far bigint, community bigint,
    wanted integer, actor bigint, why text, proof_type text, proof bigint, happened timestamptz, today date,
    event_name text, event_role text, event_unit bigint, event_payload jsonb,
    OUT transfer_id bigint, OUT recorded timestamptz, OUT event_id bigint
) LANGUAGE plpgsql AS $$
DECLARE
    in_use boolean; drawn bigint; side bigint := far;
BEGIN
    INSERT INTO partners_transfer (kind, key, fingerprint, account_id, counterpart_id, area_id, amount, actor_id,
        reason, evidence_type, evidence_id, occurred_at)
    VALUES (wanted_kind, wanted_key, wanted_fingerprint, member, far, community, wanted, actor, why, proof_type, proof,
        happened)
    ON CONFLICT (key) DO NOTHING RETURNING id, recorded_at INTO transfer_id, recorded;
    IF transfer_id IS NULL THEN
        RETURN;
    END IF;
    SELECT is_active INTO in_use FROM partners_account WHERE id = member FOR NO KEY UPDATE;
    IF NOT in_use THEN
        RAISE EXCEPTION 'account not in use' USING ERRCODE = 'JC002';
    END IF;
    WITH free AS (
        SELECT id, points, sum(points) OVER (ORDER BY expires_on, id) - points AS before FROM (
            SELECT id, expires_on, remaining - held AS points FROM partners_lot
            WHERE account_id = member AND remaining > held AND (expires_on IS NULL OR expires_on >= today)
        ) AS open
    ), used AS (
        SELECT id, least(points, wanted - before) AS points FROM free WHERE before < wanted
    ), written AS (
        INSERT INTO partners_draw (transfer_id, lot_id, part, amount)
        SELECT partners_take.transfer_id, id, 'available', - points FROM used
        UNION ALL
        SELECT partners_take.transfer_id, id, 'held', points FROM used WHERE wanted_kind = 'hold'
    )
    SELECT sum(points) INTO drawn FROM used;
    IF drawn IS DISTINCT FROM wanted THEN
        RAISE EXCEPTION 'not enough points' USING ERRCODE = 'JC001', DETAIL = coalesce(drawn, 0)::text;
    END IF;
    IF wanted_kind = 'hold' THEN
        INSERT INTO partners_entry (transfer_id, account_id, part, amount)
        VALUES (transfer_id, member, 'available', - wanted), (transfer_id, member, 'held', wanted);
    ELSE
        IF side IS NULL THEN
            SELECT id INTO STRICT side FROM partners_account WHERE area_id = community AND kind = 'redeemed';
        END IF;
        INSERT INTO partners_entry (transfer_id, account_id, part, amount)
        VALUES (transfer_id, member, 'available', - wanted), (transfer_id, side, 'available', wanted);
    END IF;
    INSERT INTO governance_event (name, subject_type, subject_id, actor_id, role, unit_id, area_id, payload,
        occurred_at)
    VALUES (event_name, 'partners.transfer', transfer_id, actor, event_role, event_unit, community, event_payload,
        happened)
    RETURNING id INTO event_id;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("partners", "0001_ledger"), ("governance", "0012_roles_of_partners")]

    operations = [
        migrations.RunSQL(
            TAKE,
            "DROP FUNCTION partners_take(text, text, text, bigint, bigint, bigint, integer, bigint, text, text, "
            "bigint, timestamptz, date, text, text, bigint, jsonb)",
        )
    ]
