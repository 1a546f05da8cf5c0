"""Admin of what earns points: kinds, rules, records and donations, and the decisions about them."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from unfold.decorators import display

from cases.admin.filters import AreaFilter
from governance.admin.base import KernelAdmin, ReadOnlyAdmin
from governance.scoping import roles_of
from governance.templatetags.jiceng import badge
from partners.admin.earning_base import EarningAdmin
from partners.earning.deciding import earning_of
from partners.earning.donations import donation_receive
from partners.earning.entry_forms import DonationForm, RecordForm, partners_run_by
from partners.earning.looks import DONATION_TONES, RECORD_TONES
from partners.earning.pages.carrying import paper_response
from partners.earning.pages.residents import verify_url
from partners.earning.papers import receipt_paper
from partners.earning.querysets import RUNS
from partners.earning.records import MOST_AT_ONCE, forecast, record_submit, records_approve
from partners.earning.tariffs import steps_told
from partners.models import Donation, Earning, EarningRule, ServiceKind, ServiceRecord


@admin.register(ServiceKind)
class ServiceKindAdmin(KernelAdmin):
    """Kinds of service, donation and project that points are given for."""

    list_display = ["code", "name", "use", "counts_hours", "is_active"]
    list_filter = ["use", "is_active"]
    search_fields = ["code", "name"]
    ordering = ["code"]
    fields = ["code", "name", "use", "counts_hours", "is_active"]

    def get_readonly_fields(self, request, obj=None):
        return ["code", "use"] if obj else []


class RuleForm(forms.ModelForm):
    """Whether a rule fits the others is judged when it is saved: only then the one before it has ended."""

    class Meta:
        model = EarningRule
        fields = ["kind", "area", "points", "per", "day_cap", "month_cap", "approve_above", "months", "valid_from",
                  "valid_to", "source"]  # fmt: skip

    def _get_validation_exclusions(self):
        """Leave the rule against overlaps, which names the kind, to ``partners.earning.rules.rule_guard`` and after."""
        return super()._get_validation_exclusions() | {"kind"}


@admin.register(EarningRule)
class EarningRuleAdmin(KernelAdmin):
    """Dated tariffs. One in force only ends: a new one begins later, and ends the one before by itself."""

    list_display = ["kind", "area", "tariff_told", "day_cap", "month_cap", "approve_above", "months", "valid_from",
                    "valid_to"]  # fmt: skip
    list_filter = ["kind", AreaFilter]
    list_filter_submit = True
    fields = ["kind", "area", "points", "per", "day_cap", "month_cap", "approve_above", "months", "valid_from",
              "valid_to", "source"]  # fmt: skip
    form = RuleForm
    autocomplete_fields = ["area"]
    ordering = ["kind", "area", "-valid_from"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    @display(description=gettext_lazy("tariff"), ordering="points")
    def tariff_told(self, obj):
        return obj.tariff


@admin.register(Earning)
class DecisionAdmin(ReadOnlyAdmin):
    """What each piece of evidence earned, by which rule, and how it was reckoned."""

    list_display = ["id", "partner", "kind", "day", "base", "points", "how", "decided_by", "decided_at", "reversed_at"]
    list_filter = ["kind", AreaFilter]
    list_filter_submit = True
    search_fields = ["partner__name"]
    fields = ["partner", "area", "kind", "rule", "day", "base", "points", "how", "decided_by", "decided_at",
              "reversed_at"]  # fmt: skip
    readonly_fields = ["how"]
    ordering = ["-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    @display(description=gettext_lazy("how it was reckoned"))
    def how(self, obj):
        return steps_told(obj.steps)


def _earned_facts(obj, found) -> list[tuple]:
    """What was decided, or what would be if it were approved now."""
    earning = earning_of(obj)
    if earning is not None:
        facts = [(_("Points"), earning.points), (_("How it was reckoned"), steps_told(earning.steps)),
                 (_("By the rule"), earning.rule.tariff)]  # fmt: skip
        return [*facts, (_("Taken back at"), earning.reversed_at)] if earning.reversed_at else facts
    if found is None or obj.state not in ("submitted", "checked", "received"):
        return []
    rule, reckoning = found
    facts = [(_("Would earn"), reckoning.points), (_("How it is reckoned"), steps_told(reckoning.steps)),
             (_("By the rule"), rule.tariff)]  # fmt: skip
    if rule.approve_above is not None and reckoning.points > rule.approve_above:
        facts.append((_("Two persons approve above"), rule.approve_above))
    return facts


@admin.register(ServiceRecord)
class ServiceRecordAdmin(EarningAdmin):
    """Services that partners reported: approved one by one or many at once."""

    tones, adds = RECORD_TONES, True
    list_display = ["label", "kind", "partner", "performed_at", "hours", "quantity", "served", "state_badge"]
    list_display_links = ["label"]
    list_filter = ["state", "kind", AreaFilter]
    search_fields = ["partner__name", "note", "place"]
    ordering = ["-id"]
    actions = ["approve_selected"]

    @display(description=gettext_lazy("record of a service"), ordering="id")
    def label(self, obj):
        return obj.number

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), RECORD_TONES[obj.state])

    def facts(self, obj):
        hours = [] if obj.hours is None else [(_("hours"), obj.hours)]
        who = [(_("who did it"), obj.person)] if obj.person_id else []
        first = [(_("first approval by"), obj.first_approver)] if obj.first_approver_id else []
        return [
            (_("partner"), obj.partner), (_("kind of service"), obj.kind), (_("began at"), obj.performed_at), *hours,
            (_("how many"), obj.quantity), (_("people served"), obj.served), (_("place"), obj.place or "—"),
            (_("service in words"), obj.note or "—"), *who, (_("reported by"), obj.reported_by), *first,
            *_earned_facts(obj, forecast(obj)),
        ]  # fmt: skip

    def has_approve_permission(self, request) -> bool:
        """Tell whether the person holds a role that may approve some record; each is judged by itself."""
        return bool(roles_of(request.user) & set(RUNS))

    @admin.action(description=gettext_lazy("Approve the selected ones"), permissions=["approve"])
    def approve_selected(self, request, queryset):
        """Approve each for itself; those refused stay as they were, and it is said why."""
        done, refused = records_approve(queryset[:MOST_AT_ONCE], actor=request.user)
        if done:
            messages.success(request, _("%(count)d approved.") % {"count": len(done)})
        for pk, why in refused:
            messages.error(request, f"{ServiceRecord(pk=pk).number}: {why}")

    @method_decorator(csrf_protect)
    def add_view(self, request, form_url="", extra_context=None):
        """Staff report a service for a partner; another person approves it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        sent = (request.POST, request.FILES) if request.method == "POST" else ()
        form = RecordForm(*sent, partners=partners_run_by(request.user))

        def carry_out(given):
            made = record_submit(actor=request.user, **given)
            messages.success(request, _("Reported: %(record)s.") % {"record": made})
            return self.page_url(made)

        lead = _("Another person approves it: nobody approves what they reported.")
        return self.form_page(request, form, title=_("Report a service"), button=_("Report"), carry_out=carry_out,
                              back=self.list_url(), lead=lead)  # fmt: skip


