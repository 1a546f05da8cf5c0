"""``/m/surveys/``: asking at the door and typing in papers, for staff, grid workers and stewards."""

from http import HTTPStatus

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases.pages.mobile.access import phone_page, refused
from cases.pages.mobile.tasks import PhoneButton, phone_buttons
from cases.pages.mobile.texts import phone_texts
from governance.errors import Invalid, Refused
from governance.models import User
from governance.scoping import grant_for, visible_q
from partners.models import SheetWay, Survey, SurveyMode
from partners.surveys.answering import form_token, sheet_enter
from partners.surveys.answers import judged
from partners.surveys.branching import path
from partners.surveys.content import questions_told
from partners.surveys.filling import Field, raws_of
from partners.surveys.homes import dwellings_asked, people_of
from partners.surveys.querysets import ASKS, RUNS
from partners.surveys.workflow import TAKES_PAPER

ENTERS = RUNS | ASKS
MOST_LISTED = 50


def _to_ask(user):
    rule = visible_q(ENTERS, user)
    rows = Survey.objects.filter(state__in=TAKES_PAPER).with_rows()
    return rows.filter(rule).order_by("closes_at") if rule is not None else rows.none()


@phone_buttons
def surveys_button(user) -> list[PhoneButton]:
    """The list of questionnaires to ask, where there are any."""
    if not _to_ask(user).exists():
        return []
    return [PhoneButton(_("Ask a questionnaire"), reverse("phone_surveys:surveys"), order=66)]


@phone_page
@require_safe
def surveys(request):
    """Questionnaires that answers are taken for."""
    rows = list(_to_ask(request.user).with_counts()[:MOST_LISTED])
    return render(request, "partners/surveys/phone/surveys.html", {"surveys": rows, "texts": phone_texts()})


@phone_page
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request, pk):
    """All questions on a page, and whose answers they are."""
    survey = _to_ask(request.user).filter(pk=pk).first()
    if survey is None or grant_for(ENTERS, survey, request.user) is None:
        raise Http404
    back = reverse("phone_surveys:surveys")
    if request.method != "POST":
        return _page(request, survey, {}, way=SheetWay.DOOR if survey.state == "open" else SheetWay.PAPER)
    answers = raws_of(list(survey.questions.all()), request.POST)
    try:
        sheet_enter(survey, actor=request.user, answers=answers, way=request.POST.get("way", ""),
                    form=request.POST.get("form", ""), **_whose(request, survey))  # fmt: skip
    except Invalid as refusal:
        return _page(request, survey, answers, way=request.POST.get("way", ""), refusal=refusal)
    except Refused as refusal:
        return refused(request, refusal, back)
    return redirect(f"{reverse('phone_surveys:enter', args=[survey.pk])}?entered=1")


def _whose(request, survey: Survey) -> dict:
    code = request.POST.get("whose", "").strip()
    if not code or "\0" in code:
        return {}
    if survey.mode == SurveyMode.DWELLING:
        return {"dwelling": dwellings_asked(survey).filter(code=code).first()}
    if survey.mode == SurveyMode.PERSON:
        return {"person": User.objects.filter(pk__in=people_of(survey).values("pk"), username=code).first()}
    return {}


def _page(request, survey: Survey, answers: dict, *, way: str, refusal: Invalid | None = None):
    questions = list(survey.questions.all())
    asked = [question.asked for question in questions]
    found = judged(asked, answers)
    wrong = {key: str(one.detail) for key, one in found.wrong.items()} if answers else {}
    on_the_way = path(asked, found.answers)
    homes = []
    if survey.mode == SurveyMode.DWELLING:
        there = set(survey.sheets.values_list("dwelling_id", flat=True))
        homes = [(home, home.pk in there) for home in dwellings_asked(survey).with_address()[:2000]]
    context = {
        "survey": survey, "way": way, "ways": [SheetWay.DOOR, SheetWay.PAPER], "homes": homes,
        "whose": request.POST.get("whose", ""), "entered": "entered" in request.GET, "form": form_token(survey),
        "fields": [(Field(one, answers.get(one.key, {}), wrong.get(one.key, "")), one.key in on_the_way)
                   for one in questions],
        "refusal": "" if refusal is None or refusal.field in wrong else str(refusal.detail),
        "told": questions_told(questions), "texts": phone_texts(),
    }  # fmt: skip
    status = HTTPStatus.OK if refusal is None else HTTPStatus.BAD_REQUEST
    return render(request, "partners/surveys/phone/enter.html", context, status=status)
