"""The points bank: its tables, and the triggers that keep its nine invariants (domain facts, docs/decisions/0031)."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import governance.models.event

# Nobody changes or deletes what was booked. TRUNCATE is refused too, except in a test database being emptied.
APPEND_ONLY = """
CREATE FUNCTION partners_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_setting('jiceng.test_database', true) = 'yes' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% of % refused: the points bank only appends', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER transfer_append_only BEFORE UPDATE OR DELETE ON partners_transfer
    FOR EACH ROW EXECUTE FUNCTION partners_append_only();
CREATE TRIGGER entry_append_only BEFORE UPDATE OR DELETE ON partners_entry
    FOR EACH ROW EXECUTE FUNCTION partners_append_only();
CREATE TRIGGER draw_append_only BEFORE UPDATE OR DELETE ON partners_draw
    FOR EACH ROW EXECUTE FUNCTION partners_append_only();
CREATE TRIGGER account_stays BEFORE DELETE ON partners_account
    FOR EACH ROW EXECUTE FUNCTION partners_append_only();
CREATE TRIGGER lot_stays BEFORE DELETE ON partners_lot
    FOR EACH ROW EXECUTE FUNCTION partners_append_only();
CREATE TRIGGER hold_stays BEFORE DELETE ON partners_hold
    FOR EACH ROW EXECUTE FUNCTION partners_append_only();
CREATE TRIGGER adjustment_stays BEFORE DELETE ON partners_adjustment
    FOR EACH ROW EXECUTE FUNCTION partners_append_only();
CREATE TRIGGER transfer_no_truncate BEFORE TRUNCATE ON partners_transfer
    FOR EACH STATEMENT EXECUTE FUNCTION partners_append_only();
CREATE TRIGGER entry_no_truncate BEFORE TRUNCATE ON partners_entry
    FOR EACH STATEMENT EXECUTE FUNCTION partners_append_only();
CREATE TRIGGER draw_no_truncate BEFORE TRUNCATE ON partners_draw
    FOR EACH STATEMENT EXECUTE FUNCTION partners_append_only();
CREATE TRIGGER account_no_truncate BEFORE TRUNCATE ON partners_account
    FOR EACH STATEMENT EXECUTE FUNCTION partners_append_only();
CREATE TRIGGER lot_no_truncate BEFORE TRUNCATE ON partners_lot
    FOR EACH STATEMENT EXECUTE FUNCTION partners_append_only();
CREATE TRIGGER hold_no_truncate BEFORE TRUNCATE ON partners_hold
    FOR EACH STATEMENT EXECUTE FUNCTION partners_append_only();
CREATE TRIGGER adjustment_no_truncate BEFORE TRUNCATE ON partners_adjustment
    FOR EACH STATEMENT EXECUTE FUNCTION partners_append_only();
"""

APPEND_ONLY_BACK = """
DROP TRIGGER adjustment_no_truncate ON partners_adjustment;
DROP TRIGGER hold_no_truncate ON partners_hold;
DROP TRIGGER lot_no_truncate ON partners_lot;
DROP TRIGGER account_no_truncate ON partners_account;
DROP TRIGGER draw_no_truncate ON partners_draw;
DROP TRIGGER entry_no_truncate ON partners_entry;
DROP TRIGGER transfer_no_truncate ON partners_transfer;
DROP TRIGGER adjustment_stays ON partners_adjustment;
DROP TRIGGER hold_stays ON partners_hold;
DROP TRIGGER lot_stays ON partners_lot;
DROP TRIGGER account_stays ON partners_account;
DROP TRIGGER draw_append_only ON partners_draw;
DROP TRIGGER entry_append_only ON partners_entry;
DROP TRIGGER transfer_append_only ON partners_transfer;
DROP FUNCTION partners_append_only();
"""

# Balances and lots follow from entries and draws, in the transaction of the transfer; nobody writes them by hand.
BOOK = """
CREATE FUNCTION partners_entry_book() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added JOIN partners_transfer AS transfer ON transfer.id = added.transfer_id
        WHERE transfer.tx <> pg_current_xact_id()
    ) THEN
        RAISE EXCEPTION 'entries of an earlier transfer refused' USING ERRCODE = 'restrict_violation';
    END IF;
    UPDATE partners_account AS account SET available = account.available + change.available,
        held = account.held + change.held, owed = account.owed - change.owed
    FROM (
        SELECT account_id, coalesce(sum(amount) FILTER (WHERE part = 'available'), 0) AS available,
            coalesce(sum(amount) FILTER (WHERE part = 'held'), 0) AS held,
            coalesce(sum(amount) FILTER (WHERE part = 'owed'), 0) AS owed
        FROM added GROUP BY account_id
    ) AS change
    WHERE account.id = change.account_id AND account.kind = 'member';
    RETURN NULL;
