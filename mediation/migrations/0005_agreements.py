"""Agreements, obligations, judicial confirmation (docs/decisions/0043). Signatures and wishes are append-only."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# What a person signed or said is not rewritten afterwards; the function is of 0001.
KEPT = """
CREATE TRIGGER signature_append_only BEFORE UPDATE OR DELETE ON mediation_agreementsignature
    FOR EACH ROW EXECUTE FUNCTION mediation_append_only();
CREATE TRIGGER signature_no_truncate BEFORE TRUNCATE ON mediation_agreementsignature
    FOR EACH STATEMENT EXECUTE FUNCTION mediation_append_only();
CREATE TRIGGER wish_append_only BEFORE UPDATE OR DELETE ON mediation_confirmationconsent
    FOR EACH ROW EXECUTE FUNCTION mediation_append_only();
CREATE TRIGGER wish_no_truncate BEFORE TRUNCATE ON mediation_confirmationconsent
    FOR EACH STATEMENT EXECUTE FUNCTION mediation_append_only();
"""

KEPT_BACK = """
DROP TRIGGER wish_no_truncate ON mediation_confirmationconsent;
DROP TRIGGER wish_append_only ON mediation_confirmationconsent;
DROP TRIGGER signature_no_truncate ON mediation_agreementsignature;
DROP TRIGGER signature_append_only ON mediation_agreementsignature;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0014_roles_of_mediation"),
        ("mediation", "0002_dispute_flow"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Agreement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                (
                    "form",
                    models.CharField(
                        choices=[
                            ("written", "Written agreement"),
                            ("oral", "Oral agreement, recorded by the mediator"),
                        ],
                        default="written",
                        max_length=7,
                        verbose_name="form of the agreement",
                    ),
                ),
                ("subject", models.TextField(max_length=5000, verbose_name="main facts and matter in dispute")),
                (
                    "performance",
                    models.TextField(blank=True, max_length=2000, verbose_name="way, place and term of performance"),
                ),
                (
                    "made_on",
                    models.DateField(default=django.utils.timezone.localdate, verbose_name="day of the agreement"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft of the agreement"),
                            ("signed_by_parties", "Signed by all parties"),
                            ("signed_by_mediator", "Signed by the mediator"),
                            ("effective", "Agreement in effect"),
                            ("discarded", "Draft discarded"),
                        ],
                        default="draft",
                        max_length=18,
                        verbose_name="state",
                    ),
                ),
                ("drafted_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="drafted at")),
                (
                    "mediator_signed_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="signed by the mediator at"),
                ),
                ("sealed_at", models.DateTimeField(blank=True, null=True, verbose_name="sealed at")),
                ("effective_on", models.DateField(blank=True, null=True, verbose_name="in effect from")),
                (
                    "dispute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="agreements",
                        to="mediation.dispute",
                        verbose_name="dispute",
                    ),
                ),
                (
                    "drafted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="drafted by",
                    ),
                ),
                (
                    "sealed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="sealed by",
                    ),
                ),
            ],
            options={
                "verbose_name": "mediation agreement",
                "verbose_name_plural": "mediation agreements",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="AgreementClause",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("order", models.PositiveSmallIntegerField(verbose_name="number")),
                ("text", models.TextField(max_length=2000, verbose_name="clause")),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="clauses",
                        to="mediation.agreement",
                        verbose_name="mediation agreement",
                    ),
                ),
                (
                    "dispute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="mediation.dispute",
                        verbose_name="dispute",
                    ),
                ),
            ],
            options={
                "verbose_name": "clause of an agreement",
                "verbose_name_plural": "clauses of agreements",
                "ordering": ["agreement", "order"],
            },
        ),
        migrations.CreateModel(
            name="AgreementSignature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "of",
                    models.CharField(
                        choices=[
                            ("party", "Party to a dispute"),
                            ("mediator", "Mediator"),
                            ("committee", "Seal of the mediation committee"),
                        ],
                        max_length=9,
                        verbose_name="who signed",
                    ),
                ),
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("signature", "Handwritten signature"),
                            ("seal", "Seal"),
                            ("fingerprint", "Fingerprint"),
                            ("electronic", "Own account"),
                        ],
                        max_length=11,
                        verbose_name="how it was signed",
                    ),
                ),
                ("by_agent", models.BooleanField(default=False, verbose_name="signed by the agent")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="signed at")),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures",
                        to="mediation.agreement",
                        verbose_name="mediation agreement",
                    ),
                ),
                (
                    "dispute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="mediation.dispute",
                        verbose_name="dispute",
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures",
                        to="mediation.party",
                        verbose_name="party to a dispute",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
            ],
            options={
                "verbose_name": "signature of an agreement",
                "verbose_name_plural": "signatures of agreements",
                "ordering": ["agreement", "id"],
            },
        ),
        migrations.CreateModel(
            name="JudicialConfirmation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("eligible", "May be applied for"),
                            ("not_wanted", "Confirmation not wanted"),
                            ("jointly_applied", "Jointly applied for"),
                            ("received", "Received by the court"),
                            ("admitted", "Admitted by the court"),
                            ("valid", "Confirmed as valid"),
                            ("rejected", "Rejected by the court"),
                            ("withdrawn", "Application for confirmation withdrawn"),
                        ],
                        default="eligible",
                        max_length=15,
                        verbose_name="state",
                    ),
                ),
                ("last_day", models.DateField(verbose_name="last day to apply")),
                (
                    "reminded_day",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="reminded on day"),
                ),
                (
                    "concerns_identity",
                    models.BooleanField(blank=True, null=True, verbose_name="is about an identity relation"),
                ),
                (
                    "concerns_title",
                    models.BooleanField(blank=True, null=True, verbose_name="is about the title to property"),
                ),
                (
                    "court_basis",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("invited", "It invited the mediation"),
                            ("domicile", "A party lives there"),
                            ("matter", "The subject matter is there"),
                            ("mediation", "The mediation committee is there"),
                        ],
                        max_length=9,
                        verbose_name="why this court",
                    ),
                ),
                ("applied_on", models.DateField(blank=True, null=True, verbose_name="applied on")),
                ("applied_at", models.DateTimeField(blank=True, null=True, verbose_name="application recorded at")),
                ("received_on", models.DateField(blank=True, null=True, verbose_name="received on")),
                ("admitted_on", models.DateField(blank=True, null=True, verbose_name="admitted on")),
                ("decide_by", models.DateField(blank=True, null=True, verbose_name="to be decided by")),
                ("extended", models.BooleanField(default=False, verbose_name="term of the court extended")),
                ("decided_on", models.DateField(blank=True, null=True, verbose_name="decided on")),
                ("case_number", models.CharField(blank=True, max_length=60, verbose_name="case number of the court")),
                (
                    "ground",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("355_1", "Not a matter for the people's court (355)"),
                            ("355_2", "Not for this court (355)"),
                            ("355_3", "Marriage, parentage or adoption itself (355)"),
                            ("355_4", "A special or other procedure applies (355)"),
                            ("355_5", "Title to property or intellectual property (355)"),
                            ("358_1", "Against mandatory law (358)"),
                            ("358_2", "Harms the state, the public or others (358)"),
                            ("358_3", "Against public order and good morals (358)"),
                            ("358_4", "Against the free will of a party (358)"),
                            ("358_5", "Content unclear (358)"),
                            ("358_6", "Otherwise not to be confirmed (358)"),
                        ],
                        max_length=5,
                        verbose_name="ground of the court",
                    ),
                ),
                ("enforcement_on", models.DateField(blank=True, null=True, verbose_name="enforcement asked for on")),
                (
                    "enforcement_number",
                    models.CharField(blank=True, max_length=60, verbose_name="number of the enforcement"),
                ),
                (
                    "agreement",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="confirmation",
                        to="mediation.agreement",
                        verbose_name="mediation agreement",
                    ),
                ),
                (
                    "court",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="confirmations",
                        to="governance.orgunit",
                        verbose_name="court",
                    ),
                ),
                (
                    "dispute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="confirmations",
                        to="mediation.dispute",
                        verbose_name="dispute",
                    ),
                ),
            ],
            options={
                "verbose_name": "judicial confirmation",
                "verbose_name_plural": "judicial confirmations",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="ConfirmationConsent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "answer",
                    models.CharField(
                        choices=[("agreed", "Asks for confirmation too"), ("refused", "Does not ask for confirmation")],
                        max_length=7,
                        verbose_name="what the party said",
                    ),
                ),
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("together", "Signed the application together"),
                            ("written_consent", "Consent in writing"),
                            ("recorded", "Said before the mediator, recorded"),
                            ("agent", "Through an agent with authority"),
                            ("account", "By the own account"),
                        ],
                        max_length=15,
                        verbose_name="how it was made sure of",
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="said at")),
                (
                    "dispute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="mediation.dispute",
                        verbose_name="dispute",
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="confirmation_consents",
                        to="mediation.party",
                        verbose_name="party to a dispute",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                (
                    "confirmation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consents",
                        to="mediation.judicialconfirmation",
                        verbose_name="judicial confirmation",
                    ),
                ),
            ],
            options={
                "verbose_name": "wish to have an agreement confirmed",
                "verbose_name_plural": "wishes to have agreements confirmed",
                "ordering": ["confirmation", "id"],
            },
        ),
        migrations.CreateModel(
            name="Obligation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("what", models.CharField(max_length=500, verbose_name="what is owed")),
                (
                    "amount",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                        verbose_name="amount owed (yuan)",
                    ),
                ),
                (
                    "paid",
                    models.DecimalField(decimal_places=2, default=0, max_digits=14, verbose_name="paid so far (yuan)"),
                ),
                ("due_on", models.DateField(verbose_name="to be performed by")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("due", "To be performed"),
                            ("performed", "Performed"),
                            ("part", "Partly performed"),
                            ("overdue", "Not performed in time"),
                            ("urged", "Urged to perform"),
                            ("told_of_litigation", "Told of the way to court"),
                        ],
                        default="due",
                        max_length=18,
                        verbose_name="state",
                    ),
                ),
                ("performed_on", models.DateField(blank=True, null=True, verbose_name="performed on")),
                ("urged_at", models.DateTimeField(blank=True, null=True, verbose_name="urged at")),
                ("told_at", models.DateTimeField(blank=True, null=True, verbose_name="told of the way to court at")),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="obligations",
                        to="mediation.agreement",
                        verbose_name="mediation agreement",
                    ),
                ),
                (
                    "creditor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="is_owed",
                        to="mediation.party",
                        verbose_name="creditor",
                    ),
                ),
                (
                    "debtor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="owes",
                        to="mediation.party",
                        verbose_name="debtor",
                    ),
                ),
                (
                    "dispute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="obligations",
                        to="mediation.dispute",
                        verbose_name="dispute",
                    ),
                ),
            ],
            options={
                "verbose_name": "obligation of an agreement",
                "verbose_name_plural": "obligations of agreements",
                "ordering": ["due_on", "id"],
            },
        ),
        migrations.AddIndex(
            model_name="agreement",
            index=models.Index(fields=["state", "-id"], name="mediation_agreement_state"),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["draft", "signed_by_parties", "signed_by_mediator"])),
                fields=("dispute",),
                name="mediation_agreement_one_under_way",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("effective_on__isnull", False), ("mediator_signed_at__isnull", False), ("state", "effective")
                    ),
                    models.Q(models.Q(("state", "effective"), _negated=True), ("effective_on__isnull", True)),
                    _connector="OR",
                ),
                name="mediation_agreement_effect_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("form", "written"), ("state", "effective"), _negated=True),
                    models.Q(("sealed_at__isnull", False), ("sealed_by__isnull", False)),
                    _connector="OR",
                ),
                name="mediation_agreement_sealed_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreementclause",
            constraint=models.UniqueConstraint(fields=("agreement", "order"), name="agreement_clause_order"),
        ),
        migrations.AddConstraint(
            model_name="agreementsignature",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("of", "party"), ("party__isnull", False)),
                    models.Q(models.Q(("of", "party"), _negated=True), ("party__isnull", True)),
                    _connector="OR",
                ),
                name="agreement_signature_of_party",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreementsignature",
            constraint=models.UniqueConstraint(
                condition=models.Q(("of", "party")),
                fields=("agreement", "party"),
                name="agreement_signature_party_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreementsignature",
            constraint=models.UniqueConstraint(
                condition=models.Q(("of", "party"), _negated=True),
                fields=("agreement", "of"),
                name="agreement_signature_office_once",
            ),
        ),
        migrations.AddIndex(
            model_name="judicialconfirmation",
            index=models.Index(fields=["court", "state"], name="confirmation_court_state"),
        ),
        migrations.AddIndex(
            model_name="judicialconfirmation",
            index=models.Index(
                condition=models.Q(("state", "eligible")), fields=["last_day"], name="confirmation_last_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="judicialconfirmation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["eligible", "not_wanted"]),
                    models.Q(("applied_on__isnull", False), ("court__isnull", False)),
                    _connector="OR",
                ),
                name="confirmation_applied_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="judicialconfirmation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("applied_on__isnull", True), ("applied_on__lte", models.F("last_day")), _connector="OR"
                ),
                name="confirmation_applied_in_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="judicialconfirmation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["admitted", "valid"]), _negated=True),
                    models.Q(
                        ("admitted_on__isnull", False), ("decide_by__isnull", False), ("received_on__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="confirmation_admitted_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="judicialconfirmation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "valid"), _negated=True),
                    models.Q(("decided_on__isnull", False), models.Q(("case_number", ""), _negated=True)),
                    _connector="OR",
                ),
                name="confirmation_valid_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="judicialconfirmation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "rejected"), _negated=True),
                    models.Q(("decided_on__isnull", False), models.Q(("ground", ""), _negated=True)),
                    _connector="OR",
                ),
                name="confirmation_rejected_whole",
            ),
        ),
        migrations.AddIndex(
            model_name="obligation",
            index=models.Index(
                condition=models.Q(("state", "performed"), _negated=True), fields=["due_on"], name="obligation_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="obligation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("paid__gte", 0),
                    models.Q(
                        models.Q(("amount__isnull", True), ("paid", 0)),
                        models.Q(("amount__gte", 0), ("amount__isnull", False), ("paid__lte", models.F("amount"))),
                        _connector="OR",
                    ),
                ),
                name="obligation_amounts",
            ),
        ),
        migrations.AddConstraint(
            model_name="obligation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("creditor__isnull", True),
                    models.Q(("creditor", models.F("debtor")), _negated=True),
                    _connector="OR",
                ),
                name="obligation_between_two",
            ),
        ),
        migrations.AddConstraint(
            model_name="obligation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "performed"), _negated=True), ("performed_on__isnull", False), _connector="OR"
                ),
                name="obligation_performed_whole",
            ),
        ),
        migrations.RunSQL(KEPT, KEPT_BACK),
    ]
