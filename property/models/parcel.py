"""Parcels that the property company takes in for households."""

import secrets

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import Area, Dwelling, Estate, OrgUnit, User
from governance.workflow import FSMField, WorkflowModel
from property.serving.other_querysets import ParcelQuerySet
from property.serving.parcel_workflow import ParcelState, ParcelSteps


def new_code() -> str:
    """Return a collection code of six digits."""
    return f"{secrets.randbelow(1_000_000):06d}"


class Parcel(ParcelSteps, WorkflowModel):
    """A parcel for a dwelling. ``tracking`` are the last characters of its number; ``code`` is shown to the household
    only, who says it when collecting. ``estate``, ``area``: the dwelling's; ``company`` took it in.
    """

    LOCK_WITH = ("area", "dwelling__building__estate", "dwelling__entrance", "estate", "company")

    dwelling = models.ForeignKey(Dwelling, models.PROTECT, related_name="parcels", verbose_name=_("dwelling"))
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="parcels", verbose_name=_("estate"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"), editable=False)
    company = models.ForeignKey(OrgUnit, models.PROTECT, related_name="parcels", verbose_name=_("property company"))
    carrier = models.CharField(_("carrier"), max_length=30)
    tracking = models.CharField(_("end of the tracking number"), max_length=8)
    shelf = models.CharField(_("shelf"), max_length=20, blank=True)
    code = models.CharField(_("collection code"), max_length=6, default=new_code, editable=False)
    state = FSMField(_("state"), max_length=10, choices=ParcelState, default=ParcelState.RECEIVED, protected=True)
    received_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("received by"))
    received_at = models.DateTimeField(_("received at"), default=timezone.now)
    notified_at = models.DateTimeField(_("told at"), null=True, blank=True)
    collected_at = models.DateTimeField(_("collected at"), null=True, blank=True)

    objects = ParcelQuerySet.as_manager()

    class Meta:
        verbose_name = _("parcel")
        verbose_name_plural = _("parcels")
        ordering = ["-id"]
        indexes = [models.Index(fields=["estate", "state"], name="parcel_of_estate")]

    def __str__(self):
        return f"{self.carrier} …{self.tracking}"
