"""Words of follow-up (domain/mediation.md, "State machines"). Nothing here reads or writes data."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class VisitKind(models.TextChoices):
    """One week and one month after an agreement took effect (the product's own rule), and after each due date."""

    WEEK = "week", _("First visit after the agreement")
    MONTH = "month", _("Second visit after the agreement")
    OBLIGATION = "obligation", _("Visit after a due date")


class VisitState(models.TextChoices):
    """planned → due → done | unreachable | refused | overdue | cancelled."""

    PLANNED = "planned", _("Visit planned")
    DUE = "due", _("Visit due")
    DONE = "done", _("Visit made")
    UNREACHABLE = "unreachable", _("Nobody was reached")
    REFUSED = "refused", _("Visit refused by the parties")
    OVERDUE = "overdue", _("Visit overdue")
    CANCELLED = "cancelled", _("Visit cancelled")


class VisitPerformed(models.TextChoices):
    """What the parties say of the agreement, or of the one obligation the visit is about."""

    YES = "yes", _("Performed so far")
    PARTLY = "partly", _("Performed only partly")
    NO = "no", _("Not performed")


class VisitWay(models.TextChoices):
    HOME = "home", _("At their home")
    PHONE = "phone", _("On the telephone")
    CENTRE = "centre", _("At the mediation room")


class CounsellingState(models.TextChoices):
    """offered → consented → referred → attended | declined; an unanswered offer may be taken back. Only dates are
    kept."""

    OFFERED = "offered", _("Counselling offered")
    CONSENTED = "consented", _("Counselling consented to")
    REFERRED = "referred", _("Referred to a counsellor")
    ATTENDED = "attended", _("Counselling attended")
    DECLINED = "declined", _("Counselling declined")
    WITHDRAWN = "withdrawn", _("Offer of counselling taken back")


V, C = VisitState, CounsellingState
# Still to be made.
OPEN_VISITS = (V.PLANNED, V.DUE, V.OVERDUE, V.UNREACHABLE)
# Late once the days of grace are over.
UNTIL_LATE = (V.PLANNED, V.DUE, V.UNREACHABLE)
# To be made now; who was not reached is tried again.
TO_MAKE = (V.DUE, V.OVERDUE, V.UNREACHABLE)
# Offered, and not at an end: at most one of a party at a time.
REFERRAL_UNDER_WAY = (C.OFFERED, C.CONSENTED, C.REFERRED)
# A counsellor reads it from here on.
WITH_COUNSELLOR = (C.REFERRED, C.ATTENDED)
