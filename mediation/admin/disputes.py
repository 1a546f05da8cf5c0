"""Admin of disputes: the list, the page of one, the masked list beside it."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_safe
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from cases.admin.filters import AreaFilter
from governance.admin.workflow import WorkflowAdmin
from governance.models import Event
from governance.scoping import grant_for, roles_of
from governance.templatetags.jiceng import badge
from mediation.access import access_record, found_record
from mediation.admin.dispute_files import FilesMixin
from mediation.admin.dispute_papers import PapersMixin
from mediation.admin.disputes_doing import DoingMixin
from mediation.admin.disputes_work import WORK
from mediation.admin.glass import GlassMixin
from mediation.admin.joint_links import joint_links, joint_rows
from mediation.admin.numbers import FoundByNumber
from mediation.admin.party_links import PartyLinkMixin
from mediation.admin.taken import TakenRows
from mediation.agreements.authorising import strikable_of
from mediation.disputes.completeness import missing_of
from mediation.disputes.looks import ANSWER_TONES, DISPUTE_TONES, RECUSAL_TONES, TIER_TONES, dispute_tone
from mediation.disputes.parties import party_amendable, strikable
from mediation.disputes.querysets import HANDLES, REGISTERS
from mediation.disputes.reading import between, lists_masked, masked_rows
from mediation.disputes.recusals import decision_reasons
from mediation.disputes.slips import slips_offered
from mediation.disputes.states import DisputeState
from mediation.disputes.work_forms import RegisterForm
from mediation.followup.left_open import still_open
from mediation.glass import open_until
from mediation.models import Consent, Dispute, RoutesTold
from mediation.numbers import key_of

MASKED_PAGE = 50
LABELS = "party__dispute__parties"  # what the labels of parties are read from, for all rows at once


class TermFilter(DropdownFilter):
    """Whose term is over though it is still mediated."""

    title = gettext_lazy("mediation term")
    parameter_name = "term"

    def lookups(self, request, model_admin):
        return [("over", _("over")), ("own", _("over, of those I carry on"))]

    def queryset(self, request, queryset):
        if self.value() not in ("over", "own"):
            return queryset
        return (queryset.handled_by(request.user) if self.value() == "own" else queryset).term_over()


class WorkFilter(DropdownFilter):
    """What the first page counts: of the disputes that the person carries on."""

    title = gettext_lazy("my work")
    parameter_name = "work"

    def lookups(self, request, model_admin):
        return [(name, title) for name, (title, _states) in WORK.items()]

    def queryset(self, request, queryset):
        if self.value() not in WORK:
            return queryset
        return queryset.handled_by(request.user).filter(state__in=WORK[self.value()][1])


@admin.register(Dispute)
class DisputeAdmin(
    FoundByNumber, TakenRows, GlassMixin, PartyLinkMixin, PapersMixin, FilesMixin, DoingMixin, WorkflowAdmin
):
    """Disputes the person may read, the newest on top. Lists name nobody; each page, export and hit is written down.

    What is done beside the transitions (parties, answers, recusal, police) is in ``disputes_doing.py``.
    """

    page_template = "mediation/disputes/admin/dispute.html"
    list_display = ["number_told", "state_badge", "type", "tier_badge", "between_told", "area", "mediator",
                    "term_until", "registered_at"]  # fmt: skip
    list_display_links = ["number_told"]
    export_display = (
        "number_told", "type", "get_tier_display", "get_state_display", "get_source_display", "get_urgency_display",
        "area", "committee", "unit", "mediator", "people", "amount", "registered_at", "accepted_at", "term_until",
        "ended_at", "get_ended_ground_display", "closed_at", "archived_at", "reopened",
    )  # fmt: skip
    list_filter = [WorkFilter, "state", TermFilter, "type", "tier", "urgency", "source", AreaFilter]
    list_filter_submit = True
    search_fields = ["title", "parties__name"]
    ordering = ["-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_parties()

    def changelist_view(self, request, extra_context=None):
        """The list; what was found by words (a party's name, what it is about) is written down as read."""
        response = super().changelist_view(request, extra_context)
        found = getattr(response, "context_data", {}).get("cl")
        if found is not None and found.query and key_of(self.opts.label_lower, found.query) is None:
            found_record(list(found.result_list), actor=request.user)
        return response

    def has_add_permission(self, request):
        return bool(roles_of(request.user) & (set(REGISTERS) - {"system"}))

    @display(description=gettext_lazy("number of the dispute"), ordering="id")
    def number_told(self, obj):
        return obj.number

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        told = obj.get_state_display()
        return badge(f"{told} · {_('term over')}" if obj.term_over else told, dispute_tone(obj))

    @display(description=gettext_lazy("tier"), ordering="tier")
    def tier_badge(self, obj):
        return badge(obj.get_tier_display(), TIER_TONES[obj.tier])

    @display(description=gettext_lazy("between"))
    def between_told(self, obj):
        return between(obj)

    def get_urls(self):
        masked = self.admin_site.admin_view(self.masked_view)
        return [path("masked/", masked, name="mediation_dispute_masked"), *super().get_urls()]

    def side_pages(self, request):
        more = self.glass_pages(request)
        if not lists_masked(request.user):
            return more
        link = reverse("admin:mediation_dispute_masked")
        return [{"title": _("Masked list"), "icon": "visibility_off", "link": link}, *more]

    @method_decorator(require_safe)
    def masked_view(self, request):
        """What the township's centre may know of the disputes below it: no names, no words."""
        if not lists_masked(request.user):
            raise PermissionDenied
        rows = masked_rows(request.user).order_by("-pk")
        page = Paginator(rows, MASKED_PAGE).get_page(request.GET.get("page"))
        context = {
            **self.admin_site.each_context(request), "title": _("Masked list"), "title_part": _("Masked list"),
            "opts": self.opts, "page": page,
            "rows": [(row, DISPUTE_TONES[row.state], TIER_TONES[row.tier]) for row in page],
        }  # fmt: skip
        return TemplateResponse(request, "mediation/disputes/admin/masked.html", context)

    @method_decorator(csrf_protect)
    def add_view(self, request, form_url="", extra_context=None):
        """Register a dispute brought to the counter."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = RegisterForm(request.POST if request.method == "POST" else None, user=request.user)

        def carry_out(form):
            made = form.register(request.user)
            messages.success(request, _("Registered: %(dispute)s.") % {"dispute": f"{made} {made.type}"})
            if Dispute.objects.visible_to(request.user).filter(pk=made.pk).exists():
                return self.page_url(made)
            masked = lists_masked(request.user)
            return reverse(f"admin:mediation_dispute_{'masked' if masked else 'changelist'}")

        lead = _("Without a type the three likeliest by the words are proposed; choose one of them, or another.")
        return self.form_page(
            request, form, title=_("Register a dispute"), lead=lead, button=_("Register the dispute"),
            carry_out=carry_out,
        )  # fmt: skip

    def form_context(self, request, obj, step):
        """The form that corrects a dispute shows its words; the one that closes it what is still open."""
        if step.name in ("amend", "close"):
            access_record(obj, actor=request.user)
        if step.name != "close":
            return {}
        return {"about_template": "mediation/disputes/admin/still_open.html", "still_open": still_open(obj)}

    def links_for(self, request, obj) -> list[tuple[str, str]]:
        """Return title and address of all that may be begun now beside the steps, by who works on the dispute."""
        if grant_for(HANDLES, obj, request.user) is None:
            return []
        return self.doings(obj) + joint_links(self.admin_site, request, obj)

    def recusals_of(self, obj) -> list[tuple]:
        """Return the recusals with their colour and the reason of the decision."""
        rows = list(obj.recusals.select_related("mediator", "party", "decided_by"))
        why = decision_reasons(rows)
        return [(row, RECUSAL_TONES[row.state], why.get(row.pk)) for row in rows]

    def page_context(self, request, obj):
        access_record(obj, actor=request.user)
        works = grant_for(HANDLES, obj, request.user) is not None
        answers = Consent.objects.filter(dispute=obj).with_rows().prefetch_related(LABELS)[:50]
        return {
            "tone": dispute_tone(obj), "tier_tone": TIER_TONES[obj.tier],
            "parties": obj.parties.prefetch_related("former_names", "authorisations"),
            "answers": [(row, ANSWER_TONES[row.answer]) for row in answers],
            "recusals": self.recusals_of(obj),
            "reports": obj.police_reports.select_related("unit", "reported_by"),
            "replies": obj.replies.with_rows().select_related("party__dispute").prefetch_related(LABELS)[:50],
            "routes": RoutesTold.objects.filter(dispute=obj).select_related("party__dispute", "told_by")
            .prefetch_related(LABELS),
            "papers": self.papers_for(request, obj),
            "tiers": obj.tiers.select_related("unit", "changed_by"),
            "trail": Event.objects.filter(subject_type="mediation.dispute", subject_id=obj.pk)
            .select_related("actor", "unit", "remark").order_by("-id")[:200],
            "missing": missing_of(obj) if obj.state == DisputeState.CLOSED else [],
            "doings": self.links_for(request, obj), "works": works,
            **joint_rows(request.user, obj, works), **self.files_for(request, obj),
            "may_amend_parties": works and party_amendable(obj),
            "strikable": strikable(obj) if works else (),
            "strikable_papers": strikable_of(obj) if works else (),
            "may_correct_slips": slips_offered(obj, request.user),
            "unmasked": getattr(request, "unmasked", None), "glass_until": open_until(obj, request.user),
        }  # fmt: skip
