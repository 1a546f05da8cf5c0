"""Names of what happens to projects, claims and evaluations. Payloads hold ids, codes and figures."""

from django.utils.translation import gettext_lazy as _

from governance.events import register

for name, label in {
    "project.made": _("Project planned"),
    "project.changed": _("Plan of the project changed"),
    "project.published": _("Project published"),
    "project.claims_opened": _("Project open for claims"),
    "project.claims_ended": _("Time for claims over"),
    "project.unclaimed": _("Project claimed by nobody"),
    "project.awarded": _("Award of the project concluded"),
    "project.begun": _("Project begun"),
    "project.delivered": _("Project delivered"),
    "project.evaluated": _("Project evaluated"),
    "project.evaluation_reopened": _("Evaluation of the project opened again"),
    "project.closed": _("Project closed with points"),
    "project.reopened": _("Closing of the project undone"),
    "project.terminated": _("Project terminated"),
    "project.task_added": _("Task of the project added"),
    "project.task_dropped": _("Task of the project taken off"),
    "project.task_done": _("Task of the project done"),
    "project.line_added": _("Budget line added"),
    "project.logged": _("Log of the project written"),
    "project.log_opened": _("Entry of the log shown or hidden"),
    "project.signed_in": _("Signed in to the project"),
    "project.signed_out": _("Signed out of the project"),
    "claim.submitted": _("Project claimed"),
    "claim.awarded": _("Project awarded to the partner"),
    "claim.declined": _("Claim of the project declined"),
    "claim.withdrawn": _("Claim of the project withdrawn"),
    "claim.delivered": _("Delivery reported"),
    "claim.quit": _("Project given up by the partner"),
    "claim.dismissed": _("Project ended with the partner"),
    "evaluation.invited": _("Asked to evaluate"),
    "evaluation.answered": _("Evaluation answered"),
    "evaluation.revoked": _("No longer asked to evaluate"),
}.items():
    register(name, label)
