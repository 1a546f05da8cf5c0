"""``/r/disputes/``: the own disputes of a party with an account."""

from http import HTTPStatus

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from cases.pages.links import ResidentLink, resident_links
from cases.pages.mine import STATUS_OF, of_residents
from governance.errors import Refused
from mediation.disputes.looks import DISPUTE_TONES
from mediation.models import Party
from mediation.papers.own import line_of
from mediation.papers.pages.own_page import page, paper_of, said_on
from mediation.papers.saying import Reader

SHOWN = 50


@resident_links
def disputes_link(user) -> list[ResidentLink]:
    """The way to the own disputes, for parties."""
    if not Party.objects.of_person(user).exists():
        return []
    return [ResidentLink(gettext("My mediation"), reverse("residents_disputes:home"))]


def status_of(error: Refused) -> int:
    """Return the HTTP status of a refusal."""
    return STATUS_OF.get(type(error), HTTPStatus.BAD_REQUEST)


def _reader(request, pk: int) -> Reader:
    found = Party.objects.of_person(request.user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return Reader(found, request.user)


def _urls(pk: int) -> dict:
    here = reverse("residents_disputes:one", args=[pk])
    return {"here": here, "say": f"{here}say/", "papers": f"{here}papers/", "back": reverse("residents_disputes:home")}


@of_residents
@require_safe
def home(request):
    """The own disputes, newest first."""
    rows = [line_of(party) for party in Party.objects.of_person(request.user).order_by("-id")[:SHOWN]]
    context = {"rows": [(row, DISPUTE_TONES[row["state"]]) for row in rows]}
    return render(request, "mediation/papers/home.html", context)


@of_residents
@require_safe
def one(request, pk):
    """One own dispute."""
    return page(request, _reader(request, pk), _urls(pk))


@of_residents
@require_POST
def said(request, pk, what):
    """Agree, refuse, withdraw, ask for another mediator or for confirmation, tell of the performance, answer an offer
    of counselling."""
    return said_on(request, _reader(request, pk), what, _urls(pk), status_of)


@of_residents
@require_safe
def paper(request, pk, code):
    """One of the own papers."""
    return paper_of(_reader(request, pk), code)
