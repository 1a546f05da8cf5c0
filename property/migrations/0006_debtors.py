"""Who owes: accounts of households, subsidy after settlement, days of corrections; sessions whose day will not do."""

from collections import defaultdict
from fractions import Fraction

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.constraints
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

from property.costs.chains import Stretch, Tie, chain_of, households_of

# A payment is of the dwelling and the books of its account; each charge is on exactly one account, whatever is sold.
OWED = """
ALTER TABLE property_householdaccount ADD CONSTRAINT household_account_of UNIQUE (id, dwelling_id, books_id);
ALTER TABLE property_payment ADD CONSTRAINT payment_of_account FOREIGN KEY (account_id, dwelling_id, books_id)
    REFERENCES property_householdaccount (id, dwelling_id, books_id) DEFERRABLE INITIALLY DEFERRED;
CREATE TRIGGER property_subsidyline_stands BEFORE UPDATE OR DELETE ON property_subsidyline
    FOR EACH ROW EXECUTE FUNCTION property_stands();

CREATE FUNCTION property_charge_owed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    told jsonb := to_jsonb(NEW);
    bare bigint;
BEGIN
    SELECT charge.id INTO bare FROM property_charge AS charge
        JOIN property_costperiod AS period ON period.id = charge.period_id
        WHERE charge.dwelling_id = (told ->> 'dwelling_id')::bigint
            AND (TG_TABLE_NAME <> 'property_charge' OR charge.id = (told ->> 'id')::bigint)
            AND (TG_TABLE_NAME = 'property_charge' OR period.books_id = (told ->> 'books_id')::bigint)
            AND NOT EXISTS (
                SELECT FROM property_householdaccount AS account WHERE account.books_id = period.books_id
                    AND account.dwelling_id = charge.dwelling_id AND account.days @> period.owners_of)
        LIMIT 1;
    IF bare IS NOT NULL THEN
        RAISE EXCEPTION 'charge % is on no account', bare USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER charge_owed AFTER INSERT ON property_charge
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION property_charge_owed();
CREATE CONSTRAINT TRIGGER account_days AFTER UPDATE ON property_householdaccount
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.days IS DISTINCT FROM NEW.days)
    EXECUTE FUNCTION property_charge_owed();
"""
OWED_BACK = """
DROP TRIGGER account_days ON property_householdaccount;
DROP TRIGGER charge_owed ON property_charge;
DROP FUNCTION property_charge_owed();
DROP TRIGGER property_subsidyline_stands ON property_subsidyline;
ALTER TABLE property_payment DROP CONSTRAINT payment_of_account;
ALTER TABLE property_householdaccount DROP CONSTRAINT household_account_of;
"""
GUARDS = (("property_payment", "property_payment_stands"), ("property_costperiod", "cost_period_stands"))
DAYS = """
UPDATE property_costperiod SET owners_of = least(last, (published_at AT TIME ZONE 'Asia/Shanghai')::date)
    WHERE published_at IS NOT NULL;
UPDATE property_costperiod AS period SET hands = wrote.people FROM (
    SELECT subject_id, array_agg(DISTINCT actor_id) AS people FROM governance_event
    WHERE subject_type = 'property.costperiod'
        AND name IN ('cost_period.line_added', 'cost_period.line_dropped', 'cost_period.terms_set')
    GROUP BY subject_id) AS wrote WHERE wrote.subject_id = period.id;
"""


def fill(apps, schema_editor):
    """Give what was charged and paid to who owned the dwelling then; payments by the day they were made."""
    with schema_editor.connection.cursor() as cursor:
        for table, guard in GUARDS:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {guard}")
        cursor.execute(DAYS)
    for books in apps.get_model("property", "EstateBooks").objects.all():
        _fill_books(apps, books)
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table, guard in GUARDS:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {guard}")


def _fill_books(apps, books):
    charges = apps.get_model("property", "Charge").objects.filter(period__books=books)
    days = defaultdict(set)
    for dwelling, day in charges.values_list("dwelling", "period__owners_of").order_by().distinct():
        days[dwelling].add(day)
    payments = defaultdict(list)
    for payment in apps.get_model("property", "Payment").objects.filter(books=books).order_by("id"):
        payments[payment.dwelling_id].append(payment)
    ties = defaultdict(list)
    rows = apps.get_model("governance", "Ownership").objects.filter(state__in=["verified", "ended"])
    for row in rows.filter(dwelling__in={*days, *payments}).order_by("valid_from", "id"):
        share = Fraction(row.share_numerator, row.share_denominator)
        entered = timezone.localdate(row.claimed_at)
        ties[row.dwelling_id].append(Tie(row.pk, row.valid_from, row.valid_to, share, entered))
    for dwelling in sorted({*days, *payments}):
        _fill_dwelling(apps, books, dwelling, ties[dwelling], days[dwelling], payments[dwelling])


