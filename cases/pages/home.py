"""Pages of the own home: claiming to live in or to own a dwelling, taking that back, moving out."""

from http import HTTPStatus

from django import forms
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from cases.pages.access import seconds_to_wait, wait_text
from cases.pages.mine import STATUS_OF, mine_page, of_residents
from governance.errors import Refused
from governance.forms import PhotosField
from governance.models import Dwelling, Ownership, Residency, ResidencyKind
from governance.registry.services import ownership_claim, residency_claim
from governance.search.places import address_q
from governance.workflow import act

OWNS = "owns"
MODELS = {"residency": Residency, "ownership": Ownership}
STEPS = ("end", "withdraw")


class HomeForm(forms.Form):
    """Which dwelling (``cleaned_data["dwelling"]``, the one the address means), and what the person is there."""

    address = forms.CharField(
        label=_("Your address"),
        max_length=60,
        help_text=_("Estate, building, entrance and room, for example 桂子苑 3栋 2单元 501."),
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    part = forms.ChoiceField(
        label=_("You are"),
        choices=[*((kind.value, kind.label) for kind in ResidencyKind), (OWNS, _("Sole owner by the title deed"))],
        widget=forms.RadioSelect,
    )
    evidence = PhotosField(label=_("Lease, title deed or the like (optional)"))
    note = forms.CharField(label=_("Anything else? (optional)"), required=False, max_length=2000)

    def clean_address(self):
        address = self.cleaned_data["address"]
        wanted = address_q(address)
        found = [] if wanted is None else list(Dwelling.objects.open_to_everybody().filter(wanted).distinct()[:2])
        if len(found) != 1:
            text = _("We know no such dwelling. Write it as on the door.")
            if found:
                text = _("More than one dwelling is called so: add building, entrance and room.")
            raise forms.ValidationError(text, code="ambiguous" if found else "does_not_exist")
        self.cleaned_data["dwelling"] = found[0]
        return address

    def claim(self, actor):
        """Make the claim. Raises as the services."""
        given = {name: self.cleaned_data[name] for name in ("dwelling", "note", "evidence")}
        if self.cleaned_data["part"] == OWNS:
            return ownership_claim(actor=actor, **given)
        return residency_claim(actor=actor, kind=self.cleaned_data["part"], **given)


@of_residents
@require_http_methods(["GET", "HEAD", "POST"])
def home(request):
    """``/r/mine/home/``: the form of a claim; the community confirms or refuses it."""
    if request.method != "POST":
        return _page(request, HomeForm())
    form = HomeForm(request.POST, request.FILES)
    if seconds := seconds_to_wait(request, "registry-claim"):
        form.add_error(None, wait_text(seconds))
        return _page(request, form, HTTPStatus.TOO_MANY_REQUESTS)
    if not form.is_valid():
        return _page(request, form, HTTPStatus.BAD_REQUEST)
    try:
        form.claim(request.user)
    except Refused as error:
        form.add_error(error.field if error.field in form.fields else None, str(error.detail))
        return _page(request, form, STATUS_OF.get(type(error), HTTPStatus.BAD_REQUEST))
    return redirect("cases_pages:mine")


def _page(request, form: HomeForm, status: int = HTTPStatus.OK):
    return render(request, "cases/pages/home.html", {"form": form}, status=status)


@of_residents
@require_POST
def leave(request, kind, tie_id, step):
    """``/r/mine/home/<kind>/<id>/<step>/``: leave an own home (``end``), or take a claim to it back (``withdraw``)."""
    if kind not in MODELS or step not in STEPS:
        raise Http404
    tie = MODELS[kind].objects.visible_to(request.user).filter(user=request.user, pk=tie_id).first()
    if tie is None:
        raise Http404
    try:
        act(tie, step, actor=request.user)
    except Refused as error:
        return mine_page(request, refusal=error.detail, status=STATUS_OF.get(type(error), HTTPStatus.BAD_REQUEST))
    return redirect("cases_pages:mine")
