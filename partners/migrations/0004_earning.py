"""Earning points: rules, records, donations, hours, settlement sheets and monthly closings (docs/decisions/0033)."""

from decimal import Decimal

import django.contrib.postgres.constraints
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import partners.models.service

# What the services keep is kept here too, whoever writes.
RULES = """
CREATE FUNCTION partners_rule_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.valid_from <= (now() AT TIME ZONE 'Asia/Shanghai')::date AND
       (NEW.kind_id, NEW.area_id, NEW.points, NEW.per, NEW.day_cap, NEW.month_cap, NEW.approve_above, NEW.months,
        NEW.valid_from)
       IS DISTINCT FROM
       (OLD.kind_id, OLD.area_id, OLD.points, OLD.per, OLD.day_cap, OLD.month_cap, OLD.approve_above, OLD.months,
        OLD.valid_from) THEN
        RAISE EXCEPTION 'a rule in force is never edited' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER earning_rule_guard BEFORE UPDATE ON partners_earningrule
    FOR EACH ROW EXECUTE FUNCTION partners_rule_guard();

CREATE FUNCTION partners_earning_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.reversed_at IS NOT NULL OR
       (NEW.partner_id, NEW.area_id, NEW.kind_id, NEW.rule_id, NEW.day, NEW.base, NEW.points, NEW.steps,
        NEW.evidence_type, NEW.evidence_id, NEW.transfer_id, NEW.decided_by_id, NEW.decided_at)
       IS DISTINCT FROM
       (OLD.partner_id, OLD.area_id, OLD.kind_id, OLD.rule_id, OLD.day, OLD.base, OLD.points, OLD.steps,
        OLD.evidence_type, OLD.evidence_id, OLD.transfer_id, OLD.decided_by_id, OLD.decided_at) THEN
        RAISE EXCEPTION 'a decision on points is only reversed, once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER earning_guard BEFORE UPDATE ON partners_earning
    FOR EACH ROW EXECUTE FUNCTION partners_earning_guard();
CREATE TRIGGER earning_stays BEFORE DELETE ON partners_earning
    FOR EACH ROW EXECUTE FUNCTION partners_append_only();
CREATE TRIGGER earning_no_truncate BEFORE TRUNCATE ON partners_earning
    FOR EACH STATEMENT EXECUTE FUNCTION partners_append_only();
"""

RULES_BACK = """
DROP TRIGGER earning_no_truncate ON partners_earning;
DROP TRIGGER earning_stays ON partners_earning;
DROP TRIGGER earning_guard ON partners_earning;
DROP TRIGGER earning_rule_guard ON partners_earningrule;
DROP FUNCTION partners_earning_guard();
DROP FUNCTION partners_rule_guard();
"""

HOURS = """
CREATE TRIGGER volunteer_hours_append_only BEFORE UPDATE OR DELETE ON partners_volunteerhours
    FOR EACH ROW EXECUTE FUNCTION partners_append_only();
CREATE TRIGGER volunteer_hours_no_truncate BEFORE TRUNCATE ON partners_volunteerhours
    FOR EACH STATEMENT EXECUTE FUNCTION partners_append_only();

CREATE FUNCTION partners_hours_reversal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM partners_volunteerhours AS first WHERE first.id = NEW.reverses_id AND first.reverses_id IS NULL
        AND first.minutes = - NEW.minutes AND first.person_id = NEW.person_id AND first.record_id = NEW.record_id
        AND first.day = NEW.day AND first.area_id = NEW.area_id
    ) THEN
        RAISE EXCEPTION 'a line of hours is reversed whole' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER volunteer_hours_reversal BEFORE INSERT ON partners_volunteerhours
    FOR EACH ROW WHEN (NEW.reverses_id IS NOT NULL) EXECUTE FUNCTION partners_hours_reversal();

CREATE FUNCTION partners_certificate_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'valid' OR
       (NEW.person_id, NEW.area_id, NEW.number, NEW.code, NEW.holder, NEW.issuer, NEW.first, NEW.last, NEW.minutes,
        NEW.lines, NEW.issued_by_id, NEW.issued_at)
       IS DISTINCT FROM
       (OLD.person_id, OLD.area_id, OLD.number, OLD.code, OLD.holder, OLD.issuer, OLD.first, OLD.last, OLD.minutes,
        OLD.lines, OLD.issued_by_id, OLD.issued_at) THEN
        RAISE EXCEPTION 'a certificate stays as it was issued' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER hours_certificate_guard BEFORE UPDATE ON partners_hourscertificate
    FOR EACH ROW EXECUTE FUNCTION partners_certificate_guard();
CREATE TRIGGER hours_certificate_stays BEFORE DELETE ON partners_hourscertificate
    FOR EACH ROW EXECUTE FUNCTION partners_append_only();
"""

