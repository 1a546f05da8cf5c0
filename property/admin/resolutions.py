"""Admin of resolutions: proposing and changing them, their page with the whole computation, files of the count."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_POST
from unfold.decorators import display

from cases.admin.scores import PostedForm
from governance.admin.refusals import refusal_page
from governance.admin.workflow import WorkflowAdmin
from governance.attachments import attachments_of
from governance.errors import Invalid
from governance.exchange.exports import FORMATS, export_recorded, table_file
from governance.models import Event
from governance.scoping import grant_for, grants_of
from governance.templatetags.jiceng import badge
from property.admin.resolution_forms import ChangeForm, DrawForm, ProposeForm
from property.models import AgendaItem, Resolution, ResolutionState
from property.voting.ballots import unfinished
from property.voting.resolutions import resolution_change, resolution_propose
from property.voting.rolls import roll_draw, roll_questions
from property.voting.tables import tally_rows
from property.voting.tally import turnout_of
from property.voting.wording import caveat, in_words, rule_words
from property.voting.workflow import LEADS, PROPOSES, RUNS

TONES = {
    ResolutionState.PROPOSED: "grey",
    ResolutionState.DELIBERATING: "violet",
    ResolutionState.VOTING: "blue",
    ResolutionState.PASSED: "green",
    ResolutionState.REJECTED: "red",
    ResolutionState.NO_QUORUM: "amber",
    ResolutionState.PUBLICISED: "blue",
    ResolutionState.EFFECTIVE: "green",
    ResolutionState.REVOKED: "grey",
}
BEFORE_NOTICE = (ResolutionState.PROPOSED, ResolutionState.DELIBERATING)


@admin.register(Resolution)
class ResolutionAdmin(PostedForm, WorkflowAdmin):
    """Resolutions of the person's area. Ballots have their own desk (``property.admin.ballots``)."""

    page_template = "property/admin/resolution.html"
    list_display = ["number_and_title", "state_badge", "kind", "place", "rule_set", "voting_until", "outcome_shown"]
    list_display_links = ["number_and_title"]
    export_display = (
        "number", "title", "state", "kind", "place", "rule_set", "secrecy", "noticed_at", "voting_from",
        "voting_until", "outcome", "official_outcome", "official_on", "official_number", "effective_from",
    )  # fmt: skip
    list_filter = ["state", "kind", "secrecy"]
    list_filter_submit = True
    search_fields = ["title", "estate__name", "estate__code"]
    search_help_text = gettext_lazy("Title or estate")
    ordering = ["-id"]

    def has_add_permission(self, request):
        return request.user.has_perm("property.add_resolution")

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    def get_urls(self):
        def named(route, view, name):
            return path(route, self.admin_site.admin_view(view), name=f"property_resolution_{name}")

        return [
            named("<int:object_id>/edit/", self.edit_view, "edit"),
            named("<int:object_id>/draw/", self.draw_view, "draw"),
            named("<int:object_id>/tally/", self.tally_view, "tally"),
            *super().get_urls(),
        ]

    @display(description=gettext_lazy("resolution"), ordering="id")
    def number_and_title(self, obj):
        return format_html('<span class="jc-number">{}<small>{}</small></span>', obj.title, obj.number)

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), TONES[obj.state])

    @display(description=gettext_lazy("place"))
    def place(self, obj):
        return obj.place

    @display(description=gettext_lazy("number"))
    def number(self, obj):
        return obj.number

    @display(description=gettext_lazy("computed outcome"), ordering="outcome")
    def outcome_shown(self, obj):
        return badge(obj.get_outcome_display(), TONES[obj.outcome]) if obj.outcome else "—"

    def page_context(self, request, obj):
        trail = Event.objects.filter(subject_type=self.opts.label_lower, subject_id=obj.pk)
        runs = grant_for(RUNS, obj, request.user) is not None
        settles = grant_for(LEADS | RUNS, obj, request.user) is not None
        open_to_change = obj.state in BEFORE_NOTICE and obj.noticed_at is None
        return {
            "tone": TONES[obj.state],
            "outcome_tone": TONES.get(obj.outcome, "grey"),
            "caveat": caveat(obj.kind),
            "rule_words": rule_words(obj),
            "computation": in_words(obj.tally) if obj.tally else None,
            "turnout": turnout_of(obj) if obj.roll and obj.roll.frozen_at else None,
            "questions": roll_questions(obj.roll) if obj.roll and open_to_change else (),
            "documents": list(attachments_of(obj)),
            "topics": AgendaItem.objects.visible_to(request.user).told_of(obj),
            "may_change": open_to_change and grant_for(PROPOSES, obj, request.user) is not None,
            "may_draw": open_to_change and runs,
            "may_give_numbers": runs,
            "may_read": runs and obj.state == ResolutionState.VOTING and obj.takes_paper,
            "sees_roll": obj.roll is not None and request.user.has_perm("property.view_rollentry"),
            "unfinished": unfinished(obj) if settles and obj.state == ResolutionState.VOTING else (),
            "trail": trail.select_related("actor", "unit", "remark").order_by("-id")[:100],
        }

    def form_context(self, request, obj, step):
        return {"tone": TONES[obj.state]}

    @method_decorator(csrf_protect)
    def add_view(self, request, form_url="", extra_context=None):
        """Propose a resolution."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ProposeForm(request.POST if request.method == "POST" else None, user=request.user)

        def carry_out(given):
            made = resolution_propose(actor=request.user, **given)
            messages.success(request, _("Proposed: %(resolution)s.") % {"resolution": made})
            return self.page_url(made)

        return self.form_page(
            request, form, title=_("Propose a resolution"), button=_("Propose"), carry_out=carry_out,
            lead=_("Residents see it once the deliberation is open."),
            back=reverse("admin:property_resolution_changelist"),
        )  # fmt: skip

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def edit_view(self, request, object_id):
        """Change what is put to the vote, before it is announced."""
        obj = self.find(request, object_id)
        if grant_for(PROPOSES, obj, request.user) is None:
            raise PermissionDenied
        posted = request.POST if request.method == "POST" else None
        form = ChangeForm(posted, user=request.user, resolution=obj)

        def carry_out(given):
            version = given.pop("version")
            changed = {name: value for name, value in given.items() if getattr(obj, name) != value}
            if changed:
                resolution_change(obj, actor=request.user, version=version, **changed)
            return self.page_url(obj)

        return self.form_page(
            request, form, title=_("Change the resolution"), button=_("Save"), carry_out=carry_out,
            lead=_("Another rule, building or entrance takes the roll drawn before away."), back=self.page_url(obj),
        )  # fmt: skip

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def draw_view(self, request, object_id):
        """Draw the owners' roll from the registry: a preview until the announcement freezes it."""
        obj = self.find(request, object_id)
        if grant_for(RUNS, obj, request.user) is None:
            raise PermissionDenied
        posted = request.POST if request.method == "POST" else None
        form = DrawForm(posted, initial={"developer": obj.roll.developer if obj.roll else ""})

        def carry_out(given):
            roll = roll_draw(obj, actor=request.user, **given)
            messages.success(request, _("Drawn: %(heads)s heads, %(area)s m².") % {"heads": roll.heads,
                                                                                  "area": roll.floor_area})  # fmt: skip
            return self.page_url(obj)

        return self.form_page(
            request, form, title=_("Draw the owners' roll"), button=_("Draw"), carry_out=carry_out,
            lead=_("Drawn anew, what was mended by hand is gone."), back=self.page_url(obj),
        )  # fmt: skip

    @method_decorator(csrf_protect)
    @method_decorator(require_POST)
    def tally_view(self, request, object_id):
        """The computation as a file: sums and comparisons, nobody's vote."""
        obj = self.find(request, object_id)
        kind = request.POST.get("format", "xlsx")
        try:
            if obj.tally is None:
                raise Invalid(_("This vote was not counted yet."))
            file, rows = table_file(kind, *tally_rows(obj))
        except Invalid as error:
            return refusal_page(self, request, error, back=self.page_url(obj))
        export_recorded(
            request.user, grant=grants_of(request.user)[0], model=self.opts.label_lower, filters=[obj.number],
            rows=rows, kind=kind,
        )  # fmt: skip
        name = f"{obj.number}-{_('computation')}.{kind}"
        return FileResponse(file, as_attachment=True, filename=name, content_type=FORMATS[kind])
