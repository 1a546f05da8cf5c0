"""Names of what happens to cases."""

from django.utils.translation import gettext_lazy as _

from governance.events import register

for name, label in {
    "case.reported": _("Reported"),
    "case.verified": _("Verified on site"),
    "case.accepted": _("Accepted"),
    "case.rejected": _("Not accepted"),
    "case.corrected": _("Corrected"),
    "case.review_needed": _("Waiting for a dispatcher"),
    "case.dispatched": _("Dispatched"),
    "case.recalled": _("Dispatch recalled"),
    "case.handling_begun": _("Handling begun"),
    "case.returned": _("Returned by the unit"),
    "case.submitted": _("Result submitted"),
    "case.inspected": _("Inspection passed"),
    "case.reworked": _("Sent back for rework"),
    "case.closed": _("Closed"),
    "case.reopened": _("Reopened"),
    "case.cancelled": _("Cancelled"),
    "case.urged": _("Urged"),
    "case.noted": _("Note"),
    "case.evidence_added": _("New evidence"),
    "case.rated": _("Rated by the reporter"),
    "case.overdue": _("Past its limit"),
}.items():
    register(name, label)
