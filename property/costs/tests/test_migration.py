"""What the migration to accounts of households makes of charges and payments that knew their dwelling only."""

from datetime import date
from importlib import import_module

from django.apps import apps
from django.db import connection

from governance.models import User
from governance.workflow import act
from property.models import AccountOwner, CostPeriod, HouseholdAccount, Payment

migration = import_module("property.migrations.0006_debtors")
# Back to what the tables were before, in the test's own transaction.
BEFORE = """
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE property_payment DISABLE TRIGGER property_payment_stands;
ALTER TABLE property_payment ALTER account_id DROP NOT NULL;
UPDATE property_payment SET account_id = NULL;
ALTER TABLE property_payment ENABLE TRIGGER property_payment_stands;
ALTER TABLE property_costperiod DISABLE TRIGGER cost_period_stands;
UPDATE property_costperiod SET owners_of = NULL, hands = '{}';
ALTER TABLE property_costperiod ENABLE TRIGGER cost_period_stands;
DELETE FROM property_accountowner;
DELETE FROM property_householdaccount;
"""


def told() -> tuple:
    """Accounts with their days and owners, payments with theirs, and the days and hands of the periods."""
    accounts = HouseholdAccount.objects.order_by("dwelling", "number")
    owners = AccountOwner.objects.order_by("ownership").values_list("ownership", "account__number")
    payments = Payment.objects.order_by("id").values_list("id", "account__number")
    return (
        list(accounts.values_list("dwelling", "number", "days")), list(owners), list(payments),
        list(CostPeriod.objects.order_by("id").values_list("owners_of", "hands")),
    )  # fmt: skip


def test_charges_and_payments_go_to_who_owned_the_dwelling_then(estate):
    # given a quarter that was paid, a flat that was sold, and a reversal by the buyer's time
    estate.collecting("800.00")
    estate.pay(0, "50.00", paid_on=date(2026, 10, 20))
    wrong = estate.pay(1, "10.00", paid_on=date(2026, 10, 21))
    estate.sold(0, User.objects.create(username="buyer", name="买方"), date(2026, 11, 1))
    estate.sold(1, User.objects.create(username="other", name="另一买方"), date(2026, 11, 1))
    estate.pay(0, "7.00")
    undone = act(estate.books, "reverse_payment", actor=estate.manager, payment=wrong, reason="记错").made
    assert undone.account == wrong.account
    before = told()
    with connection.cursor() as cursor:
        cursor.execute(BEFORE)
    assert not HouseholdAccount.objects.exists()
    # when the migration fills the new tables
    with connection.schema_editor(atomic=False) as editor:
        migration.fill(apps, editor)
    # then they say what the services said
    assert told() == before
