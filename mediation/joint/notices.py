"""What notices say of joint work: numbers, units, states and days; nothing of persons, no words of the dispute.

Whoever is to act next is told what the other side did: the unit that asks the parties, the unit that takes over, the
organ, the department, whoever handles the dispute. Who did it themselves is not told.
"""

from collections.abc import Iterable

from django.db.models import Model
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from governance.events import on
from governance.models import Appointment, Role, User
from governance.notices import notice_context, notify_if_kept
from mediation.disputes.consents import all_agreed
from mediation.disputes.impartial import impartial_of
from mediation.disputes.mediators import mediators_in, mediators_of, working_on
from mediation.disputes.states import ConsentAnswer, ConsentTo
from mediation.joint.querysets import ORGAN_ROLES
from mediation.models import Consent, DepartmentTask, Dispute, EscalationRequest, Track


def _page(row: Model) -> str:
    return reverse(f"admin:mediation_{row._meta.model_name}_change", args=[row.pk])


@notice_context(
    "mediation.departmenttask",
    variables={
        "dispute": _("dispute"), "state": _("state"), "answer_by": _("answer by"), "unit": _("department"),
        "in_time": _("whether it was answered in time"),
    },
    rows=lambda: DepartmentTask.objects.with_rows(),
)  # fmt: skip
def task_words(row: DepartmentTask, *, public: bool) -> dict:
    """Return a task in texts: neither the question nor the facts nor the answer."""
    late = row.answered_at is not None and localdate(row.answered_at) > row.answer_by
    return {
        "dispute": row.dispute.number, "state": row.get_state_display(), "answer_by": f"{row.answer_by:%Y-%m-%d}",
        "unit": str(row.unit), "in_time": _t("after its day") if late else _t("by its day"), "url": _page(row),
    }  # fmt: skip


@notice_context(
    "mediation.track",
    variables={
        "dispute": _("dispute"), "kind": _("track"), "organ": _("organ"), "state": _("state"),
        "hand_in_by": _("result may be handed in until"),
    },
    rows=lambda: Track.objects.with_rows(),
)  # fmt: skip
def track_words(row: Track, *, public: bool) -> dict:
    """Return a track in texts: neither what the organ is told nor the result."""
    return {
        "dispute": row.dispute.number, "kind": row.get_kind_display(), "organ": str(row.organ),
        "state": row.get_state_display(), "hand_in_by": f"{row.hand_in_by:%Y-%m-%d}" if row.hand_in_by else "",
        "url": _page(row),
    }  # fmt: skip


@notice_context(
    "mediation.escalationrequest",
    variables={"dispute": _("dispute"), "unit": _("to the unit"), "tier": _("to tier"), "state": _("state")},
    rows=lambda: EscalationRequest.objects.with_rows(),
)
def takeover_words(row: EscalationRequest, *, public: bool) -> dict:
    """Return a request in texts: not why, nor who would mediate."""
    return {
        "dispute": row.dispute.number, "unit": str(row.to_unit), "tier": row.get_to_tier_display(),
        "state": row.get_state_display(), "url": _page(row),
    }  # fmt: skip


def _tell(people: Iterable[User], key: str, row: Model, *, but: int | None = None, **context) -> None:
    """Tell people of a row, each once and not who did it; parties and who was recused are left out."""
    found = {user.pk: user for user in people if user is not None and user.pk != but}
    told = impartial_of(row.dispute, found.values())
    if told:
        notify_if_kept(told, key, subject=type(row).objects.with_rows().get(pk=row.pk), context=context)


def _in_unit(unit_id: int, *roles: str) -> Iterable[User]:
    posts = Appointment.objects.in_force().filter(unit_id=unit_id, role__in=roles)
    return User.objects.filter(pk__in=posts.values("user_id"), is_active=True).order_by("pk")


@on("escalation.accepted", "escalation.mediator_named")
def asking_told(event, row: EscalationRequest) -> None:
    """Whoever has the dispute now asks the parties about the mediator named."""
    _tell([*mediators_of(row.dispute), row.requested_by], "takeover_accepted", row, but=event.actor_id)


@on("escalation.declined")
def requester_told(event, row: EscalationRequest) -> None:
    _tell([*mediators_of(row.dispute), row.requested_by], "takeover_declined", row, but=event.actor_id)


@on("dispute.consent_recorded")
def taker_told(event, dispute: Dispute) -> None:
    """All agreed to the mediator named, or one party does not: the unit that takes over goes on."""
    if event.payload["what"] != ConsentTo.MEDIATOR:
        return
    row = EscalationRequest.objects.running().filter(dispute=dispute, mediator__isnull=False).first()
    answer = Consent.objects.get(pk=event.payload["consent"])
    if row is None or answer.about_id != row.mediator_id:
        return
    if answer.answer != ConsentAnswer.AGREED:
        _tell(mediators_in(row.to_unit_id), "takeover_refused", row, but=event.actor_id)
    elif all_agreed(dispute, ConsentTo.MEDIATOR, row.mediator):
        _tell(mediators_in(row.to_unit_id), "takeover_ready", row, but=event.actor_id)


@on("track.invited")
def organ_told(event, row: Track) -> None:
    _tell(_in_unit(row.organ_id, *ORGAN_ROLES), "track_invited", row, but=event.actor_id)


@on("track.declined", "track.given_up")
def handler_told_out(event, row: Track) -> None:
    """The organ declined; or whoever led does so no longer: then everybody who works on the dispute hears of it."""
    if event.payload["lead"]:
        _tell(working_on(row.dispute), "track_lead_gone", row, but=event.actor_id)
    elif event.name == "track.declined":
        _tell([*mediators_of(row.dispute), row.invited_by], "track_declined", row, but=event.actor_id)


@on("track.result", "track.result_corrected")
def handler_told_result(event, row: Track) -> None:
    _tell(mediators_of(row.dispute), "track_result", row, but=event.actor_id)


@on("track.winding_up")
def organ_told_last_day(event, row: Track) -> None:
    """The dispute has ended: until when the organ may hand in what it works on."""
    _tell(_in_unit(row.organ_id, *ORGAN_ROLES), "track_hand_in_by", row, but=event.actor_id)


@on("department_task.asked", "department_task.asked_again")
def department_told(event, row: DepartmentTask) -> None:
    """The people of the department hear of the task and of its last day."""
    _tell(_in_unit(row.unit_id, Role.JOINT_DEPARTMENT), "department_task_asked", row)


@on("department_task.answered")
def asker_told(event, row: DepartmentTask) -> None:
    """Who asked, and who mediates, read the answer and close the task or ask again."""
    _tell([*mediators_of(row.dispute), row.asked_by], "department_task_answered", row, but=event.actor_id)


def department_released(row: DepartmentTask) -> None:
    """No answer is waited for any more: told before the task is closed, which the department does not see then; the
    notice leads to the list of its tasks."""
    url = reverse("admin:mediation_departmenttask_changelist")
    _tell(_in_unit(row.unit_id, Role.JOINT_DEPARTMENT), "department_task_closed", row, url=url)
