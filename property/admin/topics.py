"""Admin of topics, invitations and follow-up items."""

from django.contrib import admin
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from cases.models import Case
from governance.admin.workflow import WorkflowAdmin
from governance.templatetags.jiceng import badge
from partners.models import Need
from property.admin.assembly_looks import trail_of
from property.admin.assembly_session import AssemblyFilter
from property.assembly.looks import FOLLOW_UP_TONES, INVITATION_TONES, TOPIC_TONES
from property.assembly.needs import need_made_of
from property.assembly.offered import offered
from property.models import AgendaItem, FollowUpItem, Invitation, Resolution


def session_url(pk: int, anchor: str = "") -> str:
    """Address of a session's page, at one of its parts."""
    return reverse("admin:property_assemblysession_change", args=[pk]) + anchor


@admin.register(Invitation)
class InvitationAdmin(WorkflowAdmin):
    """Invitations; they are worked with on their session's page, to which every step leads back."""

    page_template = "property/assembly/invitation_page.html"
    list_display = ["seat_name", "session", "role", "state_badge", "signed_in_at"]
    list_display_links = ["seat_name"]
    list_filter = ["state", "role"]
    list_filter_submit = True
    ordering = ["-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    def page_url(self, obj):
        return session_url(obj.session_id, "#people")

    @display(description=gettext_lazy("who"))
    def seat_name(self, obj):
        return obj.who

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), INVITATION_TONES[obj.state])

    def page_context(self, request, obj):
        steps = offered(obj, request.user)
        return {"tone": INVITATION_TONES[obj.state], "trail": trail_of(obj), "transitions": steps}


@admin.register(AgendaItem)
class AgendaItemAdmin(WorkflowAdmin):
    """Topics: those that wait for an answer, and what came of the others."""

    page_template = "property/assembly/topic_page.html"
    list_display = ["title", "state_badge", "source", "assembly", "session", "seconds_number", "proposed_at"]
    list_display_links = ["title"]
    list_filter = [AssemblyFilter, "state", "source"]
    list_filter_submit = True
    search_fields = ["title"]
    ordering = ["-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    def page_url(self, obj):
        """A topic on an agenda is worked with on the session's page."""
        if obj.session_id is None:
            return super().page_url(obj)
        return session_url(obj.session_id, f"#topic-{obj.pk}")

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), TOPIC_TONES[obj.state])

    @display(description=gettext_lazy("seconds"))
    def seconds_number(self, obj):
        return obj.seconds_count

    def page_context(self, request, obj):
        items = FollowUpItem.objects.filter(agenda_item=obj).select_related("owner_unit", "owner", "case")
        carried = AgendaItem.objects.filter(carried_from=obj).first()
        return {
            "tone": TOPIC_TONES[obj.state], "items": items.order_by("id"), "carried_to": carried,
            "trail": trail_of(obj), "transitions": offered(obj, request.user),
            "vote_seen": _seen(Resolution, obj.resolution_id, request.user),
            "case_seen": _seen(Case, obj.case_id, request.user), **_need_told(obj, request.user),
        }  # fmt: skip


def _need_told(row, user) -> dict:
    """Return the need that came of a topic or an item, and whether the person sees its page."""
    need = need_made_of(row)
    seen = need is not None and Need.objects.of_staff(user).filter(pk=need.pk).exists()
    return {"need": need, "need_seen": seen}


def _seen(model, pk: int | None, user) -> bool:
    return pk is not None and model.objects.visible_to(user).filter(pk=pk).exists()


class OverdueFilter(admin.SimpleListFilter):
    """Items whose day has passed, or that are not done."""

    title = gettext_lazy("how far")
    parameter_name = "how"

    def lookups(self, request, model_admin):
        return [("overdue", _("Overdue")), ("unfinished", _("Not done"))]

    def queryset(self, request, queryset):
        if self.value() == "overdue":
            return queryset.overdue_today()
        return queryset.unfinished() if self.value() == "unfinished" else queryset


@admin.register(FollowUpItem)
class FollowUpItemAdmin(WorkflowAdmin):
    """Follow-up items: who does what until when, with evidence and acceptance."""

    page_template = "property/assembly/follow_up_page.html"
    list_display = ["title", "state_badge", "until", "owner_unit", "owner", "assembly", "case_number"]
    list_display_links = ["title"]
    list_filter = [OverdueFilter, AssemblyFilter, "state"]
    list_filter_submit = True
    search_fields = ["title"]
    ordering = ["due_on", "id"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), FOLLOW_UP_TONES[obj.state])

    @display(description=gettext_lazy("until"), ordering="due_on")
    def until(self, obj):
        return badge(f"{obj.due_on:%Y-%m-%d} {_('overdue')}", "red") if obj.overdue else f"{obj.due_on:%Y-%m-%d}"

    @display(description=gettext_lazy("case"))
    def case_number(self, obj):
        return obj.case.number if obj.case else "—"

    def page_context(self, request, obj):
        returns = AgendaItem.objects.filter(follow_up=obj, source="follow_up").select_related("session__assembly")
        return {
            "tone": FOLLOW_UP_TONES[obj.state], "returns": returns.order_by("id"), "trail": trail_of(obj),
            "case_seen": _seen(Case, obj.case_id, request.user), **_need_told(obj, request.user),
        }  # fmt: skip
