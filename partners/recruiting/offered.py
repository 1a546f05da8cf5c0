"""Which steps make sense now: doors offer these and no others. The services refuse the rest with their own words."""

from django.db import models
from django.utils import timezone

from governance.workflow import Step, available
from partners.models import OfferPlace, OfferSlot, Partner, PartnerAgreement, Qualification

# Decided by somebody else than who applied.
BY_OTHERS = ("approve", "activate")
SIGNS = {"sign": "partner_signed_at", "countersign": "signed_at"}


def offered(obj: models.Model, user) -> list[Step]:
    """Return the steps of ``obj`` to be shown to ``user``; reads what its lock loads with it."""
    return [step for step in available(obj, user) if _makes_sense(obj, step.name, user)]


def _makes_sense(obj: models.Model, name: str, user) -> bool:
    if isinstance(obj, Partner):
        if name in ("add_person", "drop_person"):
            return obj.is_organisation
        return name not in BY_OTHERS or user.pk not in (obj.person_id, obj.applicant_id)
    if isinstance(obj, PartnerAgreement) and name in SIGNS:
        return getattr(obj, SIGNS[name]) is None and user.pk not in (obj.partner_signer_id, obj.signer_id)
    if isinstance(obj, Qualification) and name == "verify":
        return user.pk not in (obj.partner.person_id, obj.partner.applicant_id)
    if isinstance(obj, OfferSlot):
        return obj.ends_at > timezone.now()
    if isinstance(obj, OfferPlace):
        return obj.slot.starts_at > timezone.now()
    return True
