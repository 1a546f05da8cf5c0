"""That the police were told of a dispute. Nobody's consent is asked."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.models import OrgUnit, User
from mediation.disputes.querysets import OfDisputeQuerySet
from mediation.disputes.states import ReportGround
from mediation.models.dispute import Dispute


class PoliceReport(models.Model):
    """A report to the police (人民调解法 25: danger of escalation; 反家暴法 14: duty for persons without capacity).

    ``reference``: the number the police gave. ``words`` are the reporter's; they stay here. Append-only.
    """

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="police_reports", verbose_name=_("dispute"))
    ground = models.CharField(_("ground of the report"), max_length=10, choices=ReportGround)
    words = models.CharField(_("what was reported"), max_length=1000, blank=True)
    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("reported to the unit")
    )
    reference = models.CharField(_("number given by the police"), max_length=40, blank=True)
    reported_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("reported by"))
    at = models.DateTimeField(_("at"), default=timezone.now)

    objects = OfDisputeQuerySet.as_manager()

    class Meta:
        verbose_name = _("report to the police")
        verbose_name_plural = _("reports to the police")
        ordering = ["-id"]

    def __str__(self):
        return f"{self.dispute} {self.get_ground_display()}"