@admin.register(Donation)
class DonationAdmin(EarningAdmin):
    """Donations with their receipts."""

    tones, adds = DONATION_TONES, True
    list_display = ["receipt", "partner", "description", "quantity", "value", "received_on", "state_badge"]
    list_display_links = ["receipt"]
    list_filter = ["state", "sort", AreaFilter]
    search_fields = ["receipt", "partner__name", "description"]
    ordering = ["-id"]

    def get_urls(self):
        view = self.admin_site.admin_view(self.receipt_view)
        return [path("<int:object_id>/receipt.docx", view, name="partners_donation_receipt"), *super().get_urls()]

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), DONATION_TONES[obj.state])

    def facts(self, obj):
        first = [(_("first approval by"), obj.first_approver)] if obj.first_approver_id else []
        return [
            (_("receipt number"), obj.receipt), (_("partner"), obj.partner), (_("kind of service"), obj.kind),
            (_("goods or money"), obj.get_sort_display()), (_("what was given"), obj.description),
            (_("how many"), obj.quantity), (_("stated value (yuan)"), obj.value or "—"),
            (_("received on"), f"{obj.received_on:%Y-%m-%d}"), (_("donation taken in by"), obj.received_by), *first,
            *_earned_facts(obj, None),
        ]  # fmt: skip

    def files(self, obj):
        return [(_("Receipt (Word)"), reverse("admin:partners_donation_receipt", args=[obj.pk]))]

    def receipt_view(self, request, object_id):
        """The receipt as Word, with a code to verify it."""
        gift = self.find(request, object_id)
        return paper_response(receipt_paper(gift, earning_of(gift)), "docx", verify_url(request, gift.code))

    @method_decorator(csrf_protect)
    def add_view(self, request, form_url="", extra_context=None):
        """Receive a donation; another person approves it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        sent = (request.POST, request.FILES) if request.method == "POST" else ()
        form = DonationForm(*sent, partners=partners_run_by(request.user))

        def carry_out(given):
            made = donation_receive(actor=request.user, **given)
            messages.success(request, _("Received: %(donation)s.") % {"donation": made})
            return self.page_url(made)

        lead = _("It gets a numbered receipt; another person approves it.")
        return self.form_page(request, form, title=_("Receive a donation"), button=_("Receive"), carry_out=carry_out,
                              back=self.list_url(), lead=lead)  # fmt: skip
