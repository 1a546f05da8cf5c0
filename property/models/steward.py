"""Teams of red stewards, who is in them, what they walk, and who asks to join."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models import PatrolRoute
from governance.models import Area, Estate, User
from governance.workflow import FSMField, WorkflowModel
from property.models.party import PartyOrganisation, term
from property.stewards.querysets import MemberQuerySet, RequestQuerySet, TeamQuerySet
from property.stewards.workflow import RequestState, RequestSteps


class StewardTeam(models.Model):
    """A team of red stewards (红色管家) behind which a party organisation stands, where those are registered.

    It serves one estate (``area`` is the estate's then), or all estates of an area.
    """

    code = models.CharField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=60)
    estate = models.ForeignKey(
        Estate, models.PROTECT, null=True, blank=True, related_name="steward_teams", verbose_name=_("estate"),
        help_text=_("Left empty: the whole area."),
    )  # fmt: skip
    area = models.ForeignKey(
        Area, models.PROTECT, related_name="steward_teams", verbose_name=_("area"), blank=True,
        help_text=_("Left empty: the estate's."),
    )  # fmt: skip
    organisation = models.ForeignKey(
        PartyOrganisation, models.PROTECT, null=True, blank=True, related_name="steward_teams",
        verbose_name=_("party organisation"),
    )  # fmt: skip
    is_active = models.BooleanField(_("in use"), default=True)

    objects = TeamQuerySet.as_manager()

    class Meta:
        verbose_name = _("steward team")
        verbose_name_plural = _("steward teams")
        ordering = ["code"]

    def __str__(self):
        return self.name

    def natural_key(self):
        return (self.code,)

    natural_key.dependencies = ["governance.area", "governance.estate", "property.partyorganisation"]

    @property
    def place_text(self) -> str:
        """What it serves, in words."""
        return self.estate.name if self.estate_id else self.area.name

    def clean(self):
        """Take the estate's area; refuse a party organisation of another community."""
        if self.estate_id:
            self.area = self.estate.area
        elif self.area_id is None:
            raise ValidationError({"area": _("Name an estate or an area.")}, code="required")
        if self.organisation_id is None:
            return
        place = self.organisation.area
        if not (place.contains(self.area) or self.area.contains(place)):
            told = _("This organisation belongs to another community.")
            raise ValidationError({"organisation": told}, code="outside")


class StewardRoute(models.Model):
    """A patrol route that a team walks: its plans and rounds are those of ``cases``. A route has one team."""

    team = models.ForeignKey(StewardTeam, models.PROTECT, related_name="routes", verbose_name=_("steward team"))
    route = models.OneToOneField(
        PatrolRoute, models.PROTECT, related_name="steward_route", verbose_name=_("patrol route")
    )

    class Meta:
        verbose_name = _("route of a steward team")
        verbose_name_plural = _("routes of a steward team")
        ordering = ["route"]

    def __str__(self):
        return str(self.route)

    def clean(self):
        """Refuse a route of grid workers, or one outside the team's place."""
        route = getattr(self, "route", None)
        if route is None:
            return
        if route.role != "steward":
            raise ValidationError({"route": _("This route is not one for stewards.")}, code="role")
        if not self.team.area.contains(route.area):
            raise ValidationError({"route": _("This route lies outside the team's place.")}, code="outside")


class MemberKind(models.TextChoices):
    PARTY_MEMBER = "party_member", _("Party member")
    RESIDENT = "resident", _("Resident")
    VOLUNTEER = "volunteer", _("Volunteer")


class StewardMember(models.Model):
    """Somebody in a team, from the first to the last day. Somebody who leads it for a time has a term of their own."""

    team = models.ForeignKey(StewardTeam, models.PROTECT, related_name="members", verbose_name=_("steward team"))
    person = models.ForeignKey(User, models.PROTECT, related_name="stewardships", verbose_name=_("person"))
    kind = models.CharField(_("joins as"), max_length=12, choices=MemberKind)
    is_lead = models.BooleanField(_("leads the team"), default=False)
    valid_from = models.DateField(_("from"), default=timezone.localdate)
    valid_to = models.DateField(_("to"), null=True, blank=True)

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("steward")
        verbose_name_plural = _("stewards")
        ordering = ["team", "-is_lead", "id"]
        constraints = [
            models.CheckConstraint(
                name="steward_in_order",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                violation_error_message=_("The last day lies before the first."),
            ),
            ExclusionConstraint(
                name="steward_once",
                expressions=[
                    ("team", RangeOperators.EQUAL),
                    ("person", RangeOperators.EQUAL),
                    (term(), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("This person is in the team in this time already."),
            ),
            ExclusionConstraint(
                name="steward_one_lead",
                expressions=[("team", RangeOperators.EQUAL), (term(), RangeOperators.OVERLAPS)],
                condition=Q(is_lead=True),
                violation_error_message=_("Somebody else leads the team in this time."),
            ),
        ]
        indexes = [models.Index(fields=["person", "team"], name="steward_person")]

    def __str__(self):
        return f"{self.person} · {self.team}"

    @property
    def area(self) -> Area:
        return self.team.area

    def holds_on(self, day) -> bool:
        """Tell whether the person is in the team on ``day``."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class JoinRequest(RequestSteps, WorkflowModel):
    """A resident asks to join the team of the own estate as a volunteer; ``member`` is what came of it."""

    LOCK_WITH = ("team__area", "team__estate", "area", "person")

    team = models.ForeignKey(StewardTeam, models.PROTECT, related_name="requests", verbose_name=_("steward team"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"), editable=False)
    person = models.ForeignKey(User, models.PROTECT, related_name="steward_requests", verbose_name=_("person"))
    words = models.CharField(_("what I can help with"), max_length=300, blank=True)
    state = FSMField(_("state"), max_length=10, choices=RequestState, default=RequestState.ASKED, protected=True)
    asked_at = models.DateTimeField(_("asked at"), default=timezone.now)
    member = models.ForeignKey(
        StewardMember, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("steward")
    )

    objects = RequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request to join")
        verbose_name_plural = _("requests to join")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["team", "person"], condition=Q(state="asked"), name="steward_asked_once"),
            models.CheckConstraint(name="steward_joined", condition=~Q(state="accepted") | Q(member__isnull=False)),
        ]

    def __str__(self):
        return f"{self.person} → {self.team}"
