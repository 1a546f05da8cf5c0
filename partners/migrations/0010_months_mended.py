"""Monthly statements read no history: what each account had at a month's end is kept, and its days are found by index.

The two indexes take the place of those of the foreign keys alone, so a transfer writes as many as before.
"""

import django.db.models.deletion
from django.db import migrations, models

# Closings stay as they were; those of months that are closed already are reckoned from the entries, once.
KEPT = """
CREATE TRIGGER account_closing_append_only BEFORE UPDATE OR DELETE ON partners_accountclosing
    FOR EACH ROW EXECUTE FUNCTION partners_append_only();
CREATE TRIGGER account_closing_no_truncate BEFORE TRUNCATE ON partners_accountclosing
    FOR EACH STATEMENT EXECUTE FUNCTION partners_append_only();
INSERT INTO partners_accountclosing (account_id, until, balance)
SELECT entry.account_id, month.until,
    sum(sum(entry.amount)) OVER (PARTITION BY entry.account_id ORDER BY month.until)
FROM partners_transfer AS transfer JOIN partners_entry AS entry ON entry.transfer_id = transfer.id
JOIN partners_account AS account ON account.id = entry.account_id AND account.kind IN ('member', 'merchant')
JOIN LATERAL (
    SELECT min(closing.until) AS until FROM partners_monthlyclosing AS closing
    WHERE closing.area_id = transfer.area_id AND closing.until > transfer.occurred_at
) AS month ON month.until IS NOT NULL
GROUP BY entry.account_id, month.until;
"""
KEPT_BACK = """
DROP TRIGGER account_closing_no_truncate ON partners_accountclosing;
DROP TRIGGER account_closing_append_only ON partners_accountclosing;
"""


class Migration(migrations.Migration):
    dependencies = [("partners", "0009_credit")]

    operations = [
        migrations.CreateModel(
            name="AccountClosing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("until", models.DateTimeField(verbose_name="until")),
                ("balance", models.BigIntegerField(verbose_name="Closing balance")),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partners.account",
                        verbose_name="account",
                    ),
                ),
            ],
            options={
                "verbose_name": "monthly closing of an account",
                "verbose_name_plural": "monthly closings of accounts",
                "ordering": ["-until", "account"],
                "constraints": [
                    models.UniqueConstraint(fields=("account", "until"), name="account_closing_once"),
                ],
            },
        ),
        migrations.RunSQL(KEPT, KEPT_BACK),
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(fields=["account", "occurred_at"], name="transfer_account_moment"),
        ),
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(
                condition=models.Q(("counterpart__isnull", False)),
                fields=["counterpart", "occurred_at"],
                name="transfer_far_side_moment",
            ),
        ),
        migrations.AlterField(
            model_name="transfer",
            name="account",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="transfers",
                to="partners.account",
                verbose_name="account",
            ),
        ),
        migrations.AlterField(
            model_name="transfer",
            name="counterpart",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="received",
                to="partners.account",
                verbose_name="far side",
            ),
        ),
    ]
