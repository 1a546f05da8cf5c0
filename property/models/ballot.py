"""Ballots of a roll: on paper (read twice by two people) and online, and decisions about conflicting ones."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import User
from property.models.decision import RollEntry
from property.voting.querysets import BallotQuerySet


class Channel(models.TextChoices):
    PAPER = "paper", _("On paper")
    ONLINE = "online", _("Online")


class Choice(models.TextChoices):
    FOR = "for", _("For")
    AGAINST = "against", _("Against")
    ABSTAIN = "abstain", _("Abstain")
    INVALID = "invalid", _("Invalid")


class BallotStage(models.TextChoices):
    READ_ONCE = "read_once", _("Read once")
    DIFFERS = "differs", _("The two readings differ")
    COMPLETE = "complete", _("Complete")


class Said(models.Model):
    """What a ballot says: ``choice`` in an open vote; sealed in a secret one, opened only to be counted."""

    choice = models.CharField(_("choice"), max_length=8, choices=Choice, blank=True)
    sealed = models.TextField(default="", blank=True, editable=False)

    class Meta:
        abstract = True


class Ballot(Said):
    """One ballot for a dwelling: the online one (``sheet`` 0), or a paper (1; a second paper found is 2 ...).

    A paper is complete when two people read the same, or their difference was settled. Nothing of it changes once the
    vote was counted (database trigger).
    """

    entry = models.ForeignKey(RollEntry, models.PROTECT, related_name="ballots", verbose_name=_("entry of the roll"))
    channel = models.CharField(_("channel"), max_length=6, choices=Channel)
    sheet = models.PositiveSmallIntegerField(_("sheet"), default=0)
    stage = models.CharField(_("stage"), max_length=9, choices=BallotStage)
    cast_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("cast by"))
    cast_at = models.DateTimeField(_("cast at"), default=timezone.now)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("settled by"))
    settled_at = models.DateTimeField(_("settled at"), null=True)

    objects = BallotQuerySet.as_manager()

    class Meta:
        verbose_name = _("ballot")
        verbose_name_plural = _("ballots")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["entry", "sheet"], name="ballot_once"),
            models.CheckConstraint(
                name="ballot_sheet_of_channel",
                condition=Q(channel="online", sheet=0, cast_by__isnull=False) | Q(channel="paper", sheet__gt=0),
            ),
            models.CheckConstraint(
                name="ballot_says_one_thing",
                condition=Q(stage="complete", choice="") & ~Q(sealed="")
                | Q(stage="complete", sealed="") & ~Q(choice="")
                | ~Q(stage="complete") & Q(choice="", sealed=""),
            ),
        ]

    def __str__(self):
        return f"{self.entry} · {self.get_channel_display()}"


class BallotReading(Said):
    """What one person read on a paper ballot. The database refuses a second reading by the same person."""

    ballot = models.ForeignKey(Ballot, models.PROTECT, related_name="readings", verbose_name=_("ballot"))
    ordinal = models.PositiveSmallIntegerField(_("reading"))
    read_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("read by"))
    read_at = models.DateTimeField(_("read at"), default=timezone.now)

    class Meta:
        verbose_name = _("reading of a paper ballot")
        verbose_name_plural = _("readings of paper ballots")
        ordering = ["ballot", "ordinal"]
        constraints = [
            models.UniqueConstraint(fields=["ballot", "ordinal"], name="ballot_reading_once"),
            models.UniqueConstraint(fields=["ballot", "read_by"], name="ballot_read_by_two"),
            models.CheckConstraint(name="ballot_reading_ordinal", condition=Q(ordinal__in=[1, 2])),
            models.CheckConstraint(
                name="ballot_reading_says_one_thing",
                condition=Q(choice="") & ~Q(sealed="") | Q(sealed="") & ~Q(choice=""),
            ),
        ]

    def __str__(self):
        return f"{self.ballot} · {self.ordinal}"


class BallotDecision(models.Model):
    """Which of the conflicting ballots of a dwelling counts (None: none of them), and why."""

    entry = models.OneToOneField(
        RollEntry, models.PROTECT, related_name="decision", verbose_name=_("entry of the roll")
    )
    ballot = models.ForeignKey(
        Ballot, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("counts")
    )
    reason = models.TextField(_("reason"), max_length=500)
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("decided by"))
    decided_at = models.DateTimeField(_("decided at"), default=timezone.now)

    class Meta:
        verbose_name = _("decision about conflicting ballots")
        verbose_name_plural = _("decisions about conflicting ballots")

    def __str__(self):
        return str(self.entry)
