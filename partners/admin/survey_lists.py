"""Admin of answered questionnaires and of what was made a need: lists to look at, the work is on the questionnaire."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from cases.admin.filters import KeyFilter
from governance.admin.base import KernelAdmin, ReadOnlyAdmin
from partners.models import Survey, SurveyAnswerSheet, SurveyMark, SurveyTemplate
from partners.surveys.exports import answer_text


class SurveyFilter(KeyFilter):
    """By questionnaire, of those the person works with."""

    title = gettext_lazy("questionnaire")
    parameter_name = "survey"

    def choose(self, request):
        return Survey.objects.for_staff(request.user).order_by("-id")

    def narrow(self, queryset, row):
        return queryset.filter(survey=row)


class OfSurvey(ReadOnlyAdmin):
    """What belongs to a questionnaire."""

    list_filter = [SurveyFilter]
    list_filter_submit = True

    def get_queryset(self, request):
        return super().get_queryset(request).with_rows()

    @display(description=gettext_lazy("questionnaire"))
    def survey_link(self, obj):
        url = reverse("admin:partners_survey_change", args=[obj.survey_id])
        return format_html('<a class="jc-link" href="{}">{}</a>', url, obj.survey)


@admin.register(SurveyAnswerSheet)
class SurveyAnswerSheetAdmin(OfSurvey):
    """Sheets: of which dwelling or person, how they came; an anonymous one tells neither."""

    list_display = ["whose", "survey", "way", "day", "entered", "revision"]
    list_display_links = ["whose"]
    list_filter = [SurveyFilter, "way"]
    fields = ["survey_link", "whose", "way", "day", "entered", "revision", "answered"]
    readonly_fields = ["survey_link", "whose", "entered", "answered"]
    ordering = ["-day", "id"]

    @display(description=gettext_lazy("of whom"))
    def whose(self, obj):
        return str(obj)

    @display(description=gettext_lazy("entered by"))
    def entered(self, obj):
        return obj.told_entered_by

    @display(description=gettext_lazy("answers"))
    def answered(self, obj):
        rows = obj.answers.select_related("question").order_by("question__position")
        return format_html_join(
            "", "<p><b>{}</b><br>{}</p>", ((row.question, answer_text(row.question, row)) for row in rows)
        )


@admin.register(SurveyMark)
class SurveyMarkAdmin(OfSurvey):
    """What of the answers was made a need."""

    list_display = ["title", "survey", "need_label", "made_by", "made_at"]
    fields = ["title", "text", "survey_link", "question", "option", "need_label", "made_by", "made_at"]
    readonly_fields = ["survey_link"]
    ordering = ["-id"]


@admin.register(SurveyTemplate)
class SurveyTemplateAdmin(KernelAdmin):
    """Questionnaires to begin with: which are offered, and their words. Their questions are changed in the draft that
    is begun with one."""

    list_display = ["code", "title", "mode", "question_count", "is_active"]
    list_filter = ["is_active", "mode"]
    search_fields = ["code", "title"]
    ordering = ["code"]
    fields = ["code", "title", "introduction", "mode", "is_active", "asked"]
    readonly_fields = ["code", "asked"]

    @display(description=gettext_lazy("questions"))
    def question_count(self, obj):
        return len(obj.questions)

    @display(description=gettext_lazy("questions"))
    def asked(self, obj):
        rows = ((number, one["text"]) for number, one in enumerate(obj.questions, 1))
        return format_html_join("", "<p>{}. {}</p>", rows)
