"""Rule sets, owners' rolls, resolutions and ballots; what the database keeps as it was once a vote is on."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import property.models.ruleset

# Once a roll is frozen nobody comes, goes or changes area; only an erased person's name may go.
ROLL = """
CREATE FUNCTION property_roll_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.developer = '' AND to_jsonb(NEW) - 'developer' = to_jsonb(OLD) - 'developer' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'owners roll % is frozen', OLD.id USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER roll_frozen BEFORE UPDATE OR DELETE ON property_ownersroll
    FOR EACH ROW WHEN (OLD.frozen_at IS NOT NULL) EXECUTE FUNCTION property_roll_frozen();

CREATE FUNCTION property_roll_entry_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept bigint := CASE WHEN TG_OP = 'INSERT' THEN NEW.roll_id ELSE OLD.roll_id END;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.owner_name = '' AND to_jsonb(NEW) - 'owner_name' = to_jsonb(OLD) - 'owner_name' THEN
        RETURN NEW;
    END IF;
    IF EXISTS (SELECT 1 FROM property_ownersroll WHERE id = kept AND frozen_at IS NOT NULL) THEN
        RAISE EXCEPTION 'owners roll % is frozen', kept USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER roll_entry_frozen BEFORE INSERT OR UPDATE OR DELETE ON property_rollentry
    FOR EACH ROW EXECUTE FUNCTION property_roll_entry_frozen();
