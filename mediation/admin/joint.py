"""Admin of takeovers, tracks and tasks of departments."""

from typing import NamedTuple

from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from governance.templatetags.jiceng import badge
from mediation.admin.dispute_files import TrackFilesMixin
from mediation.admin.dispute_filter import DisputeFilter
from mediation.admin.joint_base import JointAdmin
from mediation.admin.joint_links import ask_link
from mediation.admin.taken import TakenRows
from mediation.disputes.consents import answers_of
from mediation.disputes.states import ConsentTo
from mediation.joint.making_forms import TakeoverForm, TasksForm, TrackForm
from mediation.joint.querysets import TAKES, WAS_ASKED, WAS_INVITED
from mediation.joint.suggestions import suggestions_for
from mediation.joint.tasks import tasks_ask
from mediation.joint.tiers import tier_escalate, tier_hand_down
from mediation.joint.tracks import track_invite
from mediation.models import (
    DepartmentTask,
    EscalationDirection,
    EscalationRequest,
    FormerAnswer,
    FormerResult,
    Track,
)


class Former(NamedTuple):
    """What stood there before: its words, and of which day, by whom."""

    text: str
    about: tuple[str, ...]


def moment(at) -> str:
    """Return a moment as it stands beside former words; nothing where there is none."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""


@admin.register(EscalationRequest)
class EscalationAdmin(TakenRows, JointAdmin):
    """Takeovers asked of the own unit, and by it; each with the answers of the parties."""

    was_for = TAKES
    making_form = TakeoverForm
    making_title = _("Escalate or hand down")
    making_lead = _("The other unit accepts and names a mediator; it takes over once every party accepts this person.")
    making_button = _("Ask to take over")
    list_display = ["dispute_told", "type_told", "direction", "from_unit", "to_unit", "to_tier", "state_badge",
                    "requested_at"]  # fmt: skip
    list_display_links = ["dispute_told"]
    list_filter = ["state", "direction", "to_tier"]
    texts = ("reason",)
    facts = ("direction", "from_tier", "from_unit", "to_tier", "to_unit", "requested_by", "requested_at", "mediator",
             "accepted_at", "ended_at")  # fmt: skip

    def make(self, request, form):
        given = form.values()
        direction = given.pop("direction")
        ask = tier_escalate if direction == EscalationDirection.UP else tier_hand_down
        return ask(given.pop("dispute"), actor=request.user, **given)

    def page_context(self, request, obj):
        running = obj.state in ("requested", "accepted")
        return super().page_context(request, obj) | {
            "reasons": suggestions_for(obj.dispute) if running and obj.direction == EscalationDirection.UP else [],
            "waiting": _waiting(obj) if running and obj.mediator_id else [],
            "ask_url": ask_link(request, obj.dispute, ConsentTo.MEDIATOR, obj.mediator) if running else "",
        }


def _waiting(request: EscalationRequest) -> list[tuple]:
    """Return of each party the side and the last answer about the mediator named; no names: the unit that takes over
    does not read the dispute yet."""
    answers = answers_of(request.dispute, ConsentTo.MEDIATOR, request.mediator)
    rows = request.dispute.parties.order_by("pk")
    return [(party.get_side_display(), answers[party.pk].get_answer_display() if party.pk in answers
             else _("Not asked yet")) for party in rows]  # fmt: skip


@admin.register(Track)
class TrackAdmin(TakenRows, TrackFilesMixin, JointAdmin):
    """Tracks of joint mediation: of the own disputes, and those the own organ works on."""

    was_for = WAS_INVITED
    making_form = TrackForm
    making_title = _("Invite an organ")
    making_lead = _("Joint mediation of a complex or major dispute: three tracks work under one lead.")
    making_button = _("Invite")
    list_display = ["dispute_told", "type_told", "kind", "organ", "lead_badge", "state_badge", "invited_at"]
    list_display_links = ["dispute_told"]
    list_filter = ["state", "kind"]
    texts = ("briefing", "result")
    facts = ("kind", "organ", "is_lead", "legal_basis", "person", "document", "round", "invited_by", "invited_at",
             "accepted_at", "hand_in_by", "ended_at")  # fmt: skip

    def get_queryset(self, request):
        return super().get_queryset(request).with_lead()

    def make(self, request, form):
        given = form.values()
        return track_invite(given.pop("dispute"), actor=request.user, **given)

    def page_context(self, request, obj):
        former = [
            Former(row.result, (gettext("Document: %(name)s") % {"name": row.document} if row.document else "",
                                str(row.given_by), moment(row.given_at)))
            for row in obj.former_results.with_rows().order_by("-id")
        ]  # fmt: skip
        told = {"former": former, "former_title": FormerResult._meta.verbose_name_plural}
        return super().page_context(request, obj) | self.files_for(request, obj) | told

    @display(description=_("leads"))
    def lead_badge(self, obj):
        if obj.is_lead:
            return badge(_("leads"), "violet")
        return badge(_("no lead yet"), "amber") if obj.lead_missing else ""


class OverdueFilter(DropdownFilter):
    """Whose answer did not come by its day."""

    title = _("answer of the department")
    parameter_name = "overdue"

    def lookups(self, request, model_admin):
        return [("yes", _("overdue"))]

    def queryset(self, request, queryset):
        return queryset.late() if self.value() == "yes" else queryset


@admin.register(DepartmentTask)
class TaskAdmin(TakenRows, JointAdmin):
    """Tasks of departments: asked by the county centre, answered by a day, seen by the department until closed."""

    was_for = WAS_ASKED
    making_form = TasksForm
    making_title = _("Ask departments")
    making_lead = _(
        "Each gets a task of its own and answers by the day; none reads the dispute or the others' answers."
    )
    making_button = _("Ask them")
    list_display = ["dispute_told", "type_told", "unit", "answer_by", "days_told", "state_badge", "answered_at"]
    list_display_links = ["dispute_told"]
    export_display = ("dispute_told", "type_told", "unit", "answer_by", "days_told", "state", "asked_at",
                      "answered_at")  # fmt: skip
    list_filter = [OverdueFilter, "state", "unit", DisputeFilter]
    texts = ("question", "facts", "answer_text")
    facts = ("unit", "answer_by", "asked_by", "asked_at", "answered_by", "answered_at", "closed_at")

    def make(self, request, form):
        given = form.values()
        return tasks_ask(given.pop("dispute"), actor=request.user, **given)[0]

    def page_context(self, request, obj):
        former = [
            Former(row.text or gettext("No answer came."),
                   (gettext("To be answered by %(day)s") % {"day": f"{row.answer_by:%Y-%m-%d}"},
                    str(row.answered_by or ""), moment(row.answered_at)))
            for row in obj.former_answers.with_rows().order_by("-id")
        ]  # fmt: skip
        told = {"former": former, "former_title": FormerAnswer._meta.verbose_name_plural}
        return super().page_context(request, obj) | told

    @display(description=_("days overdue"), ordering="answer_by")
    def days_told(self, obj):
        return obj.days_overdue or ""
