"""Where a form of the administration sends a person on to: back to the phone page they came from."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

PHONE = "/m/"
BACK = "back"
# A form opened from a page of the administration that was itself opened from the phone: the form leads back to that
# page, and that page to the phone.
THROUGH = "through"
STORED = "jiceng_stored"  # read by drafts.js


def returning(address: str, back: str) -> str:
    """Return the address of a form that leads back to a phone page when it is done, or left."""
    return f"{address}{'&' if '?' in address else '?'}{urlencode({BACK: back})}"


def after(request, address: str) -> str:
    """Return the phone page that ``?back=`` names, else ``address``, which goes on leading back to the phone page that
    ``?through=`` names; nothing but phone pages of this house."""
    through = phone_page_of(request, THROUGH)
    return phone_page_of(request, BACK) or (returning(address, through) if through else address)


def phone_page_of(request, name: str = BACK) -> str:
    """Return the phone page that a part of the address names, empty where it names none of this house."""
    page = request.GET.get(name, "")
    return page if page.startswith(PHONE) and url_has_allowed_host_and_scheme(page, allowed_hosts=None) else ""


def from_phone(request) -> bool:
    """Whether a form of the administration was opened from the phone: it keeps what is typed until it is stored."""
    return bool(phone_page_of(request, BACK) or phone_page_of(request, THROUGH))


def stored(request, response):
    """Tell the script of the page that comes next that what was typed is stored; returns the answer."""
    if from_phone(request) or request.path.startswith(PHONE):
        response.set_cookie(STORED, "1", max_age=60, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax")
    return response


def going_on(request) -> str:
    """Return what the addresses of forms on a page end with, so that the page still leads back to the phone page it
    was opened from; empty where it was opened from none."""
    page = phone_page_of(request)
    return f"?{urlencode({THROUGH: page})}" if page else ""


def unsaved_tell(request) -> None:
    """Tell on the page that signs a person in that what they just sent was not stored: their session was over."""
    if request.method == "POST" and not request.user.is_authenticated:
        messages.warning(request, _("You were signed out in the meantime: what you had just sent was not saved."))
