"""The residents' phone pages: ``/r/`` to report, ``/r/<token>/`` to follow, rate and reopen.

They work without JavaScript; ``cases/pages.js`` adds the position, photo previews and live progress.
"""

from functools import partial
from http import HTTPStatus

from django.conf import settings
from django.db import transaction
from django.http import Http404, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases.feedback import case_rate
from cases.models import Case, CaseSource, CaseState
from cases.pages.access import actor_of, residents_page, seconds_to_wait, too_many, wait_text
from cases.pages.forms import RatingForm, ReopenForm, ReportForm
from cases.pages.outlines import KEPT, outlines
from cases.pages.texts import follow_texts, report_texts
from cases.services import case_report
from cases.timeline import public_photos, public_progress
from governance.attachments import served
from governance.errors import Conflict, NotPermitted, Refused
from governance.models import IdempotencyRecord
from governance.workflow import act

# States in which the unit's name and its promise are news; later a dispatcher may give the case to another.
WITH_UNIT = (CaseState.DISPATCHED, CaseState.HANDLING, CaseState.SUBMITTED, CaseState.REWORKED)
DONE = (CaseState.INSPECTED, CaseState.CLOSED)


@residents_page
@require_http_methods(["GET", "HEAD", "POST"])
def report(request):
    """``/r/``: the form; a good report leads on to its progress page."""
    if request.method != "POST":
        return _report_page(request, ReportForm(initial=_known_of(request.user)))
    form = ReportForm(request.POST, request.FILES)
    if seconds := seconds_to_wait(request, "public-report"):
        form.add_error(None, wait_text(seconds))
        response = _report_page(request, form, status=HTTPStatus.TOO_MANY_REQUESTS)
        response["Retry-After"] = seconds
        return response
    if not form.is_valid():
        return _report_page(request, form, status=HTTPStatus.BAD_REQUEST)
    try:
        token = _reported_once(form, actor_of(request))
    except Refused as error:
        _blame(form, error)
        return _report_page(request, form, status=_status_of(error))
    # The fragment tells the page that this is the reporter's own link, to be remembered in this browser.
    return redirect(reverse("cases_pages:follow", args=[token]) + "#new")


def _known_of(user) -> dict:
    """Return what the form need not ask somebody signed in for."""
    return {"phone": user.phone, "name": user.name} if user.is_authenticated else {}


def _reported_once(form: ReportForm, actor) -> str:
    """Report and return the tracking token; the same form with the same content gives the same case again.

    A second sending at the same moment waits for the first one's record.
    """
    given = form.cleaned_data
    with transaction.atomic():
        record, is_new = IdempotencyRecord.objects.get_or_create(
            scope=f"page {reverse('cases_pages:report')}", key=form.fingerprint()
        )
        if not is_new:
            return record.answer["token"]
        case = case_report(
            actor=actor, source=CaseSource.RESIDENT, description=given["description"], area=form.area,
            longitude=given["longitude"], latitude=given["latitude"], address=given["address"],
            reporter=None if actor.is_system else actor, reporter_name=given["name"], reporter_phone=given["phone"],
            photos=given["photos"],
        )  # fmt: skip
        record.keep(HTTPStatus.CREATED, {"token": case.token})
    return case.token


def _blame(form, error: Refused) -> None:
    """Put a refusal beside the field it names; what has no field of its own on the form goes to the top."""
    shown = {"longitude": "address", "latitude": "address", "area": "address"}
    field = shown.get(error.field, error.field)
    form.add_error(field if field in form.fields else None, str(error.detail))


def _status_of(error: Refused) -> int:
    if isinstance(error, Conflict):
        return HTTPStatus.CONFLICT
    return HTTPStatus.FORBIDDEN if isinstance(error, NotPermitted) else HTTPStatus.BAD_REQUEST


def _report_page(request, form: ReportForm, status: int = HTTPStatus.OK):
    context = {
        "form": form,
        "photos_lost": bool(request.FILES),
        "max_photos": settings.ATTACHMENT_MAX_COUNT,
        "tiles": settings.MAP_TILES,
        "texts": report_texts(),
    }
    return render(request, "cases/pages/report.html", context, status=status)


@require_safe
def areas(request):
    """``/r/areas/``: outlines of communities and grids as GeoJSON, the same for everybody."""
    response = JsonResponse(outlines())
    patch_cache_control(response, public=True, max_age=KEPT)
    return response


