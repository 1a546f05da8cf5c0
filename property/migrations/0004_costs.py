"""Shared costs: books, fund, cost periods, charges, payments, public income, disclosures; what is published stands."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

STANDING = (
    "property_payment", "property_incomeentry", "property_fundentry", "property_funduse", "property_costpart",
    "property_charge",
)  # fmt: skip

# What was written stands: a mistake is undone by a further line.
STANDS = """
CREATE FUNCTION property_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'lines of % stand: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;
""" + "".join(
    f"CREATE TRIGGER {table}_stands BEFORE UPDATE OR DELETE ON {table} "
    "FOR EACH ROW EXECUTE FUNCTION property_stands();\n"
    for table in STANDING
)
STANDS_BACK = (
    "".join(f"DROP TRIGGER {table}_stands ON {table};\n" for table in STANDING)
    + """
DROP FUNCTION property_stands();
"""
)

# Lines of a ledger are numbered without gaps and carry on the balance; receipts are numbered without gaps.
LEDGER = """
CREATE FUNCTION property_ledger_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    owner bigint := (to_jsonb(NEW) ->> TG_ARGV[0])::bigint;
    former record;
BEGIN
    EXECUTE format('SELECT ordinal, balance FROM %I WHERE %I = $1 ORDER BY ordinal DESC LIMIT 1', TG_TABLE_NAME,
                   TG_ARGV[0]) INTO former USING owner;
    IF NEW.ordinal <> coalesce(former.ordinal, 0) + 1 OR NEW.balance <> coalesce(former.balance, 0) + NEW.amount THEN
        RAISE EXCEPTION 'line % with balance % does not follow line % with balance %', NEW.ordinal, NEW.balance,
            former.ordinal, former.balance USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER income_line BEFORE INSERT ON property_incomeentry
    FOR EACH ROW EXECUTE FUNCTION property_ledger_line('books_id');
CREATE TRIGGER fund_line BEFORE INSERT ON property_fundentry
    FOR EACH ROW EXECUTE FUNCTION property_ledger_line('fund_id');

CREATE FUNCTION property_receipt_number() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    former integer;
BEGIN
    SELECT max(number) INTO former FROM property_payment WHERE books_id = NEW.books_id AND year = NEW.year;
    IF NEW.number <> coalesce(former, 0) + 1 THEN
        RAISE EXCEPTION 'receipt % does not follow receipt %', NEW.number, former USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payment_receipt BEFORE INSERT ON property_payment
    FOR EACH ROW EXECUTE FUNCTION property_receipt_number();
"""
LEDGER_BACK = """
DROP TRIGGER payment_receipt ON property_payment;
DROP TRIGGER fund_line ON property_fundentry;
DROP TRIGGER income_line ON property_incomeentry;
DROP FUNCTION property_receipt_number();
DROP FUNCTION property_ledger_line();
"""

# A cost period is edited as a draft only; after that its lines, parts and charges only grow by corrections, and at the
# end of each transaction the parts are the lines, the charges the household part.
PERIOD = """
CREATE FUNCTION property_cost_draft() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    told jsonb := to_jsonb(CASE TG_OP WHEN 'INSERT' THEN NEW ELSE OLD END);
    correcting boolean := TG_OP = 'INSERT' AND TG_NARGS > 0 AND (told ->> TG_ARGV[0]) IS NOT NULL;
    period record;
BEGIN
    SELECT id, state INTO period FROM property_costperiod WHERE id = (told ->> 'period_id')::bigint;
    IF correcting AND period.state IN ('draft', 'discarded') OR NOT correcting AND period.state <> 'draft' THEN
        RAISE EXCEPTION 'cost period % is %: % of % refused', period.id, period.state, TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.period_id <> OLD.period_id THEN
        RAISE EXCEPTION 'rows of a cost period stay with it' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER cost_line_draft BEFORE INSERT OR UPDATE OR DELETE ON property_costline
    FOR EACH ROW EXECUTE FUNCTION property_cost_draft('corrects_id');