"""

ROLL_BACK = """
DROP TRIGGER roll_entry_frozen ON property_rollentry;
DROP TRIGGER roll_frozen ON property_ownersroll;
DROP FUNCTION property_roll_entry_frozen();
DROP FUNCTION property_roll_frozen();
"""

# FOR SHARE: a count under way is waited for, and waits for ballots under way.
BALLOT = """
CREATE FUNCTION property_ballot_open(entry bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    standing text;
BEGIN
    SELECT resolution.state INTO standing FROM property_resolution resolution
        JOIN property_rollentry ON property_rollentry.roll_id = resolution.roll_id
        WHERE property_rollentry.id = entry FOR SHARE OF resolution;
    IF standing IS DISTINCT FROM 'voting' THEN
        RAISE EXCEPTION 'ballots of entry %: no vote is under way', entry USING ERRCODE = 'restrict_violation';
    END IF;
END $$;
CREATE FUNCTION property_ballot_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM property_ballot_open(CASE WHEN TG_OP = 'INSERT' THEN NEW.entry_id ELSE OLD.entry_id END);
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER ballot_frozen BEFORE INSERT OR UPDATE OR DELETE ON property_ballot
    FOR EACH ROW EXECUTE FUNCTION property_ballot_frozen();
CREATE TRIGGER ballot_decision_frozen BEFORE INSERT OR UPDATE OR DELETE ON property_ballotdecision
    FOR EACH ROW EXECUTE FUNCTION property_ballot_frozen();

CREATE FUNCTION property_ballot_reading_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        RAISE EXCEPTION 'readings of ballots stay as they are' USING ERRCODE = 'restrict_violation';
    END IF;
    PERFORM property_ballot_open((SELECT entry_id FROM property_ballot WHERE id = NEW.ballot_id));
    RETURN NEW;
END $$;
CREATE TRIGGER ballot_reading_frozen BEFORE INSERT OR UPDATE OR DELETE ON property_ballotreading
    FOR EACH ROW EXECUTE FUNCTION property_ballot_reading_frozen();
"""

BALLOT_BACK = """
DROP TRIGGER ballot_reading_frozen ON property_ballotreading;
DROP TRIGGER ballot_decision_frozen ON property_ballotdecision;
DROP TRIGGER ballot_frozen ON property_ballot;
DROP FUNCTION property_ballot_reading_frozen();
DROP FUNCTION property_ballot_frozen();
DROP FUNCTION property_ballot_open(bigint);
"""

# Under a rule that a vote was announced with, nothing may be counted otherwise later; it may end or go out of use.
RULE = """
CREATE FUNCTION property_rule_set_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    loose text[] := ARRAY['name', 'source', 'valid_to', 'is_active'];
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - loose = to_jsonb(OLD) - loose THEN
        RETURN NEW;
    END IF;
    IF EXISTS (SELECT 1 FROM property_resolution WHERE rule_set_id = OLD.id AND noticed_at IS NOT NULL) THEN
        RAISE EXCEPTION 'rule set % is used by a vote', OLD.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER rule_set_frozen BEFORE UPDATE OR DELETE ON property_ruleset
    FOR EACH ROW EXECUTE FUNCTION property_rule_set_frozen();
"""

RULE_BACK = """
DROP TRIGGER rule_set_frozen ON property_ruleset;
DROP FUNCTION property_rule_set_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0010_roles_of_property"),
        ("property", "0001_party"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Ballot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "choice",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("for", "For"),
                            ("against", "Against"),
                            ("abstain", "Abstain"),
                            ("invalid", "Invalid"),
                        ],
                        max_length=8,
                        verbose_name="choice",
                    ),
                ),
                ("sealed", models.TextField(blank=True, default="", editable=False)),
                (
                    "channel",
                    models.CharField(
                        choices=[("paper", "On paper"), ("online", "Online")], max_length=6, verbose_name="channel"
                    ),
                ),
                ("sheet", models.PositiveSmallIntegerField(default=0, verbose_name="sheet")),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("read_once", "Read once"),
                            ("differs", "The two readings differ"),
                            ("complete", "Complete"),
                        ],
                        max_length=9,
                        verbose_name="stage",
                    ),
                ),
                ("cast_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="cast at")),
                ("settled_at", models.DateTimeField(null=True, verbose_name="settled at")),
                (
                    "cast_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="cast by",
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="settled by",
                    ),
                ),
            ],
            options={
                "verbose_name": "ballot",
                "verbose_name_plural": "ballots",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="OwnersRoll",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "developer",
                    models.CharField(blank=True, max_length=60, verbose_name="developer's name in the register"),
                ),
                ("drawn_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="drawn at")),
                ("frozen_at", models.DateTimeField(editable=False, null=True, verbose_name="frozen at")),
                ("heads", models.PositiveIntegerField(default=0, verbose_name="heads")),
                (
                    "floor_area",
                    models.DecimalField(decimal_places=2, default=0, max_digits=12, verbose_name="floor area (m²)"),
                ),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="owners_rolls",
                        to="governance.area",
                        verbose_name="area",
                    ),
                ),
                (
                    "building",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="owners_rolls",
                        to="governance.building",
                        verbose_name="building",
                    ),
                ),
                (
                    "entrance",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="owners_rolls",
                        to="governance.entrance",
                        verbose_name="entrance",
                    ),
                ),
                (
                    "estate",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="owners_rolls",
                        to="governance.estate",
                        verbose_name="estate",
                    ),
                ),
            ],
            options={
                "verbose_name": "owners' roll",
                "verbose_name_plural": "owners' rolls",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="RollEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="ballot number")),
                (
                    "use",
                    models.CharField(
                        choices=[
                            ("residential", "Residential"),
                            ("commercial", "Commercial"),
                            ("parking", "Parking"),
                            ("other", "Other"),
                        ],
                        max_length=12,
                        verbose_name="use",
                    ),
                ),
                (
                    "floor_area",
                    models.DecimalField(decimal_places=2, max_digits=8, null=True, verbose_name="floor area (m²)"),
                ),
                (
                    "area_source",
                    models.CharField(
                        choices=[
                            ("register", "Property register"),
                            ("survey", "Survey"),
                            ("contract", "Sales contract"),
                        ],
                        default="register",
                        max_length=8,
                        verbose_name="area from",
                    ),
                ),
                (
                    "holder",
                    models.CharField(
                        choices=[
                            ("owner", "Owner"),
                            ("co_owners", "Co-owners without a voter"),
                            ("developer", "Developer, unsold"),
                            ("unknown", "Owner not known"),
                        ],
                        max_length=10,
                        verbose_name="votes as",
                    ),
                ),
                ("head", models.PositiveIntegerField(verbose_name="head")),
                ("owner_name", models.CharField(blank=True, max_length=60, verbose_name="owner's name")),
                ("counts", models.BooleanField(default=True, verbose_name="counts")),
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
                    "ownership",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="governance.ownership",
                        verbose_name="ownership",
                    ),
                ),
                (
                    "roll",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="entries",
                        to="property.ownersroll",
                        verbose_name="owners' roll",
                    ),
                ),
                (
                    "voter",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="voter's account",
                    ),
                ),
            ],
            options={
                "verbose_name": "entry of the roll",
                "verbose_name_plural": "entries of the roll",
                "ordering": ["roll", "number"],
            },
        ),
        migrations.CreateModel(
            name="BallotDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField(max_length=500, verbose_name="reason")),
                ("decided_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="decided at")),
                (
                    "ballot",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="property.ballot",
                        verbose_name="counts",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decision",
                        to="property.rollentry",
                        verbose_name="entry of the roll",
                    ),
                ),
            ],
            options={
                "verbose_name": "decision about conflicting ballots",
                "verbose_name_plural": "decisions about conflicting ballots",
            },
        ),
        migrations.AddField(
            model_name="ballot",
            name="entry",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="ballots",
                to="property.rollentry",
                verbose_name="entry of the roll",
            ),
        ),
        migrations.CreateModel(
            name="RuleSet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=40, verbose_name="code")),
                (
                    "version",
                    models.PositiveSmallIntegerField(
                        default=1, validators=[django.core.validators.MinValueValidator(1)], verbose_name="version"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("consultative", "Consultation (no legal force)"),
                            ("statutory", "Owners' joint decision"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("majority", "Enough take part, and enough of them agree"),
                            ("objection", "Passed unless too many object"),
                        ],
                        default="majority",
                        max_length=10,
                        verbose_name="method",
                    ),
                ),
                ("counts_area", models.BooleanField(default=True, verbose_name="floor area counts too")),
                (
                    "head_by",
                    models.CharField(
                        choices=[
                            ("owner", "One head per owner, however many dwellings"),
                            ("dwelling", "One head per dwelling"),
                        ],
                        default="owner",
                        max_length=10,
                        verbose_name="heads",
                    ),
                ),
                (
                    "quorum_numerator",
                    models.PositiveSmallIntegerField(default=2, verbose_name="must take part, numerator"),
                ),
                (
                    "quorum_denominator",
                    models.PositiveSmallIntegerField(default=3, verbose_name="must take part, denominator"),
                ),
                (
                    "quorum_inclusive",
                    models.BooleanField(default=True, verbose_name="exactly this share is enough to take part"),
                ),
                (
                    "share_numerator",
                    models.PositiveSmallIntegerField(default=1, verbose_name="share needed, numerator"),
                ),
                (
                    "share_denominator",
                    models.PositiveSmallIntegerField(default=2, verbose_name="share needed, denominator"),
                ),
                ("share_inclusive", models.BooleanField(default=False, verbose_name="exactly this share is enough")),
                (
                    "split_heads",
                    models.CharField(
                        choices=[
                            ("set_aside", "Takes part, but is counted for neither side"),
                            ("larger_area", "Goes with more than half of the area the owner voted with"),
                        ],
                        default="set_aside",
                        max_length=12,
                        verbose_name="owner whose dwellings vote differently",
                    ),
                ),
                (
                    "invalid_takes_part",
                    models.BooleanField(default=False, verbose_name="an invalid ballot counts as taking part"),
                ),
                (
                    "uses",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("residential", "Residential"),
                                ("commercial", "Commercial"),
                                ("parking", "Parking"),
                                ("other", "Other"),
                            ],
                            max_length=12,
                        ),
                        default=property.models.ruleset.usual_uses,
                        size=None,
                        verbose_name="uses that count",
                    ),
                ),
                ("allows_online", models.BooleanField(default=True, verbose_name="online ballots count")),
                (
                    "online_may_change",
                    models.BooleanField(default=False, verbose_name="an online ballot may be changed until the end"),
                ),
                ("allows_secret", models.BooleanField(default=True, verbose_name="may be secret")),
                ("notice_days", models.PositiveSmallIntegerField(default=15, verbose_name="days of notice")),
                ("publicity_days", models.PositiveSmallIntegerField(default=7, verbose_name="days of publicity")),
                ("valid_from", models.DateField(default=django.utils.timezone.localdate, verbose_name="valid from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="valid to")),
                ("source", models.CharField(max_length=300, verbose_name="where it comes from")),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                (
                    "area",
                    models.ForeignKey(
                        blank=True,
                        help_text="Left empty: everywhere.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rule_sets",
                        to="governance.area",
                        verbose_name="locality",
                    ),
                ),
            ],
            options={
                "verbose_name": "rule set",
                "verbose_name_plural": "rule sets",
                "ordering": ["code", "-version"],
            },
        ),
        migrations.CreateModel(
            name="Resolution",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("title", models.CharField(max_length=120, verbose_name="title")),
                ("text", models.TextField(max_length=5000, verbose_name="text put to the vote")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("consultative", "Consultation (no legal force)"),
                            ("statutory", "Owners' joint decision"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "Proposed"),
                            ("deliberating", "Under deliberation"),
                            ("voting", "Voting"),
                            ("passed", "Passed"),
                            ("rejected", "Not passed"),
                            ("no_quorum", "No quorum"),
                            ("publicised", "Result publicised"),
                            ("effective", "In effect"),
                            ("revoked", "Revoked"),
                        ],
                        default="proposed",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                (
                    "secrecy",
                    models.CharField(
                        choices=[("open", "Open"), ("secret", "Secret")],
                        default="open",
                        max_length=6,
                        verbose_name="ballot",
                    ),
                ),
                ("takes_paper", models.BooleanField(default=True, verbose_name="on paper")),
                ("takes_online", models.BooleanField(default=True, verbose_name="online")),
                ("proposed_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="proposed at")),
                ("noticed_at", models.DateTimeField(editable=False, null=True, verbose_name="announced at")),
                ("voting_from", models.DateTimeField(editable=False, null=True, verbose_name="vote begins")),
                ("voting_until", models.DateTimeField(editable=False, null=True, verbose_name="vote ends")),
                ("closed_at", models.DateTimeField(editable=False, null=True, verbose_name="vote ended at")),
                ("counted_at", models.DateTimeField(editable=False, null=True, verbose_name="counted at")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("proposed", "Proposed"),
                            ("deliberating", "Under deliberation"),
                            ("voting", "Voting"),
                            ("passed", "Passed"),
                            ("rejected", "Not passed"),
                            ("no_quorum", "No quorum"),
                            ("publicised", "Result publicised"),
                            ("effective", "In effect"),
                            ("revoked", "Revoked"),
                        ],
                        max_length=12,
                        verbose_name="computed outcome",
                    ),
                ),
                ("tally", models.JSONField(editable=False, null=True, verbose_name="computation")),
                ("publicised_at", models.DateTimeField(editable=False, null=True, verbose_name="publicised at")),
                ("publicity_until", models.DateTimeField(editable=False, null=True, verbose_name="publicised until")),
                ("effective_from", models.DateTimeField(editable=False, null=True, verbose_name="in effect since")),
                ("revoked_at", models.DateTimeField(editable=False, null=True, verbose_name="revoked at")),
                (
                    "official_outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("proposed", "Proposed"),
                            ("deliberating", "Under deliberation"),
                            ("voting", "Voting"),
                            ("passed", "Passed"),
                            ("rejected", "Not passed"),
                            ("no_quorum", "No quorum"),
                            ("publicised", "Result publicised"),
                            ("effective", "In effect"),
                            ("revoked", "Revoked"),
                        ],
                        max_length=12,
                        verbose_name="official result",
                    ),
                ),
                ("official_on", models.DateField(editable=False, null=True, verbose_name="declared on")),
                ("official_number", models.CharField(blank=True, max_length=80, verbose_name="document number")),
                (
                    "area",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="resolutions",
                        to="governance.area",
                        verbose_name="area",
                    ),
                ),
                (
                    "building",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="resolutions",
                        to="governance.building",
                        verbose_name="building",
                    ),
                ),
                (
                    "convener",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="resolutions",
                        to="governance.orgunit",
                        verbose_name="convened by",
                    ),
                ),
                (
                    "entrance",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="resolutions",
                        to="governance.entrance",
                        verbose_name="entrance",
                    ),
                ),
                (
                    "estate",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="resolutions",
                        to="governance.estate",
                        verbose_name="estate",
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
                    "repeats",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="repetitions",
                        to="property.resolution",
                        verbose_name="repeats",
                    ),
                ),
                (
                    "roll",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="resolution",
                        to="property.ownersroll",
                        verbose_name="owners' roll",
                    ),
                ),
                (
                    "rule_set",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="resolutions",
                        to="property.ruleset",
                        verbose_name="rule set",
                    ),
                ),
            ],
            options={
                "verbose_name": "resolution",
                "verbose_name_plural": "resolutions",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="BallotReading",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "choice",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("for", "For"),
                            ("against", "Against"),
                            ("abstain", "Abstain"),
                            ("invalid", "Invalid"),
                        ],
                        max_length=8,
                        verbose_name="choice",
                    ),
                ),
                ("sealed", models.TextField(blank=True, default="", editable=False)),
                ("ordinal", models.PositiveSmallIntegerField(verbose_name="reading")),
                ("read_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="read at")),
                (
                    "ballot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="readings",
                        to="property.ballot",
                        verbose_name="ballot",
                    ),
                ),
                (
                    "read_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="read by",
                    ),
                ),
            ],
            options={
                "verbose_name": "reading of a paper ballot",
                "verbose_name_plural": "readings of paper ballots",
                "ordering": ["ballot", "ordinal"],
                "constraints": [
                    models.UniqueConstraint(fields=("ballot", "ordinal"), name="ballot_reading_once"),
                    models.UniqueConstraint(fields=("ballot", "read_by"), name="ballot_read_by_two"),
                    models.CheckConstraint(condition=models.Q(("ordinal__in", [1, 2])), name="ballot_reading_ordinal"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("choice", ""), models.Q(("sealed", ""), _negated=True)),
                            models.Q(("sealed", ""), models.Q(("choice", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="ballot_reading_says_one_thing",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="rollentry",
            index=models.Index(fields=["voter", "roll"], name="roll_entry_voter"),
        ),
        migrations.AddConstraint(
            model_name="rollentry",
            constraint=models.UniqueConstraint(fields=("roll", "dwelling"), name="roll_entry_once"),
        ),
        migrations.AddConstraint(
            model_name="rollentry",
            constraint=models.UniqueConstraint(fields=("roll", "number"), name="roll_entry_number"),
        ),
        migrations.AddConstraint(
            model_name="rollentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("floor_area__isnull", True), ("floor_area__gt", 0), _connector="OR"),
                name="roll_entry_area",
                violation_error_message="The floor area must be above 0.",
            ),
        ),
        migrations.AddConstraint(
            model_name="ballot",
            constraint=models.UniqueConstraint(fields=("entry", "sheet"), name="ballot_once"),
        ),
        migrations.AddConstraint(
            model_name="ballot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cast_by__isnull", False), ("channel", "online"), ("sheet", 0)),
                    models.Q(("channel", "paper"), ("sheet__gt", 0)),
                    _connector="OR",
                ),
                name="ballot_sheet_of_channel",
            ),
        ),
        migrations.AddConstraint(
            model_name="ballot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("choice", ""), ("stage", "complete"), models.Q(("sealed", ""), _negated=True)),
                    models.Q(("sealed", ""), ("stage", "complete"), models.Q(("choice", ""), _negated=True)),
                    models.Q(models.Q(("stage", "complete"), _negated=True), ("choice", ""), ("sealed", "")),
                    _connector="OR",
                ),
                name="ballot_says_one_thing",
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleset",
            constraint=models.UniqueConstraint(fields=("code", "version"), name="rule_set_once"),
        ),
        migrations.AddConstraint(
            model_name="ruleset",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_to__isnull", True), ("valid_to__gte", models.F("valid_from")), _connector="OR"
                ),
                name="rule_set_dates_in_order",
                violation_error_message="The last day lies before the first.",
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleset",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("quorum_denominator__gt", 0),
                    ("quorum_numerator__lte", models.F("quorum_denominator")),
                    ("share_denominator__gt", 0),
                    ("share_numerator__lte", models.F("share_denominator")),
                ),
                name="rule_set_shares",
                violation_error_message="A share lies between 0 and the whole.",
            ),
        ),
        migrations.AddConstraint(
            model_name="ruleset",
            constraint=models.CheckConstraint(
                condition=models.Q(("uses__len__gt", 0)),
                name="rule_set_uses",
                violation_error_message="Say which uses count.",
            ),
        ),
        migrations.AddIndex(
            model_name="resolution",
            index=models.Index(fields=["area", "state"], name="resolution_area"),
        ),
        migrations.AddIndex(
            model_name="resolution",
            index=models.Index(fields=["estate", "-id"], name="resolution_estate"),
        ),
        migrations.AddConstraint(
            model_name="resolution",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("building__isnull", True), ("estate__isnull", False), _connector="OR"),
                    models.Q(("entrance__isnull", True), ("building__isnull", False), _connector="OR"),
                ),
                name="resolution_place_whole",
                violation_error_message="Name the estate of the building, and the building of the entrance.",
            ),
        ),
        migrations.AddConstraint(
            model_name="resolution",
            constraint=models.CheckConstraint(
                condition=models.Q(("takes_paper", True), ("takes_online", True), _connector="OR"),
                name="resolution_takes_ballots",
                violation_error_message="Ballots come on paper, online, or both.",
            ),
        ),
        migrations.AddConstraint(
            model_name="resolution",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("noticed_at__isnull", True), ("voting_from__isnull", True), ("voting_until__isnull", True)
                    ),
                    models.Q(
                        ("noticed_at__lte", models.F("voting_from")),
                        ("roll__isnull", False),
                        ("voting_from__lt", models.F("voting_until")),
                    ),
                    _connector="OR",
                ),
                name="resolution_times_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="resolution",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("counted_at__isnull", True), ("outcome", ""), ("tally__isnull", True)),
                    models.Q(
                        ("counted_at__isnull", False),
                        ("outcome__in", ["passed", "rejected", "no_quorum"]),
                        ("tally__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="resolution_counted_whole",
            ),
        ),
        migrations.RunSQL(ROLL, ROLL_BACK),
        migrations.RunSQL(BALLOT, BALLOT_BACK),
        migrations.RunSQL(RULE, RULE_BACK),
    ]
