"""States and sources of hazards, channels of signals. Pure words: nothing here reads or writes data."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class HazardState(models.TextChoices):
    """reported → assessed → excluded | watched | converted (domain/mediation.md, "State machines")."""

    REPORTED = "reported", _("Hazard reported")
    ASSESSED = "assessed", _("Hazard assessed")
    WATCHED = "watched", _("Hazard watched")
    EXCLUDED = "excluded", _("Hazard excluded")
    CONVERTED = "converted", _("Became a dispute")


class HazardSource(models.TextChoices):
    """How the committee came to know of it."""

    PATROL = "patrol", _("Found on a patrol")
    PHONE = "phone", _("Reported from the phone")
    STEWARD = "steward", _("Handed over by a steward")
    HOTLINE = "hotline", _("12345 hotline")
    PETITION = "petition", _("Petitions")
    OPINION = "opinion", _("Public opinion")
    OTHER = "other", _("Other way")


class HazardUrgency(models.TextChoices):
    NORMAL = "normal", _("Not pressing")
    URGENT = "urgent", _("Pressing")


class SignalChannel(models.TextChoices):
    """Where a signal was collected."""

    HOTLINE = "hotline", _("12345 hotline")
    PETITION = "petition", _("Petitions")
    OPINION = "opinion", _("Public opinion")


# Somebody still has to decide about it, or to look again.
OPEN = (HazardState.REPORTED, HazardState.ASSESSED, HazardState.WATCHED)