def _case_of(token: str) -> Case:
    """Return the case whoever holds ``token`` may follow."""
    case = Case.objects.followed().filter(token=token).first()
    if case is None:
        raise Http404
    return case


def of_token(view):
    """Give a view the case of its token; an unknown one is a friendly 404."""

    @residents_page
    def answer(request, token, **kwargs):
        try:
            return view(request, _case_of(token), **kwargs)
        except Http404:
            return unknown(request)

    return answer


@residents_page
def unknown(request, anything=""):
    """Any address under ``/r/`` that leads nowhere."""
    context = {
        "title": _("Nothing was found here"),
        "text": _("The link is incomplete or wrong. Please open it again from where you kept it."),
    }
    return render(request, "cases/pages/notice.html", context, status=HTTPStatus.NOT_FOUND)


@of_token
@require_safe
def follow(request, case):
    """``/r/<token>/``: where the case stands."""
    if seconds := seconds_to_wait(request, "public-read"):
        return too_many(request, seconds)
    return _follow_page(request, case)


def _follow_page(request, case: Case, rating=None, reopening=None, status: int = HTTPStatus.OK):
    context = _shown(case) | {
        "rating": rating or RatingForm(),
        "reopening": reopening or ReopenForm(),
        "photos_lost": bool(request.FILES),
        "max_photos": settings.ATTACHMENT_MAX_COUNT,
        "texts": follow_texts(),
    }
    return render(request, "cases/pages/follow.html", context, status=status)


def _shown(case: Case) -> dict:
    """Return what the progress templates need; ``answers`` changes when the reporter may answer something else."""
    progress = public_progress(case)
    answers = f"{progress['can_rate']:d}{progress['can_reopen']:d}{progress['rated']:d}"
    return {
        "progress": progress, "token": case.token, "answers": answers,
        "now_with": case.state in WITH_UNIT, "done": case.state in DONE,
    }  # fmt: skip


@of_token
@require_safe
def progress(request, case):
    """``/r/<token>/progress/``: the facts as JSON, and the same as HTML for a page that is open."""
    if seconds := seconds_to_wait(request, "public-read"):
        response = JsonResponse({"detail": wait_text(seconds)}, status=HTTPStatus.TOO_MANY_REQUESTS)
        response["Retry-After"] = seconds
        return response
    shown = _shown(case)
    forms = {"rating": RatingForm(), "reopening": ReopenForm(), "max_photos": settings.ATTACHMENT_MAX_COUNT}
    html = {
        "progress_html": render_to_string("cases/pages/progress_part.html", shown, request),
        "answers_html": render_to_string("cases/pages/answers_part.html", shown | forms, request),
    }
    return JsonResponse(shown["progress"] | html | {"answers": shown["answers"]})


@of_token
@require_http_methods(["GET", "HEAD", "POST"])
def rate(request, case):
    """``/r/<token>/rating/``: the reporter's answer after closing."""
    return _answered(request, case, "rating", RatingForm, case_rate)


@of_token
@require_http_methods(["GET", "HEAD", "POST"])
def reopen(request, case):
    """``/r/<token>/reopen/``: the reporter says it is not solved."""
    return _answered(request, case, "reopening", ReopenForm, partial(act, name="reopen"))


def _answered(request, case: Case, name: str, form_class, carry_out):
    """Judge an answer's form, carry it out, and go back to the progress page; refusals are shown beside the form."""
    if request.method != "POST":
        return redirect("cases_pages:follow", case.token)
    if seconds := seconds_to_wait(request, "public-answer"):
        return too_many(request, seconds)
    form = form_class(request.POST, request.FILES)
    status = HTTPStatus.BAD_REQUEST
    if form.is_valid():
        try:
            carry_out(case, actor=actor_of(request, case), **form.cleaned_data)
            return redirect("cases_pages:follow", case.token)
        except Refused as error:
            _blame(form, error)
            status = _status_of(error)
            case.refresh_from_db()
    return _follow_page(request, case, **{name: form}, status=status)


@of_token
@require_safe
def photo(request, case, photo_id):
    """``/r/<token>/photos/<id>/``: a photo of the report or of the finished work."""
    attachment = public_photos(case).filter(pk=photo_id).first()
    if attachment is None:
        raise Http404
    return served(attachment)
