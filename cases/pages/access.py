"""What all residents' pages have in common: headers, rate limits, and who acts."""

import math
from functools import wraps
from types import SimpleNamespace
from urllib.parse import urlsplit

from django.conf import settings
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from cases.models import Case
from governance.api.throttling import SharedThrottle
from governance.models import User


def residents_page(view):
    """A page for people without an account: not kept, not indexed, no address given away, nothing from elsewhere."""

    @wraps(view)
    def answer(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        response["Referrer-Policy"] = "same-origin"
        response["X-Robots-Tag"] = "noindex, nofollow"
        response.setdefault("Content-Security-Policy", content_policy(request))
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)
        return response

    return answer


def content_policy(request) -> str:
    """Return the Content-Security-Policy: this host, its live server, and the map's tiles where there are any."""
    host = request.get_host().rsplit(":", 1)[0]
    live = settings.LIVE_URL or f"ws://{host}:{settings.LIVE_PORT} wss://{host}:{settings.LIVE_PORT}"
    tiles = urlsplit(settings.MAP_TILES.replace("{s}", "*"))
    images = f" {tiles.scheme}://{tiles.netloc}" if tiles.netloc else ""
    return (
        f"default-src 'self'; img-src 'self' blob: data:{images}; connect-src 'self' {live}; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    )


def seconds_to_wait(request, scope: str) -> int:
    """Count the request against ``scope``, shared with the public API; 0 when it may go on, else seconds to wait."""
    throttle = SharedThrottle()
    if throttle.allow_request(request, SimpleNamespace(throttle_scope=scope)):
        return 0
    return max(1, math.ceil(throttle.wait() or 1))


def wait_text(seconds: int) -> str:
    """Say that there were too many requests, and when to come again."""
    return _("Too many requests from here. Please try again in %(minutes)s min.") % {"minutes": math.ceil(seconds / 60)}


def too_many(request, seconds: int):
    """Answer 429 with a page in plain words."""
    context = {"title": _("Please wait a little"), "text": wait_text(seconds)}
    response = render(request, "cases/pages/notice.html", context, status=429)
    response["Retry-After"] = seconds
    return response


def actor_of(request, case: Case | None = None) -> User:
    """Return who acts: the signed-in reporter (anybody signed in, for a new report), else the public as such.

    Who holds the tracking token may answer, whoever else they are signed in as.
    """
    if request.user.is_authenticated and (case is None or case.reporter_id == request.user.pk):
        return request.user
    return User.objects.system("public")
