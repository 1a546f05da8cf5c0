"""Tasks of departments: the county centre asks, each department answers by a day (县综治中心牵头, 多部门协同)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import REASON_NEEDED, Conflict, Invalid
from governance.models import Appointment, OrgUnit, Role, User
from governance.scoping import grant_for
from governance.transactions import atomically
from governance.workflow import carries_out
from mediation.disputes.acting import words_check
from mediation.disputes.querysets import KEEPS
from mediation.disputes.states import DisputeTier
from mediation.joint.acting import carry, dispute_held, may, stored
from mediation.joint.deadlines import task_timer, task_timer_stop
from mediation.joint.notices import department_released
from mediation.models import DepartmentTask, Dispute, FormerAnswer, TaskState

TASK = "mediation.departmenttask"
ASKS = {Role.COUNTY_CENTRE: KEEPS[Role.COUNTY_CENTRE]}
# An answer later than this helps nobody [J]: 信访工作条例 34 gives 60 + 30 days to handle a whole petition.
FARTHEST = timedelta(days=90)
MOST_UNITS = 20


def departments():
    """Return the units in which somebody answers tasks."""
    posts = Appointment.objects.in_force().filter(role=Role.JOINT_DEPARTMENT)
    return OrgUnit.objects.filter(pk__in=posts.values("unit_id"), is_active=True).order_by("code")


def may_ask(dispute: Dispute, user: User) -> bool:
    """Whether the person asks departments about this dispute, as far as the person and its tier go."""
    return dispute.tier == DisputeTier.MAJOR and grant_for(ASKS, dispute, user) is not None


def tasks_ask(dispute: Dispute, *, actor: User, units: Sequence[OrgUnit], facts: str, question: str, answer_by: date,
              occurred_at: datetime | None = None) -> list[DepartmentTask]:  # fmt: skip
    """Ask one or several departments about a major dispute, each to answer by ``answer_by``; all or nothing.

    ``facts`` is all they read of it. Raises NotPermitted; Conflict (not major, ended); Invalid naming ``units``,
    ``facts``, ``question`` or ``answer_by``.
    """
    at = occurred_at or timezone.now()
    words_check(facts=facts, longest=2000)
    words_check(question=question, longest=500)
    for field, text in (("facts", facts), ("question", question)):
        if not text.strip():
            raise Invalid(_("This is needed."), field=field, code="required")
    _day_check(answer_by, at)
    if not 1 <= len({unit.pk for unit in units}) <= MOST_UNITS:
        raise Invalid(_("Choose one to twenty departments."), field="units", code="out_of_range")
    with atomically():
        held, grant = dispute_held(dispute, ASKS, actor)
        if held.tier != DisputeTier.MAJOR:
            raise Conflict(_("Departments are asked about major disputes only."), code="tier")
        known = set(departments().values_list("pk", flat=True))
        return [_task(held, unit, known, facts.strip(), question.strip(), answer_by, actor, grant, at)
                for unit in units]  # fmt: skip


def _task(dispute, unit, known, facts, question, answer_by, actor, grant, at) -> DepartmentTask:
    if unit.pk not in known:
        raise Invalid(_("Nobody answers tasks in %(unit)s.") % {"unit": unit}, field="units", code="nobody_there")
    row = DepartmentTask(dispute=dispute, unit=unit, facts=facts, question=question, answer_by=answer_by,
                         asked_by=actor, asked_at=at)  # fmt: skip
    stored(row, "department_task.asked", actor=actor, grant=grant, at=at, unit=unit.pk,
           answer_by=answer_by.isoformat())  # fmt: skip
    task_timer(row)
    return row


def _day_check(day: date, at: datetime) -> None:
    today = timezone.localdate(at)
    if day < today:
        raise Invalid(_("This day has passed."), field="answer_by", code="past")
    if day > today + FARTHEST:
        raise Invalid(_("At most 90 days ahead."), field="answer_by", code="too_far")


@carries_out(TASK, "answer")
def task_answer(task: DepartmentTask, *, actor: User, answer: str, occurred_at: datetime | None = None,
                **given) -> DepartmentTask:  # fmt: skip
    """Answer for the department, also late. Raises Invalid naming ``answer``."""
    at = occurred_at or timezone.now()
    words_check(answer=answer, longest=4000)
    if may(task, "answer", actor) and not answer.strip():
        raise Invalid(_("Write the answer."), field="answer", code="required")
    with atomically():
        late = task.state == TaskState.OVERDUE
        fresh = carry(task, "answer", actor=actor, occurred_at=at, at=at, answer=answer.strip(), answered_by=actor,
                      payload={"late": late, "unit": task.unit_id}, **given)  # fmt: skip
        task_timer_stop(fresh)
    return fresh


@carries_out(TASK, "ask_again")
def task_ask_again(task: DepartmentTask, *, actor: User, answer_by: date, occurred_at: datetime | None = None,
                   **given) -> DepartmentTask:  # fmt: skip
    """Ask again, by another day; the reason says what is missing. What was answered by the former day, or that nothing
    was, is kept (``FormerAnswer``). Raises Invalid naming ``answer_by``."""
    at = occurred_at or timezone.now()
    if may(task, "ask_again", actor):
        _day_check(answer_by, at)
    with atomically():
        held = DepartmentTask.objects.lock(task.pk)
        fresh = carry(held, "ask_again", actor=actor, occurred_at=at, answer_by=answer_by,
                      payload={"unit": task.unit_id, "answer_by": answer_by.isoformat()}, **given)  # fmt: skip
        FormerAnswer.objects.create(
            dispute_id=held.dispute_id, task=fresh, text=held.answer_text, answer_by=held.answer_by,
            answered_by=held.answered_by, answered_at=held.answered_at, at=at,
        )  # fmt: skip
        task_timer(fresh)
    return fresh


@carries_out(TASK, "close")
def task_close(task: DepartmentTask, *, actor: User, occurred_at: datetime | None = None, **given) -> DepartmentTask:
    """Close a task: the department sees it no longer; whose answer was still waited for is told, in the same
    transaction. Raises Invalid naming ``reason``, which only a task that was answered needs not."""
    at = occurred_at or timezone.now()
    with atomically():
        held = DepartmentTask.objects.lock(task.pk)
        waited_for = held.state in (TaskState.ASKED, TaskState.OVERDUE)
        if waited_for and may(held, "close", actor):
            if not given.get("reason", "").strip():
                raise Invalid(REASON_NEEDED, field="reason", code="required")
            department_released(held)  # who is told must still see it
        fresh = carry(held, "close", actor=actor, occurred_at=at, at=at, payload={"unit": task.unit_id}, **given)
        task_timer_stop(fresh)
    return fresh


def tasks_stop(dispute: Dispute, *, actor: User, at: datetime) -> None:
    """Close all tasks: the dispute has ended."""
    for row in DepartmentTask.objects.open().filter(dispute=dispute):
        task_close(row, actor=actor, occurred_at=at, reason=_("The dispute has ended."))