HOURS_BACK = """
DROP TRIGGER hours_certificate_stays ON partners_hourscertificate;
DROP TRIGGER hours_certificate_guard ON partners_hourscertificate;
DROP FUNCTION partners_certificate_guard();
DROP TRIGGER volunteer_hours_reversal ON partners_volunteerhours;
DROP FUNCTION partners_hours_reversal();
DROP TRIGGER volunteer_hours_no_truncate ON partners_volunteerhours;
DROP TRIGGER volunteer_hours_append_only ON partners_volunteerhours;
"""

# A month that was closed stays as it was: nothing is dated back into it (asked only of what is dated back at all).
CLOSINGS = """
CREATE TRIGGER monthly_closing_append_only BEFORE UPDATE OR DELETE ON partners_monthlyclosing
    FOR EACH ROW EXECUTE FUNCTION partners_append_only();
CREATE TRIGGER monthly_closing_no_truncate BEFORE TRUNCATE ON partners_monthlyclosing
    FOR EACH STATEMENT EXECUTE FUNCTION partners_append_only();

CREATE FUNCTION partners_transfer_month_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM partners_monthlyclosing WHERE area_id = NEW.area_id AND until > NEW.occurred_at) THEN
        RAISE EXCEPTION 'the month of % is closed', NEW.occurred_at USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER transfer_month_open BEFORE INSERT ON partners_transfer
    FOR EACH ROW WHEN (NEW.occurred_at < now() - interval '10 minutes') EXECUTE FUNCTION partners_transfer_month_open();
"""

