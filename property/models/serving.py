"""Service lists of estates, the items on them, what was done by them, and how residents rate it."""

from datetime import date, datetime, time

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cases.models import Case, FilingStandard
from governance.clock import SHANGHAI, WorkCalendar
from governance.models import Area, Estate, OrgUnit, UnitKind, User
from governance.models.venue import Weekday
from governance.workflow import FSMField, WorkflowModel
from property.models.party import PartyLevel, PartyOrganisation
from property.serving.querysets import ItemQuerySet, RatingQuerySet, RecordQuerySet, ServiceListQuerySet
from property.serving.workflow import ListState, RecordState, ServiceListSteps, ServiceRecordSteps


def company_check(unit: OrgUnit | None) -> None:
    """Refuse a unit that is no property company."""
    if unit is not None and unit.kind != UnitKind.PROPERTY_COMPANY:
        raise ValidationError({"company": _("A property company is needed.")}, code="wrong_kind")


class ServiceList(ServiceListSteps, WorkflowModel):
    """What the property company does for an estate, agreed with the party organisation; one edition after the other.

    ``area`` is the estate's. ``version`` counts changes of the row, ``edition`` the lists of the estate. Once published
    neither it nor its items are edited: the database refuses.
    """

    LOCK_WITH = ("area", "estate", "organisation", "company")

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="service_lists", verbose_name=_("estate"))
    edition = models.PositiveIntegerField(_("edition"), validators=[MinValueValidator(1)])
    organisation = models.ForeignKey(
        PartyOrganisation, models.PROTECT, related_name="service_lists", verbose_name=_("party organisation")
    )
    company = models.ForeignKey(
        OrgUnit, models.PROTECT, related_name="service_lists", verbose_name=_("property company")
    )
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"), editable=False)
    state = FSMField(_("state"), max_length=10, choices=ListState, default=ListState.DRAFT, protected=True)
    party_agreed_by = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")
    party_agreed_at = models.DateTimeField(_("party organisation agreed"), null=True, editable=False)
    company_agreed_by = models.ForeignKey(User, models.PROTECT, null=True, editable=False, related_name="+")
    company_agreed_at = models.DateTimeField(_("company agreed"), null=True, editable=False)
    published_on = models.DateField(_("published on"), null=True, editable=False)
    replaced_on = models.DateField(_("replaced on"), null=True, editable=False)

    objects = ServiceListQuerySet.as_manager()

    class Meta:
        verbose_name = _("service list")
        verbose_name_plural = _("service lists")
        ordering = ["estate", "-edition"]
        constraints = [
            models.UniqueConstraint(fields=["estate", "edition"], name="service_list_edition_once"),
            models.UniqueConstraint(
                fields=["estate"],
                condition=Q(state="published"),
                name="service_list_one_published",
                violation_error_message=_("Another list of this estate holds."),
            ),
            models.UniqueConstraint(
                fields=["estate"],
                condition=Q(state="draft"),
                name="service_list_one_draft",
                violation_error_message=_("There is a draft for this estate already."),
            ),
            models.CheckConstraint(
                name="service_list_published_agreed",
                condition=Q(state__in=["draft", "withdrawn"], published_on__isnull=True)
                | Q(
                    state__in=["published", "replaced"],
                    published_on__isnull=False,
                    party_agreed_at__isnull=False,
                    company_agreed_at__isnull=False,
                ),
            ),
        ]

    def __str__(self):
        return gettext("%(estate)s service list no. %(edition)s") % {"estate": self.estate, "edition": self.edition}

    def natural_key(self):
        return (self.estate.code, self.edition)

    def clean(self):
        """Take the estate's area; refuse a unit that is no company, and an organisation of elsewhere."""
        if self.estate_id is None or self.organisation_id is None:
            return
        self.area = self.estate.area
        company_check(self.company if self.company_id else None)
        own = self.organisation.estate_id == self.estate_id
        above = self.organisation.level == PartyLevel.COMMITTEE and self.organisation.area.contains(self.estate.area)
        if not own and not above:
            told = _("The branch of the estate, or the committee of its community, is needed.")
            raise ValidationError({"organisation": told}, code="outside")


class ServiceGroup(models.TextChoices):
    BASIC = "basic", _("Basic service")
    FEATURED = "featured", _("Featured service")


class ServiceField(models.TextChoices):
    CLEANING = "cleaning", _("Cleaning")
    SECURITY = "security", _("Security")
    REPAIR = "repair", _("Repairs")
    GREENING = "greening", _("Greenery")
    PARCELS = "parcels", _("Parcels taken in")
    CARE = "care", _("Care for the elderly")
    OTHER = "other", _("Other")


class ServiceRule(models.TextChoices):
    DAILY = "daily", _("Every day")
    WEEKDAYS = "weekdays", _("On days of the week")
    WORKDAYS = "workdays", _("On working days (public holidays and moved working days counted)")
    MONTHLY = "monthly", _("Once a month")
    ON_DEMAND = "on_demand", _("When it is asked for")


