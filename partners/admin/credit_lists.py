"""Admin of lists of candidates: drawn up, decided on one by one, published, taken along as Word or Excel."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from unfold.decorators import display

from cases.admin.filters import AreaFilter
from governance.scoping import grant_for
from governance.templatetags.jiceng import badge
from partners.admin.earning_base import EarningAdmin
from partners.credit.forms import CandidateForm, ListForm
from partners.credit.lists import candidate_add, list_draw, reason_told
from partners.credit.looks import CANDIDATE_TONES, LIST_TONES
from partners.credit.offered import offered
from partners.credit.papers import criteria_told, list_paper
from partners.credit.querysets import RUNS
from partners.credit.workflow import ListState
from partners.earning.pages.carrying import KINDS, paper_response
from partners.models import CreditCandidate, CreditList


@admin.register(CreditList)
class CreditListAdmin(EarningAdmin):
    """Lists of candidates, one a year for each purpose and area."""

    page_template = "partners/credit/admin/list.html"
    tones, adds = LIST_TONES, True
    list_display = ["title", "purpose", "area", "year", "as_of", "state_badge"]
    list_display_links = ["title"]
    list_filter = ["state", "purpose", "year", AreaFilter]
    search_fields = ["title"]
    ordering = ["-id"]

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("<int:object_id>/list.<str:kind>", view(self.file_view), name="partners_creditlist_file"),
            path("<int:object_id>/add-candidate/", view(self.candidate_view), name="partners_creditlist_candidate"),
            *super().get_urls(),
        ]

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), LIST_TONES[obj.state])

    def facts(self, obj):
        return [
            (_("what for"), obj.get_purpose_display()), (_("area"), obj.area), (_("year"), obj.year),
            (_("as of"), f"{obj.as_of:%Y-%m-%d}"), (_("looked for"), criteria_told(obj)),
            (_("drawn up by"), obj.drawn_by), (_("drawn up at"), obj.drawn_at),
            *([(_("published at"), obj.published_at)] if obj.published_at else []),
        ]  # fmt: skip

    def files(self, obj):
        name = "admin:partners_creditlist_file"
        links = [("Word", reverse(name, args=[obj.pk, "docx"])), ("Excel", reverse(name, args=[obj.pk, "xlsx"]))]
        if obj.state == ListState.PUBLISHED:
            links.append((_("Public page"), reverse("residents_credit:list", args=[obj.pk])))
        return links

    def page_context(self, request, obj):
        rows = obj.candidates.with_rows().order_by("-computation__score", "pk")
        may_add = obj.state == ListState.DECIDING and grant_for(RUNS, obj, request.user) is not None
        return super().page_context(request, obj) | {
            "transitions": offered(obj, request.user),
            "candidates": [
                (row, CANDIDATE_TONES[row.state], [reason_told(reason) for reason in row.reasons],
                 offered(row, request.user))
                for row in rows
            ],
            "add_url": reverse("admin:partners_creditlist_candidate", args=[obj.pk]) if may_add else "",
        }  # fmt: skip

    def file_view(self, request, object_id, kind):
        """The list as Word or Excel."""
        row = self.find(request, object_id)
        if kind not in KINDS:
            raise Http404
        return paper_response(list_paper(row), kind)

    @method_decorator(csrf_protect)
    def add_view(self, request, form_url="", extra_context=None):
        """Draw up a list."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ListForm(request.POST if request.method == "POST" else None, user=request.user)

        def carry_out(given):
            made = list_draw(actor=request.user, **form.arguments())
            messages.success(request, _("Drawn up: %(list)s.") % {"list": made})
            return self.page_url(made)

        lead = _("Candidates are taken from the credit files at that day; a person decides on each, with a reason.")
        return self.form_page(request, form, title=_("Draw up a list"), button=_("Draw up"), carry_out=carry_out,
                              back=self.list_url(), lead=lead)  # fmt: skip

    @method_decorator(csrf_protect)
    def candidate_view(self, request, object_id):
        """Put a partner on the list that did not meet what was looked for."""
        row = self.find(request, object_id)
        if grant_for(RUNS, row, request.user) is None:
            raise PermissionDenied
        form = CandidateForm(request.POST if request.method == "POST" else None, of_list=row, user=request.user)

        def carry_out(given):
            candidate_add(row, actor=request.user, **given)
            return self.page_url(row)

        return self.form_page(request, form, title=_("Put a partner on the list"), button=_("Put on the list"),
                              carry_out=carry_out, back=self.page_url(row))  # fmt: skip


@admin.register(CreditCandidate)
class CreditCandidateAdmin(EarningAdmin):
    """Candidates; decided on from the page of their list."""

    tones = CANDIDATE_TONES
    list_display = ["partner", "of_list", "level", "score", "added", "state_badge", "decided_by"]
    list_display_links = ["partner"]
    list_filter = ["state", "added", AreaFilter]
    search_fields = ["partner__name"]
    ordering = ["-id"]

    @display(description=gettext_lazy("credit level"))
    def level(self, obj):
        return obj.computation.level_name if obj.computation else "—"

    @display(description=gettext_lazy("score"))
    def score(self, obj):
        return obj.computation.score if obj.computation else "—"

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), CANDIDATE_TONES[obj.state])

    def page_context(self, request, obj):
        return super().page_context(request, obj) | {"transitions": offered(obj, request.user)}

    def facts(self, obj):
        decided = [
            (_("decided by"), obj.decided_by), (_("decided at"), obj.decided_at), (_("Why"), obj.decision),
        ] if obj.decided_by else []  # fmt: skip
        added = [(_("why put there"), obj.added_reason)] if obj.added else []
        reasons = [(_("reasons"), reason_told(reason)) for reason in obj.reasons]
        return [(_("partner"), obj.partner), (_("list"), obj.of_list), *reasons, *added, *decided]

    def files(self, obj):
        links = [(_("The list"), reverse("admin:partners_creditlist_change", args=[obj.of_list_id]))]
        if obj.computation:
            page = reverse("admin:partners_creditprofile_change", args=[obj.computation.profile_id])
            links.append((_("Credit file"), page))
        return links
