"""``/m/patrols/<id>/``: walk a round: check in at its points, report findings, finish."""

import uuid
from http import HTTPStatus

from django.http import Http404, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.models import Case, Patrol, PatrolPoint
from cases.pages.mobile.access import blame, phone_page, refused, status_of
from cases.pages.mobile.forms import CheckInForm, FindingForm, most_photos
from cases.pages.mobile.once import opened_once
from cases.pages.mobile.steps import step_page
from cases.pages.mobile.tasks import PATROL_TONES, round_buttons_of
from cases.pages.mobile.texts import phone_texts
from cases.patrol_querysets import WALKERS
from cases.patrol_trail import check_ins_of, stops_of, verdict_of
from cases.patrols import patrol_check_in, patrol_report
from governance.errors import Refused
from governance.scoping import grant_for
from governance.workflow import available

TONES = PATROL_TONES | {"finished": "green", "missed": "red", "cancelled": "grey"}
WALKING = ("planned", "under_way")


def _patrol_of(request, pk: int) -> Patrol:
    patrol = Patrol.objects.visible_to(request.user).select_related("route", "area", "unit", "worker").filter(pk=pk)
    found = patrol.first()
    if found is None:
        raise Http404
    return found


def _point_of(patrol: Patrol, pk: int) -> PatrolPoint:
    point = PatrolPoint.objects.filter(route_id=patrol.route_id, pk=pk, is_active=True).first()
    if point is None:
        raise Http404
    return point


@phone_page
@require_safe
def patrol(request, pk):
    """The round with its points in order."""
    return _patrol_page(request, _patrol_of(request, pk))


def _patrol_page(request, found: Patrol, wrong: tuple[int, CheckInForm] | None = None, status: int = HTTPStatus.OK):
    check_ins = check_ins_of(found)
    stops = stops_of(found, check_ins)
    mine = grant_for(WALKERS, found, request.user) is not None
    for stop in stops:
        stop["told"] = [(made, verdict_of(made)) for made in stop["check_ins"]]
        pk = stop["point"].pk
        fresh = CheckInForm(initial={"key": uuid.uuid4().hex}, auto_id=f"id_{pk}_%s")
        stop["form"] = wrong[1] if wrong and wrong[0] == pk else fresh
    context = {
        "patrol": found,
        "tone": TONES[found.state],
        "stops": stops,
        "reached": sum(stop["reached"] for stop in stops),
        "next": next((stop["point"].pk for stop in stops if not stop["reached"]), None),
        "walking": mine and found.state in WALKING,
        "steps": {step.name: step for step in available(found, request.user)},
        "begin": round_buttons_of(request.user, found) if mine and found.state == "under_way" else [],
        "findings": found.findings.select_related("case", "point"),
        "max_photos": most_photos(),
        "texts": phone_texts(),
    }
    return render(request, "cases/mobile/patrol.html", context, status=status)


@phone_page
@require_http_methods(["GET", "HEAD", "POST"])
def patrol_step(request, pk, name):
    """One transition of a round."""
    found = _patrol_of(request, pk)
    return step_page(request, found, name, reverse("phone:patrol", args=[found.pk]))


@phone_page
@require_POST
def check_in(request, pk, point_id):
    """Check in at a point. The script asks for JSON, so that it can keep what did not arrive."""
    found = _patrol_of(request, pk)
    point = _point_of(found, point_id)
    as_json = request.headers.get("Accept") == "application/json"
    form = CheckInForm(request.POST, request.FILES, auto_id=f"id_{point.pk}_%s")
    status, why = HTTPStatus.BAD_REQUEST, ""
    if form.is_valid():
        try:
            made = patrol_check_in(actor=request.user, patrol=found, point=point, **form.cleaned_data)
        except Refused as error:
            blame(form, error)
            status, why = status_of(error), str(error.detail)
        else:
            return JsonResponse({"verdict": verdict_of(made)}) if as_json else redirect("phone:patrol", found.pk)
    if as_json:
        told = [message for messages in form.errors.values() for message in messages]
        return JsonResponse({"why": why or " ".join(told)}, status=status)
    return _patrol_page(request, found, (point.pk, form), status)


@phone_page
@require_http_methods(["GET", "HEAD", "POST"])
def finding(request, pk, point_id=None):
    """Report what was found, at a point or on the way; leads back to the round."""
    found = _patrol_of(request, pk)
    point = None if point_id is None else _point_of(found, point_id)
    back = reverse("phone:patrol", args=[found.pk])
    if request.method != "POST":
        return _finding_page(request, found, point, FindingForm(user=request.user))
    form = FindingForm(request.POST, request.FILES, user=request.user)
    if not form.is_valid():
        return _finding_page(request, found, point, form, HTTPStatus.BAD_REQUEST)
    try:
        opened_once(request, form, lambda: _found(request.user, found, point, form))
    except Refused as error:
        if error.field is None:
            return refused(request, error, back)
        blame(form, error)
        return _finding_page(request, found, point, form, status_of(error))
    return redirect(back)


def _found(user, patrol: Patrol, point: PatrolPoint | None, form: FindingForm) -> Case:
    given = {name: value for name, value in form.cleaned_data.items() if name != "once"}
    return patrol_report(actor=user, patrol=patrol, point=point, **given)


def _finding_page(request, found: Patrol, point: PatrolPoint | None, form, status: int = HTTPStatus.OK):
    context = {
        "patrol": found,
        "point": point,
        "form": form,
        "photos_lost": bool(request.FILES),
        "max_photos": most_photos(),
        "texts": phone_texts(),
    }
    return render(request, "cases/mobile/finding.html", context, status=status)
