"""Redemption: rewards with their stock book, redemptions and codes, and the triggers that keep them (0034)."""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# Nobody sells more than there is: stock changes by lines of the stock book and by redemptions, through these triggers.
# The guarded UPDATE locks the reward's row and asks in one statement.
STOCK = """
CREATE FUNCTION partners_stock_book() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE partners_reward SET stocked = stocked + NEW.amount
    WHERE id = NEW.reward_id AND area_id = NEW.area_id AND kind <> 'service' AND stocked + NEW.amount >= taken;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'more is taken than this would leave' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'reward_not_oversold';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER stock_book AFTER INSERT ON partners_stockentry
    FOR EACH ROW EXECUTE FUNCTION partners_stock_book();

CREATE FUNCTION partners_redemption_stock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.takes THEN
            UPDATE partners_reward SET taken = taken + 1 WHERE id = NEW.reward_id AND taken < stocked;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'nothing is left' USING ERRCODE = 'check_violation', CONSTRAINT = 'reward_not_oversold';
            END IF;
        END IF;
    ELSIF OLD.takes AND NOT NEW.takes THEN
        UPDATE partners_reward SET taken = taken - 1 WHERE id = NEW.reward_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER redemption_stock AFTER INSERT OR UPDATE ON partners_redemption
    FOR EACH ROW EXECUTE FUNCTION partners_redemption_stock();

CREATE FUNCTION partners_reward_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.stocked <> 0 OR NEW.taken <> 0 THEN
            RAISE EXCEPTION 'a reward begins without stock' USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF (NEW.code, NEW.area_id, NEW.kind, NEW.merchant_id) IS DISTINCT FROM
          (OLD.code, OLD.area_id, OLD.kind, OLD.merchant_id) THEN
        RAISE EXCEPTION 'what a reward is stays as it is' USING ERRCODE = 'restrict_violation';
    ELSIF pg_trigger_depth() < 2 AND (NEW.stocked, NEW.taken) IS DISTINCT FROM (OLD.stocked, OLD.taken) THEN
        RAISE EXCEPTION 'stock changes by its book and by redemptions only' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER reward_guard BEFORE INSERT OR UPDATE ON partners_reward
    FOR EACH ROW EXECUTE FUNCTION partners_reward_guard();
"""

STOCK_BACK = """
DROP TRIGGER reward_guard ON partners_reward;
DROP TRIGGER redemption_stock ON partners_redemption;
DROP TRIGGER stock_book ON partners_stockentry;
DROP FUNCTION partners_reward_guard();
DROP FUNCTION partners_redemption_stock();
DROP FUNCTION partners_stock_book();
"""

# A redemption is what the reward was when it was made, and ends once, as its states say.
GUARD = """
CREATE FUNCTION partners_redemption_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'held' OR NEW.takes <> (NEW.kind <> 'service') OR NOT EXISTS (
            SELECT FROM partners_reward AS reward JOIN partners_account AS account ON account.id = NEW.account_id
            WHERE reward.id = NEW.reward_id AND reward.state = 'offered' AND account.kind = 'member'
                AND account.area_id = reward.area_id
                AND (reward.area_id, reward.kind, reward.cost) = (NEW.area_id, NEW.kind, NEW.cost)
                AND reward.merchant_id IS NOT DISTINCT FROM NEW.merchant_id
        ) THEN
            RAISE EXCEPTION 'this is not what is offered' USING ERRCODE = 'restrict_violation',
                CONSTRAINT = 'redemption_as_offered';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.reward_id, NEW.area_id, NEW.account_id, NEW.merchant_id, NEW.kind, NEW.title, NEW.worth, NEW.cost, NEW.key,
        NEW.hold_id, NEW.booking_id, NEW.redeemed_by_id, NEW.redeemed_at, NEW.until) IS DISTINCT FROM
       (OLD.reward_id, OLD.area_id, OLD.account_id, OLD.merchant_id, OLD.kind, OLD.title, OLD.worth, OLD.cost, OLD.key,
        OLD.hold_id, OLD.booking_id, OLD.redeemed_by_id, OLD.redeemed_at, OLD.until) THEN
        RAISE EXCEPTION 'what was redeemed stays as it is' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.takes AND NOT OLD.takes OR NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
        ('held', 'fulfilled'), ('held', 'cancelled'), ('held', 'timed_out'), ('fulfilled', 'returned')
    ) THEN
        RAISE EXCEPTION 'a redemption ends once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER redemption_guard BEFORE INSERT OR UPDATE ON partners_redemption
    FOR EACH ROW EXECUTE FUNCTION partners_redemption_guard();
CREATE TRIGGER reward_stays BEFORE DELETE ON partners_reward
    FOR EACH ROW EXECUTE FUNCTION partners_append_only();
CREATE TRIGGER redemption_stays BEFORE DELETE ON partners_redemption
    FOR EACH ROW EXECUTE FUNCTION partners_append_only();
CREATE TRIGGER stock_append_only BEFORE UPDATE OR DELETE ON partners_stockentry
    FOR EACH ROW EXECUTE FUNCTION partners_append_only();
CREATE TRIGGER coupon_append_only BEFORE UPDATE OR DELETE ON partners_coupon
    FOR EACH ROW EXECUTE FUNCTION partners_append_only();
CREATE TRIGGER reward_no_truncate BEFORE TRUNCATE ON partners_reward
    FOR EACH STATEMENT EXECUTE FUNCTION partners_append_only();
CREATE TRIGGER redemption_no_truncate BEFORE TRUNCATE ON partners_redemption
    FOR EACH STATEMENT EXECUTE FUNCTION partners_append_only();
CREATE TRIGGER stock_no_truncate BEFORE TRUNCATE ON partners_stockentry
    FOR EACH STATEMENT EXECUTE FUNCTION partners_append_only();
CREATE TRIGGER coupon_no_truncate BEFORE TRUNCATE ON partners_coupon
    FOR EACH STATEMENT EXECUTE FUNCTION partners_append_only();
"""