END $$;
CREATE TRIGGER entry_book AFTER INSERT ON partners_entry REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION partners_entry_book();

CREATE FUNCTION partners_draw_book() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added JOIN partners_transfer AS transfer ON transfer.id = added.transfer_id
        WHERE transfer.tx <> pg_current_xact_id()
    ) THEN
        RAISE EXCEPTION 'draws of an earlier transfer refused' USING ERRCODE = 'restrict_violation';
    END IF;
    UPDATE partners_lot AS lot SET remaining = lot.remaining + change.amount, held = lot.held + change.held,
        expiries = lot.expiries + change.expired
    FROM (
        SELECT added.lot_id, sum(added.amount) AS amount,
            coalesce(sum(added.amount) FILTER (WHERE added.part = 'held'), 0) AS held,
            max((transfer.kind = 'expire')::integer) AS expired
        FROM added JOIN partners_transfer AS transfer ON transfer.id = added.transfer_id GROUP BY added.lot_id
    ) AS change
    WHERE lot.id = change.lot_id;
    RETURN NULL;
END $$;
CREATE TRIGGER draw_book AFTER INSERT ON partners_draw REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION partners_draw_book();

CREATE FUNCTION partners_account_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.available <> 0 OR NEW.held <> 0 OR NEW.owed <> 0 THEN
            RAISE EXCEPTION 'an account begins with nothing' USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF (NEW.kind, NEW.area_id, NEW.user_id, NEW.unit_id) IS DISTINCT FROM
          (OLD.kind, OLD.area_id, OLD.user_id, OLD.unit_id) THEN
        RAISE EXCEPTION 'whose an account is stays as it is' USING ERRCODE = 'restrict_violation';
    ELSIF pg_trigger_depth() < 2 AND (NEW.available, NEW.held, NEW.owed) IS DISTINCT FROM
          (OLD.available, OLD.held, OLD.owed) THEN
        RAISE EXCEPTION 'a balance changes by entries only' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER account_guard BEFORE INSERT OR UPDATE ON partners_account
    FOR EACH ROW EXECUTE FUNCTION partners_account_guard();

CREATE FUNCTION partners_lot_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.remaining <> 0 OR NEW.held <> 0 OR NEW.expiries <> 0 THEN
            RAISE EXCEPTION 'a lot is filled by draws only' USING ERRCODE = 'restrict_violation';
        END IF;
        IF NOT EXISTS (SELECT FROM partners_transfer WHERE id = NEW.transfer_id AND tx = pg_current_xact_id()) THEN
            RAISE EXCEPTION 'lots of an earlier transfer refused' USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF (NEW.account_id, NEW.transfer_id, NEW.granted, NEW.expires_on) IS DISTINCT FROM
          (OLD.account_id, OLD.transfer_id, OLD.granted, OLD.expires_on) OR pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'a lot changes by draws only' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER lot_guard BEFORE INSERT OR UPDATE ON partners_lot
    FOR EACH ROW EXECUTE FUNCTION partners_lot_guard();
