"""Admin of scoring: live figures and their cases, formulas, periods with their lines, appeals."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_GET, require_POST
from unfold.decorators import display

from cases.admin.score_pages import cases_page, live_file, live_page, period_context, period_file
from cases.models import Case, ScoreAppeal, ScoreExclusion, ScoreFormula, ScoreLine, ScorePeriod, ScoreWeight
from cases.querysets import number_in
from cases.scoring import dimensions
from cases.scoring.appeals import cases_named, score_appeal_file
from cases.scoring.periods import score_period_open
from cases.scoring.questions import DayField, areas_of, usual_days
from cases.scoring.workflow import AppealState, PeriodState
from governance.admin.base import KernelAdmin, PartsInline
from governance.admin.my_work import WorkLink, WorkList, WorkRow, provides_links, provides_work, work_list
from governance.admin.refusals import refusal_page
from governance.admin.workflow import WorkflowAdmin
from governance.errors import REASON_NEEDED, Conflict, Invalid, Refused
from governance.models import Area, Event, Role
from governance.permissions import STAFF
from governance.scoping import roles_of
from governance.templatetags.jiceng import badge

PERIOD_TONES = {
    PeriodState.OPEN: "amber", PeriodState.COMPUTED: "blue", PeriodState.PUBLISHED: "green",
    PeriodState.DISCARDED: "grey",
}  # fmt: skip
APPEAL_TONES = {
    AppealState.FILED: "amber", AppealState.REVIEWED: "violet", AppealState.UPHELD: "green",
    AppealState.REFUSED: "grey",
}  # fmt: skip


class PeriodForm(forms.Form):
    """A new period; the last month is offered."""

    first = DayField(label=gettext_lazy("from"))
    last = DayField(label=gettext_lazy("to"))
    area = forms.ModelChoiceField(Area.objects.none(), label=gettext_lazy("area"))
    dimension = forms.ChoiceField(label=gettext_lazy("compared by"), choices=dimensions.choices)
    formula = forms.ModelChoiceField(ScoreFormula.objects.none(), label=gettext_lazy("score formula"))

    def __init__(self, data=None, *, user):
        last_month = usual_days(timezone.localdate())[1][1]
        super().__init__(data, initial={"first": last_month.first, "last": last_month.last, "dimension": "unit"})
        self.fields["area"].queryset = areas_of(user)
        formulas = ScoreFormula.objects.visible_to(user).filter(is_active=True)
        self.fields["formula"].queryset, self.fields["formula"].initial = formulas, formulas.first()
        self.fields["area"].initial = areas_of(user).first()


class AppealForm(forms.Form):
    """Which cases should not count, and why."""

    cases = forms.CharField(
        label=gettext_lazy("numbers of the cases"), widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Separated by blanks, commas or lines."),
    )  # fmt: skip
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": REASON_NEEDED},
    )  # fmt: skip

    def __init__(self, data=None, *, line):
        self.line = line
        super().__init__(data)

    def clean_cases(self):
        words = self.cleaned_data["cases"].replace("，", " ").replace(",", " ").split()
        try:
            return cases_named(self.line, [number_in(word) or word for word in words])
        except Invalid as error:
            raise forms.ValidationError(error.detail, error.code) from error


class PostedForm:
    """A page with one form: GET shows it, a valid POST calls ``carry_out``, which returns where to go on."""

    def form_page(self, request, form, *, title: str, lead: str, button: str, back: str, carry_out):
        """Answer with the page; what is refused stands at the field it names."""
        if request.method == "POST" and form.is_valid():
            try:
                return HttpResponseRedirect(carry_out(form.cleaned_data))
            except (Invalid, Conflict) as error:
                form.add_error(error.field if error.field in form.fields else None, error.detail)
            except Refused as error:
                return refusal_page(self, request, error, back=back)
        context = {
            **self.admin_site.each_context(request), "title": title, "title_part": title, "opts": self.opts,
            "form": form, "lead": lead, "button": button, "back": back,
        }  # fmt: skip
        status = 400 if request.method == "POST" else 200
        return TemplateResponse(request, "cases/admin/score_form.html", context, status=status)


@admin.register(ScorePeriod)
class ScorePeriodAdmin(PostedForm, WorkflowAdmin):
    """Periods and, beside them, the figures as they stand."""

    page_template = "cases/admin/score_period.html"
    list_display = ["days", "compared_by", "area", "formula", "state_badge", "as_of", "published_at"]
    list_display_links = ["days"]
    list_filter = ["state", "dimension"]
    list_filter_submit = True
    list_select_related = ["area", "formula"]
    ordering = ["-last", "-id"]

    def has_add_permission(self, request):
        return request.user.has_perm("cases.add_scoreperiod")

    def get_queryset(self, request):
        return super().get_queryset(request).defer("area__boundary", "totals")

    def page_rows(self, request):
        return super().get_queryset(request).select_related("area", "formula").defer("area__boundary")

    def get_urls(self):
        def named(route, view, name):
            return path(route, self.admin_site.admin_view(view), name=f"cases_scoreperiod_{name}")

        return [
            named("live/", self.live_view, "live"),
            named("live/export/", self.live_export_view, "live_export"),
            named("cases/", self.cases_view, "cases"),
            named("<int:object_id>/export/", self.period_export_view, "period_export"),
            *super().get_urls(),
        ]

    @display(description=gettext_lazy("days"), ordering="first")
    def days(self, obj):
        return f"{obj.first:%Y-%m-%d} – {obj.last:%Y-%m-%d}"

    @display(description=gettext_lazy("compared by"), ordering="dimension")
    def compared_by(self, obj):
        return dimensions.dimension_named(obj.dimension).label

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), PERIOD_TONES[obj.state])

    @method_decorator(require_GET)
    def live_view(self, request):
        """The figures as they stand."""
        self._check(request)
        return live_page(self, request)

    @method_decorator(require_GET)
    def cases_view(self, request):
        """The cases behind a figure."""
        self._check(request)
        return cases_page(self, request)

    @method_decorator(csrf_protect)
    @method_decorator(require_POST)
    def live_export_view(self, request):
        """The live table as a file."""
        self._check(request)
        try:
            return live_file(request)
        except Invalid as error:
            return refusal_page(self, request, error, back=reverse("admin:cases_scoreperiod_live"))

    @method_decorator(csrf_protect)
    @method_decorator(require_POST)
    def period_export_view(self, request, object_id):
        """The lines of a period as a file."""
        period = self.find(request, object_id)
        try:
            return period_file(request, period)
        except Invalid as error:
            return refusal_page(self, request, error, back=self.page_url(period))

    def _check(self, request):
        if not self.has_view_permission(request):
            raise PermissionDenied

    def page_context(self, request, obj):
        trail = Event.objects.filter(subject_type=self.opts.label_lower, subject_id=obj.pk)
        return {
            "tone": PERIOD_TONES[obj.state],
            "compared_by": dimensions.dimension_named(obj.dimension).label,
            "trail": trail.select_related("actor", "unit", "remark").order_by("-id")[:100],
            **period_context(request, obj),
        }

    @method_decorator(csrf_protect)
    def add_view(self, request, form_url="", extra_context=None):
        """Open a period."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = PeriodForm(request.POST if request.method == "POST" else None, user=request.user)

        def carry_out(given):
            period = score_period_open(actor=request.user, **given)
            messages.success(request, _("Opened: %(period)s.") % {"period": period})
            return self.page_url(period)

        return self.form_page(
            request, form, title=_("Open a score period"), button=_("Open the period"), carry_out=carry_out,
            lead=_("Compute it when it is over; publishing freezes it with its formula."),
            back=reverse("admin:cases_scoreperiod_changelist"),
        )  # fmt: skip