GUARD_BACK = """
DROP TRIGGER coupon_no_truncate ON partners_coupon;
DROP TRIGGER stock_no_truncate ON partners_stockentry;
DROP TRIGGER redemption_no_truncate ON partners_redemption;
DROP TRIGGER reward_no_truncate ON partners_reward;
DROP TRIGGER coupon_append_only ON partners_coupon;
DROP TRIGGER stock_append_only ON partners_stockentry;
DROP TRIGGER redemption_stays ON partners_redemption;
DROP TRIGGER reward_stays ON partners_reward;
DROP TRIGGER redemption_guard ON partners_redemption;
DROP FUNCTION partners_redemption_guard();
"""

# Looked at when the transaction commits: the redemption and what the ledger says of it agree, whoever changed which.
WHOLE = """
CREATE FUNCTION partners_redemption_agrees(redemption_id bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM partners_redemption AS redemption
        JOIN partners_hold AS hold ON hold.id = redemption.hold_id
        JOIN partners_transfer AS placed ON placed.id = hold.placed_id
        JOIN partners_coupon AS coupon ON coupon.redemption_id = redemption.id
        LEFT JOIN partners_transfer AS reversal ON reversal.reverses_id = hold.ended_id
        WHERE redemption.id = $1 AND hold.account_id = redemption.account_id AND hold.amount = redemption.cost
            AND hold.counterpart_id IS NOT DISTINCT FROM redemption.merchant_id AND hold.until = redemption.until
            AND placed.evidence_type = 'partners.redemption' AND placed.evidence_id = redemption.id
            AND reversal.id IS NOT DISTINCT FROM redemption.reversal_id
            AND hold.stage = CASE redemption.state WHEN 'held' THEN 'open' WHEN 'cancelled' THEN 'voided'
                WHEN 'timed_out' THEN 'timed_out' ELSE 'posted' END
    )
$$;
CREATE FUNCTION partners_redemption_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found_id bigint;
BEGIN
    IF TG_TABLE_NAME = 'partners_redemption' THEN
        found_id := NEW.id;
    ELSIF TG_TABLE_NAME = 'partners_hold' THEN
        SELECT id INTO found_id FROM partners_redemption WHERE hold_id = NEW.id;
    ELSE
        SELECT redemption.id INTO found_id FROM partners_redemption AS redemption
        JOIN partners_hold AS hold ON hold.id = redemption.hold_id WHERE hold.ended_id = NEW.reverses_id;
    END IF;
    IF found_id IS NOT NULL AND NOT partners_redemption_agrees(found_id) THEN
        RAISE EXCEPTION 'redemption % and the points bank do not agree', found_id USING ERRCODE = 'check_violation',
            CONSTRAINT = 'redemption_agrees_with_ledger';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER redemption_whole AFTER INSERT OR UPDATE ON partners_redemption
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION partners_redemption_whole();
CREATE CONSTRAINT TRIGGER redemption_hold_whole AFTER UPDATE ON partners_hold
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION partners_redemption_whole();
CREATE CONSTRAINT TRIGGER redemption_reversal_whole AFTER INSERT ON partners_transfer
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.reverses_id IS NOT NULL)
    EXECUTE FUNCTION partners_redemption_whole();
"""