CREATE TRIGGER cost_share_draft BEFORE INSERT OR UPDATE OR DELETE ON property_costshare
    FOR EACH ROW EXECUTE FUNCTION property_cost_draft();
CREATE TRIGGER agreed_share_draft BEFORE INSERT OR UPDATE OR DELETE ON property_agreedshare
    FOR EACH ROW EXECUTE FUNCTION property_cost_draft();
CREATE TRIGGER cost_part_draft BEFORE INSERT ON property_costpart
    FOR EACH ROW EXECUTE FUNCTION property_cost_draft('correction_id');
CREATE TRIGGER charge_draft BEFORE INSERT ON property_charge
    FOR EACH ROW EXECUTE FUNCTION property_cost_draft('correction_id');

CREATE FUNCTION property_cost_period_stands() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moving text[] := ARRAY['state', 'version', 'due_on', 'subsidy_received', 'disclose_by', 'disclosed_at', 'figures'];
BEGIN
    IF TG_OP = 'DELETE' OR to_jsonb(NEW) - moving <> to_jsonb(OLD) - moving
        OR OLD.figures IS NOT NULL AND NEW.figures IS DISTINCT FROM OLD.figures THEN
        RAISE EXCEPTION 'cost period % is published: % refused', OLD.id, TG_OP USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER cost_period_stands BEFORE UPDATE OR DELETE ON property_costperiod
    FOR EACH ROW WHEN (OLD.state <> 'draft') EXECUTE FUNCTION property_cost_period_stands();

CREATE FUNCTION property_cost_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    period bigint := (to_jsonb(NEW) ->> TG_ARGV[0])::bigint;
    now_in text;
    costs numeric;
    borne numeric;
    of_households numeric;
    charged numeric;
BEGIN
    SELECT state INTO now_in FROM property_costperiod WHERE id = period;
    SELECT coalesce(sum(amount), 0) INTO costs FROM property_costline WHERE period_id = period;
    SELECT coalesce(sum(amount), 0), coalesce(sum(amount) FILTER (WHERE source = 'household'), 0)
        INTO borne, of_households FROM property_costpart WHERE period_id = period;
    SELECT coalesce(sum(amount), 0) INTO charged FROM property_charge WHERE period_id = period;
    IF now_in IN ('draft', 'discarded') THEN
        costs := 0;
    END IF;
    IF costs <> borne OR of_households <> charged THEN
        RAISE EXCEPTION 'cost period %: costs %, borne %, of households %, charged %', period, costs, borne,
            of_households, charged USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER cost_part_adds_up AFTER INSERT ON property_costpart
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION property_cost_adds_up('period_id');
CREATE CONSTRAINT TRIGGER cost_correction_adds_up AFTER INSERT ON property_costline
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.corrects_id IS NOT NULL)
    EXECUTE FUNCTION property_cost_adds_up('period_id');
CREATE CONSTRAINT TRIGGER cost_period_adds_up AFTER UPDATE ON property_costperiod
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION property_cost_adds_up('id');

CREATE TRIGGER disclosure_stands BEFORE UPDATE OR DELETE ON property_disclosure
    FOR EACH ROW WHEN (OLD.state = 'published') EXECUTE FUNCTION property_stands();
