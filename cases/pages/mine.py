"""Pages of residents with an account: ``/r/sign-in/``, ``/r/mine/`` with the own reports and sessions, signing out.

Signing in takes two forms, one after the other: the phone, then the code that was sent to it. Both work without script.
"""

from http import HTTPStatus

from django import forms
from django.contrib.auth import logout
from django.http import Http404, HttpRequest
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.models import Case
from cases.pages.access import residents_page
from cases.pages.forms import PhoneField
from cases.pages.links import links_of
from cases.pages.views import unknown
from cases.timeline import progress_of
from governance.errors import Conflict, NotPermitted, Refused, TooMany, Unavailable
from governance.identity.codes import PhoneCode, PhoneCodeProvider, code_send
from governance.identity.people import person_rename
from governance.identity.sessions import device_of, network_of, sessions_end, sessions_of, sign_in
from governance.models import Notice, Ownership, Residency

REPORTS_SHOWN, NOTICES_SHOWN = 20, 10
STATUS_OF = {
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    NotPermitted: HTTPStatus.FORBIDDEN,
    Conflict: HTTPStatus.CONFLICT,
}


class PhoneForm(forms.Form):
    """Where the code goes."""

    phone = PhoneField(label=_("Your phone"), max_length=30)


class CodeForm(forms.Form):
    """The code that came; the phone goes along unseen."""

    phone = PhoneField(max_length=30, widget=forms.HiddenInput)
    code = forms.CharField(
        label=_("Code from the text message"),
        max_length=12,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True, "maxlength": "12"}
        ),
    )


@residents_page
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request):
    """``/r/sign-in/``: asks for the phone, sends the code, asks for the code, and leads on to the own reports."""
    if request.method != "POST":
        if request.user.is_authenticated:
            return redirect("cases_pages:mine")
        return _asked(request, PhoneForm())
    if "code" in request.POST:
        return _code_given(request)
    return _phone_given(request)


def _phone_given(request: HttpRequest):
    form = PhoneForm(request.POST)
    if not form.is_valid():
        return _asked(request, form, status=HTTPStatus.BAD_REQUEST)
    phone = form.cleaned_data["phone"]
    try:
        code_send(request, phone)
    except Refused as error:
        return _refused(request, form, error)
    return _asked(request, CodeForm(initial={"phone": phone}))


def _code_given(request: HttpRequest):
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _asked(request, form, status=HTTPStatus.BAD_REQUEST)
    try:
        sign_in(request, PhoneCodeProvider().exchange(PhoneCode(request, **form.cleaned_data)))
    except Refused as error:
        if error.code == "code_expired":
            form = PhoneForm({"phone": form.cleaned_data["phone"]})
        return _refused(request, form, error)
    # A page that asked somebody to sign in first has said where they were going; only our own views write there.
    return redirect(request.session.pop("after_sign_in", None) or "cases_pages:mine")


def _refused(request: HttpRequest, form, error: Refused):
    """Show why beside the field it names, or above the form."""
    form.is_valid()
    form.add_error(error.field if error.field in form.fields else None, str(error.detail))
    status = next((code for kind, code in STATUS_OF.items() if isinstance(error, kind)), HTTPStatus.BAD_REQUEST)
    response = _asked(request, form, status=status)
    if isinstance(error, TooMany):
        response["Retry-After"] = error.seconds
    return response


def _asked(request: HttpRequest, form, status: int = HTTPStatus.OK):
    context = {"form": form, "minutes": PhoneCodeProvider.seconds() // 60, "waiting": "code" in form.fields}
    if context["waiting"]:
        context["phone"] = form["phone"].value()
    return render(request, "cases/pages/sign_in.html", context, status=status)


def of_residents(view):
    """A page for somebody signed in; others are sent to sign in."""

    @residents_page
    def answer(request, **kwargs):
        if not request.user.is_authenticated:
            return redirect("cases_pages:sign-in")
        try:
            return view(request, **kwargs)
        except Http404:
            return unknown(request)

    return answer


@of_residents
@require_safe
def mine(request):
    """``/r/mine/``: the own reports, newest first, homes, notices, and the devices that are signed in."""
    return mine_page(request)


def mine_page(request, *, refusal: str = "", status: int = HTTPStatus.OK):
    """Answer with the page; ``refusal`` says why what was asked was not done."""
    rows = Case.objects.reported_by(request.user).followed().order_by("-id")
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    cases = list(rows[: REPORTS_SHOWN + 1])
    shown = cases[:REPORTS_SHOWN]
    context = {
        "reports": [progress | {"token": case.token} for case, progress in zip(shown, progress_of(shown), strict=True)],
        "ties": _ties(request.user),
        "links": links_of(request.user),
        "notices": Notice.objects.visible_to(request.user).filter(person=request.user).order_by("-id")[:NOTICES_SHOWN],
        "refusal": refusal,
        "older": shown[-1].pk if len(cases) > REPORTS_SHOWN else None,
        "sessions": [
            {
                "id": row.pk,
                "device": device_of(row.user_agent),
                "address": network_of(row.ip),
                "seen": row.last_seen_at,
                "current": row.session_key == request.session.session_key,
            }
            for row in sessions_of(request.user)[:50]
        ],
    }
    return render(request, "cases/pages/mine.html", context, status=status)


def _ties(user) -> list:
    """Return the person's homes, newest first, with what a line shows."""
    related = ("dwelling__building__estate", "dwelling__entrance")
    return [
        tie
        for model in (Residency, Ownership)
        for tie in model.objects.visible_to(user).filter(user=user).select_related(*related).order_by("-id")[:20]
    ]


@of_residents
@require_POST
def name(request):
    """``/r/mine/name/``: say what one is called."""
    try:
        person_rename(actor=request.user, name=request.POST.get("name", ""))
    except Refused as error:
        return mine_page(request, refusal=error.detail, status=STATUS_OF.get(type(error), HTTPStatus.BAD_REQUEST))
    return redirect("cases_pages:mine")


@of_residents
@require_POST
def sign_out(request):
    """``/r/sign-out/``: end this session."""
    sessions_end(sessions_of(request.user).filter(session_key=request.session.session_key), actor=request.user)
    logout(request)
    return redirect("cases_pages:report")


@of_residents
@require_POST
def end_session(request, session_id):
    """``/r/mine/sessions/<id>/end/``: end one of the own sessions on another device."""
    rows = sessions_of(request.user).filter(pk=session_id)
    current = rows.filter(session_key=request.session.session_key).exists()
    if not sessions_end(rows, actor=request.user):
        raise Http404
    if current:
        logout(request)
        return redirect("cases_pages:report")
    return redirect("cases_pages:mine")


@of_residents
@require_POST
def end_others(request):
    """``/r/mine/sessions/end-others/``: end all own sessions but this one."""
    sessions_end(sessions_of(request.user).exclude(session_key=request.session.session_key), actor=request.user)
    return redirect("cases_pages:mine")
