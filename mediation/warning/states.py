"""Streams, methods, levels and verdicts of early warning (domain/mediation.md). Pure words."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class WarningStream(models.TextChoices):
    """What is counted: what people report, or what patrols find for each round they walk."""

    REPORTS = "reports", _("Reports of hotline, petitions, opinion and hazards")
    PATROLS = "patrols", _("Hazards found on patrols, by rounds walked")


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
