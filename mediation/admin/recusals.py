"""Admin of recusals: who asked that a mediator steps aside, and what was decided."""

from django.contrib import admin
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from governance.admin.workflow import WorkflowAdmin
from governance.templatetags.jiceng import badge
from mediation.access import access_record
from mediation.admin.joint_base import trail_of
from mediation.admin.taken import TakenRows
from mediation.disputes.looks import RECUSAL_TONES
from mediation.disputes.recusals import decision_reasons, nobody_decides
from mediation.models import Recusal


@admin.register(Recusal)
class RecusalAdmin(TakenRows, WorkflowAdmin):
    """Recusals of the disputes the person may read; the page of one is written down as read."""

    page_template = "mediation/disputes/admin/recusal.html"
    list_display = ["dispute_told", "mediator", "asked_by", "ground", "state_badge", "asked_at"]
    list_display_links = ["dispute_told"]
    list_filter = ["state", "ground"]
    ordering = ["-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows().prefetch_related("party__dispute__parties")

    @display(description=gettext_lazy("dispute"), ordering="dispute_id")
    def dispute_told(self, obj):
        return obj.dispute.number

    @display(description=gettext_lazy("asked by the party"))
    def asked_by(self, obj):
        return obj.party.label if obj.party else "—"

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), RECUSAL_TONES[obj.state])

    def page_context(self, request, obj):
        access_record(obj.dispute, actor=request.user, what=f"mediation.recusal {obj.pk}")
        return {
            "tone": RECUSAL_TONES[obj.state], "trail": trail_of(obj), "nobody_decides": nobody_decides(obj),
            "decided_why": decision_reasons([obj]).get(obj.pk), "concerned": obj.mediator_id == request.user.pk,
        }  # fmt: skip
