"""The standing assembly (红色议事厅) of a community or an estate, its rule, its quorum and its seats."""

from datetime import date, datetime, timedelta
from fractions import Fraction

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.timezone import make_aware
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from governance.models import Area, AreaKind, Estate, OrgUnit, User, Venue
from governance.models.venue import Weekday
from property.assembly.dates import LAST_WEEKDAY, MONTH_DAY, NEXT_DAY, NEXT_WEEK, NTH_WEEKDAY, STAY, SessionRule
from property.assembly.querysets import AssemblyQuerySet, SeatQuerySet
from property.assembly.quorum import Quorum
from property.models.party import PartyOrganisation


class RuleKind(models.TextChoices):
    NTH_WEEKDAY = NTH_WEEKDAY, _("the n-th weekday of the month")
    LAST_WEEKDAY = LAST_WEEKDAY, _("the last weekday of the month")
    MONTH_DAY = MONTH_DAY, _("a day of the month")


class HolidayMove(models.TextChoices):
    NEXT_WEEK = NEXT_WEEK, _("a week later")
    NEXT_DAY = NEXT_DAY, _("the next day that will do")
    STAY = STAY, _("not moved")


class SeatRole(models.TextChoices):
    """As whom somebody sits there. Guests and listeners do not count to the quorum."""

    PARTY = "party", _("Party organisation")
    PROPERTY_COMPANY = "property_company", _("Property company")
    OWNERS_COMMITTEE = "owners_committee", _("Owners' committee")
    RESIDENTS = "residents", _("Residents' representative")
    GUEST = "guest", _("Guest")
    LISTENER = "listener", _("Listener")


COUNTING = (SeatRole.PARTY, SeatRole.PROPERTY_COMPANY, SeatRole.OWNERS_COMMITTEE, SeatRole.RESIDENTS)
COUNTING_CHOICES = [(role.value, role.label) for role in COUNTING]
SEAT_CHOICES = [choice for choice in SeatRole.choices if choice[0] != SeatRole.LISTENER]


