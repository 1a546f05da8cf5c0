"""Admin of skill exchange: kinds of skill, offers and wants, matches. How people reach each other stands in none."""

from django.contrib import admin
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from cases.admin.filters import AreaFilter
from governance.admin.base import KernelAdmin
from governance.admin.workflow import WorkflowAdmin
from governance.templatetags.jiceng import badge
from property.admin.assembly_looks import trail_of
from property.gatherings.looks import MATCH_TONES, SKILL_TONES
from property.gatherings.offered import offered
from property.gatherings.public import reasons_text
from property.models import SkillCategory, SkillEntry, SkillMatch


@admin.register(SkillCategory)
class SkillCategoryAdmin(KernelAdmin):
    """Kinds of skill, with the words people use for them."""

    list_display = ["code", "name", "words_told", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["code", "name"]
    ordering = ["code"]
    fields = ["code", "name", "words", "is_active"]

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []

    @display(description=gettext_lazy("words"))
    def words_told(self, obj):
        return "、".join(obj.words)


@admin.register(SkillEntry)
class SkillEntryAdmin(WorkflowAdmin):
    """Offers and wants of the person's areas; what does not belong here is taken down with a reason."""

    page_template = "property/gatherings/admin/skill.html"
    list_display = ["title", "side", "category", "state_badge", "estate", "time", "valid_from", "valid_to"]
    list_display_links = ["title"]
    list_filter = ["side", "state", "category", AreaFilter]
    list_filter_submit = True
    search_fields = ["title"]
    ordering = ["-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), SKILL_TONES[obj.state])

    @display(description=gettext_lazy("time"))
    def time(self, obj):
        return obj.time_text

    def page_context(self, request, obj):
        return {"tone": SKILL_TONES[obj.state], "trail": trail_of(obj)}


@admin.register(SkillMatch)
class SkillMatchAdmin(WorkflowAdmin):
    """Matches and how far they are."""

    page_template = "property/gatherings/admin/match.html"
    list_display = ["name", "state_badge", "why", "score", "proposed_at"]
    list_display_links = ["name"]
    list_filter = ["state", AreaFilter]
    list_filter_submit = True
    ordering = ["-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    @display(description=gettext_lazy("offer and want"))
    def name(self, obj):
        return str(obj)

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), MATCH_TONES[obj.state])

    @display(description=gettext_lazy("why"))
    def why(self, obj):
        return reasons_text(obj.reasons)

    def page_context(self, request, obj):
        steps = offered(obj, request.user)
        return {"tone": MATCH_TONES[obj.state], "why": reasons_text(obj.reasons), "trail": trail_of(obj),
                "transitions": steps}  # fmt: skip
