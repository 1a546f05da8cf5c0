"""Admin of questionnaires: the list, and the page on which one is built, opened, followed and published."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST
from unfold.decorators import display

from cases.admin.filters import AreaFilter
from governance.admin.bookings import FormPageMixin
from governance.admin.refusals import refusal_page
from governance.admin.workflow import WorkflowAdmin
from governance.errors import Refused
from governance.models import Area, AreaKind, Estate, Event
from governance.scoping import grant_for, grants_of, roles_of
from governance.templatetags.jiceng import badge
from governance.workflow import act, available
from partners.admin.surveys_files import SurveyFilesMixin
from partners.models import Survey, SurveyTemplate
from partners.surveys.building import survey_copy, survey_make
from partners.surveys.checking import problems
from partners.surveys.conditions import condition_of, jumps_of
from partners.surveys.forms import PlanFields
from partners.surveys.looks import SURVEY_TONES
from partners.surveys.querysets import READS, RUNNING_ROLES, RUNS
from partners.surveys.wording import condition_text, jumps_text
from partners.surveys.workflow import ANSWERED, TAKES_PAPER

# Steps about one question stand beside it, not in the row of buttons.
BESIDE = ("add_question", "change_question", "branch_question", "move_question", "drop_question", "make_need")


class SurveyForm(PlanFields):
    """A plan with the community it is for, and a template to begin with."""

    field_order = [
        "area",
        "template",
        "title",
        "introduction",
        "estate",
        "mode",
        "replaceable",
        "opens_at",
        "closes_at",
    ]
    area = forms.ModelChoiceField(Area.objects.none(), label=gettext_lazy("Community"))
    template = forms.ModelChoiceField(
        SurveyTemplate.objects.none(), label=gettext_lazy("Begin with"), to_field_name="code", required=False,
        empty_label=gettext_lazy("no questions"),
    )  # fmt: skip

    def __init__(self, data=None, *, user):
        super().__init__(data)
        paths = [grant.area_path for grant in grants_of(user) if grant.role in RUNNING_ROLES]
        areas = Area.objects.filter(kind=AreaKind.COMMUNITY, is_active=True).order_by("code")
        mine = [area.pk for area in areas if any(area.path.startswith(path) for path in paths)]
        self.fields["area"].queryset = Area.objects.filter(pk__in=mine).order_by("code")
        if len(mine) == 1:
            self.initial["area"] = mine[0]
        self.offer_estates(Estate.objects.visible_to(user))
        self.fields["template"].queryset = SurveyTemplate.objects.visible_to(user).filter(is_active=True)

    def blame(self, refusal) -> None:
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.detail)


@admin.register(Survey)
class SurveyAdmin(SurveyFilesMixin, FormPageMixin, WorkflowAdmin):
    """Questionnaires the person works with."""

    page_template = "partners/surveys/admin/survey.html"
    list_display = ["title", "state_badge", "for_whom", "mode", "answered_count", "closes_at", "edition", "unit"]
    list_display_links = ["title"]
    list_filter = ["state", "mode", AreaFilter]
    list_filter_submit = True
    search_fields = ["title"]
    ordering = ["-id"]

    def get_queryset(self, request):
        return Survey.objects.for_staff(request.user).with_rows().with_counts().order_by("-id")

    def has_add_permission(self, request):
        return bool(roles_of(request.user) & set(RUNNING_ROLES))

    @display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, obj):
        return badge(obj.get_state_display(), SURVEY_TONES[obj.state])

    @display(description=gettext_lazy("for the residents of"))
    def for_whom(self, obj):
        return obj.for_text

    @display(description=gettext_lazy("answers"), ordering="answered")
    def answered_count(self, obj):
        return obj.answered

    def get_urls(self):
        name, wrap = "partners_survey", self.admin_site.admin_view
        return [
            path("<int:object_id>/copy/", wrap(self.copy_view), name=f"{name}_copy"),
            path("<int:object_id>/move/", wrap(self.move_view), name=f"{name}_move"),
            *self.file_urls(name, wrap),
            *super().get_urls(),
        ]

    @method_decorator(csrf_protect)
    def add_view(self, request, form_url="", extra_context=None):
        """Draft a questionnaire, empty or from a template."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = SurveyForm(request.POST if request.method == "POST" else None, user=request.user)

        def carry_out(form):
            made = survey_make(actor=request.user, **form.cleaned_data)
            messages.success(request, _("Drafted: %(list)s.") % {"list": made})
            return self.page_url(made)

        lead = _("A draft: you add and try the questions next; residents see it once it is opened.")
        return self.form_page(
            request, form, title=_("Make a questionnaire"), lead=lead, button=_("Make it"), carry_out=carry_out
        )

    def find(self, request, object_id):
        """The questionnaire; with the question or answer that the address names, for the forms about one."""
        obj = super().find(request, object_id)
        obj.picked = (request.GET.get("question") or request.POST.get("key") or "")[:20].replace("\0", "")
        if request.GET.get("for_need"):
            names = ("question", "sheet", "option", "title")
            obj.candidate = {name: request.GET.get(name, "")[:80].replace("\0", "") for name in names}
        return obj

    def form_context(self, request, obj, step):
        """Above the form of a step about one question: which."""
        found = obj.questions.filter(key=obj.picked).first() if obj.picked else None
        if found is None:
            return {}
        return {"about_template": "partners/surveys/admin/about_question.html", "question": found}

    def page_context(self, request, obj):
        user, steps = request.user, available(obj, request.user)
        rows = list(obj.questions.all())
        wrong: dict[str, list] = {}
        if obj.state == "draft":
            for problem in problems([row.asked for row in rows]):
                wrong.setdefault(problem.key, []).append(problem.detail)
        return {
            "tone": SURVEY_TONES[obj.state],
            "transitions": [step for step in steps if step.name not in BESIDE],
            "beside": {step.name: step for step in steps if step.name in BESIDE},
            "questions": [(row, *self._when(row, rows), wrong.get(row.key, [])) for row in rows],
            "problems": wrong,
            "running": grant_for(RUNS, obj, user) is not None,
            "reads": grant_for(READS, obj, user) is not None,
            "has_answers": obj.state in ANSWERED,
            "enters": obj.state in TAKES_PAPER,
            "address": self.address(request, obj),
            "earlier": obj.copied_from,
            "copies": Survey.objects.for_staff(user).filter(copied_from=obj).order_by("pk")[:20],
            "trail": self._trail(obj),
        }  # fmt: skip

    def _when(self, row, rows) -> tuple[str, str]:
        return condition_text(condition_of(row.show_if), rows), jumps_text(jumps_of(row.jumps), rows)

    def _trail(self, obj) -> list[Event]:
        rows = Event.objects.filter(subject_type=self.opts.label_lower, subject_id=obj.pk)
        rows = rows.exclude(name__in=["survey.answered", "survey.entered"])  # each sheet; the list of sheets has them
        return list(rows.select_related("actor", "unit", "remark").order_by("-id")[:100])

    @method_decorator(csrf_protect)
    @method_decorator(require_POST)
    def copy_view(self, request, object_id):
        """A new edition as a draft; what is open is never edited."""
        survey = self.find(request, object_id)
        try:
            made = survey_copy(survey, actor=request.user)
        except Refused as error:
            return refusal_page(self, request, error, back=self.page_url(survey))
        messages.success(request, _("Drafted: %(list)s.") % {"list": made})
        return HttpResponseRedirect(self.page_url(made))

    @method_decorator(csrf_protect)
    @method_decorator(require_POST)
    def move_view(self, request, object_id):
        """One question up or down, by its button."""
        survey = self.find(request, object_id)
        position = request.POST.get("position", "")
        place = int(position) if position.isascii() and position.isdecimal() and len(position) < 4 else 1
        try:
            act(survey, "move_question", actor=request.user, key=request.POST.get("key", "")[:20], position=place)
        except Refused as error:
            return refusal_page(self, request, error, back=self.page_url(survey))
        return HttpResponseRedirect(f"{reverse('admin:partners_survey_change', args=[survey.pk])}#questions")
