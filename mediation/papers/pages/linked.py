"""``/r/p/<token>/``: the own page of a party by link, behind the last four digits of their phone.

Before these nothing is told. Opened, it stays open in this browser for half an hour, or until the party leaves.
"""

from functools import wraps
from http import HTTPStatus

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.pages.access import residents_page, seconds_to_wait, too_many
from cases.pages.views import unknown
from governance.errors import Refused
from mediation.models import Party
from mediation.papers.forms import DigitsForm
from mediation.papers.links import link_of, link_open, party_claim
from mediation.papers.pages.own_page import CARRIED, carried_of, page, paper_of, said_on
from mediation.papers.pages.residents import status_of
from mediation.papers.saying import Reader

OPENED = "party_links_opened"
OPEN_SECONDS = 1800  # [J]: a phone is passed on; half an hour is enough to read and answer


def of_link(view):
    """A page for who holds a link: counted by address; an unknown, revoked or expired link is as none."""

    @residents_page
    @wraps(view)
    def answer(request, token, **kwargs):
        if wait := seconds_to_wait(request, "party-link"):
            return too_many(request, wait)
        link = link_of(token)
        if link is None:
            context = {"title": _("This link is not valid"), "text": _("Ask the mediator for a new one.")}
            return render(request, "cases/pages/notice.html", context, status=HTTPStatus.NOT_FOUND)
        try:
            return view(request, link, token, **kwargs)
        except Http404:
            return unknown(request)

    return answer


def _opened(request, link) -> bool:
    until = request.session.get(OPENED, {}).get(str(link.pk), 0)
    return isinstance(until, (int, float)) and until > timezone.now().timestamp()


def _reader(link) -> Reader:
    rows = Party.objects.select_related("dispute__area", "dispute__type", "dispute__committee", "dispute__mediator")
    return Reader(rows.get(pk=link.party_id))


def _urls(token: str) -> dict:
    here = reverse("party_page:one", args=[token])
    return {"here": here, "say": f"{here}say/", "papers": f"{here}papers/", "leave": f"{here}leave/"}


@of_link
@require_http_methods(["GET", "HEAD", "POST"])
def one(request, link, token):
    """Ask for the digits; then show the own page, with what was to be said when it had closed by itself."""
    if request.method != "POST":
        if _opened(request, link):
            return page(request, _reader(link), _urls(token))
        return _door(request, token, DigitsForm())
    form, status = DigitsForm(request.POST), HTTPStatus.BAD_REQUEST
    carried = carried_of(request.POST.get(CARRIED, ""), request.POST)
    if form.is_valid():
        try:
            party = link_open(link, form.cleaned_data["digits"])
            if request.user.is_authenticated:
                party_claim(party, user=request.user)
            until = int(timezone.now().timestamp()) + OPEN_SECONDS
            request.session[OPENED] = request.session.get(OPENED, {}) | {str(link.pk): until}
            if carried:
                return page(request, _reader(link), _urls(token), carried=carried)
            return redirect(_urls(token)["here"])
        except Refused as error:
            form.blame(error)
            status = status_of(error)
    return _door(request, token, form, carried=carried, status=status)


def _door(request, token: str, form: DigitsForm, *, carried: dict | None = None, status: int = HTTPStatus.OK):
    """Answer with the page that asks for the digits; ``carried``: what was to be said on the page that had closed."""
    context = {"form": form, "carried": carried, "here": _urls(token)["here"]}
    return render(request, "mediation/papers/enter.html", context, status=status)


@of_link
@require_POST
def said(request, link, token, what):
    """Agree, refuse, withdraw, ask for another mediator or for confirmation, tell of the performance, answer an offer
    of counselling. Where the page has closed nothing is said: the door says so, and takes it along."""
    if not _opened(request, link):
        carried = carried_of(what, request.POST)
        if not carried:
            raise Http404
        return _door(request, token, DigitsForm(), carried=carried, status=HTTPStatus.FORBIDDEN)
    return said_on(request, _reader(link), what, _urls(token), status_of)


@of_link
@require_safe
def paper(request, link, token, code):
    """One of the own papers."""
    if not _opened(request, link):
        return redirect(_urls(token)["here"])
    return paper_of(_reader(link), code)


@of_link
@require_POST
def leave(request, link, token):
    """Close the page in this browser."""
    request.session[OPENED] = {key: value for key, value in request.session.get(OPENED, {}).items()
                               if key != str(link.pk)}  # fmt: skip
    return redirect(_urls(token)["here"])