CLOSINGS_BACK = """
DROP TRIGGER transfer_month_open ON partners_transfer;
DROP FUNCTION partners_transfer_month_open();
DROP TRIGGER monthly_closing_no_truncate ON partners_monthlyclosing;
DROP TRIGGER monthly_closing_append_only ON partners_monthlyclosing;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0012_roles_of_partners"),
        ("partners", "0003_recruiting"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Donation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                (
                    "receipt",
                    models.CharField(editable=False, max_length=40, unique=True, verbose_name="receipt number"),
                ),
                (
                    "code",
                    models.CharField(
                        default=partners.models.service.new_code, editable=False, max_length=24, unique=True
                    ),
                ),
                (
                    "sort",
                    models.CharField(
                        choices=[("goods", "Goods"), ("money", "Money")],
                        default="goods",
                        max_length=10,
                        verbose_name="goods or money",
                    ),
                ),
                ("description", models.CharField(max_length=200, verbose_name="what was given")),
                (
                    "quantity",
                    models.PositiveIntegerField(
                        default=1,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(1000),
                        ],
                        verbose_name="how many",
                    ),
                ),
                (
                    "value",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=10, null=True, verbose_name="stated value (yuan)"
                    ),
                ),
                ("received_on", models.DateField(verbose_name="received on")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("received", "Received, waits for approval"),
                            ("checked", "Waits for a second approval"),
                            ("approved", "Approved"),
                            ("declined", "Declined"),
                            ("returned", "Given back"),
                        ],
                        default="received",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
            ],
            options={
                "verbose_name": "donation",
                "verbose_name_plural": "donations",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Earning",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="day")),
                ("base", models.PositiveIntegerField(verbose_name="points before caps")),
                ("points", models.PositiveIntegerField(verbose_name="number of points")),
                ("steps", models.JSONField(default=list, verbose_name="how it was reckoned")),
                ("evidence_type", models.CharField(max_length=60, verbose_name="evidence")),
                ("evidence_id", models.BigIntegerField(verbose_name="number of the evidence")),
                ("decided_at", models.DateTimeField(verbose_name="decided at")),
                ("reversed_at", models.DateTimeField(blank=True, null=True, verbose_name="reversed at")),
            ],
            options={
                "verbose_name": "earning",
                "verbose_name_plural": "earnings",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="EarningRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "points",
                    models.PositiveIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(10000),
                        ],
                        verbose_name="number of points",
                    ),
                ),
                (
                    "per",
                    models.CharField(
                        choices=[("service", "each time"), ("hour", "hour"), ("item", "item")],
                        default="service",
                        max_length=10,
                        verbose_name="for each",
                    ),
                ),
                (
                    "day_cap",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(1000000),
                        ],
                        verbose_name="most a day",
                    ),
                ),
                (
                    "month_cap",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(1000000),
                        ],
                        verbose_name="most a month",
                    ),
                ),
                (
                    "approve_above",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="More points than this need the approval of a second person.",
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(1000000)],
                        verbose_name="two approve above",
                    ),
                ),
                (
                    "months",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(120),
                        ],
                        verbose_name="months until points expire",
                    ),
                ),
                ("valid_from", models.DateField(default=django.utils.timezone.localdate, verbose_name="from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="to")),
                ("source", models.CharField(blank=True, max_length=120, verbose_name="source of the tariff")),
            ],
            options={
                "verbose_name": "earning rule",
                "verbose_name_plural": "earning rules",
                "ordering": ["kind", "area", "-valid_from"],
            },
        ),
        migrations.CreateModel(
            name="HoursCertificate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                (
                    "number",
                    models.CharField(editable=False, max_length=40, unique=True, verbose_name="number of the paper"),
                ),
                (
                    "code",
                    models.CharField(
                        default=partners.models.service.new_code, editable=False, max_length=24, unique=True
                    ),
                ),
                ("holder", models.CharField(max_length=60, verbose_name="in the name of")),
                ("issuer", models.CharField(max_length=80, verbose_name="issued by")),
                ("first", models.DateField(verbose_name="from")),
                ("last", models.DateField(verbose_name="to")),
                ("minutes", models.PositiveIntegerField(verbose_name="minutes")),
                ("lines", models.JSONField(default=list, verbose_name="lines")),
                ("issued_at", models.DateTimeField(verbose_name="issued at")),
                (
                    "state",
                    models.CharField(
                        choices=[("valid", "Valid"), ("revoked", "Revoked")],
                        default="valid",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
            ],
            options={
                "verbose_name": "certificate of volunteering",
                "verbose_name_plural": "certificates of volunteering",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="MonthlyClosing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("until", models.DateTimeField(verbose_name="until")),
                ("outstanding", models.BigIntegerField(verbose_name="with members")),
                ("owed", models.BigIntegerField(verbose_name="owed")),
                ("issued", models.BigIntegerField(verbose_name="issued")),
                ("redeemed", models.BigIntegerField(verbose_name="redeemed")),
                ("expired", models.BigIntegerField(verbose_name="expired")),
            ],
            options={
                "verbose_name": "monthly closing",
                "verbose_name_plural": "monthly closings",
                "ordering": ["-until", "area"],
            },
        ),
        migrations.CreateModel(
            name="NumberSeries",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("paper", models.CharField(max_length=20)),
                ("year", models.PositiveSmallIntegerField()),
                ("last", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="ServiceKind",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=30, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=40, verbose_name="name")),
                (
                    "use",
                    models.CharField(
                        choices=[
                            ("service", "Services rendered"),
                            ("donation", "Donations"),
                            ("project", "Projects evaluated"),
                        ],
                        default="service",
                        max_length=10,
                        verbose_name="used for",
                    ),
                ),
                ("counts_hours", models.BooleanField(default=False, verbose_name="hours count as volunteering")),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
            ],
            options={
                "verbose_name": "kind of service",
                "verbose_name_plural": "kinds of service",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="ServiceRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("performed_at", models.DateTimeField(verbose_name="began at")),
                (
                    "hours",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=4,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(24),
                        ],
                        verbose_name="hours",
                    ),
                ),
                (
                    "quantity",
                    models.PositiveIntegerField(
                        default=1,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(1000),
                        ],
                        verbose_name="how many",
                    ),
                ),
                (
                    "served",
                    models.PositiveIntegerField(
                        default=0,
                        validators=[django.core.validators.MaxValueValidator(100000)],
                        verbose_name="people served",
                    ),
                ),
                ("place", models.CharField(blank=True, max_length=120, verbose_name="place")),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="service in words")),
                ("reported_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="reported at")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("submitted", "Waits for approval"),
                            ("checked", "Waits for a second approval"),
                            ("approved", "Approved"),
                            ("declined", "Declined"),
                            ("reversed", "Reversed"),
                        ],
                        default="submitted",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
            ],
            options={
                "verbose_name": "record of a service",
                "verbose_name_plural": "records of services",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="SettlementRate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "yuan",
                    models.DecimalField(
                        decimal_places=4,
                        max_digits=7,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.0001"))],
                        verbose_name="yuan a point",
                    ),
                ),
                ("valid_from", models.DateField(default=django.utils.timezone.localdate, verbose_name="from")),
            ],
            options={
                "verbose_name": "settlement rate",
                "verbose_name_plural": "settlement rates",
                "ordering": ["area", "-valid_from"],
            },
        ),
        migrations.CreateModel(
            name="SettlementSheet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                (
                    "number",
                    models.CharField(editable=False, max_length=40, unique=True, verbose_name="number of the paper"),
                ),
                ("first", models.DateField(verbose_name="from")),
                ("last", models.DateField(verbose_name="to")),
                ("points", models.PositiveIntegerField(verbose_name="number of points")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="amount (yuan)")),
                ("proposed_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="proposed at")),
                ("paid_by", models.CharField(blank=True, max_length=120, verbose_name="how it was paid")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "Waits for the merchant"),
                            ("confirmed", "Confirmed by the merchant"),
                            ("disputed", "Disputed by the merchant"),
                            ("settled", "Settled"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="proposed",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
            ],
            options={
                "verbose_name": "settlement sheet",
                "verbose_name_plural": "settlement sheets",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="VolunteerHours",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="day")),
                ("minutes", models.IntegerField(verbose_name="minutes")),
                ("counted_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="counted at")),
            ],
            options={
                "verbose_name": "hours of volunteering",
                "verbose_name_plural": "hours of volunteering",
                "ordering": ["-id"],
            },
        ),
        migrations.RemoveIndex(
            model_name="transfer",
            name="transfer_area_time",
        ),
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(fields=["area", "occurred_at"], name="transfer_area_moment"),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "earn"), _negated=True),
                    models.Q(("evidence_type", ""), _negated=True),
                    _connector="OR",
                ),
                name="transfer_earned_by_evidence",
            ),
        ),
        migrations.AddField(
            model_name="donation",
            name="area",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="governance.area",
                verbose_name="community",
            ),
        ),
        migrations.AddField(
            model_name="donation",
            name="first_approver",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="first approval by",
            ),
        ),
        migrations.AddField(
            model_name="donation",
            name="partner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="donations",
                to="partners.partner",
                verbose_name="partner",
            ),
        ),
        migrations.AddField(
            model_name="donation",
            name="received_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="donation taken in by",
            ),
        ),
        migrations.AddField(
            model_name="earning",
            name="area",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="governance.area",
                verbose_name="community",
            ),
        ),
        migrations.AddField(
            model_name="earning",
            name="decided_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="decided by",
            ),
        ),
        migrations.AddField(
            model_name="earning",
            name="partner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="earnings",
                to="partners.partner",
                verbose_name="partner",
            ),
        ),
        migrations.AddField(
            model_name="earning",
            name="reversal",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="partners.transfer",
                verbose_name="reversal",
            ),
        ),
        migrations.AddField(
            model_name="earning",
            name="transfer",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="earning",
                to="partners.transfer",
                verbose_name="transfer",
            ),
        ),
        migrations.AddField(
            model_name="earningrule",
            name="area",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="governance.area", verbose_name="area"
            ),
        ),
        migrations.AddField(
            model_name="earning",
            name="rule",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="earnings",
                to="partners.earningrule",
                verbose_name="earning rule",
            ),
        ),
        migrations.AddField(
            model_name="hourscertificate",
            name="area",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="governance.area",
                verbose_name="community",
            ),
        ),
        migrations.AddField(
            model_name="hourscertificate",
            name="issued_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="issued by (person)",
            ),
        ),
        migrations.AddField(
            model_name="hourscertificate",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="hours_certificates",
                to=settings.AUTH_USER_MODEL,
                verbose_name="person",
            ),
        ),
        migrations.AddField(
            model_name="monthlyclosing",
            name="area",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="governance.area",
                verbose_name="community",
            ),
        ),
        migrations.AddField(
            model_name="numberseries",
            name="area",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="governance.area"
            ),
        ),
        migrations.AddField(
            model_name="earningrule",
            name="kind",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="rules",
                to="partners.servicekind",
                verbose_name="kind of service",
            ),
        ),
        migrations.AddField(
            model_name="earning",
            name="kind",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="partners.servicekind",
                verbose_name="kind of service",
            ),
        ),
        migrations.AddField(
            model_name="donation",
            name="kind",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="donations",
                to="partners.servicekind",
                verbose_name="kind of service",
            ),
        ),
        migrations.AddField(
            model_name="servicerecord",
            name="area",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="governance.area",
                verbose_name="community",
            ),
        ),
        migrations.AddField(
            model_name="servicerecord",
            name="first_approver",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="first approval by",
            ),
        ),
        migrations.AddField(
            model_name="servicerecord",
            name="kind",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="records",
                to="partners.servicekind",
                verbose_name="kind of service",
            ),
        ),
        migrations.AddField(
            model_name="servicerecord",
            name="partner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="records",
                to="partners.partner",
                verbose_name="partner",
            ),
        ),
        migrations.AddField(
            model_name="servicerecord",
            name="person",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="who did it",
            ),
        ),
        migrations.AddField(
            model_name="servicerecord",
            name="reported_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="reported by",
            ),
        ),
        migrations.AddField(
            model_name="settlementrate",
            name="area",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="governance.area",
                verbose_name="community",
            ),
        ),
        migrations.AddField(
            model_name="settlementsheet",
            name="area",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="governance.area",
                verbose_name="community",
            ),
        ),
        migrations.AddField(
            model_name="settlementsheet",
            name="merchant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="sheets",
                to="partners.account",
                verbose_name="Merchant",
            ),
        ),
        migrations.AddField(
            model_name="settlementsheet",
            name="proposed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="proposed by",
            ),
        ),
        migrations.AddField(
            model_name="settlementsheet",
            name="rate",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="partners.settlementrate",
                verbose_name="settlement rate",
            ),
        ),
        migrations.AddField(
            model_name="settlementsheet",
            name="transfer",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="sheet",
                to="partners.transfer",
                verbose_name="transfer",
            ),
        ),
        migrations.AddField(
            model_name="volunteerhours",
            name="area",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="governance.area",
                verbose_name="community",
            ),
        ),
        migrations.AddField(
            model_name="volunteerhours",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="volunteer_hours",
                to=settings.AUTH_USER_MODEL,
                verbose_name="person",
            ),
        ),
        migrations.AddField(
            model_name="volunteerhours",
            name="record",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="partners.servicerecord",
                verbose_name="record of a service",
            ),
        ),
        migrations.AddField(
            model_name="volunteerhours",
            name="reverses",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reversed_by",
                to="partners.volunteerhours",
                verbose_name="reverses",
            ),
        ),
        migrations.AddConstraint(
            model_name="hourscertificate",
            constraint=models.CheckConstraint(
                condition=models.Q(("last__gte", models.F("first")), ("minutes__gt", 0)), name="hours_certificate_whole"
            ),
        ),
        migrations.AddConstraint(
            model_name="monthlyclosing",
            constraint=models.UniqueConstraint(fields=("area", "until"), name="monthly_closing_once"),
        ),
        migrations.AddConstraint(
            model_name="numberseries",
            constraint=models.UniqueConstraint(fields=("area", "paper", "year"), name="number_series_once"),
        ),
        migrations.AddConstraint(
            model_name="earningrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_to__isnull", True), ("valid_to__gte", models.F("valid_from")), _connector="OR"
                ),
                name="earning_rule_dates_in_order",
                violation_error_message="The last day lies before the first.",
            ),
        ),
        migrations.AddConstraint(
            model_name="earningrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("points__gte", 1), ("points__lte", 10000)), name="earning_rule_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="earningrule",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    ("kind", "="),
                    ("area", "="),
                    (
                        models.Func(
                            models.F("valid_from"), models.F("valid_to"), models.Value("[]"), function="daterange"
                        ),
                        "&&",
                    ),
                ],
                name="earning_rule_no_overlap",
                violation_error_message="Another rule of this kind and area is in force in this time.",
            ),
        ),
        migrations.AddIndex(
            model_name="earning",
            index=models.Index(
                condition=models.Q(("reversed_at__isnull", True)),
                fields=["partner", "kind", "day"],
                name="earning_capped",
            ),
        ),
        migrations.AddIndex(
            model_name="earning",
            index=models.Index(fields=["area", "day"], name="earning_area_day"),
        ),
        migrations.AddConstraint(
            model_name="earning",
            constraint=models.UniqueConstraint(
                fields=("evidence_type", "evidence_id"), name="earning_once_an_evidence"
            ),
        ),
        migrations.AddConstraint(
            model_name="earning",
            constraint=models.CheckConstraint(
                condition=models.Q(("points__lte", models.F("base"))), name="earning_within_base"
            ),
        ),
        migrations.AddConstraint(
            model_name="earning",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("points", 0), ("transfer__isnull", True)),
                    models.Q(("points__gt", 0), ("transfer__isnull", False)),
                    _connector="OR",
                ),
                name="earning_has_transfer",
            ),
        ),
        migrations.AddConstraint(
            model_name="earning",
            constraint=models.CheckConstraint(
                condition=models.Q(("reversal__isnull", True), ("reversed_at__isnull", False), _connector="OR"),
                name="earning_reversal_dated",
            ),
        ),
        migrations.AddConstraint(
            model_name="earning",
            constraint=models.CheckConstraint(
                condition=models.Q(("evidence_type", ""), _negated=True), name="earning_has_evidence"
            ),
        ),
        migrations.AddConstraint(
            model_name="donation",
            constraint=models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="donation_quantity"),
        ),
        migrations.AddConstraint(
            model_name="donation",
            constraint=models.CheckConstraint(
                condition=models.Q(("value__isnull", True), ("value__gt", 0), _connector="OR"), name="donation_value"
            ),
        ),
        migrations.AddIndex(
            model_name="servicerecord",
            index=models.Index(fields=["area", "state"], name="service_record_waiting"),
        ),
        migrations.AddConstraint(
            model_name="servicerecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("quantity__gte", 1),
                    models.Q(("hours__isnull", True), models.Q(("hours__gt", 0), ("hours__lte", 24)), _connector="OR"),
                ),
                name="service_record_measured",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicerecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("first_approver__isnull", True), ("state", "submitted")),
                    models.Q(("first_approver__isnull", False), ("state", "checked")),
                    ("state__in", ["approved", "declined", "reversed"]),
                    _connector="OR",
                ),
                name="service_record_first_approver",
            ),
        ),
        migrations.AddConstraint(
            model_name="settlementrate",
            constraint=models.UniqueConstraint(fields=("area", "valid_from"), name="settlement_rate_once_a_day"),
        ),
        migrations.AddConstraint(
            model_name="settlementrate",
            constraint=models.CheckConstraint(condition=models.Q(("yuan__gt", 0)), name="settlement_rate_positive"),
        ),
        migrations.AddConstraint(
            model_name="settlementsheet",
            constraint=models.CheckConstraint(
                condition=models.Q(("last__gte", models.F("first")), ("points__gt", 0)), name="settlement_sheet_whole"
            ),
        ),
        migrations.AddConstraint(
            model_name="settlementsheet",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "settled"), ("transfer__isnull", False)),
                    models.Q(models.Q(("state", "settled"), _negated=True), ("transfer__isnull", True)),
                    _connector="OR",
                ),
                name="settlement_sheet_settled",
            ),
        ),
        migrations.AddConstraint(
            model_name="settlementsheet",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("state", "withdrawn"), _negated=True),
                expressions=[
                    ("merchant", "="),
                    (models.Func(models.F("first"), models.F("last"), models.Value("[]"), function="daterange"), "&&"),
                ],
                name="settlement_sheet_no_overlap",
            ),
        ),
        migrations.AddIndex(
            model_name="volunteerhours",
            index=models.Index(fields=["person", "day"], name="volunteer_hours_person"),
        ),
        migrations.AddConstraint(
            model_name="volunteerhours",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("minutes__gt", 0), ("reverses__isnull", True)),
                    models.Q(("minutes__lt", 0), ("reverses__isnull", False)),
                    _connector="OR",
                ),
                name="volunteer_hours_sign",
            ),
        ),
        migrations.AddConstraint(
            model_name="volunteerhours",
            constraint=models.UniqueConstraint(
                condition=models.Q(("reverses__isnull", True)), fields=("record",), name="volunteer_hours_once_a_record"
            ),
        ),
        migrations.RunSQL(RULES, RULES_BACK),
        migrations.RunSQL(HOURS, HOURS_BACK),
        migrations.RunSQL(CLOSINGS, CLOSINGS_BACK),
    ]
