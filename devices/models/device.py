"""Devices, the gateways that speak for them, and their keys."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models import Case, CaseCategory
from cases.places import area_of_place
from devices.models.profile import UNKNOWN, DeviceProfile
from devices.querysets import DeviceQuerySet, GatewayQuerySet, KeyQuerySet
from devices.workflow import DeviceState, DeviceSteps
from governance.errors import Invalid
from governance.models import Area, OrgUnit
from governance.models.access_key import AccessKey, dates_in_order
from governance.workflow import FSMField, WorkflowModel

CODE = r"[A-Za-z0-9][A-Za-z0-9._-]{0,29}"
code_validator = RegexValidator(
    rf"^{CODE}$", _("Use letters, digits, dot, hyphen and underscore; at most 30, a letter or digit first.")
)


class Gateway(models.Model):
    """A box that gathers what devices near it send and passes it on under its own key.

    It is lost when all devices behind it are silent (``devices.offline``): ``silent_since`` is then when the last of
    them was heard, ``back_at`` when one was heard again. ``category`` is that of the maintenance case a loss opens
    (none: no case), ``case`` the newest of them.
    """

    code = models.CharField(_("code"), max_length=30, unique=True, validators=[code_validator])
    name = models.CharField(_("name"), max_length=60)
    area = models.ForeignKey(Area, models.PROTECT, related_name="gateways", verbose_name=_("area"))
    is_active = models.BooleanField(_("in use"), default=True)
    category = models.ForeignKey(
        CaseCategory, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("category of the case when it is lost"),
        help_text=_("Empty: a lost gateway opens no case."),
    )  # fmt: skip
    silent_since = models.DateTimeField(_("silent since"), null=True, blank=True, editable=False)
    back_at = models.DateTimeField(_("back at"), null=True, blank=True, editable=False)
    case = models.ForeignKey(
        Case, models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name=_("case")
    )

    objects = GatewayQuerySet.as_manager()

    class Meta:
        verbose_name = _("gateway")
        verbose_name_plural = _("gateways")
        ordering = ["code"]

    def __str__(self):
        return f"{self.code} {self.name}"

    def natural_key(self):
        return (self.code,)


class Device(DeviceSteps, WorkflowModel):
    """A thing that reports: where it stands, who owns it, and how it is. ``state`` is where it stands in its life.

    ``area`` is normally a grid; coordinates are WGS-84 degrees. ``status`` is the newest status word the device
    asserted (``unknown`` before the first), ``last_seen_at`` when a fresh sample last arrived. A device is added in
    service unless its form says that it is not in place yet. ``clock_skewed`` says
    that the newest sample claimed a time more than 5 minutes ahead; ``skewed_at`` is when one last did.
    ``paid_until`` and ``late_paid_until`` keep how far ahead of its rate it is, ``refused`` counts the messages that
    were too many, ``refused_at`` is when one last was (``devices.rates``). ``chatter_case`` is the newest case that was
    opened because it chattered; ``maintenance_case`` is the work order for which it is in maintenance now, if any.
    """

    code = models.CharField(_("code"), max_length=30, unique=True, validators=[code_validator])
    name = models.CharField(_("name"), max_length=60)
    profile = models.ForeignKey(
        DeviceProfile, models.PROTECT, related_name="devices", verbose_name=_("device profile"),
        limit_choices_to={"state": "in_force"},
    )  # fmt: skip
    area = models.ForeignKey(Area, models.PROTECT, related_name="devices", verbose_name=_("area"))
    address = models.CharField(_("address"), max_length=200, blank=True)
    longitude = models.FloatField(_("longitude"), validators=[MinValueValidator(-180), MaxValueValidator(180)])
    latitude = models.FloatField(_("latitude"), validators=[MinValueValidator(-90), MaxValueValidator(90)])
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="devices", verbose_name=_("owner unit"))
    gateway = models.ForeignKey(
        Gateway, models.PROTECT, null=True, blank=True, related_name="devices", verbose_name=_("gateway")
    )
    state = FSMField(
        _("state"), max_length=12, choices=DeviceState, default=DeviceState.IN_SERVICE, protected=True, editable=False
    )
    in_service_at = models.DateTimeField(_("in service since"), null=True, editable=False)
    maintenance_until = models.DateTimeField(_("in maintenance until"), null=True, editable=False)
    maintenance_case = models.ForeignKey(
        Case, models.PROTECT, null=True, editable=False, related_name="maintained_devices",
        verbose_name=_("case of the maintenance"),
    )  # fmt: skip
    retired_at = models.DateTimeField(_("retired at"), null=True, editable=False)
    status = models.CharField(_("status"), max_length=40, default=UNKNOWN, editable=False)
    last_seen_at = models.DateTimeField(_("last seen"), null=True, editable=False)
    clock_skewed = models.BooleanField(_("clock is wrong"), default=False, editable=False)
    skewed_at = models.DateTimeField(_("clock last found wrong"), null=True, editable=False)
    paid_until = models.DateTimeField(_("messages paid until"), null=True, editable=False)
    late_paid_until = models.DateTimeField(_("late messages paid until"), null=True, editable=False)
    refused = models.PositiveBigIntegerField(_("messages refused as too many"), default=0, editable=False)
    refused_at = models.DateTimeField(_("last refused"), null=True, editable=False)
    chatter_case = models.ForeignKey(
        Case, models.PROTECT, null=True, blank=True, editable=False, related_name="+",
        verbose_name=_("maintenance case"),
    )  # fmt: skip

    objects = DeviceQuerySet.as_manager()

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")
        ordering = ["code"]
        indexes = [
            models.Index(fields=["area", "code"], name="device_area"),
            models.Index(fields=["unit", "code"], name="device_unit"),
            models.Index(fields=["refused_at"], condition=Q(refused_at__isnull=False), name="device_refused"),
        ]
        constraints = [
            models.CheckConstraint(
                name="device_maintenance_ends",
                condition=Q(state="maintenance", maintenance_until__isnull=False)
                | (~Q(state="maintenance") & Q(maintenance_until=None)),
            ),
            models.CheckConstraint(
                name="device_maintenance_case", condition=Q(maintenance_case=None) | Q(state="maintenance")
            ),
            models.CheckConstraint(
                name="device_place",
                condition=Q(longitude__range=(-180, 180), latitude__range=(-90, 90)),
                violation_error_message=_("Coordinates are longitude -180 to 180 and latitude -90 to 90 degrees."),
            ),
        ]

    def __str__(self):
        return f"{self.code} {self.name}"

    @property
    def is_active(self) -> bool:
        """Whether it is in use: not retired."""
        return self.state != DeviceState.RETIRED

    def natural_key(self):
        return (self.code,)

    natural_key.dependencies = ["devices.deviceprofile", "devices.gateway", "governance.area", "governance.orgunit"]

    def clean(self):
        """Refuse a place outside the boundary of the area: its alarms could open no case there."""
        if self.area_id is None or self.longitude is None or self.latitude is None:
            return
        try:
            area_of_place(self.area, self.longitude, self.latitude)
        except Invalid as error:
            raise ValidationError({error.field: error.detail}) from error


class DeviceKey(AccessKey):
    """A key with which a device, or a gateway for its devices, may send readings."""

    device = models.ForeignKey(
        Device, models.PROTECT, null=True, blank=True, related_name="keys", verbose_name=_("device")
    )
    gateway = models.ForeignKey(
        Gateway, models.PROTECT, null=True, blank=True, related_name="keys", verbose_name=_("gateway")
    )

    objects = KeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("device key")
        verbose_name_plural = _("device keys")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="device_key_one_owner",
                condition=Q(device__isnull=False, gateway__isnull=True) | Q(device__isnull=True, gateway__isnull=False),
            ),
            dates_in_order("device_key_dates_in_order"),
        ]

    @property
    def owner(self) -> Device | Gateway:
        """The device or gateway the key speaks for."""
        return self.device or self.gateway
