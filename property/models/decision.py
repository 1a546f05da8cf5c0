"""Decisions: the owners' roll frozen for one of them, the resolution, and the ballots."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from governance.models import Area, Building, Dwelling, DwellingUse, Entrance, Estate, OrgUnit, Ownership, User
from governance.workflow import FSMField, WorkflowModel
from property.models.ruleset import ResolutionKind, RuleSet
from property.voting.querysets import EntryQuerySet, ResolutionQuerySet, RollQuerySet
from property.voting.workflow import ResolutionState, ResolutionSteps


class AreaSource(models.TextChoices):
    """Where a floor area comes from, in the order of the 2020 judicial interpretation, article 8."""

    REGISTER = "register", _("Property register")
    SURVEY = "survey", _("Survey")
    CONTRACT = "contract", _("Sales contract")


class Holder(models.TextChoices):
    """Whose vote an entry of the roll is."""

    OWNER = "owner", _("Owner")
    CO_OWNERS = "co_owners", _("Co-owners without a voter")
    DEVELOPER = "developer", _("Developer, unsold")
    UNKNOWN = "unknown", _("Owner not known")


class OwnersRoll(models.Model):
    """Who votes with which area and which head, drawn from the registry for one decision and then frozen.

    It covers an entrance, a building, an estate, or all dwellings of ``area``. ``developer``: the owner's name under
    which unsold dwellings are registered; they are one head together. ``heads`` and ``floor_area`` (m²) are those that
    count under the rule. Frozen, neither it nor its entries change (database triggers).
    """

    area = models.ForeignKey(Area, models.PROTECT, related_name="owners_rolls", verbose_name=_("area"))
    estate = models.ForeignKey(
        Estate, models.PROTECT, null=True, blank=True, related_name="owners_rolls", verbose_name=_("estate")
    )
    building = models.ForeignKey(
        Building, models.PROTECT, null=True, blank=True, related_name="owners_rolls", verbose_name=_("building")
    )
    entrance = models.ForeignKey(
        Entrance, models.PROTECT, null=True, blank=True, related_name="owners_rolls", verbose_name=_("entrance")
    )
    developer = models.CharField(_("developer's name in the register"), max_length=60, blank=True)
    drawn_at = models.DateTimeField(_("drawn at"), default=timezone.now)
    frozen_at = models.DateTimeField(_("frozen at"), null=True, editable=False)
    heads = models.PositiveIntegerField(_("heads"), default=0)
    floor_area = models.DecimalField(_("floor area (m²)"), max_digits=12, decimal_places=2, default=0)

    objects = RollQuerySet.as_manager()

    class Meta:
        verbose_name = _("owners' roll")
        verbose_name_plural = _("owners' rolls")
        ordering = ["-id"]

    def __str__(self):
        return _now("Roll of %(place)s") % {"place": self.place}

    @property
    def place(self) -> str:
        """What it covers, in words."""
        return place_words(self)


class RollEntry(models.Model):
    """A dwelling on a roll: its area, whose head it is, and who votes for it.

    ``head`` numbers the owners of the roll: entries with the same number are one owner's. ``number`` is what stands on
    the paper ballot; in a secret vote it is drawn by lot. ``owner_name`` is personal data (empty once erased).
    ``counts`` is False for a use that the rule leaves out.
    """

    roll = models.ForeignKey(OwnersRoll, models.CASCADE, related_name="entries", verbose_name=_("owners' roll"))
    number = models.PositiveIntegerField(_("ballot number"))
    dwelling = models.ForeignKey(Dwelling, models.PROTECT, related_name="+", verbose_name=_("dwelling"))
    use = models.CharField(_("use"), max_length=12, choices=DwellingUse)
    floor_area = models.DecimalField(_("floor area (m²)"), max_digits=8, decimal_places=2, null=True)
    area_source = models.CharField(_("area from"), max_length=8, choices=AreaSource, default=AreaSource.REGISTER)
    holder = models.CharField(_("votes as"), max_length=10, choices=Holder)
    head = models.PositiveIntegerField(_("head"))
    owner_name = models.CharField(_("owner's name"), max_length=60, blank=True)
    ownership = models.ForeignKey(Ownership, models.PROTECT, null=True, related_name="+", verbose_name=_("ownership"))
    voter = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("voter's account"))
    counts = models.BooleanField(_("counts"), default=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry of the roll")
        verbose_name_plural = _("entries of the roll")
        ordering = ["roll", "number"]
        constraints = [
            models.UniqueConstraint(fields=["roll", "dwelling"], name="roll_entry_once"),
            models.UniqueConstraint(fields=["roll", "number"], name="roll_entry_number"),
            models.CheckConstraint(
                name="roll_entry_area", condition=Q(floor_area__isnull=True) | Q(floor_area__gt=0),
                violation_error_message=_("The floor area must be above 0."),
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["voter", "roll"], name="roll_entry_voter")]

    def __str__(self):
        return str(self.number)


class Secrecy(models.TextChoices):
    OPEN = "open", _("Open ballot")
    SECRET = "secret", _("Secret ballot")


class Resolution(ResolutionSteps, WorkflowModel):
    """Something to be decided by residents or owners, under a rule set, and what came of it.

    ``tally`` is the computation as it was when counted (``property.voting.tally``), ``outcome`` what it says;
    ``official_*`` what the body in charge declared. A consultation has no legal force, and for a joint decision the
    product computes, but declares nothing.
    """

    LOCK_WITH = ("area", "estate", "building", "entrance", "rule_set", "roll")

    title = models.CharField(_("title"), max_length=120)
    text = models.TextField(_("text put to the vote"), max_length=5000)
    kind = models.CharField(_("kind"), max_length=12, choices=ResolutionKind)
    state = FSMField(
        _("state"), max_length=12, choices=ResolutionState, default=ResolutionState.PROPOSED, protected=True
    )
    area = models.ForeignKey(Area, models.PROTECT, related_name="resolutions", verbose_name=_("area"))
    estate = models.ForeignKey(
        Estate, models.PROTECT, null=True, blank=True, related_name="resolutions", verbose_name=_("estate")
    )
    building = models.ForeignKey(
        Building, models.PROTECT, null=True, blank=True, related_name="resolutions", verbose_name=_("building")
    )
    entrance = models.ForeignKey(
        Entrance, models.PROTECT, null=True, blank=True, related_name="resolutions", verbose_name=_("entrance")
    )
    convener = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, blank=True, related_name="resolutions", verbose_name=_("convened by")
    )
    rule_set = models.ForeignKey(RuleSet, models.PROTECT, related_name="resolutions", verbose_name=_("rule set"))
    secrecy = models.CharField(_("ballot"), max_length=6, choices=Secrecy, default=Secrecy.OPEN)
    takes_paper = models.BooleanField(_("on paper"), default=True)
    takes_online = models.BooleanField(_("online"), default=True)
    roll = models.OneToOneField(
        OwnersRoll, models.PROTECT, null=True, blank=True, related_name="resolution", verbose_name=_("owners' roll")
    )
    repeats = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="repetitions", verbose_name=_("repeats")
    )
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("proposed by"))
    proposed_at = models.DateTimeField(_("proposed at"), default=timezone.now)
    noticed_at = models.DateTimeField(_("announced at"), null=True, editable=False)
    voting_from = models.DateTimeField(_("vote begins"), null=True, editable=False)
    voting_until = models.DateTimeField(_("vote ends"), null=True, editable=False)
    closed_at = models.DateTimeField(_("vote ended at"), null=True, editable=False)
    counted_at = models.DateTimeField(_("counted at"), null=True, editable=False)
    outcome = models.CharField(_("computed outcome"), max_length=12, choices=ResolutionState, blank=True)
    tally = models.JSONField(_("computation"), null=True, editable=False)
    publicised_at = models.DateTimeField(_("publicised at"), null=True, editable=False)
    publicity_until = models.DateTimeField(_("publicised until"), null=True, editable=False)
    effective_from = models.DateTimeField(_("in effect since"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, editable=False)
    official_outcome = models.CharField(_("official result"), max_length=12, choices=ResolutionState, blank=True)
    official_on = models.DateField(_("declared on"), null=True, editable=False)
    official_number = models.CharField(_("document number"), max_length=80, blank=True)

    objects = ResolutionQuerySet.as_manager()

    class Meta:
        verbose_name = _("resolution")
        verbose_name_plural = _("resolutions")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="resolution_place_whole",
                condition=(Q(building__isnull=True) | Q(estate__isnull=False))
                & (Q(entrance__isnull=True) | Q(building__isnull=False)),
                violation_error_message=_("Name the estate of the building, and the building of the entrance."),
            ),
            models.CheckConstraint(
                name="resolution_takes_ballots",
                condition=Q(takes_paper=True) | Q(takes_online=True),
                violation_error_message=_("Ballots come on paper, online, or both."),
            ),
            models.CheckConstraint(
                name="resolution_times_in_order",
                condition=Q(noticed_at__isnull=True, voting_from__isnull=True, voting_until__isnull=True)
                | Q(noticed_at__lte=F("voting_from"), voting_from__lt=F("voting_until"), roll__isnull=False),
            ),
            models.CheckConstraint(
                name="resolution_counted_whole",
                condition=Q(counted_at__isnull=True, outcome="", tally__isnull=True)
                | Q(counted_at__isnull=False, outcome__in=["passed", "rejected", "no_quorum"], tally__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["area", "state"], name="resolution_area"),
            models.Index(fields=["estate", "-id"], name="resolution_estate"),
        ]

    @property
    def stands(self) -> str:
        """The result that stands: what the body in charge declared, and until it does, what was computed here."""
        return self.official_outcome or self.outcome

    @property
    def is_in_effect(self) -> bool:
        """Whether it lets things be done: it took effect, and the body in charge did not declare otherwise since."""
        return self.state == ResolutionState.EFFECTIVE and self.official_outcome in ("", ResolutionState.PASSED)

    def __str__(self):
        return f"{self.number} {self.title}"

    @property
    def number(self) -> str:
        """What people call it when they talk about it."""
        return f"R{self.pk:06d}" if self.pk else ""

    @property
    def place(self) -> str:
        """Whom it concerns, in words."""
        return place_words(self)

    @property
    def is_secret(self) -> bool:
        """Whether nobody may learn how anybody voted."""
        return self.secrecy == Secrecy.SECRET


def place_words(row: OwnersRoll | Resolution) -> str:
    """Return what a roll or a resolution covers, in words."""
    if row.estate is None:
        return str(row.area)
    parts = [str(row.estate), row.building.label if row.building else "", str(row.entrance or "")]
    return " ".join(part for part in parts if part)