class ServiceItem(models.Model):
    """One service of a list: to which standard, how often, by whom, how it is checked.

    Within ``starts`` and ``ends`` (Asia/Shanghai) of each day it falls on it must be reported as done. ``month_day`` 31
    means the last day of shorter months too. ``miss_standard``: what a missed occurrence is filed under as a case;
    without one the case waits for a registrar.
    """

    service_list = models.ForeignKey(ServiceList, models.PROTECT, related_name="items", verbose_name=_("service list"))
    code = models.SlugField(_("code"), max_length=30)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    name = models.CharField(_("name"), max_length=60)
    group = models.CharField(_("group"), max_length=10, choices=ServiceGroup, default=ServiceGroup.BASIC)
    field = models.CharField(_("field"), max_length=10, choices=ServiceField)
    standard = models.CharField(_("service standard"), max_length=300)
    rule = models.CharField(_("on which days"), max_length=10, choices=ServiceRule, default=ServiceRule.DAILY)
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(choices=Weekday), verbose_name=_("days of the week"), default=list, blank=True
    )
    month_day = models.PositiveSmallIntegerField(
        _("day of the month"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(31)]
    )
    starts = models.TimeField(_("from what time"), default=time(8))
    ends = models.TimeField(_("done by"), default=time(18))
    performer = models.CharField(_("done by whom"), max_length=60)
    check_method = models.CharField(_("how it is checked"), max_length=120)
    needs_photo = models.BooleanField(_("a photo is needed"), default=True)
    miss_standard = models.ForeignKey(
        FilingStandard, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("filing standard of a miss"),
    )  # fmt: skip

    objects = ItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("service item")
        verbose_name_plural = _("service items")
        ordering = ["service_list", "group", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["service_list", "code"], name="service_item_once"),
            models.CheckConstraint(
                name="service_item_window",
                condition=Q(ends__gt=F("starts")),
                violation_error_message=_("It must be done by a later time of the same day."),
            ),
            models.CheckConstraint(
                name="service_item_rule_whole",
                condition=Q(rule__in=["daily", "workdays", "on_demand"])
                | Q(rule="weekdays", weekdays__len__gt=0)
                | Q(rule="monthly", month_day__isnull=False, month_day__range=(1, 31)),
                violation_error_message=_("Say which days of the week, or which day of the month."),
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def rule_text(self) -> str:
        """How often it is done, in words."""
        if self.rule == ServiceRule.WEEKDAYS:
            return "、".join(str(Weekday(day).label) for day in sorted(self.weekdays))
        if self.rule == ServiceRule.MONTHLY:
            return gettext("On day %(day)s of the month") % {"day": self.month_day}
        return self.get_rule_display()

    def falls_on(self, day: date, calendar: WorkCalendar) -> bool:
        """Tell whether it is due on ``day`` by its rule and the work calendar of the estate's area."""
        if self.rule == ServiceRule.WEEKDAYS:
            return day.weekday() in self.weekdays
        if self.rule == ServiceRule.WORKDAYS:
            return calendar.is_workday(day)
        if self.rule == ServiceRule.MONTHLY:
            last = (date.fromordinal(day.toordinal() + 1)).day == 1
            return day.day == self.month_day or (last and self.month_day > day.day)
        return self.rule == ServiceRule.DAILY

    def window(self, day: date) -> tuple[datetime, datetime]:
        """Return from when to when it is to be done on ``day``."""
        return datetime.combine(day, self.starts, SHANGHAI), datetime.combine(day, self.ends, SHANGHAI)


class ServiceRecord(ServiceRecordSteps, WorkflowModel):
    """One occurrence of an item on a day. ``estate``, ``company`` and ``area`` are the list's.

    Photos are attachments. ``case``: opened when it was missed, or the open one of an earlier miss of the same item.
    """

    LOCK_WITH = ("area", "item__service_list", "estate", "company")

    item = models.ForeignKey(ServiceItem, models.PROTECT, related_name="records", verbose_name=_("service item"))
    date = models.DateField(_("day"))
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("done by"))
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="service_records", verbose_name=_("estate"))
    company = models.ForeignKey(
        OrgUnit, models.PROTECT, related_name="service_records", verbose_name=_("property company")
    )
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"), editable=False)
    state = FSMField(_("state"), max_length=10, choices=RecordState, default=RecordState.PLANNED, protected=True)
    done_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("reported by")
    )
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)
    case = models.ForeignKey(
        Case, models.PROTECT, null=True, blank=True, related_name="missed_services", verbose_name=_("case")
    )

    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("service occurrence")
        verbose_name_plural = _("service occurrences")
        ordering = ["-date", "ends_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["item", "date"], name="service_record_once"),
            models.CheckConstraint(name="service_record_in_order", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="service_record_done",
                condition=~Q(state__in=["done", "checked"]) | Q(done_by__isnull=False, done_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["company", "date"], name="service_record_of_day"),
            models.Index(fields=["estate", "date"], name="service_record_of_estate"),
        ]

    def __str__(self):
        return f"{self.item} {self.date:%Y-%m-%d}"


class ServiceRating(models.Model):
    """What a resident says of an item in a month: 1 to 5 stars and words. ``month`` is its first day."""

    item = models.ForeignKey(ServiceItem, models.PROTECT, related_name="ratings", verbose_name=_("service item"))
    month = models.DateField(_("month"))
    person = models.ForeignKey(User, models.PROTECT, related_name="service_ratings", verbose_name=_("rated by"))
    stars = models.PositiveSmallIntegerField(_("stars"), validators=[MinValueValidator(1), MaxValueValidator(5)])
    words = models.CharField(_("in words"), max_length=300, blank=True)
    given_at = models.DateTimeField(_("given at"), default=timezone.now, editable=False)

    objects = RatingQuerySet.as_manager()

    class Meta:
        verbose_name = _("service rating")
        verbose_name_plural = _("service ratings")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["item", "month", "person"], name="service_rating_once"),
            models.CheckConstraint(name="service_rating_stars", condition=Q(stars__range=(1, 5))),
            models.CheckConstraint(name="service_rating_month", condition=Q(month__day=1)),
        ]

    def __str__(self):
        return f"{self.item} {self.month:%Y-%m} {self.stars}"

    @property
    def area_id(self) -> int:
        return self.item.service_list.area_id
