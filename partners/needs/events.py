"""Names of what happens to needs and visits, and the origin by which a case knows its need."""

from django.utils.translation import gettext_lazy as _

from cases.evidence import register_origin
from governance.events import register

for name, label in {
    "need.registered": _("Need registered"),
    "need.amended": _("Need corrected"),
    "need.verified": _("Need verified"),
    "need.merged": _("Need merged into another"),
    "need.moved_on": _("Need merged into another with the one it was merged into"),
    "need.case_opened": _("Case opened for a need"),
    "need.case_merged": _("The case of a need was merged into another"),
    "need.transferred": _("Need transferred to a unit"),
    "need.adopted": _("Need adopted"),
    "need.declined": _("Need declined"),
    "need.solved": _("Need solved"),
    "need.called_back": _("Called back about a need"),
    "need.split": _("Merged need taken apart"),
    "need.taken_back": _("Need taken back"),
    "need.reconsidered": _("Declined need considered again"),
    "need.reopened": _("Need opened again"),
    "need.verify_overdue": _("Need not verified in time"),
    "need.call_back_overdue": _("Not called back about a need in time"),
    "need_visit.logged": _("Visit for needs logged"),
}.items():
    register(name, label)
register_origin("need", _("Need"))
