"""Admin of skill exchange: kinds of skill, offers and wants, matches. How people reach each other stands in none."""

from django.contrib import admin
from django.http import HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST
from unfold.decorators import display

from cases.admin.filters import AreaFilter
from governance.admin.base import KernelAdmin, refusal_page
from governance.admin.workflow import WorkflowAdmin
from governance.errors import Refused
from governance.scoping import grant_for
from governance.templatetags.jiceng import badge
from property.admin.assembly_looks import trail_of
from property.gatherings.looks import MATCH_TONES, SKILL_TONES
from property.gatherings.offered import offered
from property.gatherings.public import reasons_text
from property.gatherings.querysets import KEEPS_SKILLS
from property.gatherings.skills import match_propose, suggestions_of
from property.models import SkillCategory, SkillEntry, SkillMatch, SkillSide, SkillState


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

    def get_urls(self):
        propose = self.admin_site.admin_view(self.propose_view)
        return [
            path("<int:object_id>/propose/<int:other>/", propose, name="property_skillentry_propose"),
            *super().get_urls(),
        ]

    def page_context(self, request, obj):
        keeps = obj.state == SkillState.OPEN and grant_for(KEEPS_SKILLS, obj, request.user) is not None
        fits = suggestions_of(obj, timezone.localdate()) if keeps else []
        return {
            "tone": SKILL_TONES[obj.state], "trail": trail_of(obj), "keeps": keeps,
            "fits": [(row, reasons_text(found.reasons)) for row, found in fits],
        }  # fmt: skip

    @method_decorator(csrf_protect)
    @method_decorator(require_POST)
    def propose_view(self, request, object_id, other):
        """Propose the pair to both neighbours."""
        mine = self.find(request, object_id)
        theirs = self.find(request, other)
        offer, want = (mine, theirs) if mine.side == SkillSide.OFFER else (theirs, mine)
        try:
            made = match_propose(actor=request.user, offer=offer, want=want)
        except Refused as error:
            return refusal_page(self, request, error, back=self.page_url(mine))
        return HttpResponseRedirect(reverse("admin:property_skillmatch_change", args=[made.pk]))


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
