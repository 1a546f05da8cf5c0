"""What all phone pages of staff have in common: who may open them, and how refusals are shown."""

from functools import wraps
from http import HTTPStatus

from django.contrib.auth.views import redirect_to_login
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.pages.access import residents_page
from governance.admin.returning import unsaved_tell
from governance.errors import Conflict, NotPermitted, Refused, UnknownTransition
from governance.permissions import STAFF
from governance.scoping import roles_of

STATUS_OF = {
    NotPermitted: HTTPStatus.FORBIDDEN,
    UnknownTransition: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
}


def phone_page(view):
    """A page for people who work here: others are asked to sign in; what is not theirs to see is not there."""

    @residents_page
    @wraps(view)
    def answer(request, *args, **kwargs):
        if not request.user.is_authenticated:
            unsaved_tell(request)
            return redirect_to_login(request.get_full_path(), reverse("admin:login"))
        if not request.user.is_staff or not roles_of(request.user) & STAFF:
            text = _("These pages are for people who work here. Residents report on another page.")
            return notice(request, _("Not for this account"), text, HTTPStatus.FORBIDDEN)
        try:
            return view(request, *args, **kwargs)
        except Http404:
            text = _("It does not exist, or is not yours to see.")
            return notice(request, _("Nothing was found here"), text, HTTPStatus.NOT_FOUND)

    return answer


def notice(request, title: str, text: str, status: int, back: str | None = None):
    """Answer with a page in plain words."""
    context = {"title": title, "text": text, "back": back or reverse("phone:today")}
    return render(request, "cases/mobile/notice.html", context, status=status)


def refused(request, error: Refused, back: str):
    """Say why something was not done."""
    return notice(request, _("This was not done"), str(error.detail), status_of(error), back)


def status_of(error: Refused) -> int:
    """Return the HTTP status of a refusal."""
    return next((code for kind, code in STATUS_OF.items() if isinstance(error, kind)), HTTPStatus.BAD_REQUEST)


def blame(form, error: Refused) -> None:
    """Put a refusal beside the field it names; what has no visible field of its own goes to the top."""
    shown = {"longitude": "address", "latitude": "address"}
    field = shown.get(error.field, error.field)
    form.add_error(field if field in form.fields else None, str(error.detail))
