"""Joint work on the first page: what is suggested, asked of the own unit, to be answered, to be sat."""

from dataclasses import replace

from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.admin.my_work import WorkList, WorkRow, provides_work, work_list
from governance.scoping import roles_of, visible_q
from mediation.admin.disputes_work import dispute_row
from mediation.joint.deadlines import end_of
from mediation.joint.looks import tone_of
from mediation.joint.querysets import ASKED_DEPARTMENT, HANDLES_IT, OF_COUNTY, ORGAN, TAKES, UPPER_ROLES
from mediation.joint.suggestions import suggested_to
from mediation.models import DepartmentTask, Dispute, EscalationRequest, EscalationState, Sitting, Track


def row_of(row) -> WorkRow:
    """Show a row of joint work by its dispute's number and type: no names, no words."""
    due = {
        "departmenttask": lambda: end_of(row.answer_by), "sitting": lambda: row.starts_at,
        "track": lambda: row.hand_in_by and end_of(row.hand_in_by),
    }  # fmt: skip
    name = row._meta.model_name
    return WorkRow(
        url=reverse(f"admin:mediation_{name}_change", args=[row.pk]), title=str(row), text=str(row.dispute.type),
        place=row.dispute.area.name, badge=row.get_state_display(), tone=tone_of(row),
        due_at=due[name]() if name in due else None, warning=_("overdue") if row.state == "overdue" else "",
    )  # fmt: skip


@provides_work
def joint_work(user) -> list[WorkList]:
    """What the person's unit was asked, and the own sittings to come."""
    mine = roles_of(user)
    lists = []
    if mine & set(TAKES):
        lists += _takeovers(user)
    if mine & set(ORGAN):
        rows = Track.objects.filter(visible_q(ORGAN, user)).running().with_rows().order_by("pk")
        lists.append(_listed("tracks", _("Joint mediation of our organ"), rows, Track, 13, ""))
    if mine & set(ASKED_DEPARTMENT):
        rows = DepartmentTask.objects.filter(visible_q(ASKED_DEPARTMENT, user)).unanswered().with_rows()
        lists.append(_listed("department-tasks", _("Questions about disputes to answer"),
                             rows.order_by("answer_by", "pk"), DepartmentTask, 11,
                             _("Answer by the day; the facts given are all that is needed.")))  # fmt: skip
    lists += _of_departments(user)
    if mine & set(HANDLES_IT):
        lists += [found for found in (*_to_ask(user), *_without_lead(user)) if found.rows]
        rows = Sitting.objects.filter(visible_q(HANDLES_IT, user)).to_come().with_rows().order_by("starts_at")
        lists.append(_listed("sittings", _("Sittings to come"), rows, Sitting, 14, ""))
        lists += _suggested(user)
    return lists


def _takeovers(user) -> list[WorkList]:
    """Return what the own unit was asked to take over; once it accepted, what the parties say so far."""
    rows = EscalationRequest.objects.filter(visible_q(TAKES, user)).running().with_answers().with_rows()
    url = reverse("admin:mediation_escalationrequest_changelist")
    return [work_list("takeovers", _("Disputes to take over"), rows.order_by("pk"), _takeover_row, url, order=12,
                      lead=_("Accept and name a mediator, or say why not."))]  # fmt: skip


def _takeover_row(row: EscalationRequest) -> WorkRow:
    if row.state != EscalationState.ACCEPTED:
        return row_of(row)
    if row.unwanted:
        return replace(row_of(row), warning=_("A party does not accept the mediator: name another, or decline."))
    if row.unasked:
        return replace(row_of(row), note=_("The parties are still being asked."))
    return replace(row_of(row), note=_("Every party agrees: take it over."), tone="green")


