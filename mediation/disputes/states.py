"""States, tiers and sources of a dispute (domain/mediation.md). Pure words: nothing here reads or writes data."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DisputeState(models.TextChoices):
    """A dispute is never "cancelled": it is declined before it was accepted, or terminated after."""

    REGISTERED = "registered", _("Registered")
    AWAITING_CONSENT = "awaiting_consent", _("Awaiting consent")
    ACCEPTED = "accepted", _("Accepted for mediation")
    MEDIATING = "mediating", _("In mediation")
    AGREED = "agreed", _("Agreement reached")
    TERMINATED = "terminated", _("Mediation terminated")
    CLOSED = "closed", _("Dispute closed")
    ARCHIVED = "archived", _("Archived")
    DECLINED = "declined", _("Not mediated")
    REFERRED = "referred", _("Referred elsewhere")
    REOPENED = "reopened", _("Reopened")


class DisputeTier(models.TextChoices):
    """How grave it is, which decides who handles it: village, township, county. An attribute with its own history."""

    GENERAL = "general", _("General dispute")
    COMPLEX = "complex", _("Complex dispute")
    MAJOR = "major", _("Major dispute")


class DisputeSource(models.TextChoices):
    """How it came to the committee; the sources of the public systems."""

    APPLICATION = "application", _("On a party's application")
    INITIATIVE = "initiative", _("On the committee's own initiative")
    COURT = "court", _("Transferred by the court")
    PROCURATORATE = "procuratorate", _("Transferred by the procuratorate")
    POLICE = "police", _("Transferred by the police")
    PETITIONS = "petitions", _("Transferred by the petition office")
    OTHER_UNIT = "other_unit", _("Transferred by another unit")


class DisputeUrgency(models.TextChoices):
    NORMAL = "normal", _("Not urgent")
    URGENT = "urgent", _("Urgent")


class PartyKind(models.TextChoices):
    PERSON = "person", _("Person")
    ORGANISATION = "organisation", _("Legal person or organisation")


class PartySide(models.TextChoices):
    APPLICANT = "applicant", _("Applicant")
    RESPONDENT = "respondent", _("Respondent")
    THIRD = "third", _("Third person concerned")


# Somebody still works on it.
OPEN = ("registered", "awaiting_consent", "accepted", "mediating", "reopened")
# It has ended; what is left is performance, follow-up and the file.
ENDED = ("agreed", "terminated", "closed", "archived", "declined", "referred")
HIGHER = (DisputeTier.COMPLEX, DisputeTier.MAJOR)