def _fill_dwelling(apps, books, dwelling, ties, days, payments):
    owner_model = apps.get_model("property", "AccountOwner")
    chain = chain_of(households_of(ties, {}), has_past=False)
    needed = days | {payment.paid_on for payment in payments} | {timezone.localdate()}
    made: list[tuple[Stretch, int]] = []
    for stretch in chain:
        if not any(stretch.holds(day) for day in needed):
            continue
        account = apps.get_model("property", "HouseholdAccount").objects.create(
            books=books, dwelling_id=dwelling, number=len(made) + 1, days=(stretch.first, stretch.until)
        )
        made.append((stretch, account.pk))
        members = stretch.household.ties if stretch.household else []
        owner_model.objects.bulk_create(owner_model(account=account, ownership_id=tie.key) for tie in members)
    named = {}
    for payment in payments:
        by_day = next(key for stretch, key in made if stretch.holds(payment.paid_on))
        payment.account_id = named[payment.pk] = named.get(payment.reverses_id, by_day)
        payment.save(update_fields=["account"])


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0010_roles_of_property"),
        ("property", "0005_assembly"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AccountOwner",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ],
            options={
                "verbose_name": "owner of an account",
                "verbose_name_plural": "owners of accounts",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="HouseholdAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                ("days", django.contrib.postgres.fields.ranges.DateRangeField(verbose_name="days")),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="opened at")),
            ],
            options={
                "verbose_name": "account of a household",
                "verbose_name_plural": "accounts of households",
                "ordering": ["dwelling", "number"],
            },
        ),
        migrations.CreateModel(
            name="SubsidyLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="amount (yuan)")),
                ("booked_on", models.DateField(verbose_name="day")),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="recorded at")),
            ],
            options={
                "verbose_name": "subsidy after settlement",
                "verbose_name_plural": "subsidies after settlement",
                "ordering": ["id"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="disclosurerule",
            name="disclosure_rule_months",
        ),
        migrations.AddField(
            model_name="assemblysession",
            name="unsuitable_since",
            field=models.DateTimeField(editable=False, null=True, verbose_name="its day will not do, known since"),
        ),
        migrations.AddField(
            model_name="costline",
            name="due_on",
            field=models.DateField(editable=False, null=True, verbose_name="to be paid by"),
        ),
        migrations.AddField(
            model_name="costperiod",
            name="hands",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(),
                default=list,
                editable=False,
                size=None,
                verbose_name="keys of who wrote it",
            ),
        ),
        migrations.AddField(
            model_name="costperiod",
            name="owners_of",
            field=models.DateField(editable=False, null=True, verbose_name="charged to the owners of"),
        ),
        migrations.AlterField(
            model_name="disclosure",
            name="kind",
            field=models.CharField(
                choices=[
                    ("fund", "Maintenance fund"),
                    ("public_income", "Public income"),
                    ("notice", "Time for objections to a cost period"),
                    ("settlement", "Final statement of a cost period"),
                    ("supplement", "Time to pay what a correction adds"),
                ],
                max_length=15,
                verbose_name="what",
            ),
        ),
        migrations.AlterField(
            model_name="disclosurerule",
            name="kind",
            field=models.CharField(
                choices=[
                    ("fund", "Maintenance fund"),
                    ("public_income", "Public income"),
                    ("notice", "Time for objections to a cost period"),
                    ("settlement", "Final statement of a cost period"),
                    ("supplement", "Time to pay what a correction adds"),
                ],
                max_length=15,
                verbose_name="what",
            ),
        ),
        migrations.AddConstraint(
            model_name="disclosurerule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind__in", ["fund", "public_income"]), ("months__in", [1, 2, 3, 4, 6, 12])),
                    models.Q(("kind__in", ["notice", "settlement", "supplement"]), ("months", None)),
                    _connector="OR",
                ),
                name="disclosure_rule_months",
                violation_error_message="Months: 1, 2, 3, 4, 6 or 12 for the fund and public income, else none.",
            ),
        ),
        migrations.AddField(
            model_name="accountowner",
            name="ownership",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="governance.ownership",
                verbose_name="ownership",
            ),
        ),
        migrations.AddField(
            model_name="householdaccount",
            name="books",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="accounts",
                to="property.estatebooks",
                verbose_name="books of an estate",
            ),
        ),
        migrations.AddField(
            model_name="householdaccount",
            name="dwelling",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="accounts",
                to="governance.dwelling",
                verbose_name="dwelling",
            ),
        ),
        migrations.AddField(
            model_name="householdaccount",
            name="ownerships",
            field=models.ManyToManyField(related_name="+", through="property.AccountOwner", to="governance.ownership"),
        ),
        migrations.AddField(
            model_name="accountowner",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="owners",
                to="property.householdaccount",
                verbose_name="account of a household",
            ),
        ),
        migrations.AddField(
            model_name="payment",
            name="account",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="payments",
                to="property.householdaccount",
                verbose_name="account of a household",
            ),
        ),
        migrations.AddField(
            model_name="subsidyline",
            name="made_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="recorded by",
            ),
        ),
        migrations.AddField(
            model_name="subsidyline",
            name="period",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="subsidy_lines",
                to="property.costperiod",
                verbose_name="cost period",
            ),
        ),
        migrations.AddConstraint(
            model_name="householdaccount",
            constraint=models.UniqueConstraint(fields=("books", "dwelling", "number"), name="household_account_once"),
        ),
        migrations.AddConstraint(
            model_name="householdaccount",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                deferrable=django.db.models.constraints.Deferrable["DEFERRED"],
                expressions=[("books", "="), ("dwelling", "="), ("days", "&&")],
                name="household_accounts_apart",
            ),
        ),
        migrations.AddConstraint(
            model_name="subsidyline",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount", 0), _negated=True), name="subsidy_line_amount"
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="payment",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="payments",
                to="property.householdaccount",
                verbose_name="account of a household",
            ),
        ),
        migrations.RunSQL(OWED, OWED_BACK),
    ]
