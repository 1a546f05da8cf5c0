"""Who opens the stewards' pages: people who are in a team today, whatever account they have, and who works here."""

from functools import wraps
from http import HTTPStatus

from django.contrib.auth.views import redirect_to_login
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.pages.access import residents_page
from cases.pages.mobile.access import notice
from governance.permissions import STAFF
from governance.scoping import roles_of
from property.stewards.scope import standing_of


def steward_page(view):
    """A page for members of a team: others are asked to sign in; what is not theirs to see is not there."""

    @residents_page
    @wraps(view)
    def answer(request, *args, **kwargs):
        user = request.user
        if not user.is_authenticated:
            return redirect_to_login(request.get_full_path(), reverse("admin:login"))
        if not standing_of(user).teams and not (user.is_staff and roles_of(user) & STAFF):
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
