"""Admin of agreements and obligations: lists without names or words, pages that are written down when read, papers."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_POST
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from governance.admin.base import refusal_page
from governance.admin.bookings import FormPageMixin
from governance.admin.workflow import WorkflowAdmin
from governance.errors import Refused
from governance.scoping import grant_for, roles_of
from governance.templatetags.jiceng import badge
from governance.workflow import available
from mediation.access import access_record
from mediation.admin.joint_base import trail_of
from mediation.admin.taken import TakenRows
from mediation.agreements.documents.answers import paper_answer
from mediation.agreements.documents.papers import papers_of
from mediation.agreements.drafting import agreement_draft
from mediation.agreements.looks import AGREEMENT_TONES, CONFIRMATION_TONES, OBLIGATION_TONES
from mediation.agreements.signing import unsigned_of
from mediation.agreements.states import UNDER_WAY, AgreementForm, AgreementState
from mediation.agreements.work_forms import ChooseForm, DraftForm
from mediation.disputes.querysets import HANDLES, READS, WORKS
from mediation.models import Agreement, Dispute, DisputeState, JudicialConfirmation, Obligation


class OfDisputeAdmin(TakenRows, WorkflowAdmin):
    """What belongs to a dispute. ``tones`` are the colours of its states. Reading a page is written down, and taking
    rows out."""

    tones: dict = {}
    list_filter = ["state"]
    list_filter_submit = True
    ordering = ["-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    def has_add_permission(self, request):
        return False

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), self.tones[obj.state])

    @display(description=gettext_lazy("dispute"), ordering="dispute")
    def dispute_told(self, obj):
        return obj.dispute.number

    def reading_role(self, request, obj) -> str:
        """Return in which role the page is read, where it is not one that reads the dispute itself."""
        grant = grant_for(type(self.model.objects.none()).VISIBLE, obj, request.user)
        return grant.role if grant else ""

    def page(self, request, obj, **given):
        what = f"{self.opts.label_lower}:{obj.pk}"
        access_record(obj.dispute, actor=request.user, what=what, role=self.reading_role(request, obj))
        return super().page(request, obj, **given)

    def form_context(self, request, obj, step):
        """A form may show words of the dispute: reading it is written down too."""
        what = f"{self.opts.label_lower}:{obj.pk}:{step.name}"
        access_record(obj.dispute, actor=request.user, what=what, role=self.reading_role(request, obj))
        return {}

    def page_context(self, request, obj):
        reads = grant_for(READS, obj.dispute, request.user) is not None
        return {"tone": self.tones[obj.state], "trail": trail_of(obj), "reads": reads}


@admin.register(Agreement)
class AgreementAdmin(FormPageMixin, OfDisputeAdmin):
    """Agreements of the disputes that the person may read."""

    page_template = "mediation/agreements/admin/agreement.html"
    tones = AGREEMENT_TONES
    list_display = ["number_told", "dispute_told", "form", "state_badge", "made_on", "effective_on"]
    list_display_links = ["number_told"]
    list_filter = ["state", "form"]

    @display(description=gettext_lazy("number"), ordering="id")
    def number_told(self, obj):
        return obj.number

    def get_urls(self):
        name, wrap = "mediation_agreement", self.admin_site.admin_view
        return [
            path("draft/<int:dispute>/", wrap(self.draft_view), name=f"{name}_draft"),
            path("<int:object_id>/paper/<slug:code>/", wrap(self.paper_view), name=f"{name}_paper"),
            *super().get_urls(),
        ]

    def has_add_permission(self, request):
        return bool(roles_of(request.user) & set(HANDLES))

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def add_view(self, request, form_url="", extra_context=None):
        """Choose the dispute whose agreement is drafted."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ChooseForm(request.POST if request.method == "POST" else None, user=request.user)
        return self.form_page(
            request, form, title=_("Draft an agreement"), lead=_("Of a dispute that is in mediation now."),
            button=_("Take this dispute"), carry_out=lambda form: draft_address(form.cleaned_data["dispute"]),
        )  # fmt: skip

    def page_context(self, request, obj):
        obj = Agreement.objects.with_parts().get(pk=obj.pk)
        confirmation = JudicialConfirmation.objects.filter(agreement=obj).first()
        works = grant_for(WORKS, obj.dispute, request.user) is not None
        holds = obj.state == AgreementState.EFFECTIVE
        draft = obj.state == AgreementState.DRAFT
        signed = draft and obj.signatures.exists()
        return super().page_context(request, obj) | {
            # a text that somebody signed is not corrected any more, only discarded
            "transitions": [step for step in available(obj, request.user) if not (signed and step.name == "amend")],
            "clauses": obj.clauses.all(), "signatures": obj.signatures.all(),
            # an oral agreement is signed by nobody (人民调解法 30)
            "unsigned": unsigned_of(obj) if draft and obj.form == AgreementForm.WRITTEN else [],
            "obligations": [
                (row, OBLIGATION_TONES[row.state], available(row, request.user) if holds else [])
                for row in obj.obligations.all()
            ],
            "confirmation": confirmation,
            "confirmation_tone": CONFIRMATION_TONES[confirmation.state] if confirmation else "",
            "papers": papers_of(obj.dispute, obj) if works else [],
        }  # fmt: skip

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def draft_view(self, request, dispute):
        """Draft an agreement of a dispute in mediation."""
        found = Dispute.objects.visible_to(request.user).with_rows().filter(pk=dispute).first()
        if found is None:
            raise Http404
        if grant_for(HANDLES, found, request.user) is None:
            raise PermissionDenied
        form = DraftForm(request.POST if request.method == "POST" else None, dispute=found,
                         initial={"made_on": timezone.localdate()})  # fmt: skip
        if request.method != "POST":
            access_record(found, actor=request.user, what="mediation.agreement:draft")

        def carry_out(form):
            made = agreement_draft(found, actor=request.user, terms=form.terms(), form=form.cleaned_data["form"])
            return self.page_url(made)

        lead = _(
            "A written one: the parties sign it, then the mediator, then the committee's seal; from that day it is in "
            "effect. An oral one is signed by nobody: it is in effect from the day on which it was reached."
        )
        return self.form_page(
            request, form, title=_("Draft an agreement"), lead=lead, button=_("Draft it"), carry_out=carry_out,
            subtitle=found.number,
        )  # fmt: skip

    @method_decorator(csrf_protect)
    @method_decorator(require_POST)
    def paper_view(self, request, object_id, code):
        """A paper of the file as a Word document, or ``file``: all of them. Who took it is recorded."""
        obj = self.find(request, object_id)
        try:
            return paper_answer(obj.dispute, code, actor=request.user, agreement=obj)
        except Refused as error:
            return refusal_page(self, request, error, back=self.page_url(obj))


