"""Where a form of the administration sends a person on to: back to the phone page they came from."""

from urllib.parse import urlencode

from django.utils.http import url_has_allowed_host_and_scheme

PHONE = "/m/"
BACK = "back"


def returning(address: str, back: str) -> str:
    """Return the address of a form that leads back to a phone page when it is done, or left."""
    return f"{address}{'&' if '?' in address else '?'}{urlencode({BACK: back})}"


def after(request, address: str) -> str:
    """Return the phone page that ``?back=`` names, else ``address``; nothing but a phone page of this house."""
    back = request.GET.get(BACK, "")
    ours = back.startswith(PHONE) and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return back if ours else address