"""

BOOK_BACK = """
DROP TRIGGER lot_guard ON partners_lot;
DROP TRIGGER account_guard ON partners_account;
DROP TRIGGER draw_book ON partners_draw;
DROP TRIGGER entry_book ON partners_entry;
DROP FUNCTION partners_lot_guard();
DROP FUNCTION partners_account_guard();
DROP FUNCTION partners_draw_book();
DROP FUNCTION partners_entry_book();
"""

# What is under way ends once, and only as its stages say.
WORK = """
CREATE FUNCTION partners_hold_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.stage <> 'open' OR (NEW.account_id, NEW.counterpart_id, NEW.area_id, NEW.amount, NEW.until, NEW.placed_id)
       IS DISTINCT FROM (OLD.account_id, OLD.counterpart_id, OLD.area_id, OLD.amount, OLD.until, OLD.placed_id) THEN
        RAISE EXCEPTION 'points set aside are redeemed or released once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER hold_guard BEFORE UPDATE ON partners_hold FOR EACH ROW EXECUTE FUNCTION partners_hold_guard();

CREATE FUNCTION partners_adjustment_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.stage <> 'proposed' OR
       (NEW.account_id, NEW.area_id, NEW.amount, NEW.expires_on, NEW.reason, NEW.proposed_by_id, NEW.proposed_at)
       IS DISTINCT FROM
       (OLD.account_id, OLD.area_id, OLD.amount, OLD.expires_on, OLD.reason, OLD.proposed_by_id, OLD.proposed_at) THEN
        RAISE EXCEPTION 'a proposed adjustment is decided once, as it is' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER adjustment_guard BEFORE UPDATE ON partners_adjustment
    FOR EACH ROW EXECUTE FUNCTION partners_adjustment_guard();
