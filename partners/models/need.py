"""What residents need (需求): the need, who raised it, and the data by which needs are sorted and answered in time."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from governance.models import Area, Building, Dwelling, Estate, OrgUnit, User
from governance.models.person import phone_validator
from governance.workflow import FSMField, WorkflowModel
from partners.needs.need_workflow import NeedState, NeedSteps
from partners.needs.querysets import NeedCategoryQuerySet, NeedLimitQuerySet, NeedQuerySet


class NeedSource(models.TextChoices):
    """How the community came to know of it."""

    QUESTIONNAIRE = "questionnaire", _("Questionnaire")
    VISIT = "visit", _("Visit")
    ASSEMBLY = "assembly", _("Assembly")
    ANALYSIS = "analysis", _("Analysis of cases and devices")
    RESIDENT = "resident", _("Suggested by a resident")
    PHONE = "phone", _("By telephone")


class NeedGroup(models.TextChoices):
    """For whom it is."""

    EVERYBODY = "everybody", _("Everybody")
    ELDERS = "elders", _("Elderly people")
    CHILDREN = "children", _("Children and parents")
    YOUTH = "youth", _("Young people")
    WOMEN = "women", _("Women")
    DISABLED = "disabled", _("Disabled people")
    HARDSHIP = "hardship", _("Families in hardship")
    NEWCOMERS = "newcomers", _("Newcomers and tenants")


class NeedUrgency(models.TextChoices):
    LOW = "low", _("Can wait")
    NORMAL = "normal", _("Normal")
    URGENT = "urgent", _("Urgent")


class NeedCategory(models.Model):
    """A kind of need; ``words`` are what people say of it, by which a need that nobody filed is sorted at first."""

    code = models.SlugField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=40)
    words = ArrayField(models.CharField(max_length=20), verbose_name=_("words"), default=list, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = NeedCategoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("need category")
        verbose_name_plural = _("need categories")
        ordering = ["code"]

    def __str__(self):
        return self.name

    def natural_key(self):
        return (self.code,)


class NeedLimit(models.Model):
    """How long, from a day on, a need may wait to be verified, and those who raised it to be called once it is solved.

    A need keeps the limits of the day on which it was registered, or solved.
    """

    valid_from = models.DateField(_("valid from"), unique=True, default=timezone.localdate)
    verify_days = models.PositiveSmallIntegerField(
        _("working days until verified"), validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    call_back_days = models.PositiveSmallIntegerField(
        _("days until called back"), validators=[MinValueValidator(1), MaxValueValidator(180)]
    )

    objects = NeedLimitQuerySet.as_manager()

    class Meta:
        verbose_name = _("time limit of needs")
        verbose_name_plural = _("time limits of needs")
        ordering = ["-valid_from"]
        constraints = [
            models.CheckConstraint(
                name="need_limit_positive", condition=Q(verify_days__gt=0, call_back_days__gt=0)
            )
        ]  # fmt: skip

    def __str__(self):
        return f"{self.valid_from:%Y-%m-%d}"


class Need(NeedSteps, WorkflowModel):
    """What people of a community need. ``area`` is the community or one of its grids.

    ``origin_type`` and ``origin_id`` name the row it came of (an answer, a visit, a topic, a signal), if any.
    ``people``: for about how many it is. ``anonymous``: nobody at work reads who raised it. A merged need keeps those
    who raised it; they are told what becomes of ``merged_into``, which is never merged itself.
    """

    LOCK_WITH = ("area", "category", "estate", "building", "unit", "case", "registered_by", "merged_into")

    area = models.ForeignKey(Area, models.PROTECT, related_name="needs", verbose_name=_("area"))
    estate = models.ForeignKey(
        Estate, models.PROTECT, null=True, blank=True, related_name="needs", verbose_name=_("estate")
    )
    building = models.ForeignKey(
        Building, models.PROTECT, null=True, blank=True, related_name="needs", verbose_name=_("building")
    )
    category = models.ForeignKey(
        NeedCategory, models.PROTECT, related_name="needs", verbose_name=_("need category")
    )  # fmt: skip
    title = models.CharField(_("need"), max_length=80)
    description = models.TextField(_("more about it"), max_length=2000, blank=True)
    source = models.CharField(_("where it comes from"), max_length=13, choices=NeedSource)
    origin_type = models.CharField(_("came of (kind)"), max_length=60, blank=True, editable=False)
    origin_id = models.BigIntegerField(_("came of (number)"), null=True, blank=True, editable=False)
    group = models.CharField(_("for whom"), max_length=10, choices=NeedGroup, default=NeedGroup.EVERYBODY)
    people = models.PositiveIntegerField(_("for how many people"), null=True, blank=True)
    urgency = models.CharField(_("urgency"), max_length=6, choices=NeedUrgency, default=NeedUrgency.NORMAL)
    anonymous = models.BooleanField(_("anonymous"), default=False)
    registered_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("registered by"))
    state = FSMField(_("state"), max_length=12, choices=NeedState, default=NeedState.REGISTERED, protected=True)
    raised_at = models.DateTimeField(_("raised on"), default=timezone.now)
    verify_by = models.DateTimeField(_("to be verified by"))
    verified_at = models.DateTimeField(_("verified at"), null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", verbose_name=_("merged into need")
    )
    case = models.ForeignKey(
        Case, models.PROTECT, null=True, blank=True, related_name="needs", verbose_name=_("case")
    )  # fmt: skip
    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, blank=True, related_name="needs", verbose_name=_("unit that does it")
    )
    answer = models.CharField(_("why it was declined"), max_length=2000, blank=True)
    result = models.TextField(_("what was done"), max_length=2000, blank=True)
    solved_at = models.DateTimeField(_("solved at"), null=True, blank=True)
    call_back_by = models.DateTimeField(_("to be called back by"), null=True, blank=True)
    called_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("called by")
    )
    called_at = models.DateTimeField(_("called back at"), null=True, blank=True)
    satisfied = models.BooleanField(_("satisfied"), null=True, blank=True)
    call_words = models.CharField(_("what was said on the telephone"), max_length=2000, blank=True)

    objects = NeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("need")
        verbose_name_plural = _("needs")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="need_merged_into_one",
                condition=Q(state="merged", merged_into__isnull=False)
                | (~Q(state="merged") & Q(merged_into__isnull=True)),
            ),
            models.CheckConstraint(name="need_not_into_itself", condition=~Q(merged_into=F("id"))),
            models.CheckConstraint(
                name="need_transferred_somewhere",
                condition=~Q(state="transferred") | Q(case__isnull=False) | Q(unit__isnull=False),
            ),
            models.CheckConstraint(name="need_declined_with_answer", condition=~Q(state="declined") | ~Q(answer="")),
            models.CheckConstraint(
                name="need_solved_whole",
                condition=~Q(state__in=["solved", "called_back"])
                | (Q(solved_at__isnull=False, call_back_by__isnull=False) & ~Q(result="")),
            ),
            models.CheckConstraint(
                name="need_called_back_whole",
                condition=~Q(state="called_back")
                | Q(called_at__isnull=False, called_by__isnull=False, satisfied__isnull=False),
            ),
            models.CheckConstraint(
                name="need_origin_whole",
                condition=Q(origin_type="", origin_id__isnull=True) | (~Q(origin_type="") & Q(origin_id__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(fields=["area", "state"], name="need_area_state"),
            models.Index(fields=["origin_type", "origin_id"], name="need_origin", condition=~Q(origin_type="")),
            models.Index(fields=["verify_by"], name="need_to_verify", condition=Q(state="registered")),
            models.Index(fields=["call_back_by"], name="need_to_call", condition=Q(state="solved")),
        ]

    def __str__(self):
        return self.title

    @property
    def number(self) -> str:
        """What people call the need."""
        return f"N{self.pk:06d}"

    @property
    def place(self) -> str:
        """Where it is, in words."""
        return str(self.building or self.estate or self.area)

    @property
    def overdue(self) -> bool:
        """Whether it was to be verified, or whoever raised it to be called, before now."""
        due = {NeedState.REGISTERED: self.verify_by, NeedState.SOLVED: self.call_back_by}.get(self.state)
        return due is not None and due < timezone.now()


class NeedRaiser(models.Model):
    """Somebody who raised a need: personal data, kept apart so that it can be erased. An account, or name and phone;
    nothing at all where somebody was asked at home and did not say who they are."""

    need = models.ForeignKey(Need, models.CASCADE, related_name="raisers", verbose_name=_("need"))
    user = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="needs_raised", verbose_name=_("user")
    )
    name = models.CharField(_("name"), max_length=60, blank=True)
    phone = models.CharField(_("phone"), max_length=16, blank=True, validators=[phone_validator])
    dwelling = models.ForeignKey(
        Dwelling, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("dwelling")
    )

    class Meta:
        verbose_name = _("who raised a need")
        verbose_name_plural = _("who raised needs")
        constraints = [
            models.UniqueConstraint(fields=["need", "user"], condition=Q(user__isnull=False), name="need_raised_once")
        ]

    def __str__(self):
        return str(self.pk)