WHOLE_BACK = """
DROP TRIGGER redemption_reversal_whole ON partners_transfer;
DROP TRIGGER redemption_hold_whole ON partners_hold;
DROP TRIGGER redemption_whole ON partners_redemption;
DROP FUNCTION partners_redemption_whole();
DROP FUNCTION partners_redemption_agrees(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0012_roles_of_partners"),
        ("partners", "0004_earning"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Redemption",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("service", "Community service"),
                            ("goods", "Goods to pick up"),
                            ("coupon", "Merchant's coupon"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("title", models.CharField(max_length=60, verbose_name="name")),
                ("worth", models.CharField(blank=True, max_length=80, verbose_name="worth")),
                ("cost", models.PositiveIntegerField(verbose_name="cost in points")),
                ("key", models.CharField(max_length=120, verbose_name="key")),
                ("takes", models.BooleanField(default=False, editable=False)),
                (
                    "redeemed_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="redeemed at"),
                ),
                ("until", models.DateTimeField(verbose_name="set aside until")),
                ("ready_at", models.DateTimeField(blank=True, null=True, verbose_name="ready at")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                ("returned_at", models.DateTimeField(blank=True, null=True, verbose_name="returned at")),
                ("words", models.CharField(blank=True, max_length=300, verbose_name="reason")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("held", "Kept for the member"),
                            ("fulfilled", "Fulfilled"),
                            ("cancelled", "Cancelled"),
                            ("timed_out", "Timed out"),
                            ("returned", "Returned"),
                        ],
                        default="held",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="redemptions",
                        to="partners.account",
                        verbose_name="points account",
                    ),
                ),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="redemptions",
                        to="governance.area",
                        verbose_name="community",
                    ),
                ),
                (
                    "booking",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="redemption",
                        to="governance.booking",
                        verbose_name="booking",
                    ),
                ),
                (
                    "hold",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="redemption",
                        to="partners.hold",
                        verbose_name="points set aside",
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="coupons",
                        to="partners.account",
                        verbose_name="merchant",
                    ),
                ),
                (
                    "redeemed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="redeemed by",
                    ),
                ),
                (
                    "reversal",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="returned_redemption",
                        to="partners.transfer",
                        verbose_name="reversal",
                    ),
                ),
            ],
            options={
                "verbose_name": "redemption",
                "verbose_name_plural": "redemptions",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Coupon",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(editable=False, max_length=64, unique=True)),
                ("sealed", models.BinaryField()),
                (
                    "redemption",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="coupon",
                        to="partners.redemption",
                        verbose_name="redemption",
                    ),
                ),
            ],
            options={
                "verbose_name": "coupon code",
                "verbose_name_plural": "coupon codes",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Reward",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("code", models.SlugField(max_length=40, unique=True, verbose_name="code")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("service", "Community service"),
                            ("goods", "Goods to pick up"),
                            ("coupon", "Merchant's coupon"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("title", models.CharField(max_length=60, verbose_name="name")),
                ("about", models.TextField(blank=True, max_length=1000, verbose_name="about the reward")),
                (
                    "cost",
                    models.PositiveIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(100000),
                        ],
                        verbose_name="cost in points",
                    ),
                ),
                (
                    "audience",
                    models.CharField(
                        choices=[("all", "All members"), ("people", "People only"), ("units", "Organisations only")],
                        default="all",
                        max_length=10,
                        verbose_name="for whom",
                    ),
                ),
                ("stocked", models.PositiveIntegerField(default=0, editable=False, verbose_name="stock so far")),
                (
                    "taken",
                    models.PositiveIntegerField(default=0, editable=False, verbose_name="of it set aside or gone"),
                ),
                (
                    "most",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(1000),
                        ],
                        verbose_name="at most per member",
                    ),
                ),
                (
                    "per",
                    models.CharField(
                        choices=[("month", "Calendar month"), ("year", "Calendar year"), ("ever", "Altogether")],
                        default="month",
                        max_length=10,
                        verbose_name="period of the limit",
                    ),
                ),
                ("offered_from", models.DateField(blank=True, null=True, verbose_name="offered from")),
                ("offered_to", models.DateField(blank=True, null=True, verbose_name="offered to")),
                (
                    "keep_days",
                    models.PositiveSmallIntegerField(
                        default=7,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(366),
                        ],
                        verbose_name="set aside for (days)",
                    ),
                ),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(15),
                            django.core.validators.MaxValueValidator(720),
                        ],
                        verbose_name="length in minutes",
                    ),
                ),
                ("pickup_place", models.CharField(blank=True, max_length=120, verbose_name="pick-up place")),
                ("pickup_hours", models.CharField(blank=True, max_length=120, verbose_name="pick-up hours")),
                ("worth", models.CharField(blank=True, max_length=80, verbose_name="worth")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("offered", "On offer"),
                            ("paused", "Paused"),
                            ("ended", "Off the shelf"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "made_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="made at"),
                ),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rewards",
                        to="governance.area",
                        verbose_name="community",
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rewards",
                        to="partners.account",
                        verbose_name="merchant",
                    ),
                ),
                (
                    "venue",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rewards",
                        to="governance.venue",
                        verbose_name="venue",
                    ),
                ),
            ],
            options={
                "verbose_name": "reward",
                "verbose_name_plural": "rewards",
                "ordering": ["-id"],
            },
        ),
        migrations.AddField(
            model_name="redemption",
            name="reward",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="redemptions",
                to="partners.reward",
                verbose_name="reward",
            ),
        ),
        migrations.CreateModel(
            name="StockEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("receipt", "Stock in"), ("correction", "Corrected")],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("amount", models.IntegerField(verbose_name="pieces")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                (
                    "entered_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="at"
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
                    "entered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "reward",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stock",
                        to="partners.reward",
                        verbose_name="reward",
                    ),
                ),
            ],
            options={
                "verbose_name": "line of the stock book",
                "verbose_name_plural": "stock book",
                "ordering": ["-id"],
            },
        ),
        migrations.AddIndex(
            model_name="reward",
            index=models.Index(fields=["area", "state"], name="reward_area_state"),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(("taken__lte", models.F("stocked"))), name="reward_not_oversold"
            ),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(("cost__gte", 1), ("cost__lte", 100000)), name="reward_costs_points"
            ),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(("keep_days__gte", 1), ("keep_days__lte", 366)), name="reward_kept_some_days"
            ),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("offered_from__isnull", True),
                    ("offered_to__isnull", True),
                    ("offered_to__gte", models.F("offered_from")),
                    _connector="OR",
                ),
                name="reward_dates_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("kind", "service"),
                        ("merchant__isnull", True),
                        ("minutes__isnull", False),
                        ("stocked", 0),
                        ("venue__isnull", False),
                    ),
                    models.Q(
                        ("kind", "goods"),
                        ("merchant__isnull", True),
                        ("venue__isnull", True),
                        models.Q(("pickup_place", ""), _negated=True),
                    ),
                    models.Q(
                        ("kind", "coupon"),
                        ("merchant__isnull", False),
                        ("venue__isnull", True),
                        models.Q(("worth", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="reward_by_kind",
            ),
        ),
        migrations.AddIndex(
            model_name="redemption",
            index=models.Index(fields=["account", "reward", "redeemed_at"], name="redemption_of_member"),
        ),
        migrations.AddIndex(
            model_name="redemption",
            index=models.Index(fields=["area", "state"], name="redemption_area_state"),
        ),
        migrations.AddIndex(
            model_name="redemption",
            index=models.Index(fields=["merchant", "ended_at"], name="redemption_of_merchant"),
        ),
        migrations.AddConstraint(
            model_name="redemption",
            constraint=models.UniqueConstraint(fields=("account", "key"), name="redemption_once_a_key"),
        ),
        migrations.AddConstraint(
            model_name="redemption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("booking__isnull", False), ("kind", "service"), ("merchant__isnull", True), ("takes", False)
                    ),
                    models.Q(("booking__isnull", True), ("kind", "goods"), ("merchant__isnull", True)),
                    models.Q(("booking__isnull", True), ("kind", "coupon"), ("merchant__isnull", False)),
                    _connector="OR",
                ),
                name="redemption_by_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="redemption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind", "service"),
                    models.Q(("state__in", ["held", "fulfilled"]), ("takes", True)),
                    models.Q(("state__in", ["cancelled", "timed_out"]), ("takes", False)),
                    ("state", "returned"),
                    _connector="OR",
                ),
                name="redemption_takes_while_it_has",
            ),
        ),
        migrations.AddConstraint(
            model_name="redemption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("state", "held")),
                    models.Q(models.Q(("state", "held"), _negated=True), ("ended_at__isnull", False)),
                    _connector="OR",
                ),
                name="redemption_ended_or_held",
            ),
        ),
        migrations.AddConstraint(
            model_name="redemption",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("returned_at__isnull", False), ("reversal__isnull", False), ("state", "returned")),
                    models.Q(
                        models.Q(("state", "returned"), _negated=True),
                        ("returned_at__isnull", True),
                        ("reversal__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="redemption_returned_with_reversal",
            ),
        ),
        migrations.AddConstraint(
            model_name="stockentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("amount__gt", 0), ("kind", "receipt")),
                    models.Q(
                        ("kind", "correction"),
                        models.Q(("amount", 0), _negated=True),
                        models.Q(("note", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="stock_entry_by_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="stockentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gte", -1000000), ("amount__lte", 1000000)),
                name="stock_entry_within_reason",
            ),
        ),
        migrations.RunSQL(STOCK, STOCK_BACK),
        migrations.RunSQL(GUARD, GUARD_BACK),
        migrations.RunSQL(WHOLE, WHOLE_BACK),
    ]
