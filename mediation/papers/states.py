"""Words of what parties say on their own page. Nothing here reads or writes data."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReplyPerformed(models.TextChoices):
    """How an agreement is performed, as a party says."""

    YES = "yes", _("Performed")
    PARTLY = "partly", _("Performed in part")
    NO = "no", _("Not performed")
