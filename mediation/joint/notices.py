"""What notices say of tasks of departments: numbers and days. Who is told: the people who answer in the department."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.events import on
from governance.models import Appointment, Role, User
from governance.notices import notice_context, notify_if_kept
from mediation.disputes.impartial import impartial_of
from mediation.models import DepartmentTask


@notice_context(
    "mediation.departmenttask",
    variables={"dispute": _("dispute"), "state": _("state"), "answer_by": _("answer by")},
    rows=lambda: DepartmentTask.objects.with_rows(),
)
def task_words(row: DepartmentTask, *, public: bool) -> dict:
    """Return a task in texts: neither the question nor the facts."""
    return {
        "dispute": row.dispute.number, "state": row.get_state_display(), "answer_by": f"{row.answer_by:%Y-%m-%d}",
        "url": reverse("admin:mediation_departmenttask_change", args=[row.pk]),
    }  # fmt: skip


@on("department_task.asked", "department_task.asked_again")
def department_told(event, row: DepartmentTask) -> None:
    """The people of the department hear of the task and of its last day."""
    posts = Appointment.objects.in_force().filter(unit_id=row.unit_id, role=Role.JOINT_DEPARTMENT)
    people = User.objects.filter(pk__in=posts.values("user_id"), is_active=True).order_by("pk")
    people = impartial_of(row.dispute, people)
    notify_if_kept(people, "department_task_asked", subject=DepartmentTask.objects.with_rows().get(pk=row.pk))
