"""``/r/stewards/``: who the stewards of the own home are, who is on duty today, and asking to join."""

from http import HTTPStatus

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cases.pages.links import ResidentLink, resident_links
from cases.pages.mine import STATUS_OF, of_residents
from governance.errors import Refused
from governance.workflow import act
from property.models import JoinRequest
from property.stewards.forms import JoinForm
from property.stewards.members import join_ask, teams_near, was_steward
from property.stewards.near import teams_told


@resident_links
def stewards_link(user) -> list[ResidentLink]:
    """The way to the stewards, for people whose home has some, or who are some."""
    near = teams_near(user).exists() or was_steward(user)
    return [ResidentLink(_("Stewards of my home"), reverse("resident_stewards:home"))] if near else []


@of_residents
@require_safe
def home(request):
    """The stewards of the own home."""
    return _page(request)


def _page(request, *, refusal: str = "", status: int = HTTPStatus.OK):
    context = {
        "teams": teams_told(request.user),
        "form": JoinForm(auto_id="id_join_%s"),
        "requests": JoinRequest.objects.filter(person=request.user).with_rows().order_by("-id")[:5],
        "is_steward": was_steward(request.user),
        "refusal": refusal,
    }
    return render(request, "property/stewards/residents/home.html", context, status=status)


@of_residents
@require_POST
def join(request, code):
    """Ask to join a team."""
    team = teams_near(request.user).filter(code=code).first()
    if team is None:
        raise Http404
    form = JoinForm(request.POST)
    if not form.is_valid():
        refusal = " ".join(text for texts in form.errors.values() for text in texts)
        return _page(request, refusal=refusal, status=HTTPStatus.BAD_REQUEST)
    try:
        join_ask(actor=request.user, team=team, **form.cleaned_data)
    except Refused as error:
        return _page(request, refusal=str(error.detail), status=STATUS_OF.get(type(error), HTTPStatus.BAD_REQUEST))
    return redirect("resident_stewards:home")


@of_residents
@require_POST
def withdraw(request, pk):
    """Take the own request back."""
    mine = JoinRequest.objects.filter(person=request.user, pk=pk).first()
    if mine is None:
        raise Http404
    try:
        act(mine, "withdraw", actor=request.user)
    except Refused as error:
        return _page(request, refusal=str(error.detail), status=STATUS_OF.get(type(error), HTTPStatus.BAD_REQUEST))
    return redirect("resident_stewards:home")
