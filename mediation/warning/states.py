"""Streams, methods, levels and verdicts of early warning (domain/mediation.md). Pure words."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class WarningStream(models.TextChoices):
    """What is counted: all that people report, what came by one way alone, or what patrols find for each round they
    walk. Hazards that somebody reported off patrol are counted with all reports only."""

    REPORTS = "reports", _("All reports together")
    HOTLINE = "hotline", _("12345 hotline alone")
    PETITION = "petition", _("Petitions alone")
    OPINION = "opinion", _("Public opinion alone")
    PATROLS = "patrols", _("Hazards found on patrols, by rounds walked")


# Events that are a stream by themselves, and those that are only part of all reports.
ALONE = (WarningStream.HOTLINE, WarningStream.PETITION, WarningStream.OPINION, WarningStream.PATROLS)
TOLD = "told"


def family_of(stream: str) -> list[str]:
    """Return the streams that may hold the same events: a warning of one is not repeated by another."""
    return [one for one in WarningStream.values if (one == stream) or WarningStream.PATROLS not in (one, stream)]


class WarningMethod(models.TextChoices):
    SCAN = "scan", _("Daily space-time scan")
    WEEKLY = "weekly", _("Weekly comparison with former years")
    SHORT = "short", _("Daily comparison with four weeks (short history)")


class WarningLevel(models.TextChoices):
    """By how seldom chance alone gives such a warning."""

    YELLOW = "yellow", _("Yellow warning")
    ORANGE = "orange", _("Orange warning")


class WarningState(models.TextChoices):
    """A warning is open until somebody who looked says what it was."""

    OPEN = "open", _("To be looked into")
    TRUE = "true", _("True: disputes are building up")
    FALSE = "false", _("False alarm")
    KNOWN = "known", _("Known already")