class LateFilter(DropdownFilter):
    """Whose last day is over."""

    title = gettext_lazy("last day to perform")
    parameter_name = "late"

    def lookups(self, request, model_admin):
        return [("over", _("over"))]

    def queryset(self, request, queryset):
        return queryset.late(timezone.localdate()) if self.value() == "over" else queryset


@admin.register(Obligation)
class ObligationAdmin(OfDisputeAdmin):
    """What is owed by agreements, the next first."""

    page_template = "mediation/agreements/admin/obligation.html"
    tones = OBLIGATION_TONES
    list_display = ["agreement", "dispute_told", "state_badge", "amount", "paid", "due_on", "performed_on",
                    "found_on"]  # fmt: skip
    list_display_links = ["agreement"]
    list_filter = ["state", LateFilter]
    ordering = ["due_on", "id"]

    def page_context(self, request, obj):
        steps = available(obj, request.user) if obj.agreement.state == AgreementState.EFFECTIVE else []
        return super().page_context(request, obj) | {"transitions": steps}

    def get_queryset(self, request):
        return super().get_queryset(request).exclude(agreement__state=AgreementState.DISCARDED)


def draft_address(dispute: Dispute) -> str:
    """Return where an agreement of a dispute in mediation is drafted."""
    return reverse("admin:mediation_agreement_draft", args=[dispute.pk])


def agreement_links(dispute: Dispute) -> list[tuple[str, str]]:
    """Return title and address of the agreements of a dispute, and of drafting one where that is possible now."""
    rows = list(Agreement.objects.filter(dispute=dispute).exclude(state=AgreementState.DISCARDED).order_by("id"))
    links = [
        (f"{row._meta.verbose_name} {row.number}", reverse("admin:mediation_agreement_change", args=[row.pk]))
        for row in rows
    ]
    if dispute.state == DisputeState.MEDIATING and not any(row.state in UNDER_WAY for row in rows):
        links.append((_("Draft an agreement"), draft_address(dispute)))
    return links