"""

WORK_BACK = """
DROP TRIGGER adjustment_guard ON partners_adjustment;
DROP TRIGGER hold_guard ON partners_hold;
DROP FUNCTION partners_adjustment_guard();
DROP FUNCTION partners_hold_guard();
"""

# Looked at when the transaction commits: the transfer is whole.
WHOLE = """
CREATE FUNCTION partners_transfer_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    legs bigint; total bigint; moved bigint; set_aside bigint; at_home boolean;
BEGIN
    SELECT count(*), sum(entry.amount), sum(entry.amount) FILTER (WHERE entry.amount > 0),
        coalesce(sum(entry.amount) FILTER (WHERE entry.part = 'held'), 0), bool_and(account.area_id = NEW.area_id)
        INTO legs, total, moved, set_aside, at_home
        FROM partners_entry AS entry JOIN partners_account AS account ON account.id = entry.account_id
        WHERE entry.transfer_id = NEW.id;
    IF legs < 2 OR total <> 0 OR moved <> NEW.amount THEN
        RAISE EXCEPTION 'transfer %: debits and credits differ', NEW.id USING ERRCODE = 'check_violation';
    ELSIF NOT at_home THEN
        RAISE EXCEPTION 'transfer %: accounts of two communities', NEW.id USING ERRCODE = 'check_violation';
    ELSIF NEW.tx <> pg_current_xact_id() THEN
        RAISE EXCEPTION 'transfer %: not of this transaction', NEW.id USING ERRCODE = 'check_violation';
    ELSIF set_aside <> (CASE WHEN NEW.kind = 'hold' THEN NEW.amount
                             WHEN NEW.kind IN ('post', 'void', 'time_out') THEN - NEW.amount ELSE 0 END) THEN
        RAISE EXCEPTION 'transfer %: points set aside do not fit', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (
        SELECT FROM (
            SELECT entry.account_id, entry.part, entry.amount FROM partners_entry AS entry
                JOIN partners_account AS account ON account.id = entry.account_id AND account.kind = 'member'
                WHERE entry.transfer_id = NEW.id AND entry.part <> 'owed'
            UNION ALL
            SELECT lot.account_id, draw.part, - draw.amount FROM partners_draw AS draw
                JOIN partners_lot AS lot ON lot.id = draw.lot_id WHERE draw.transfer_id = NEW.id
        ) AS both_sides GROUP BY account_id, part HAVING sum(amount) <> 0
    ) THEN
        RAISE EXCEPTION 'transfer %: draws do not add up to it', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.kind IN ('earn', 'give', 'adjust') AND EXISTS (
        SELECT FROM partners_lot AS lot WHERE lot.transfer_id = NEW.id AND lot.granted IS DISTINCT FROM (
            SELECT sum(amount) FROM partners_draw WHERE lot_id = lot.id AND transfer_id = NEW.id AND amount > 0
        )
    ) THEN
        RAISE EXCEPTION 'transfer %: a lot holds other points than granted', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    IF NOT (CASE NEW.kind
        WHEN 'hold' THEN EXISTS (SELECT FROM partners_hold WHERE placed_id = NEW.id AND amount = NEW.amount
            AND account_id = NEW.account_id)
        WHEN 'post' THEN EXISTS (SELECT FROM partners_hold WHERE ended_id = NEW.id AND amount = NEW.amount
            AND account_id = NEW.account_id AND stage = 'posted')
        WHEN 'void' THEN EXISTS (SELECT FROM partners_hold WHERE ended_id = NEW.id AND amount = NEW.amount
            AND account_id = NEW.account_id AND stage = 'voided')
        WHEN 'time_out' THEN EXISTS (SELECT FROM partners_hold WHERE ended_id = NEW.id AND amount = NEW.amount
            AND account_id = NEW.account_id AND stage = 'timed_out')
        WHEN 'adjust' THEN EXISTS (SELECT FROM partners_adjustment WHERE transfer_id = NEW.id
            AND abs(amount) = NEW.amount AND account_id = NEW.account_id)
        WHEN 'reverse' THEN EXISTS (SELECT FROM partners_transfer AS first WHERE first.id = NEW.reverses_id
            AND first.amount = NEW.amount AND first.account_id = NEW.account_id
            AND first.kind IN ('earn', 'spend', 'post'))
        ELSE true END) THEN
        RAISE EXCEPTION 'transfer %: nothing that a % is for', NEW.id, NEW.kind USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER transfer_whole AFTER INSERT ON partners_transfer
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION partners_transfer_whole();
"""

WHOLE_BACK = """
DROP TRIGGER transfer_whole ON partners_transfer;
DROP FUNCTION partners_transfer_whole();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("governance", "0011_unit_estate"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("member", "Member"),
                            ("merchant", "Merchant"),
                            ("pool", "Pool of the community"),
                            ("redeemed", "Redeemed for community services and goods"),
                            ("expired", "Expired"),
                            ("settled", "Settled with merchants"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("available", models.IntegerField(default=0, editable=False, verbose_name="available")),
                ("held", models.IntegerField(default=0, editable=False, verbose_name="set aside")),
                ("owed", models.IntegerField(default=0, editable=False, verbose_name="owed")),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                (
                    "opened_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="opened"
                    ),
                ),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="points_accounts",
                        to="governance.area",
                        verbose_name="community",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="points_accounts",
                        to="governance.orgunit",
                        verbose_name="unit",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="points_accounts",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "points account",
                "verbose_name_plural": "points accounts",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Transfer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("earn", "Earned"),
                            ("spend", "Spent"),
                            ("give", "Given to another member"),
                            ("hold", "Set aside"),
                            ("post", "Redeemed"),
                            ("void", "Released"),
                            ("time_out", "Released: time is up"),
                            ("expire", "Expired"),
                            ("reverse", "Reversed"),
                            ("adjust", "Adjusted"),
                            ("settle", "Settled with the merchant"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("key", models.CharField(max_length=120, unique=True, verbose_name="key")),
                ("fingerprint", models.CharField(max_length=64, verbose_name="fingerprint")),
                ("amount", models.IntegerField(verbose_name="number of points")),
                ("reason", models.CharField(max_length=60, verbose_name="reason")),
                ("evidence_type", models.CharField(blank=True, max_length=60, verbose_name="evidence")),
                ("evidence_id", models.BigIntegerField(blank=True, null=True, verbose_name="number of the evidence")),
                (
                    "tx",
                    governance.models.event.TransactionId(
                        db_default=governance.models.event.CurrentTransactionId(), editable=False
                    ),
                ),
                ("occurred_at", models.DateTimeField(verbose_name="happened at")),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="recorded at"
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers",
                        to="partners.account",
                        verbose_name="account",
                    ),
                ),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.area",
                        verbose_name="community",
                    ),
                ),
                (
                    "counterpart",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="received",
                        to="partners.account",
                        verbose_name="far side",
                    ),
                ),
                (
                    "reverses",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversal",
                        to="partners.transfer",
                        verbose_name="reverses",
                    ),
                ),
            ],
            options={
                "verbose_name": "points transfer",
                "verbose_name_plural": "points transfers",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Lot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("granted", models.IntegerField(verbose_name="granted")),
                ("remaining", models.IntegerField(default=0, editable=False, verbose_name="remaining")),
                ("held", models.IntegerField(default=0, editable=False, verbose_name="set aside")),
                ("expires_on", models.DateField(blank=True, null=True, verbose_name="good until")),
                ("expiries", models.PositiveSmallIntegerField(default=0, editable=False)),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lots",
                        to="partners.account",
                        verbose_name="account",
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lots",
                        to="partners.transfer",
                        verbose_name="granted by",
                    ),
                ),
            ],
            options={
                "verbose_name": "lot of points",
                "verbose_name_plural": "lots of points",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.IntegerField(verbose_name="number of points")),
                ("until", models.DateTimeField(verbose_name="until")),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("posted", "Redeemed"),
                            ("voided", "Released"),
                            ("timed_out", "Released: time is up"),
                        ],
                        default="open",
                        editable=False,
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holds",
                        to="partners.account",
                        verbose_name="account",
                    ),
                ),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.area",
                        verbose_name="community",
                    ),
                ),
                (
                    "counterpart",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.account",
                        verbose_name="far side",
                    ),
                ),
                (
                    "ended",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ended_hold",
                        to="partners.transfer",
                        verbose_name="ended by",
                    ),
                ),
                (
                    "placed",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="placed_hold",
                        to="partners.transfer",
                        verbose_name="set aside by",
                    ),
                ),
            ],
            options={
                "verbose_name": "points set aside",
                "verbose_name_plural": "points set aside",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "part",
                    models.CharField(
                        choices=[("available", "Available"), ("held", "Set aside"), ("owed", "Owed")],
                        max_length=10,
                        verbose_name="part of the account",
                    ),
                ),
                ("amount", models.IntegerField(verbose_name="number of points")),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="partners.account",
                        verbose_name="account",
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="partners.transfer",
                        verbose_name="transfer",
                    ),
                ),
            ],
            options={
                "verbose_name": "entry of a points transfer",
                "verbose_name_plural": "entries of points transfers",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Draw",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "part",
                    models.CharField(
                        choices=[("available", "Available"), ("held", "Set aside")],
                        max_length=10,
                        verbose_name="part of the account",
                    ),
                ),
                ("amount", models.IntegerField(verbose_name="number of points")),
                (
                    "lot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="draws",
                        to="partners.lot",
                        verbose_name="lot",
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="draws",
                        to="partners.transfer",
                        verbose_name="transfer",
                    ),
                ),
            ],
            options={
                "verbose_name": "draw on a lot of points",
                "verbose_name_plural": "draws on lots of points",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Adjustment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.IntegerField(verbose_name="number of points")),
                ("expires_on", models.DateField(blank=True, null=True, verbose_name="good until")),
                ("reason", models.TextField(max_length=500, verbose_name="reason")),
                (
                    "stage",
                    models.CharField(
                        choices=[("proposed", "Proposed"), ("approved", "Approved"), ("declined", "Declined")],
                        default="proposed",
                        editable=False,
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "proposed_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="proposed at"
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided at")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="adjustments",
                        to="partners.account",
                        verbose_name="account",
                    ),
                ),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.area",
                        verbose_name="community",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="proposed by",
                    ),
                ),
                (
                    "transfer",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="adjustment",
                        to="partners.transfer",
                        verbose_name="transfer",
                    ),
                ),
            ],
            options={
                "verbose_name": "adjustment of points",
                "verbose_name_plural": "adjustments of points",
                "ordering": ["-id"],
            },
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "member"), ("unit__isnull", True), ("user__isnull", False)),
                    models.Q(("kind", "member"), ("unit__isnull", False), ("user__isnull", True)),
                    models.Q(("kind", "merchant"), ("unit__isnull", False), ("user__isnull", True)),
                    models.Q(
                        ("kind__in", ("pool", "redeemed", "expired", "settled")),
                        models.Q(("user__isnull", False), ("unit__isnull", False), _connector="OR", _negated=True),
                    ),
                    _connector="OR",
                ),
                name="account_owner_by_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(("available__gte", 0), ("held__gte", 0), ("owed__gte", 0)),
                name="account_never_overdrawn",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind", "member"), models.Q(("available", 0), ("held", 0), ("owed", 0)), _connector="OR"
                ),
                name="account_balance_of_members",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(
                condition=models.Q(("user__isnull", False)), fields=("user", "area"), name="account_once_a_person"
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(
                condition=models.Q(("unit__isnull", False)), fields=("unit", "area", "kind"), name="account_once_a_unit"
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind__in", ("pool", "redeemed", "expired", "settled"))),
                fields=("area", "kind"),
                name="account_side_once",
            ),
        ),
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(fields=["area", "recorded_at"], name="transfer_area_time"),
        ),
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(
                condition=models.Q(("evidence_type", ""), _negated=True),
                fields=["evidence_type", "evidence_id"],
                name="transfer_evidence",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="transfer_positive"),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "reverse"), ("reverses__isnull", False)),
                    models.Q(models.Q(("kind", "reverse"), _negated=True), ("reverses__isnull", True)),
                    _connector="OR",
                ),
                name="transfer_reverse_names_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("evidence_id__isnull", True), ("evidence_type", "")),
                    models.Q(models.Q(("evidence_type", ""), _negated=True), ("evidence_id__isnull", False)),
                    _connector="OR",
                ),
                name="transfer_evidence_whole",
            ),
        ),
        migrations.AddIndex(
            model_name="lot",
            index=models.Index(
                condition=models.Q(("remaining__gt", models.F("held"))),
                fields=["account", "expires_on", "id"],
                name="lot_open",
            ),
        ),
        migrations.AddIndex(
            model_name="lot",
            index=models.Index(
                condition=models.Q(("remaining__gt", models.F("held"))), fields=["expires_on"], name="lot_to_expire"
            ),
        ),
        migrations.AddConstraint(
            model_name="lot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("granted__gt", 0),
                    ("held__gte", 0),
                    ("remaining__gte", models.F("held")),
                    ("remaining__lte", models.F("granted")),
                ),
                name="lot_within_granted",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="hold_positive"),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended__isnull", True), ("stage", "open")),
                    models.Q(models.Q(("stage", "open"), _negated=True), ("ended__isnull", False)),
                    _connector="OR",
                ),
                name="hold_ended_or_open",
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["account", "id"], name="entry_account"),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(condition=models.Q(("amount", 0), _negated=True), name="entry_not_zero"),
        ),
        migrations.AddConstraint(
            model_name="draw",
            constraint=models.CheckConstraint(condition=models.Q(("amount", 0), _negated=True), name="draw_not_zero"),
        ),
        migrations.AddConstraint(
            model_name="draw",
            constraint=models.CheckConstraint(
                condition=models.Q(("part__in", ["available", "held"])), name="draw_part"
            ),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount", 0), _negated=True), name="adjustment_not_zero"
            ),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="adjustment_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_by__isnull", True),
                    models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                    _connector="OR",
                ),
                name="adjustment_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("decided_at__isnull", True),
                        ("decided_by__isnull", True),
                        ("stage", "proposed"),
                        ("transfer__isnull", True),
                    ),
                    models.Q(
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                        ("stage", "declined"),
                        ("transfer__isnull", True),
                    ),
                    models.Q(
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                        ("stage", "approved"),
                        ("transfer__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="adjustment_stage",
            ),
        ),
        migrations.RunSQL(APPEND_ONLY, APPEND_ONLY_BACK),
        migrations.RunSQL(BOOK, BOOK_BACK),
        migrations.RunSQL(WORK, WORK_BACK),
        migrations.RunSQL(WHOLE, WHOLE_BACK),
    ]