class ScoreWeightInline(PartsInline):
    """What a formula weighs."""

    model = ScoreWeight
    fields = ["indicator", "weight", "inverse", "position"]


class ScoreExclusionInline(PartsInline):
    """What a formula leaves out."""

    model = ScoreExclusion
    fields = ["source", "category"]
    autocomplete_fields = ["category"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("category")


@admin.register(ScoreFormula)
class ScoreFormulaAdmin(KernelAdmin):
    """Formulas by version. A used one only shows: a new version is made instead."""

    list_display = ["name", "key", "version", "scale", "minimum_sample", "weighed", "valid_from", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["name", "key"]
    inlines = [ScoreWeightInline, ScoreExclusionInline]
    fields = ["key", "version", "name", "scale", "minimum_sample", "valid_from", "is_active", "source"]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("weights")

    def get_readonly_fields(self, request, obj=None):
        if obj is not None and obj.used:
            return [name for name in self.fields if name != "is_active"]
        return ["key", "version"] if obj else []

    def get_inline_instances(self, request, obj=None):
        found = super().get_inline_instances(request, obj)
        if obj is not None and obj.used:
            for inline in found:
                inline._parent_may_change = lambda request, obj: False
        return found

    @display(description=gettext_lazy("weights"))
    def weighed(self, obj):
        return "、".join(str(row) for row in obj.weights.all())


@admin.register(ScoreAppeal)
class ScoreAppealAdmin(PostedForm, WorkflowAdmin):
    """Appeals of units against their published lines."""

    page_template = "cases/admin/score_appeal.html"
    list_display = ["unit", "period", "state_badge", "filed_by", "filed_at", "settled_at"]
    list_display_links = ["unit"]
    list_filter = ["state"]
    list_filter_submit = True
    list_select_related = ["unit", "line__period__formula", "filed_by"]
    ordering = ["-id"]

    def has_add_permission(self, request):
        return bool(roles_of(request.user) & STAFF) and "line" in request.GET

    def page_rows(self, request):
        related = ("unit", "area", "line__period__formula", "line__correction", "filed_by", "reviewer")
        return self.get_queryset(request).select_related(*related)

    @display(description=gettext_lazy("score period"))
    def period(self, obj):
        return obj.line.period

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), APPEAL_TONES[obj.state])

    def page_context(self, request, obj):
        trail = Event.objects.filter(subject_type=self.opts.label_lower, subject_id=obj.pk)
        return {
            "tone": APPEAL_TONES[obj.state],
            "cases": Case.objects.visible_to(request.user)
            .filter(pk__in=obj.disputed.values("case"))
            .order_by("number"),
            "disputed": obj.disputed.count(),
            "correction": ScoreLine.objects.filter(corrects=obj.line_id).first(),
            "trail": trail.select_related("actor", "unit", "remark").order_by("-id"),
        }

    @method_decorator(csrf_protect)
    def add_view(self, request, form_url="", extra_context=None):
        """Appeal against the line that the address names."""
        if not bool(roles_of(request.user) & STAFF):
            raise PermissionDenied
        key = request.GET.get("line", "")
        rows = ScoreLine.objects.visible_to(request.user).select_related("unit", "period__area", "period__formula")
        line = rows.filter(pk=key).first() if key.isascii() and key.isdecimal() and len(key) <= 18 else None
        if line is None:
            raise Http404
        form = AppealForm(request.POST if request.method == "POST" else None, line=line)

        def carry_out(given):
            appeal = score_appeal_file(actor=request.user, line=line, **given)
            messages.success(request, _("The appeal was filed."))
            return self.page_url(appeal)

        return self.form_page(
            request, form, title=_("Appeal against figures"), button=_("File the appeal"), carry_out=carry_out,
            lead=f"{line} · {line.period}", back=reverse("admin:cases_scoreperiod_change", args=[line.period_id]),
        )  # fmt: skip