"""
PERIOD_BACK = """
DROP TRIGGER disclosure_stands ON property_disclosure;
DROP TRIGGER cost_period_adds_up ON property_costperiod;
DROP TRIGGER cost_correction_adds_up ON property_costline;
DROP TRIGGER cost_part_adds_up ON property_costpart;
DROP TRIGGER cost_period_stands ON property_costperiod;
DROP TRIGGER charge_draft ON property_charge;
DROP TRIGGER cost_part_draft ON property_costpart;
DROP TRIGGER agreed_share_draft ON property_agreedshare;
DROP TRIGGER cost_share_draft ON property_costshare;
DROP TRIGGER cost_line_draft ON property_costline;
DROP FUNCTION property_cost_adds_up();
DROP FUNCTION property_cost_period_stands();
DROP FUNCTION property_cost_draft();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0010_roles_of_property"),
        ("property", "0003_decisions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CostPeriod",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("first", models.DateField(verbose_name="from")),
                ("last", models.DateField(verbose_name="to")),
                (
                    "basis",
                    models.CharField(
                        choices=[
                            ("area", "By floor area"),
                            ("dwelling", "The same for each dwelling"),
                            ("agreed", "By agreed shares"),
                        ],
                        default="area",
                        max_length=10,
                        verbose_name="household part goes",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("published", "Published for objections"),
                            ("collecting", "Collecting"),
                            ("settled", "Settled"),
                            ("disclosed", "Disclosed"),
                            ("discarded", "Discarded"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "agreement",
                    models.CharField(
                        blank=True,
                        help_text="Contract, minutes or notice that says who bears what.",
                        max_length=200,
                        verbose_name="agreed in",
                    ),
                ),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="drawn up at")),
                ("published_at", models.DateTimeField(editable=False, null=True, verbose_name="published at")),
                ("notice_until", models.DateField(editable=False, null=True, verbose_name="objections until")),
                ("due_on", models.DateField(editable=False, null=True, verbose_name="to be paid by")),
                (
                    "subsidy_received",
                    models.DecimalField(
                        decimal_places=2,
                        editable=False,
                        max_digits=12,
                        null=True,
                        verbose_name="subsidy received (yuan)",
                    ),
                ),
                ("disclose_by", models.DateField(editable=False, null=True, verbose_name="to be disclosed by")),
                ("disclosed_at", models.DateTimeField(editable=False, null=True, verbose_name="disclosed at")),
                ("figures", models.JSONField(editable=False, null=True, verbose_name="final statement")),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="drawn up by",
                    ),
                ),
                (
                    "resolution",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cost_periods",
                        to="property.resolution",
                        verbose_name="resolution",
                    ),
                ),
            ],
            options={
                "verbose_name": "cost period",
                "verbose_name_plural": "cost periods",
                "ordering": ["-last", "-id"],
            },
        ),
        migrations.CreateModel(
            name="CostLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("cleaning", "Cleaning"),
                            ("security", "Security"),
                            ("repairs", "Repairs and maintenance"),
                            ("greening", "Greening"),
                            ("lifts", "Lifts"),
                            ("energy", "Water and electricity of common parts"),
                            ("staff", "Management and staff"),
                            ("featured", "Featured services"),
                            ("other", "Other"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("title", models.CharField(max_length=120, verbose_name="title")),
                ("supplier", models.CharField(blank=True, max_length=80, verbose_name="paid to")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="amount (yuan)")),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="recorded at")),
                (
                    "corrects",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="property.costline",
                        verbose_name="corrects",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                (
                    "period",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="property.costperiod",
                        verbose_name="cost period",
                    ),
                ),
            ],
            options={
                "verbose_name": "cost line",
                "verbose_name_plural": "cost lines",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Charge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("weight", models.DecimalField(decimal_places=4, max_digits=12, verbose_name="weight")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="amount (yuan)")),
                (
                    "dwelling",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="charges",
                        to="governance.dwelling",
                        verbose_name="dwelling",
                    ),
                ),
                (
                    "correction",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="charges",
                        to="property.costline",
                        verbose_name="correction",
                    ),
                ),
                (
                    "period",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="charges",
                        to="property.costperiod",
                        verbose_name="cost period",
                    ),
                ),
            ],
            options={
                "verbose_name": "charge",
                "verbose_name_plural": "charges",
                "ordering": ["-period", "dwelling", "id"],
            },
        ),
        migrations.CreateModel(
            name="AgreedShare",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("weight", models.DecimalField(decimal_places=4, max_digits=12, verbose_name="agreed share")),
                (
                    "dwelling",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.dwelling",
                        verbose_name="dwelling",
                    ),
                ),
                (
                    "period",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="agreed",
                        to="property.costperiod",
                        verbose_name="cost period",
                    ),
                ),
            ],
            options={
                "verbose_name": "agreed share of a dwelling",
                "verbose_name_plural": "agreed shares of dwellings",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="CostShare",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("subsidy", "Government subsidy"),
                            ("public_income", "Public income"),
                            ("household", "Households"),
                        ],
                        max_length=15,
                        verbose_name="borne by",
                    ),
                ),
                (
                    "weight",
                    models.DecimalField(blank=True, decimal_places=4, max_digits=9, null=True, verbose_name="share"),
                ),
                (
                    "fixed",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=12, null=True, verbose_name="fixed amount (yuan)"
                    ),
                ),
                (
                    "period",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shares",
                        to="property.costperiod",
                        verbose_name="cost period",
                    ),
                ),
            ],
            options={
                "verbose_name": "share of a source",
                "verbose_name_plural": "shares of sources",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="DisclosureRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=40, unique=True, verbose_name="code")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("fund", "Maintenance fund"),
                            ("public_income", "Public income"),
                            ("notice", "Time for objections to a cost period"),
                            ("settlement", "Final statement of a cost period"),
                        ],
                        max_length=15,
                        verbose_name="what",
                    ),
                ),
                (
                    "months",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="1, 2, 3, 4, 6 or 12; only what is repeated.",
                        null=True,
                        verbose_name="every so many months",
                    ),
                ),
                ("days", models.PositiveSmallIntegerField(verbose_name="days")),
                ("valid_from", models.DateField(default=django.utils.timezone.localdate, verbose_name="valid from")),
                ("source", models.CharField(max_length=200, verbose_name="where it comes from")),
                (
                    "area",
                    models.ForeignKey(
                        blank=True,
                        help_text="Left empty: everywhere.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disclosure_rules",
                        to="governance.area",
                        verbose_name="locality",
                    ),
                ),
            ],
            options={
                "verbose_name": "rule of disclosure",
                "verbose_name_plural": "rules of disclosure",
                "ordering": ["kind", "area", "-valid_from"],
            },
        ),
        migrations.CreateModel(
            name="EstateBooks",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Being kept"), ("closed", "Closed")],
                        default="open",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("opened_on", models.DateField(default=django.utils.timezone.localdate, verbose_name="opened on")),
                (
                    "company",
                    models.ForeignKey(
                        blank=True,
                        help_text="Keeps the books and collects; empty where the community does it itself.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="kept_books",
                        to="governance.orgunit",
                        verbose_name="property company",
                    ),
                ),
                (
                    "estate",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="books",
                        to="governance.estate",
                        verbose_name="estate",
                    ),
                ),
            ],
            options={
                "verbose_name": "books of an estate",
                "verbose_name_plural": "books of estates",
                "ordering": ["estate"],
            },
        ),
        migrations.CreateModel(
            name="Disclosure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("fund", "Maintenance fund"),
                            ("public_income", "Public income"),
                            ("notice", "Time for objections to a cost period"),
                            ("settlement", "Final statement of a cost period"),
                        ],
                        max_length=15,
                        verbose_name="what",
                    ),
                ),
                ("first", models.DateField(verbose_name="from")),
                ("last", models.DateField(verbose_name="to")),
                ("due_on", models.DateField(verbose_name="to be published by")),
                (
                    "state",
                    models.CharField(
                        choices=[("due", "To be published"), ("published", "Published")],
                        default="due",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("published_at", models.DateTimeField(editable=False, null=True, verbose_name="published at")),
                ("figures", models.JSONField(editable=False, null=True, verbose_name="figures")),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="property.disclosurerule",
                        verbose_name="rule of disclosure",
                    ),
                ),
                (
                    "books",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disclosures",
                        to="property.estatebooks",
                        verbose_name="books of an estate",
                    ),
                ),
            ],
            options={
                "verbose_name": "disclosure",
                "verbose_name_plural": "disclosures",
                "ordering": ["-last", "-id"],
            },
        ),
        migrations.AddField(
            model_name="costperiod",
            name="books",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="periods",
                to="property.estatebooks",
                verbose_name="books of an estate",
            ),
        ),
        migrations.CreateModel(
            name="IncomeEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ordinal", models.PositiveIntegerField(verbose_name="line")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="amount (yuan)")),
                ("balance", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="balance (yuan)")),
                ("booked_on", models.DateField(verbose_name="day")),
                ("purpose", models.CharField(max_length=200, verbose_name="purpose")),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="recorded at")),
                (
                    "direction",
                    models.CharField(
                        choices=[
                            ("income", "Income"),
                            ("cost", "Reasonable cost"),
                            ("shared", "Bears a cost period"),
                            ("reversal", "Reversal"),
                        ],
                        max_length=10,
                        verbose_name="sort of line",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("parking", "Parking on common ground"),
                            ("advertising", "Advertising"),
                            ("lift_advertising", "Advertising in lifts"),
                            ("venue", "Hire of common rooms"),
                            ("vending", "Vending and parcel machines"),
                            ("other", "Other"),
                        ],
                        max_length=20,
                        verbose_name="kind of income",
                    ),
                ),
                (
                    "books",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="income",
                        to="property.estatebooks",
                        verbose_name="books of an estate",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                (
                    "period",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="income",
                        to="property.costperiod",
                        verbose_name="period",
                    ),
                ),
                (
                    "reverses",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversal",
                        to="property.incomeentry",
                        verbose_name="reverses",
                    ),
                ),
            ],
            options={
                "verbose_name": "line of public income",
                "verbose_name_plural": "public income",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="MaintenanceFund",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                (
                    "bank",
                    models.CharField(
                        help_text="Bank or authority that holds the money.", max_length=80, verbose_name="kept at"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Being kept"), ("closed", "Closed")],
                        default="open",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("opened_on", models.DateField(default=django.utils.timezone.localdate, verbose_name="opened on")),
                (
                    "books",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="fund",
                        to="property.estatebooks",
                        verbose_name="books of an estate",
                    ),
                ),
            ],
            options={
                "verbose_name": "maintenance fund",
                "verbose_name_plural": "maintenance funds",
                "ordering": ["books"],
            },
        ),
        migrations.CreateModel(
            name="FundUse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="at most (yuan)")),
                ("purpose", models.CharField(max_length=200, verbose_name="purpose")),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="recorded at")),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                (
                    "resolution",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="fund_use",
                        to="property.resolution",
                        verbose_name="resolution",
                    ),
                ),
                (
                    "fund",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uses",
                        to="property.maintenancefund",
                        verbose_name="maintenance fund",
                    ),
                ),
            ],
            options={
                "verbose_name": "use of a fund put to a resolution",
                "verbose_name_plural": "uses of funds put to resolutions",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="FundEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ordinal", models.PositiveIntegerField(verbose_name="line")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="amount (yuan)")),
                ("balance", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="balance (yuan)")),
                ("booked_on", models.DateField(verbose_name="day")),
                ("purpose", models.CharField(max_length=200, verbose_name="purpose")),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="recorded at")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("deposit", "Deposit"),
                            ("interest", "Interest"),
                            ("use", "Use"),
                            ("reversal", "Reversal"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                (
                    "resolution",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="fund_entries",
                        to="property.resolution",
                        verbose_name="resolution",
                    ),
                ),
                (
                    "reverses",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversal",
                        to="property.fundentry",
                        verbose_name="reverses",
                    ),
                ),
                (
                    "fund",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="property.maintenancefund",
                        verbose_name="maintenance fund",
                    ),
                ),
            ],
            options={
                "verbose_name": "line of a maintenance fund",
                "verbose_name_plural": "lines of maintenance funds",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Payment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("payment", "Payment"), ("refund", "Money given back"), ("reversal", "Reversal")],
                        default="payment",
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="amount (yuan)")),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("cash", "Cash"),
                            ("bank", "Bank transfer"),
                            ("wechat", "WeChat Pay"),
                            ("alipay", "Alipay"),
                            ("other", "Other"),
                        ],
                        max_length=10,
                        verbose_name="way of payment",
                    ),
                ),
                ("paid_on", models.DateField(verbose_name="paid on")),
                ("reference", models.CharField(blank=True, max_length=60, verbose_name="number of the transfer")),
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                ("number", models.PositiveIntegerField(verbose_name="receipt")),
                ("covers", models.JSONField(default=list, verbose_name="covers")),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="recorded at")),
                (
                    "books",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="property.estatebooks",
                        verbose_name="books of an estate",
                    ),
                ),
                (
                    "dwelling",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="governance.dwelling",
                        verbose_name="dwelling",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                (
                    "reverses",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversal",
                        to="property.payment",
                        verbose_name="reverses",
                    ),
                ),
            ],
            options={
                "verbose_name": "payment",
                "verbose_name_plural": "payments",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="CostPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("subsidy", "Government subsidy"),
                            ("public_income", "Public income"),
                            ("household", "Households"),
                        ],
                        max_length=15,
                        verbose_name="borne by",
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="amount (yuan)")),
                (
                    "correction",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="property.costline",
                        verbose_name="correction",
                    ),
                ),
                (
                    "period",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="property.costperiod",
                        verbose_name="cost period",
                    ),
                ),
            ],
            options={
                "verbose_name": "part of a source",
                "verbose_name_plural": "parts of sources",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("period", "source", "correction"), name="cost_part_once", nulls_distinct=False
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="costline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("amount__gt", 0), ("corrects", None)),
                    models.Q(("corrects__isnull", False), models.Q(("amount", 0), _negated=True)),
                    _connector="OR",
                ),
                name="cost_line_amount",
                violation_error_message="The amount must be above 0.",
            ),
        ),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.UniqueConstraint(
                fields=("period", "dwelling", "correction"), name="charge_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="agreedshare",
            constraint=models.UniqueConstraint(fields=("period", "dwelling"), name="agreed_share_once"),
        ),
        migrations.AddConstraint(
            model_name="agreedshare",
            constraint=models.CheckConstraint(condition=models.Q(("weight__gte", 0)), name="agreed_share_weight"),
        ),
        migrations.AddConstraint(
            model_name="costshare",
            constraint=models.UniqueConstraint(fields=("period", "source"), name="cost_share_once"),
        ),
        migrations.AddConstraint(
            model_name="costshare",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("fixed", None), ("weight__gte", 0)),
                    models.Q(("fixed__gte", 0), ("weight", None)),
                    _connector="OR",
                ),
                name="cost_share_one_way",
            ),
        ),
        migrations.AddConstraint(
            model_name="disclosurerule",
            constraint=models.UniqueConstraint(
                fields=("kind", "area", "valid_from"), name="disclosure_rule_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="disclosurerule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind__in", ["fund", "public_income"]), ("months__in", [1, 2, 3, 4, 6, 12])),
                    models.Q(("kind__in", ["notice", "settlement"]), ("months", None)),
                    _connector="OR",
                ),
                name="disclosure_rule_months",
                violation_error_message="Months: 1, 2, 3, 4, 6 or 12 for the fund and public income, else none.",
            ),
        ),
        migrations.AddConstraint(
            model_name="disclosure",
            constraint=models.UniqueConstraint(fields=("books", "kind", "first"), name="disclosure_once"),
        ),
        migrations.AddConstraint(
            model_name="disclosure",
            constraint=models.CheckConstraint(
                condition=models.Q(("due_on__gt", models.F("last")), ("last__gte", models.F("first"))),
                name="disclosure_days",
            ),
        ),
        migrations.AddConstraint(
            model_name="disclosure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("figures__isnull", False), ("published_at__isnull", False), ("state", "published")),
                    models.Q(("figures", None), ("published_at", None), ("state", "due")),
                    _connector="OR",
                ),
                name="disclosure_with_figures",
            ),
        ),
        migrations.AddIndex(
            model_name="costperiod",
            index=models.Index(fields=["books", "-last"], name="cost_period_books"),
        ),
        migrations.AddConstraint(
            model_name="costperiod",
            constraint=models.CheckConstraint(
                condition=models.Q(("last__gte", models.F("first"))),
                name="cost_period_days_in_order",
                violation_error_message="The last day lies before the first.",
            ),
        ),
        migrations.AddConstraint(
            model_name="costperiod",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "discarded"), _negated=True),
                fields=("books", "name"),
                name="cost_period_once",
                violation_error_message="There is such a period already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="incomeentry",
            constraint=models.UniqueConstraint(fields=("books", "ordinal"), name="income_line_once"),
        ),
        migrations.AddConstraint(
            model_name="incomeentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("balance__gte", 0), models.Q(("amount", 0), _negated=True)), name="income_balance"
            ),
        ),
        migrations.AddConstraint(
            model_name="incomeentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("amount__gt", 0), ("direction", "income"), ("period", None), ("reverses", None)),
                    models.Q(("amount__lt", 0), ("direction", "cost"), ("period", None), ("reverses", None)),
                    models.Q(("direction", "shared"), ("period__isnull", False), ("reverses", None)),
                    models.Q(("direction", "reversal"), ("reverses__isnull", False)),
                    _connector="OR",
                ),
                name="income_signs",
            ),
        ),
        migrations.AddConstraint(
            model_name="funduse",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="fund_use_amount"),
        ),
        migrations.AddConstraint(
            model_name="fundentry",
            constraint=models.UniqueConstraint(fields=("fund", "ordinal"), name="fund_line_once"),
        ),
        migrations.AddConstraint(
            model_name="fundentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("balance__gte", 0), models.Q(("amount", 0), _negated=True)), name="fund_balance"
            ),
        ),
        migrations.AddConstraint(
            model_name="fundentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("amount__gt", 0),
                        ("kind__in", ["deposit", "interest"]),
                        ("resolution", None),
                        ("reverses", None),
                    ),
                    models.Q(("amount__lt", 0), ("kind", "use"), ("resolution__isnull", False), ("reverses", None)),
                    models.Q(("kind", "reversal"), ("reverses__isnull", False)),
                    _connector="OR",
                ),
                name="fund_signs",
            ),
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(
                condition=models.Q(("reference", ""), _negated=True),
                fields=["books", "reference"],
                name="payment_reference",
            ),
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(
                models.F("books"), models.OrderBy(models.F("paid_on"), descending=True), name="payment_by_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.UniqueConstraint(fields=("books", "year", "number"), name="payment_receipt_once"),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("amount__gt", 0), ("kind", "payment"), ("reverses", None)),
                    models.Q(("amount__lt", 0), ("kind", "refund"), ("reverses", None)),
                    models.Q(("kind", "reversal"), ("reverses__isnull", False), models.Q(("amount", 0), _negated=True)),
                    _connector="OR",
                ),
                name="payment_signs",
            ),
        ),
        migrations.RunSQL(STANDS, STANDS_BACK),
        migrations.RunSQL(LEDGER, LEDGER_BACK),
        migrations.RunSQL(PERIOD, PERIOD_BACK),
    ]
