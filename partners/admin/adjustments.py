"""Admin of adjustments: proposed here by one person, approved or declined by another."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from unfold.decorators import display

from governance.admin.base import ReadOnlyAdmin
from governance.scoping import grant_for, visible_q
from governance.templatetags.jiceng import badge
from partners.admin.earning_base import FormPages, ReasonForm, trail_of
from partners.earning.entry_forms import AdjustmentForm
from partners.ledger.adjustments import adjustment_approve, adjustment_decline, adjustment_propose
from partners.ledger.permissions import DECIDING, is_own_account
from partners.models import Adjustment, AdjustmentStage

TONES = {
    AdjustmentStage.PROPOSED: "blue", AdjustmentStage.APPROVED: "green", AdjustmentStage.DECLINED: "grey",
}  # fmt: skip


class NoFieldsForm(forms.Form):
    """Nothing is asked: the page says what will be done."""


@admin.register(Adjustment)
class AdjustmentAdmin(FormPages, ReadOnlyAdmin):
    """Corrections that one person proposed and another decided."""

    list_display = ["id", "account", "amount", "stage_badge", "proposed_by", "decided_by", "proposed_at"]
    list_filter = ["stage"]
    ordering = ["-id"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    def has_add_permission(self, request):
        return visible_q(DECIDING, request.user) is not None

    def get_urls(self):
        wrap = self.admin_site.admin_view
        return [
            path("<int:object_id>/approve/", wrap(self.approve_view), name="partners_adjustment_approve"),
            path("<int:object_id>/decline/", wrap(self.decline_view), name="partners_adjustment_decline"),
            *super().get_urls(),
        ]

    @display(description=gettext_lazy("state"), ordering="stage")
    def stage_badge(self, obj):
        return badge(obj.get_stage_display(), TONES[obj.stage])

    def _found(self, request, object_id) -> Adjustment:
        obj = self.get_object(request, str(object_id))
        if obj is None or not self.has_view_permission(request, obj):
            raise Http404
        return obj

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """What is proposed, by whom and why, and the buttons of who may decide."""
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        obj = self._found(request, object_id)
        open_ = obj.stage == AdjustmentStage.PROPOSED and obj.proposed_by_id != request.user.pk
        theirs = is_own_account(obj.account, request.user)
        decides = open_ and not theirs and grant_for(DECIDING, obj, request.user) is not None
        facts = [
            (_("account"), obj.account), (_("number of points"), f"{obj.amount:+}"), (_("reason"), obj.reason),
            (_("good until"), obj.expires_on or "—"), (_("proposed by"), obj.proposed_by),
            (_("proposed at"), obj.proposed_at), (_("decided by"), obj.decided_by or "—"),
        ]  # fmt: skip
        context = {
            **self.admin_site.each_context(request), "title": _("Adjustment of points"), "opts": self.opts,
            "object": obj, "facts": facts, "tone": TONES[obj.stage], "trail": trail_of(obj), "decides": decides,
        }  # fmt: skip
        return TemplateResponse(request, "partners/earning/admin/adjustment.html", context)

    def _page_url(self, obj) -> str:
        return reverse("admin:partners_adjustment_change", args=[obj.pk])

    @method_decorator(csrf_protect)
    def add_view(self, request, form_url="", extra_context=None):
        """Propose a correction; another person decides it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        sent = request.POST if request.method == "POST" else None
        form = AdjustmentForm(sent, user=request.user, initial={"account": request.GET.get("account", "")})

        def carry_out(given):
            account = given.pop("account")
            made = adjustment_propose(account, actor=request.user, **given)
            messages.success(request, _("Proposed: another person decides it."))
            return self._page_url(made)

        lead = _("Points without evidence need two persons and a reason.")
        return self.form_page(request, form, title=_("Propose an adjustment"), button=_("Propose"), carry_out=carry_out,
                              back=self.list_url(), lead=lead)  # fmt: skip

    @method_decorator(csrf_protect)
    def approve_view(self, request, object_id):
        """Approve what another person proposed."""
        obj = self._found(request, object_id)
        form = NoFieldsForm(request.POST if request.method == "POST" else None)

        def carry_out(given):
            adjustment_approve(obj, actor=request.user)
            return self._page_url(obj)

        return self.form_page(request, form, title=_("Approve"), button=_("Approve"), carry_out=carry_out,
                              back=self._page_url(obj), lead=f"{obj.account} {obj.amount:+}: {obj.reason}")  # fmt: skip

    @method_decorator(csrf_protect)
    def decline_view(self, request, object_id):
        """Decline it, with a reason."""
        obj = self._found(request, object_id)
        form = ReasonForm(request.POST if request.method == "POST" else None)

        def carry_out(given):
            adjustment_decline(obj, actor=request.user, **given)
            return self._page_url(obj)

        return self.form_page(request, form, title=_("Decline"), button=_("Decline"), carry_out=carry_out,
                              back=self._page_url(obj), lead=f"{obj.account} {obj.amount:+}: {obj.reason}")  # fmt: skip
