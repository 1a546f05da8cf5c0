"""Admin of property contracts: the draft, the hand-over list, the yearly evaluation."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from unfold.decorators import display

from cases.admin.filters import AreaFilter
from governance.scoping import grant_for
from governance.templatetags.jiceng import badge
from property.admin.drafts import DraftAdmin
from property.admin.serving import EstateFilter
from property.models import ContractEvaluation, ContractState, PropertyContract
from property.serving.contract_workflow import KEEPS
from property.serving.contracts import TAKES_OVER, contract_evaluate, handover_settle

TONES = {ContractState.DRAFT: "amber", ContractState.IN_FORCE: "green", ContractState.HANDING_OVER: "red",
         ContractState.ENDED: "grey"}  # fmt: skip
SOON = 90


class EvaluationForm(forms.Form):
    """The evaluation of a year."""

    year = forms.IntegerField(label=gettext_lazy("year"))
    score = forms.IntegerField(label=gettext_lazy("score (0 to 100)"))
    verdict = forms.ChoiceField(label=gettext_lazy("verdict"), choices=ContractEvaluation.Verdict.choices)
    words = forms.CharField(label=gettext_lazy("in words"), max_length=500, widget=forms.Textarea(attrs={"rows": 4}))


class SettleForm(forms.Form):
    """Whether something was handed over, and what is missing."""

    is_complete = forms.TypedChoiceField(
        label=gettext_lazy("handed over in full"), choices=[("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))],
        coerce=lambda value: value == "yes",
    )  # fmt: skip
    note = forms.CharField(label=gettext_lazy("note"), max_length=300, required=False)


@admin.register(PropertyContract)
class PropertyContractAdmin(DraftAdmin):
    """Contracts of the estates of a person's areas."""

    page_template = "property/admin/contract.html"
    list_display = ["title", "state_badge", "company", "valid_from", "valid_to", "price", "ends"]
    list_display_links = ["title"]
    export_display = ("number", "estate", "company", "get_state_display", "selection", "valid_from", "valid_to",
                      "price", "ended_on")  # fmt: skip
    list_filter = ["state", EstateFilter, AreaFilter]
    list_filter_submit = True
    search_fields = ["number", "estate__name", "company__name"]
    fields = ["number", "estate", "company", "organisation", "selection", "decided_on", "decision", "valid_from",
              "valid_to", "price", "service_list", "repair_standard"]  # fmt: skip
    autocomplete_fields = ["estate", "company", "organisation", "repair_standard"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    def page_rows(self, request):
        return self.get_queryset(request).select_related("service_list__estate", "repair_standard__category")

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("<int:object_id>/evaluate/", view(self.evaluate_view), name="property_propertycontract_evaluate"),
            path("<int:object_id>/handover/<int:item_id>/", view(self.settle_view),
                 name="property_propertycontract_settle"),
            *super().get_urls(),
        ]  # fmt: skip

    @display(description=gettext_lazy("property contract"), ordering="number")
    def title(self, obj):
        return str(obj)

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), TONES[obj.state])

    @display(description=gettext_lazy("term"))
    def ends(self, obj):
        left = (obj.valid_to - timezone.localdate()).days
        if obj.state != ContractState.IN_FORCE or left > SOON:
            return "—"
        return badge(_("Ends soon"), "amber") if left >= 0 else badge(_("Term is over"), "red")

    def page_context(self, request, obj):
        return super().page_context(request, obj) | {
            "tone": TONES[obj.state],
            "evaluations": obj.evaluations.select_related("evaluated_by"),
            "handover": obj.handover.select_related("settled_by"),
            "may_evaluate": obj.state != ContractState.DRAFT and grant_for(KEEPS, obj, request.user) is not None,
            "may_settle": obj.state == ContractState.HANDING_OVER
            and grant_for(TAKES_OVER, obj, request.user) is not None,
        }

    @method_decorator(csrf_protect)
    def evaluate_view(self, request, object_id):
        """Evaluate the company for a year."""
        contract = self.find(request, object_id)
        if grant_for(KEEPS, contract, request.user) is None:
            raise PermissionDenied
        initial = {"year": min(timezone.localdate(), contract.valid_to).year}
        form = EvaluationForm(request.POST if request.method == "POST" else None, initial=initial)

        def carry_out(given):
            made = contract_evaluate(contract, actor=request.user, **given)
            messages.success(request, _("Evaluated: %(year)s.") % {"year": made.year})
            return self.page_url(contract)

        return self.form_page(
            request, form, title=_("Evaluate the company"), button=_("Evaluate"), carry_out=carry_out,
            back=self.page_url(contract), lead=_("Share kept and stars of the year are put beside it."),
        )  # fmt: skip

    @method_decorator(csrf_protect)
    def settle_view(self, request, object_id, item_id):
        """Settle one item of the hand-over list."""
        contract = self.find(request, object_id)
        item = contract.handover.filter(pk=item_id).first()
        if item is None:
            raise Http404
        if grant_for(TAKES_OVER, contract, request.user) is None:
            raise PermissionDenied
        form = SettleForm(request.POST if request.method == "POST" else None)

        def carry_out(given):
            handover_settle(item, actor=request.user, **given)
            return f"{self.page_url(contract)}#handover"

        return self.form_page(
            request, form, title=_("Hand-over"), button=_("Settle"), carry_out=carry_out, lead=item.name,
            back=self.page_url(contract),
        )  # fmt: skip
