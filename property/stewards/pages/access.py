"""Who opens the stewards' pages: people who are or were in a team, whatever account they have, and who works here."""

from functools import wraps
from http import HTTPStatus

from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.pages.access import residents_page
from cases.pages.mobile.access import notice
from governance.permissions import STAFF
from governance.scoping import roles_of
from property.stewards.members import was_steward


def steward_page(view):
    """A page for members of a team, and former ones, whose hours and visits stay theirs to read.

    Others are asked to sign in; what is not theirs to see is not there.
    """

    @residents_page
    @wraps(view)
    def answer(request, *args, **kwargs):
        user = request.user
        if not user.is_authenticated:
            back = request.get_full_path() if request.method == "GET" else reverse("phone_stewards:home")
            request.session["after_sign_in"] = back
            return redirect("cases_pages:sign-in")
        if not was_steward(user) and not (user.is_staff and roles_of(user) & STAFF):
            text = _("These pages are for stewards. Ask to join the team of your home on its page.")
            back = reverse("resident_stewards:home")
            return notice(request, _("Not for this account"), text, HTTPStatus.FORBIDDEN, back)
        try:
            return view(request, *args, **kwargs)
        except Http404:
            text = _("It does not exist, or is not yours to see.")
            back = reverse("phone_stewards:home")
            return notice(request, _("Nothing was found here"), text, HTTPStatus.NOT_FOUND, back)

    return answer