class Assembly(models.Model):
    """A standing assembly for a community or one estate, chaired by a party organisation; it meets every month.

    When it meets, how long before topics are collected and the notice is sent, and its quorum are data of each
    assembly. ``quorum_numerator``/``quorum_denominator`` of those who count must be there: at least, or with
    ``quorum_more_than`` more than it.
    """

    code = models.SlugField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=80)
    chair = models.ForeignKey(
        PartyOrganisation, models.PROTECT, related_name="assemblies", verbose_name=_("chaired by")
    )
    area = models.ForeignKey(Area, models.PROTECT, related_name="assemblies", verbose_name=_("area"))
    estate = models.ForeignKey(
        Estate, models.PROTECT, null=True, blank=True, related_name="assemblies", verbose_name=_("estate"),
        help_text=_("Empty: for the whole area."),
    )  # fmt: skip
    rule = models.CharField(_("meets on"), max_length=20, choices=RuleKind, default=RuleKind.NTH_WEEKDAY)
    nth = models.PositiveSmallIntegerField(
        _("which one of the month"), null=True, blank=True, default=1,
        validators=[MinValueValidator(1), MaxValueValidator(4)],
    )  # fmt: skip
    weekday = models.PositiveSmallIntegerField(
        _("weekday"), choices=Weekday, null=True, blank=True, default=Weekday.SATURDAY
    )
    month_day = models.PositiveSmallIntegerField(
        _("day of the month"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(31)],
        help_text=_("31 means the last day of shorter months too."),
    )  # fmt: skip
    holiday_move = models.CharField(
        _("on public holidays and working weekends"), max_length=10, choices=HolidayMove, default=HolidayMove.NEXT_WEEK
    )
    starts = models.TimeField(_("begins at"))
    minutes = models.PositiveSmallIntegerField(
        _("length in minutes"), default=120, validators=[MinValueValidator(15), MaxValueValidator(600)]
    )
    venue = models.ForeignKey(
        Venue, models.PROTECT, null=True, blank=True, related_name="assemblies", verbose_name=_("venue")
    )
    collect_days = models.PositiveSmallIntegerField(
        _("topics are collected from so many days before"), default=20, validators=[MaxValueValidator(60)]
    )
    notice_days = models.PositiveSmallIntegerField(
        _("notice at least so many days before"), default=3, validators=[MaxValueValidator(30)]
    )
    quorum_numerator = models.PositiveSmallIntegerField(_("quorum: numerator"), default=1)
    quorum_denominator = models.PositiveSmallIntegerField(_("quorum: denominator"), default=2)
    quorum_more_than = models.BooleanField(
        _("more than that share"), default=True, help_text=_("Otherwise exactly that share is enough.")
    )
    quorum_minimum = models.PositiveSmallIntegerField(_("at least so many"), default=3)
    quorum_roles = ArrayField(
        models.CharField(max_length=20, choices=COUNTING_CHOICES), verbose_name=_("one of each must be there"),
        default=list, blank=True,
    )  # fmt: skip
    valid_from = models.DateField(_("meets from"), default=timezone.localdate)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = AssemblyQuerySet.as_manager()

    class Meta:
        verbose_name = _("assembly")
        verbose_name_plural = _("assemblies")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="assembly_rule_whole",
                condition=Q(rule="nth_weekday", nth__range=(1, 4), weekday__isnull=False)
                | Q(rule="last_weekday", weekday__isnull=False)
                | Q(rule="month_day", month_day__range=(1, 31)),
                violation_error_message=_("Say which weekday and which one, or which day of the month."),
            ),
            models.CheckConstraint(
                name="assembly_quorum_share",
                condition=Q(quorum_denominator__gt=0, quorum_numerator__lte=F("quorum_denominator")),
                violation_error_message=_("The quorum is a share of at most the whole."),
            ),
            models.UniqueConstraint(
                fields=["estate"], condition=Q(is_active=True), name="assembly_one_per_estate",
                violation_error_message=_("This estate has an assembly already."),
            ),
            models.UniqueConstraint(
                fields=["area"], condition=Q(is_active=True, estate__isnull=True), name="assembly_one_per_area",
                violation_error_message=_("This area has an assembly already."),
            ),
        ]  # fmt: skip

    def __str__(self):
        return self.name

    def natural_key(self):
        return (self.code,)

    natural_key.dependencies = ["property.partyorganisation", "governance.venue", "governance.estate"]

    def clean(self):
        """Refuse an estate outside the area, a chair of elsewhere, a larger area, a share of everybody and more."""
        if self.area_id and self.area.kind not in (AreaKind.COMMUNITY, AreaKind.GRID):
            raise ValidationError({"area": gettext("A community or a grid is needed.")}, code="too_large")
        if self.area_id and self.estate_id and not self.area.contains(self.estate.area):
            raise ValidationError({"estate": gettext("This estate lies elsewhere.")}, code="outside")
        if self.area_id and self.chair_id:
            chair = self.chair.area
            if not (chair.contains(self.area) or self.area.contains(chair)):
                raise ValidationError({"chair": gettext("This party organisation is of elsewhere.")}, code="outside")
        if self.quorum_more_than and self.quorum_denominator and self.quorum_numerator >= self.quorum_denominator:
            raise ValidationError(
                {"quorum_numerator": gettext("Nobody can be more than all.")}, code="more_than_all"
            )  # fmt: skip

    @property
    def session_rule(self) -> SessionRule:
        """The rule by which it meets."""
        return SessionRule(self.rule, self.weekday, self.nth, self.month_day, self.holiday_move)

    @property
    def quorum(self) -> Quorum:
        """How many must be there."""
        share = Fraction(self.quorum_numerator, self.quorum_denominator)
        return Quorum(share, self.quorum_more_than, self.quorum_minimum, tuple(self.quorum_roles))

    @property
    def rule_text(self) -> str:
        """The rule in words: the 1st Saturday of the month, 09:30."""
        days = {
            RuleKind.NTH_WEEKDAY: gettext("no. %(nth)s %(weekday)s of the month"),
            RuleKind.LAST_WEEKDAY: gettext("the last %(weekday)s of the month"),
            RuleKind.MONTH_DAY: gettext("day %(day)s of the month"),
        }
        weekday = "" if self.weekday is None else Weekday(self.weekday).label
        return f"{days[self.rule] % {'nth': self.nth, 'weekday': weekday, 'day': self.month_day}} {self.starts:%H:%M}"

    @property
    def quorum_text(self) -> str:
        """The quorum in words."""
        share = f"{self.quorum_numerator}/{self.quorum_denominator}"
        more = gettext("more than %(share)s") if self.quorum_more_than else gettext("at least %(share)s")
        return (more % {"share": share}) + gettext(", at least %(number)s persons") % {"number": self.quorum_minimum}

    def span(self, day: date) -> tuple[datetime, datetime]:
        """Return begin and end of a session on ``day`` (Asia/Shanghai)."""
        begins = make_aware(datetime.combine(day, self.starts))
        return begins, begins + timedelta(minutes=self.minutes)


class Seat(models.Model):
    """Who is asked to every session: a unit, a person with an account, or somebody by name; from one day to another.

    Names of people without an account are personal data, shown to who runs the assembly and to who is asked with them.
    """

    assembly = models.ForeignKey(Assembly, models.PROTECT, related_name="seats", verbose_name=_("assembly"))
    position = models.PositiveSmallIntegerField(_("order"))
    role = models.CharField(_("sits there as"), max_length=20, choices=SEAT_CHOICES)
    title = models.CharField(_("what it is called"), max_length=60, blank=True)
    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, blank=True, related_name="seats", verbose_name=_("unit")
    )
    person = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="seats", verbose_name=_("person")
    )
    name = models.CharField(_("name, without an account"), max_length=60, blank=True)
    valid_from = models.DateField(_("from"), default=timezone.localdate)
    valid_to = models.DateField(_("to"), null=True, blank=True)

    objects = SeatQuerySet.as_manager()

    class Meta:
        verbose_name = _("seat")
        verbose_name_plural = _("seats")
        ordering = ["assembly", "position"]
        constraints = [
            models.UniqueConstraint(fields=["assembly", "position"], name="seat_position_once"),
            models.CheckConstraint(
                name="seat_held_by_one",
                condition=Q(unit__isnull=False, person__isnull=True, name="")
                | Q(unit__isnull=True, person__isnull=False, name="")
                | (Q(unit__isnull=True, person__isnull=True) & ~Q(name="")),
                violation_error_message=_("Name a unit, or a person with an account, or a name: one of them."),
            ),
            models.CheckConstraint(
                name="seat_dates_in_order",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                violation_error_message=_("The last day lies before the first."),
            ),
        ]

    def __str__(self):
        return self.title or str(self.unit or self.person or self.name)

    def holds_on(self, day: date) -> bool:
        """Tell whether the seat is held on ``day``."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)
