"""Names of what happens to credit files. Payloads hold ids, codes and figures."""

from django.utils.translation import gettext_lazy as _

from governance.events import register

for name, label in {
    "credit_formula.in_force": _("Credit formula put in force"),
    "credit_formula.replaced": _("Credit formula replaced"),
    "credit_note.recorded": _("Fact recorded that lowers a credit file"),
    "credit_note.told": _("Partner told of a fact that lowers its credit file"),
    "credit_note.answered": _("Partner answered to a fact"),
    "credit_note.annulled": _("Fact annulled"),
    "credit_profile.computed": _("Credit file computed"),
    "credit_profile.ready": _("Credit file of the year ready"),
    "credit_appeal.filed": _("Appeal against a credit file"),
    "credit_appeal.upheld": _("Appeal against a credit file upheld"),
    "credit_appeal.declined": _("Appeal against a credit file declined"),
    "credit_appeal.withdrawn": _("Appeal against a credit file withdrawn"),
    "credit_appeal.overdue": _("Appeal against a credit file not decided in time"),
    "credit_list.drawn": _("List of candidates drawn up"),
    "credit_list.published": _("List of candidates published"),
    "credit_list.withdrawn": _("List of candidates withdrawn"),
    "credit_candidate.added": _("Candidate put on a list by hand"),
    "credit_candidate.chosen": _("Candidate chosen"),
    "credit_candidate.not_chosen": _("Candidate not chosen"),
    "credit_candidate.reopened": _("Decision on a candidate taken back"),
}.items():
    register(name, label)