def _to_ask(user) -> list[WorkList]:
    """Return the takeovers that another unit accepted, until every party has been asked about the mediator it named."""
    rows = EscalationRequest.objects.filter(visible_q(HANDLES_IT, user), state=EscalationState.ACCEPTED)
    rows = rows.with_answers().filter(unasked=True).with_rows().order_by("accepted_at", "pk")
    return [_listed("takeovers-accepted", _("Accepted by the other unit: ask the parties"), rows, EscalationRequest, 12,
                    _("Ask every party about the mediator named, and record the answers."))]  # fmt: skip


def _without_lead(user) -> list[WorkList]:
    """Return the disputes whose tracks run under no lead, for who gives it."""
    if not roles_of(user) & set(UPPER_ROLES):
        return []
    loose = Track.objects.leaderless().values("dispute")
    rows = Dispute.objects.visible_to(user).handled_by(user).filter(pk__in=loose).with_parties().order_by("pk")
    return [work_list("tracks-without-lead", _("Joint mediation without a lead"), rows, dispute_row,
                      reverse("admin:mediation_track_changelist"), order=12,
                      lead=_("Open a track and give it the lead."))]  # fmt: skip


def _of_departments(user) -> list[WorkList]:
    """Return what departments answered and what they did not by their day, for the county that asked."""
    asks = visible_q(OF_COUNTY, user)
    if asks is None:
        return []
    rows = DepartmentTask.objects.filter(asks).answered().with_rows().order_by("answered_at", "pk")
    url = f"{reverse('admin:mediation_departmenttask_changelist')}?state__exact=answered"
    found = work_list("department-answered", _("Answered by departments, to be dealt with"), rows, _answered_row, url,
                      order=12, lead=_("Read the answer; close the task, or ask again."))  # fmt: skip
    return [*_unanswered(user), *([found] if found.rows else [])]


def _answered_row(task: DepartmentTask) -> WorkRow:
    return replace(row_of(task), due_at=None, note=f"{localtime(task.answered_at):%m-%d}")


def _unanswered(user) -> list[WorkList]:
    """Return what departments did not answer by their day, the longest overdue first, for the county that asked."""
    asks = visible_q(OF_COUNTY, user)
    if asks is None:
        return []
    rows = DepartmentTask.objects.filter(asks).late().with_rows().order_by("answer_by", "pk")
    url = f"{reverse('admin:mediation_departmenttask_changelist')}?overdue=yes"
    return [work_list("department-answers", _("Answers of departments overdue"), rows, _overdue_row, url, order=11,
                      urgent=True, lead=_("Ask again by another day, or close the task."))]  # fmt: skip


def _overdue_row(task: DepartmentTask) -> WorkRow:
    days = ngettext("%(count)s day overdue", "%(count)s days overdue", task.days_overdue)
    return replace(row_of(task), note=days % {"count": task.days_overdue}, warning="")


def _listed(key, title, rows, model, order, lead) -> WorkList:
    return work_list(key, title, rows, row_of, reverse(f"admin:mediation_{model._meta.model_name}_changelist"),
                     order=order, lead=lead)  # fmt: skip


def _suggested(user) -> list[WorkList]:
    """Return the disputes for which a higher tier is suggested and not asked yet, with the reasons."""
    asked = EscalationRequest.objects.running().values("dispute_id")
    told = suggested_to(user, Dispute.objects.exclude(pk__in=asked))
    if not told:
        return []
    ask = reverse("admin:mediation_escalationrequest_add")
    lines = tuple(
        WorkRow(url=f"{ask}?dispute={dispute.number}", title=dispute.number, text=str(dispute.type),
                place=dispute.area.name, badge=dispute.get_tier_display(), tone="amber",
                note=" ".join(reason.text for reason in reasons))
        for dispute, reasons in told[:10]
    )  # fmt: skip
    lead = _("Suggested only: say why and ask, or say on the page of the dispute why not.")
    return [WorkList("escalations-suggested", _("A higher tier is suggested"), ask, len(told), lines, lead=lead,
                     order=15)]  # fmt: skip
