"""Admin of dispatch rules: the page of one with its dry run, its form, and switching it on and off."""

from django import forms
from django.contrib import admin, messages
from django.http import HttpResponseRedirect
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from cases.admin.looks import TONES, page_url
from cases.models import Case, CaseSource, DispatchRule, RuleCategory, RuleState, RuleTrial, RuleUnit
from cases.rules.content import conditions_in_words, effect_in_words
from cases.rules.services import MOST_DAYS, USUAL_DAYS, is_tried, newest_trial, rule_try
from governance.admin.base import KernelAdmin, PartsInline, refusal_page
from governance.admin.workflow import WorkflowAdmin
from governance.errors import Refused
from governance.exchange.list_cells import several
from governance.models import OrgUnit
from governance.models.venue import Weekday
from governance.templatetags.jiceng import badge

STATE_TONES = {RuleState.DRAFT: "grey", RuleState.ON: "green", RuleState.OFF: "amber"}


class WordsField(forms.CharField):
    """Several words with 、 or a comma between them."""

    widget = UnfoldAdminTextInputWidget

    def prepare_value(self, value):
        return "、".join(value) if isinstance(value, list) else value

    def to_python(self, value):
        return several(value or "")


class RuleForm(forms.ModelForm):
    """A rule with its sources and days to tick and its words in one line."""

    sources = forms.MultipleChoiceField(
        label=gettext_lazy("sources"), choices=CaseSource, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked: any source."),
    )  # fmt: skip
    words = WordsField(
        label=gettext_lazy("words"), required=False,
        help_text=gettext_lazy("With 、 between them; the text of the case holds one of them."),
    )  # fmt: skip
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("days of the week"), choices=Weekday, coerce=int, required=False,
        widget=forms.CheckboxSelectMultiple, help_text=gettext_lazy("None ticked: every day."),
    )  # fmt: skip

    class Meta:
        model = DispatchRule
        fields = [
            "code", "name", "priority", "area", "standard", "sources", "words", "device_profile", "weekdays",
            "from_time", "to_time", "valid_from", "valid_to", "limit_amount", "limit_unit",
        ]  # fmt: skip


class RuleCategoryInline(PartsInline):
    """Categories a rule is about."""

    model = RuleCategory
    fields = ["category"]
    autocomplete_fields = ["category"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("category")


class RuleUnitInline(PartsInline):
    """Who leads, assists and supervises by a rule."""

    model = RuleUnit
    fields = ["part", "unit", "role_name", "position"]
    autocomplete_fields = ["unit"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("unit")


@admin.register(DispatchRule)
class DispatchRuleAdmin(WorkflowAdmin):
    """Rules in the order they are asked. A rule is changed as a draft or switched off, tried, and switched on."""

    form = RuleForm
    page_template = "cases/admin/rule_page.html"
    list_display = ["name", "code", "priority", "area", "conditions", "effect", "state_badge"]
    list_filter = ["state"]
    list_filter_submit = True
    search_fields = ["name", "code"]
    autocomplete_fields = ["area", "standard"]
    inlines = [RuleCategoryInline, RuleUnitInline]
    ordering = ["priority", "code"]
    fieldsets = [
        (None, {"fields": [("code", "name"), ("priority", "area")]}),
        (
            gettext_lazy("Conditions beside the area; all that are stated must hold"),
            {"fields": ["standard", "sources", "words", "device_profile", "weekdays", ("from_time", "to_time"),
                        ("valid_from", "valid_to")]},
        ),
        (gettext_lazy("Limit"), {"fields": [("limit_amount", "limit_unit")]}),
    ]  # fmt: skip

    def get_urls(self):
        def page(view):
            return self.admin_site.admin_view(view)

        return [
            path("<int:object_id>/edit/", page(self.edit_view), name="cases_dispatchrule_edit"),
            path("<int:object_id>/try/", page(self.try_view), name="cases_dispatchrule_try"),
            *super().get_urls(),
        ]

    def has_add_permission(self, request):
        return KernelAdmin.has_add_permission(self, request)

    def has_change_permission(self, request, obj=None):
        if not KernelAdmin.has_change_permission(self, request, obj):
            return False
        return obj is None or obj.state != RuleState.ON

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    def page_rows(self, request):
        return self.get_queryset(request).with_conditions()

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []

    @display(description=gettext_lazy("conditions"))
    def conditions(self, obj):
        return "；".join(f"{what} {which}" for what, which in conditions_in_words(obj)[1:]) or "—"

    @display(description=gettext_lazy("effect"))
    def effect(self, obj):
        return "；".join(f"{what} {which}" for what, which in effect_in_words(obj))

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), STATE_TONES[obj.state])

    def page_context(self, request, obj):
        trial = newest_trial(obj)
        may_change = KernelAdmin.has_change_permission(self, request, obj)
        return {
            "tone": STATE_TONES[obj.state],
            "conditions": conditions_in_words(obj),
            "effect": effect_in_words(obj),
            "trial": trial,
            "tried": is_tried(obj),
            "differing": differing_cases(trial, request.user) if trial else [],
            "may_try": may_change,
            "may_edit": may_change and obj.state != RuleState.ON,
            "days": {"usual": USUAL_DAYS, "most": MOST_DAYS},
            "decided": decided_by(obj, request.user),
        }

    def form_context(self, request, obj, step):
        return {"tone": STATE_TONES[obj.state]}

    def edit_view(self, request, object_id):
        """The form of a rule that is not switched on."""
        obj = self.find(request, object_id)
        if obj.state == RuleState.ON:
            return self.page(
                request, obj, status=409,
                notice=_("This rule is switched on. Switch it off before you change it."),
            )  # fmt: skip
        return self.changeform_view(request, str(object_id), "", None)

    def response_post_save_change(self, request, obj):
        return HttpResponseRedirect(self.page_url(obj))

    response_post_save_add = response_post_save_change

    @method_decorator(csrf_protect)
    @method_decorator(require_POST)
    def try_view(self, request, object_id):
        """Run the rule over past cases and show what it would have done."""
        obj = self.find(request, object_id)
        days = request.POST.get("days", "")
        try:
            trial = rule_try(obj, actor=request.user, days=int(days) if days.isdecimal() and len(days) < 5 else 0)
        except Refused as error:
            return refusal_page(self, request, error, back=self.page_url(obj))
        messages.success(request, _("Tried on %(count)s cases.") % {"count": trial.considered})
        return HttpResponseRedirect(self.page_url(obj))


DECIDED_SHOWN = 10


def decided_by(rule: DispatchRule, user):
    """Return the newest cases a rule dispatched, those the reader may see."""
    dispatches = rule.dispatches.order_by("-id").values("case_id")[: DECIDED_SHOWN * 10]
    return Case.objects.visible_to(user).filter(pk__in=dispatches).order_by("-id")[:DECIDED_SHOWN]


def differing_cases(trial: RuleTrial, user) -> list[dict]:
    """Return the cases of a trial that would have gone elsewhere, those the reader may see; two statements."""
    rows = {row["case"]: row for row in trial.differing}
    units = OrgUnit.objects.in_bulk({code for row in trial.differing for code in (row["unit"], row["rule"])},
                                    field_name="code")  # fmt: skip
    cases = Case.objects.visible_to(user).filter(pk__in=rows).select_related("category", "area")
    return [
        {
            "case": case,
            "url": page_url(case),
            "tone": TONES[case.state],
            "unit": units[rows[case.pk]["unit"]],
            "rule": units[rows[case.pk]["rule"]],
        }
        for case in cases.defer("area__boundary", "result").order_by("-id")
    ]
