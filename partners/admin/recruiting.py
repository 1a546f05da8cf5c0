"""Admin of partners: applications and partners with their papers, what is missing, and what they offer."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_POST
from unfold.decorators import display

from cases.admin.filters import AreaFilter
from governance.admin.base import KernelAdmin
from governance.admin.bookings import FormPageMixin
from governance.admin.workflow import WorkflowAdmin
from governance.attachments import attachments_of
from governance.exchange.exports import export_recorded
from governance.scoping import grant_for
from governance.templatetags.jiceng import badge
from partners.models import (
    AgreementTerms,
    Partner,
    PartnerAgreement,
    Profession,
    Qualification,
    QualificationKind,
    Recruitment,
)
from partners.recruiting.agreements import SIGNING, agreement_make
from partners.recruiting.documents import WORD, agreement_word
from partners.recruiting.forms import AgreementForm, OfferForm
from partners.recruiting.joining import missing_of
from partners.recruiting.looks import AGREEMENT_TONES, OFFER_TONES, PARTNER_TONES, QUALIFICATION_TONES
from partners.recruiting.offered import offered
from partners.recruiting.offering import offer_make
from partners.recruiting.posts import posts_of
from partners.recruiting.querysets import RUNS, PartnerAgreementQuerySet
from partners.recruiting.trail import trail_of
from partners.recruiting.workflow import APPLICATION, STANDING, PartnerState


@admin.register(QualificationKind)
class QualificationKindAdmin(KernelAdmin):
    """Kinds of documents that show what somebody may do."""

    list_display = ["code", "name", "remind_days", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["code", "name"]
    ordering = ["code"]
    fields = ["code", "name", "remind_days", "is_active"]

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []


@admin.register(Profession)
class ProfessionAdmin(KernelAdmin):
    """What professional partners work as, and the licence that is needed."""

    list_display = ["code", "name", "licence", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["code", "name"]
    list_select_related = ["licence"]
    ordering = ["code"]
    fields = ["code", "name", "licence", "is_active"]

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []


@admin.register(AgreementTerms)
class AgreementTermsAdmin(KernelAdmin):
    """Versions of the text partners sign. What was signed is not changed: a new version is made."""

    list_display = ["code", "title", "valid_from", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["code", "title"]
    ordering = ["-valid_from", "code"]
    fields = ["code", "title", "text", "valid_from", "is_active"]

    def get_readonly_fields(self, request, obj=None):
        signed = obj is not None and PartnerAgreement.objects.filter(terms=obj).exists()
        return ["code", "title", "text", "valid_from"] if signed else ["code"] if obj else []


@admin.register(Recruitment)
class RecruitmentAdmin(KernelAdmin):
    """The page of each community on which partners are looked for."""

    list_display = ["area", "is_open", "terms", "page"]
    list_filter = ["is_open"]
    list_select_related = ["area", "terms"]
    ordering = ["area__code"]
    fields = ["area", "is_open", "intro", "terms"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    def get_readonly_fields(self, request, obj=None):
        return ["area"] if obj else []

    @display(description=gettext_lazy("public page"))
    def page(self, obj):
        return reverse("residents_partners:recruitment", args=[obj.area.code])


class PartAdmin(WorkflowAdmin):
    """What belongs to a partner. ``tones`` are the colours of its states."""

    page_template = "partners/recruiting/admin/part.html"
    tones: dict = {}
    list_filter = ["state", AreaFilter]
    list_filter_submit = True
    ordering = ["-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), self.tones[obj.state])

    def page_context(self, request, obj):
        return {"tone": self.tones[obj.state], "trail": trail_of(obj), "transitions": offered(obj, request.user)}


@admin.register(Partner)
class PartnerAdmin(FormPageMixin, PartAdmin):
    """Applications and partners the person may see, newest first."""

    page_template = "partners/recruiting/admin/partner.html"
    tones = PARTNER_TONES
    list_display = ["name", "kind", "profession", "state_badge", "area", "applied_at", "active_from"]
    list_display_links = ["name"]
    list_filter = ["state", "kind", "profession", AreaFilter]
    search_fields = ["name", "=credit_code"]

    def get_urls(self):
        name, wrap = "partners_partner", self.admin_site.admin_view
        return [
            path("<int:object_id>/agreement/", wrap(self.agreement_view), name=f"{name}_agreement"),
            path("<int:object_id>/offer/", wrap(self.offer_view), name=f"{name}_offer"),
            *super().get_urls(),
        ]

    def page_context(self, request, obj):
        user, today = request.user, timezone.localdate()
        runs = grant_for(RUNS, obj, user) is not None
        papers = Qualification.objects.visible_to(user).filter(partner=obj).with_rows().order_by("-id")
        agreements = PartnerAgreement.objects.visible_to(user).filter(partner=obj).with_rows().order_by("-id")
        context = super().page_context(request, obj)
        missing = missing_of(obj, today) if obj.state in APPLICATION else []
        if missing:  # the page says what; the button would only say it again
            context["transitions"] = [step for step in context["transitions"] if step.name != "activate"]
        return context | {
            "runs": runs,
            "missing": missing,
            "qualifications": [(row, QUALIFICATION_TONES[row.state], offered(row, user)) for row in papers],
            "agreements": [(row, AGREEMENT_TONES[row.state], offered(row, user)) for row in agreements],
            "offers": [(row, OFFER_TONES[row.state]) for row in obj.offers.with_rows().order_by("state", "-id")[:100]],
            "people": posts_of(obj) if obj.unit_id and obj.state in STANDING else [],
            "may_agree": runs and obj.state in SIGNING,
            "may_offer": runs and obj.state == PartnerState.ACTIVE,
        }

    def _run_by(self, request, object_id) -> Partner:
        partner = self.find(request, object_id)
        if grant_for(RUNS, partner, request.user) is None:
            raise PermissionDenied
        return partner

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def agreement_view(self, request, object_id):
        """Make out an agreement."""
        partner = self._run_by(request, object_id)
        form = AgreementForm(
            request.POST if request.method == "POST" else None, initial={"valid_from": timezone.localdate()}
        )

        def carry_out(form):
            made = agreement_make(partner, actor=request.user, **form.cleaned_data)
            messages.success(request, _("Made out: %(number)s.") % {"number": made.number})
            return self.page_url(partner)

        lead = _("Both sides sign it: the partner on the own page, the community here.")
        return self.form_page(
            request, form, title=_("Make out an agreement"), lead=lead, button=_("Make it"), carry_out=carry_out,
            subtitle=partner.name, back=self.page_url(partner),
        )  # fmt: skip

    @method_decorator(csrf_protect)
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def offer_view(self, request, object_id):
        """Write down what a partner offers; it is on view at once."""
        partner = self._run_by(request, object_id)
        form = OfferForm(request.POST if request.method == "POST" else None, partner=partner)

        def carry_out(form):
            made = offer_make(partner, actor=request.user, plan=form.plan())
            return reverse("admin:partners_offer_change", args=[made.pk])

        lead = _("On view in the directory at once. Dates are added on its page.")
        return self.form_page(
            request, form, title=_("Write down an offer"), lead=lead, button=_("Make it"), carry_out=carry_out,
            subtitle=partner.name, back=self.page_url(partner),
        )  # fmt: skip


@admin.register(Qualification)
class QualificationAdmin(PartAdmin):
    """Documents of partners, with those to verify and those that end."""

    tones = QUALIFICATION_TONES
    list_display = ["partner", "kind", "state_badge", "valid_from", "valid_to", "submitted_at"]
    list_display_links = ["partner"]
    list_filter = ["state", "kind", AreaFilter]
    search_fields = ["partner__name"]

    def page_context(self, request, obj):
        facts = [
            (_("kind"), obj.kind), (_("number of the document"), obj.number), (_("from"), obj.valid_from),
            (_("to"), obj.valid_to), (_("verified by"), obj.verified_by),
        ]  # fmt: skip
        files = list(attachments_of(obj))
        return super().page_context(request, obj) | {"facts": facts, "files": files}


@admin.register(PartnerAgreement)
class PartnerAgreementAdmin(PartAdmin):
    """Agreements: who signed what and when."""

    page_template = "partners/recruiting/admin/agreement.html"
    tones = AGREEMENT_TONES
    list_display = ["partner", "terms", "state_badge", "valid_from", "valid_to", "partner_signed_at", "signed_at"]
    list_display_links = ["partner"]
    search_fields = ["partner__name"]

    def get_urls(self):
        word = self.admin_site.admin_view(self.word_view)
        return [
            path("<int:object_id>/agreement.docx", word, name="partners_partneragreement_word"),
            *super().get_urls(),
        ]

    def page_context(self, request, obj):
        facts = [
            (_("text of the partnership agreement"), obj.terms), (_("from"), obj.valid_from), (_("to"), obj.valid_to),
            (_("signed for the partner"), obj.partner_signer), (_("signed for the partner at"), obj.partner_signed_at),
            (_("signed for the community"), obj.signer), (_("signed for the community at"), obj.signed_at),
        ]  # fmt: skip
        return super().page_context(request, obj) | {"facts": facts}

    @method_decorator(csrf_protect)
    @method_decorator(require_POST)
    def word_view(self, request, object_id):
        """The agreement as a Word document; who took it is recorded."""
        row = self.find(request, object_id)
        name, content = agreement_word(row)
        grant = grant_for(PartnerAgreementQuerySet.VISIBLE, row, request.user)
        export_recorded(request.user, grant=grant, model="partners.partneragreement", filters=["pk"], rows=1,
                        kind="docx")  # fmt: skip
        response = HttpResponse(content, content_type=WORD)
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["Cache-Control"] = "private, no-store"
        return response
