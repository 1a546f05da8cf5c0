"""Who may view and keep projects. Transitions and making carry their own rules."""

from django.utils.translation import gettext as _

from governance.configuration import guards
from governance.errors import Conflict
from governance.models import Role
from governance.permissions import ADMIN_ONLY, permit
from partners.models import Evaluation, EvaluationForm
from partners.projects.querysets import LOOKING_ROLES, RUNNING_ROLES

KEEPERS = frozenset(RUNNING_ROLES)
CONCERNED = frozenset([*RUNNING_ROLES, *LOOKING_ROLES])

permit("partners.project", view=CONCERNED, add=KEEPERS)
permit("partners.claim", view=CONCERNED)
permit("partners.evaluation", view=CONCERNED | {Role.EVALUATOR})
permit("partners.evaluationform", view=CONCERNED, add=ADMIN_ONLY, change=ADMIN_ONLY)
for name in ("evaluationitem", "evaluationgrade"):
    permit(f"partners.{name}", view=CONCERNED, add=ADMIN_ONLY, change=ADMIN_ONLY, delete=ADMIN_ONLY)
for name in ("projecttask", "budgetline", "projectlog", "projectattendance", "projectoutcome", "evaluationmark"):
    permit(f"partners.{name}")

KEPT = ("code", "valid_from", "residents", "staff", "third")


def form_guard(form: EvaluationForm, stored: EvaluationForm | None, actor) -> None:
    """A form by which somebody was asked stays as it is: a new version is made."""
    if stored is None or not Evaluation.objects.filter(form=stored).exists():
        return
    if any(getattr(stored, name) != getattr(form, name) for name in KEPT):
        raise Conflict(_("Somebody was asked by this form already: make a new version."))


def parts_guard(form: EvaluationForm, actor) -> None:
    """Nor are the items and grades of such a form changed, by whatever door."""
    if Evaluation.objects.filter(form=form).exists():
        raise Conflict(_("Somebody was asked by this form already: make a new version."))


guards("partners.evaluationform", form_guard, rows=parts_guard)
