"""Pages beside a questionnaire in the admin: figures with charts, cross table, words, and what goes out as a file."""

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST, require_safe

from governance.errors import Invalid
from governance.exchange.exports import FORMATS, export_recorded, table_file
from governance.scoping import grant_for
from governance.workflow import available
from partners.models import QuestionKind, Survey, SurveyMark
from partners.surveys.cross_table import cross_table, crossable, words_of
from partners.surveys.exports import WORD, code_png, poster_of, report_of, table_of
from partners.surveys.public import figures_told
from partners.surveys.querysets import READS
from partners.surveys.results import results_of

MOST_WORDS = 300


class SurveyFilesMixin:
    """What ``SurveyAdmin`` shows and hands out beside the page."""

    def file_urls(self, name: str, wrap) -> list:
        """Return the addresses."""
        return [
            path("<int:object_id>/results/", wrap(self.results_view), name=f"{name}_results"),
            path("<int:object_id>/sheets.xlsx", wrap(self.table_view), name=f"{name}_table"),
            path("<int:object_id>/report.docx", wrap(self.report_view), name=f"{name}_report"),
            path("<int:object_id>/poster.docx", wrap(self.poster_view), name=f"{name}_poster"),
            path("<int:object_id>/code.png", wrap(self.code_view), name=f"{name}_code"),
        ]

    def address(self, request, obj: Survey) -> str:
        """Return the whole address of a questionnaire, as the poster has it."""
        return request.build_absolute_uri(reverse("residents_surveys:survey", args=[obj.code]))

    def _read_by(self, request, object_id) -> Survey:
        survey = self.find(request, object_id)
        if grant_for(READS, survey, request.user) is None:
            raise PermissionDenied
        return survey

    @method_decorator(require_safe)
    def results_view(self, request, object_id):
        """All figures, two questions against each other, and the answers in words."""
        survey = self._read_by(request, object_id)
        found = results_of(survey)
        rows, columns = request.GET.get("rows", ""), request.GET.get("columns", "")
        table, refusal = None, ""
        if rows or columns:
            try:
                table = cross_table(survey, rows[:20].replace("\0", ""), columns[:20].replace("\0", ""))
            except Invalid as error:
                refusal = str(error.detail)
        made = SurveyMark.objects.visible_to(request.user).filter(survey=survey)
        told = figures_told(found)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Results"), "subtitle": str(survey), "opts": self.opts, "object": survey, "results": told,
            "charts": {"questions": told["questions"]}, "words": self._words(survey, found, made),
            "crossable": crossable(survey), "rows": rows, "columns": columns, "refusal": refusal,
            "table": table and (table.columns, list(zip(table.rows, table.counts, strict=True))),
            "needs": any(step.name == "make_need" for step in available(survey, request.user)), "marks": made[:100],
            "back": self.page_url(survey),
        }  # fmt: skip
        return TemplateResponse(request, "partners/surveys/admin/results.html", context)

    def _words(self, survey: Survey, found, made) -> list[tuple]:
        """Return the questions with answers in words, each with those and whether they were made a need."""
        done = set(made.exclude(sheet=None).values_list("question_id", "sheet_id"))
        listed = []
        for result in found.questions:
            question = result.question
            if question.kind in (QuestionKind.SHORT, QuestionKind.LONG) or question.other:
                rows = [(row, (question.pk, row.sheet_id) in done) for row in words_of(survey, question)[:MOST_WORDS]]
                if rows:
                    listed.append((question, rows))
        return listed

    @method_decorator(csrf_protect)
    @method_decorator(require_POST)
    def table_view(self, request, object_id):
        """All sheets as an Excel table, one a row; who took it is recorded."""
        survey = self._read_by(request, object_id)
        header, rows = table_of(survey)
        file, count = table_file("xlsx", header, rows)
        self._recorded(request, survey, count, "xlsx")
        name = f"survey-{survey.code}.xlsx"
        return FileResponse(file, as_attachment=True, filename=name, content_type=FORMATS["xlsx"])

    @method_decorator(csrf_protect)
    @method_decorator(require_POST)
    def report_view(self, request, object_id):
        """The figures as a Word report; who took it is recorded."""
        survey = self._read_by(request, object_id)
        name, content = report_of(survey)
        self._recorded(request, survey, survey.sheets.count(), "docx")
        return _kept(name, content, WORD)

    def _recorded(self, request, survey: Survey, rows: int, kind: str) -> None:
        grant = grant_for(READS, survey, request.user)
        export_recorded(request.user, grant=grant, model="partners.surveyanswersheet", filters=["survey"], rows=rows,
                        kind=kind)  # fmt: skip

    @method_decorator(require_safe)
    def poster_view(self, request, object_id):
        """The poster with the QR code, to hang up in the stairwell."""
        survey = self.find(request, object_id)
        name, content = poster_of(survey, self.address(request, survey))
        return _kept(name, content, WORD)

    @method_decorator(require_safe)
    def code_view(self, request, object_id):
        """The QR code alone, as a picture."""
        survey = self.find(request, object_id)
        return _kept(f"survey-{survey.code}.png", code_png(self.address(request, survey)), "image/png")


def _kept(name: str, content: bytes, kind: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(content, content_type=kind, headers=headers)
