"""Skill exchange (技能交换): what neighbours offer and want, and the pairs that come of it."""

from datetime import time

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import Area, Estate, User
from governance.models.venue import Weekday
from governance.workflow import FSMField, WorkflowModel
from property.gatherings.querysets import SkillCategoryQuerySet, SkillEntryQuerySet, SkillMatchQuerySet
from property.gatherings.skill_workflow import MatchState, SkillEntrySteps, SkillMatchSteps, SkillState

STARS = [MinValueValidator(1), MaxValueValidator(5)]


class SkillSide(models.TextChoices):
    OFFER = "offer", _("Offer")
    WANT = "want", _("Want")


class SkillCategory(models.Model):
    """A kind of skill; ``words`` are what people call it, by which entries of other categories are found too."""

    code = models.SlugField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=40)
    words = ArrayField(models.CharField(max_length=20), verbose_name=_("words"), default=list, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = SkillCategoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("skill category")
        verbose_name_plural = _("skill categories")
        ordering = ["code"]

    def __str__(self):
        return self.name

    def natural_key(self):
        return (self.code,)


class SkillEntry(SkillEntrySteps, WorkflowModel):
    """What a resident offers or wants: what, when in the week, where, how long, from which day to which.

    No ``weekdays``: any day. ``starts``–``ends`` is the time of day. Phones and names never stand here; the text is
    shown to neighbours.
    """

    LOCK_WITH = ("area", "estate", "person", "category")

    side = models.CharField(_("offer or want"), max_length=6, choices=SkillSide)
    person = models.ForeignKey(User, models.PROTECT, related_name="skill_entries", verbose_name=_("person"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"))
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="skill_entries", verbose_name=_("estate"))
    category = models.ForeignKey(
        SkillCategory, models.PROTECT, related_name="entries", verbose_name=_("skill category")
    )
    title = models.CharField(_("what"), max_length=60)
    about = models.CharField(_("more about it"), max_length=500, blank=True)
    where = models.CharField(_("where"), max_length=80, blank=True)
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(choices=Weekday), verbose_name=_("days of the week"), default=list, blank=True
    )
    starts = models.TimeField(_("from (time)"), default=time(8))
    ends = models.TimeField(_("to (time)"), default=time(21))
    minutes = models.PositiveSmallIntegerField(
        _("how long (minutes)"), default=60, validators=[MinValueValidator(10), MaxValueValidator(600)]
    )
    valid_from = models.DateField(_("from"), default=timezone.localdate)
    valid_to = models.DateField(_("to"), null=True, blank=True)
    state = FSMField(_("state"), max_length=12, choices=SkillState, default=SkillState.OPEN, protected=True)
    made_at = models.DateTimeField(_("made at"), default=timezone.now, editable=False)

    objects = SkillEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("offer or want")
        verbose_name_plural = _("skill exchange")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="skill_entry_times_in_order", condition=Q(ends__gt=F("starts"))),
            models.CheckConstraint(
                name="skill_entry_days_in_order", condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from"))
            ),
        ]
        indexes = [models.Index(fields=["area", "side", "state"], name="skill_entry_open")]

    def __str__(self):
        return f"{self.get_side_display()} {self.title}"

    @property
    def time_text(self) -> str:
        """On which days and at what time, in words."""
        days = "、".join(str(Weekday(day).label) for day in sorted(self.weekdays)) or str(_("any day"))
        return f"{days} {self.starts:%H:%M}–{self.ends:%H:%M}"


class SkillMatch(SkillMatchSteps, WorkflowModel):
    """An offer and a want that somebody thinks fit. Both confirm before either sees how to reach the other, and both
    say when it is done. ``reasons`` are the codes of why it was proposed; ``score`` is its rank then."""

    LOCK_WITH = ("area", "giver", "taker", "offer", "want")

    offer = models.ForeignKey(SkillEntry, models.PROTECT, related_name="offered_to", verbose_name=_("offer"))
    want = models.ForeignKey(SkillEntry, models.PROTECT, related_name="wanted_from", verbose_name=_("want"))
    giver = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("who offers"))
    taker = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("who wants"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"))
    score = models.PositiveSmallIntegerField(_("rank"))
    reasons = ArrayField(models.CharField(max_length=20), verbose_name=_("why"), default=list)
    state = FSMField(_("state"), max_length=12, choices=MatchState, default=MatchState.PROPOSED, protected=True)
    proposed_at = models.DateTimeField(_("proposed at"), default=timezone.now)
    giver_confirmed_at = models.DateTimeField(_("confirmed by who offers"), null=True, blank=True)
    taker_confirmed_at = models.DateTimeField(_("confirmed by who wants"), null=True, blank=True)
    giver_done_at = models.DateTimeField(_("done, says who offers"), null=True, blank=True)
    taker_done_at = models.DateTimeField(_("done, says who wants"), null=True, blank=True)
    giver_stars = models.PositiveSmallIntegerField(_("stars of who offers"), null=True, blank=True, validators=STARS)
    taker_stars = models.PositiveSmallIntegerField(_("stars of who wants"), null=True, blank=True, validators=STARS)
    giver_words = models.CharField(_("words of who offers"), max_length=300, blank=True)
    taker_words = models.CharField(_("words of who wants"), max_length=300, blank=True)

    objects = SkillMatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("skill match")
        verbose_name_plural = _("skill matches")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["offer", "want"], condition=Q(state__in=["proposed", "confirmed"]), name="skill_match_open_once"
            ),
            models.CheckConstraint(name="skill_match_of_two", condition=~Q(giver=F("taker"))),
            models.CheckConstraint(
                name="skill_match_confirmed_by_both",
                condition=Q(state__in=["proposed", "refused"])
                | Q(giver_confirmed_at__isnull=False, taker_confirmed_at__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.offer.title} – {self.want.title}"