def _appeal_row(appeal: ScoreAppeal) -> WorkRow:
    url = reverse("admin:cases_scoreappeal_change", args=[appeal.pk])
    return WorkRow(url=url, title=str(appeal.unit), text=str(appeal.line.period), badge=appeal.get_state_display(),
                   tone=APPEAL_TONES[appeal.state], place=str(appeal.area))  # fmt: skip


@provides_work
def appeals_to_decide(user) -> list[WorkList]:
    """Appeals that wait for an opinion of the operations centre."""
    if Role.OPERATIONS_CENTRE not in roles_of(user):
        return []
    rows = ScoreAppeal.objects.visible_to(user).open().select_related("unit", "area", "line__period__formula")
    rows = rows.exclude(state=AppealState.REVIEWED, reviewer=user).exclude(filed_by=user).order_by("pk")
    url = f"{reverse('admin:cases_scoreappeal_changelist')}?state__exact=filed"
    return [work_list("score-appeals", _("Appeals against figures"), rows, _appeal_row, url,
                      lead=_("Two people of the operations centre decide."), order=60)]  # fmt: skip


@provides_links
def figures_link(user) -> list[WorkLink]:
    """The way to the figures, for everybody who works here."""
    return [WorkLink(_("Figures"), reverse("admin:cases_scoreperiod_live"))] if roles_of(user) & STAFF else []
