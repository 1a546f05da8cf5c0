"""``/r/surveys/``: questionnaires of the own place, filling one in, published results.

Filling goes question by question and needs no script: each page carries the answers so far along unseen, nothing is
kept on the server. With script all questions stand on one page and the device keeps what was filled in until it is
sent.
"""

from http import HTTPStatus

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases.pages.access import residents_page, too_many
from cases.pages.links import ResidentLink, resident_links
from cases.pages.mine import STATUS_OF, of_residents
from governance.errors import Conflict, Invalid, NotPermitted, Refused
from governance.models import Dwelling
from governance.scoping import grant_for
from partners.models import Survey, SurveyMode, SurveyState
from partners.surveys.answering import judge_all, sheet_submit
from partners.surveys.limits import seconds_to_wait
from partners.surveys.looks import SURVEY_TONES
from partners.surveys.pages.filling import Filling
from partners.surveys.public import answered_by, answered_of, homes_told, is_open, results_told, survey_line
from partners.surveys.querysets import RUNS, TOLD

SHOWN = 30
REMEMBERED = 400 * 86_400  # seconds for which a device knows that an anonymous questionnaire was sent from it


@resident_links
def surveys_link(user) -> list[ResidentLink]:
    """The way to the questionnaires, where there are any for the own place."""
    if not Survey.objects.of_residents(user).exists():
        return []
    return [ResidentLink(_("Questionnaires"), reverse("residents_surveys:home"))]


@of_residents
@require_safe
def home(request):
    """What is open for the own place, and earlier ones with their results."""
    rows = Survey.objects.of_residents(request.user).with_rows()
    now = list(rows.filter(state="open")[:SHOWN])
    answered = answered_of(now, request.user)
    open_ones = [(survey_line(row), answered[row.pk]) for row in now]
    earlier = [survey_line(row) for row in rows.exclude(state="open").order_by("-closes_at")[:SHOWN]]
    return render(request, "partners/surveys/residents/home.html", {"open": open_ones, "earlier": earlier})


def _found(code: str) -> Survey:
    """Return a questionnaire by the code of its address, which is on the poster: who has it may look."""
    found = Survey.objects.with_rows().filter(code=code, state__in=TOLD).exclude(opened_at=None).first()
    if found is None:
        raise Http404
    return found


def survey_page(view):
    """A page of a questionnaire: who must be signed in is sent to sign in and comes back."""

    @residents_page
    def answer(request, code):
        try:
            survey = _found(code)
        except Http404:
            return _gone(request)
        if survey.mode != SurveyMode.ANONYMOUS and not request.user.is_authenticated:
            request.session["after_sign_in"] = request.path
            return redirect("cases_pages:sign-in")
        return view(request, survey)

    return answer


def _gone(request):
    context = {
        "title": _("Nothing was found here"),
        "text": _("There is no such questionnaire, or it is no longer shown."),
    }
    return render(request, "cases/pages/notice.html", context, status=HTTPStatus.NOT_FOUND)


def _cookie(survey: Survey) -> str:
    return f"jc_survey_{survey.code}"


@survey_page
@require_safe
def survey(request, survey):
    """What is asked, by whom and why; the way in, and the results once they are published."""
    homes = homes_told(survey, request.user)
    may = survey.mode == SurveyMode.ANONYMOUS or Survey.objects.of_residents(request.user).filter(pk=survey.pk).exists()
    context = {
        "survey": survey, "tone": SURVEY_TONES[survey.state], "open": is_open(survey), "homes": homes, "may": may,
        "answered": answered_by(survey, request.user, homes), "sent": _cookie(survey) in request.COOKIES,
        "questions": survey.questions.count(),
    }  # fmt: skip
    return render(request, "partners/surveys/residents/survey.html", context)


@survey_page
@require_http_methods(["GET", "HEAD", "POST"])
def fill(request, survey):
    """Fill it in."""
    refusal = None
    if not is_open(survey):
        refusal = Conflict(_("This questionnaire is not open."))
    elif survey.mode == SurveyMode.ANONYMOUS and _cookie(survey) in request.COOKIES:
        refusal = Conflict(_("This device has sent an answer already. Thank you!"))
    elif survey.mode != SurveyMode.ANONYMOUS and not _at_home(request.user, survey):
        refusal = NotPermitted(_("This questionnaire is for the residents of another place."))
    if refusal is not None:
        return _refused(request, survey, refusal)
    filling = Filling(request, survey, send=reverse("residents_surveys:fill", args=[survey.code]))
    return filling.answer(lambda answers: _sent(request, survey, filling, answers))


def _at_home(user, survey: Survey) -> bool:
    return Survey.objects.of_residents(user).filter(pk=survey.pk).exists()


def _refused(request, survey: Survey, refusal: Refused):
    context = {"title": survey.title, "text": str(refusal.detail)}
    return render(request, "cases/pages/notice.html", context, status=STATUS_OF.get(type(refusal), 400))


def _sent(request, survey: Survey, filling: Filling, answers: dict):
    anonymous = survey.mode == SurveyMode.ANONYMOUS
    if anonymous and (seconds := seconds_to_wait(request)):
        return too_many(request, seconds)
    code = request.POST.get("dwelling", "")
    dwelling = None
    if code and "\0" not in code:
        dwelling = Dwelling.objects.open_to_everybody().filter(code=code).first()
    try:
        sheet_submit(survey, actor=request.user, answers=answers, form=request.POST.get("form", ""), dwelling=dwelling)
    except Invalid as refusal:
        return filling.wrong(refusal, answers)
    except Refused as refusal:
        return _refused(request, survey, refusal)
    response = redirect("residents_surveys:thanks", survey.code)
    if anonymous:
        response.set_cookie(_cookie(survey), "1", max_age=REMEMBERED, httponly=True, samesite="Lax",
                            secure=request.is_secure())  # fmt: skip
    return response


@survey_page
@require_safe
def thanks(request, survey):
    """It has arrived."""
    return render(request, "partners/surveys/residents/thanks.html", {"survey": survey})


@survey_page
@require_safe
def results(request, survey):
    """The figures, once they are published."""
    may = survey.mode == SurveyMode.ANONYMOUS or _at_home(request.user, survey)
    if survey.state != SurveyState.PUBLISHED or not may:
        return _gone(request)
    context = {"survey": survey, "results": results_told(survey)}
    return render(request, "partners/surveys/residents/results.html", context)


@residents_page
@require_http_methods(["GET", "HEAD", "POST"])
def attempt(request, code):
    """Try a draft out as residents will see it, for who makes it; nothing is kept."""
    found = Survey.objects.with_rows().filter(code=code).first()
    if found is None or not request.user.is_authenticated or grant_for(RUNS, found, request.user) is None:
        return _gone(request)
    filling = Filling(request, found, send=reverse("residents_surveys:try", args=[found.code]), trial=True)

    def judge(answers):
        try:
            judge_all(found, answers)
        except Invalid as refusal:
            return filling.wrong(refusal, answers)
        return render(request, "partners/surveys/residents/thanks.html", {"survey": found, "trial": True})

    return filling.answer(judge)
