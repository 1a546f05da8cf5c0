"""Units that do the work, and who holds which role in them."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models.area import Area
from governance.models.person import User
from governance.querysets import AppointmentQuerySet, NaturalCodeQuerySet


class UnitKind(models.TextChoices):
    OPERATIONS_CENTRE = "operations_centre", _("Operations centre")
    DEPARTMENT = "department", _("Department")
    STREET_OFFICE = "street_office", _("Street office")
    COMMUNITY_COMMITTEE = "community_committee", _("Community committee")
    PROPERTY_COMPANY = "property_company", _("Property company")
    OWNERS_COMMITTEE = "owners_committee", _("Owners' committee")
    MEDIATION_COMMITTEE = "mediation_committee", _("Mediation committee")
    MEDIATION_CENTRE = "mediation_centre", _("Mediation centre")
    GOVERNANCE_CENTRE = "governance_centre", _("Governance centre")
    COURT = "court", _("Court")
    MERCHANT = "merchant", _("Merchant")
    OTHER = "other", _("Other")


class Role(models.TextChoices):
    """What a person may act as; the role acted in is kept on each Event."""

    ADMINISTRATOR = "administrator", _("Administrator")
    OPERATIONS_CENTRE = "operations_centre", _("Operations centre")
    REGISTRAR = "registrar", _("Registrar")
    DISPATCHER = "dispatcher", _("Dispatcher")
    HANDLER = "handler", _("Department handler")
    SUPERVISOR = "supervisor", _("Supervisor")
    GRID_WORKER = "grid_worker", _("Grid worker")
    COMMUNITY_STAFF = "community_staff", _("Community staff")
    PARTY_SECRETARY = "party_secretary", _("Party secretary")
    ORGANISER = "organiser", _("Organiser")
    PROPERTY_MANAGER = "property_manager", _("Property manager")
    OWNERS_COMMITTEE_MEMBER = "owners_member", _("Owners' committee member")
    STEWARD = "steward", _("Red steward")
    PARTNER = "partner", _("Partner")
    MERCHANT = "merchant", _("Merchant")
    PARTNER_MANAGER = "partner_manager", _("Partner manager")
    EVALUATOR = "evaluator", _("Evaluator")
    VILLAGE_MEDIATOR = "village_mediator", _("Village mediator")
    TOWNSHIP_MEDIATOR = "township_mediator", _("Township mediator")
    COUNTY_CENTRE = "county_centre", _("County governance centre")
    JOINT_DEPARTMENT = "joint_department", _("Joint department")
    JUDGES_CLERK = "judges_clerk", _("Judge's clerk")
    RESPECTED_HELPER = "respected_helper", _("Respected helper")
    COUNSELLOR = "counsellor", _("Counsellor")
    RESIDENT = "resident", _("Resident")
    SYSTEM = "system", _("System")


# They act for a unit of their own and do not work in the administration: they sign in and are shown pages as residents.
OUTSIDE_ROLES = frozenset([Role.PARTNER, Role.MERCHANT, Role.EVALUATOR, Role.RESPECTED_HELPER, Role.COUNSELLOR])
WORKING_ROLES = tuple(role for role in Role.values if role not in {Role.RESIDENT, Role.SYSTEM, *OUTSIDE_ROLES})


class OrgUnit(models.Model):
    """A department, street office, community committee ...: what cases are dispatched to.

    ``estate``: the one estate the unit is for. An owners' committee acts in that estate only, and in none without it.
    """

    code = models.CharField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=80)
    short_name = models.CharField(_("short name"), max_length=20, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=UnitKind)
    area = models.ForeignKey(Area, models.PROTECT, related_name="units", verbose_name=_("area served"))
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("parent unit")
    )
    estate = models.ForeignKey(
        "governance.Estate", models.PROTECT, null=True, blank=True, related_name="units",
        verbose_name=_("estate it is for"), help_text=_("An owners' committee is for one estate, and acts there only."),
    )  # fmt: skip
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    objects = NaturalCodeQuerySet.as_manager()

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        ordering = ["code"]

    def __str__(self):
        return self.short_name or self.name

    def natural_key(self):
        return (self.code,)

    def clean(self):
        """Refuse an owners' committee of no estate, and an estate outside the area served."""
        if self.estate_id is None:
            if self.kind == UnitKind.OWNERS_COMMITTEE:
                raise ValidationError({"estate": _("Name the estate of the owners' committee.")}, code="required")
        elif self.area_id and not self.area.contains(self.estate.area):
            raise ValidationError({"estate": _("This estate lies outside the area served.")}, code="outside")


class Appointment(models.Model):
    """A person's role in a unit and an area, from one day to another (both included, Asia/Shanghai).

    The role acts in the area and all areas under it. Without ``valid_to`` it runs until ended.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="appointments", verbose_name=_("person"))
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="appointments", verbose_name=_("unit"))
    role = models.CharField(
        _("role"), max_length=20, choices=[choice for choice in Role.choices if choice[0] != "system"]
    )
    area = models.ForeignKey(Area, models.PROTECT, related_name="appointments", verbose_name=_("area"))
    valid_from = models.DateField(_("from"), default=timezone.localdate)
    valid_to = models.DateField(_("to"), null=True, blank=True)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        ordering = ["user", "role"]
        constraints = [
            models.CheckConstraint(
                name="appointment_dates_in_order",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                violation_error_message=_("The last day lies before the first."),
            ),
            models.UniqueConstraint(fields=["user", "unit", "role", "area", "valid_from"], name="appointment_once"),
        ]

    def __str__(self):
        return f"{self.user} · {self.get_role_display()} · {self.unit}"
