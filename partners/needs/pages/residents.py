"""``/r/needs/``: a resident raises a need in under a minute, and reads what became of the own ones."""

from http import HTTPStatus

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from cases.pages.links import ResidentLink, resident_links
from cases.pages.mine import STATUS_OF, of_residents
from cases.pages.mobile.forms import most_photos
from governance.errors import Refused
from partners.models import Need, Offer, OfferAccess
from partners.needs.looks import NEED_TONES
from partners.needs.public import need_told
from partners.needs.raising_forms import OwnNeedForm
from partners.needs.registering import resident_raise
from partners.needs.residents import dwellings_of

SHOWN = 30


@resident_links
def needs_link(user) -> list[ResidentLink]:
    """The way to the own needs, for people with a confirmed home."""
    if not dwellings_of(user).exists():
        return []
    return [ResidentLink(gettext("Needs of our community"), reverse("residents_needs:home"))]


@of_residents
@require_safe
def home(request):
    """The own needs, newest first, each with what became of it."""
    rows = Need.objects.raised_by(request.user).with_rows().order_by("-id")
    before = request.GET.get("before", "")
    if before.isascii() and before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: SHOWN + 1])
    context = {
        "needs": [
            (need_told(need, request.user), NEED_TONES[(need.merged_into or need).state]) for need in found[:SHOWN]
        ],
        "older": found[SHOWN - 1].pk if len(found) > SHOWN else None,
        "may_raise": dwellings_of(request.user).exists(),
        "sent": request.GET.get("sent", "") == "1",
    }
    return render(request, "partners/needs/residents/home.html", context)


@of_residents
@require_http_methods(["GET", "HEAD", "POST"])
def raise_one(request):
    """The form: one line is enough. ``?offer=`` begins it with an offer on request that was found in the directory."""
    form, status = OwnNeedForm(user=request.user, title=_asked_for(request)), HTTPStatus.OK
    if request.method == "POST":
        form, status = OwnNeedForm(request.POST, request.FILES, user=request.user), HTTPStatus.BAD_REQUEST
        if form.is_valid():
            try:
                resident_raise(actor=request.user, **form.cleaned_data)
                return redirect(f"{reverse('residents_needs:home')}?sent=1")
            except Refused as error:
                form.add_error(error.field if error.field in form.fields else None, str(error.detail))
                status = STATUS_OF.get(type(error), HTTPStatus.BAD_REQUEST)
    return render(request, "partners/needs/residents/raise.html", _page(form, request), status=status)


def _asked_for(request) -> str:
    asked = request.GET.get("offer", "")
    if not (asked.isascii() and asked.isdecimal() and len(asked) < 19):
        return ""
    offer = Offer.objects.on_view().filter(pk=int(asked), access=OfferAccess.REQUEST).select_related("partner").first()
    if offer is None:
        return ""
    told = {"title": offer.title, "partner": offer.partner.public_name}
    return (gettext("I ask for: %(title)s (%(partner)s)") % told)[:80]


def _page(form: OwnNeedForm, request) -> dict:
    more = ("description", "category", "group", "dwelling")
    return {
        "form": form,
        "more": [form[name] for name in more if name in form.fields],
        "wrong_below": bool({*more, "anonymous", "photos"} & set(form.errors)),
        "photos_lost": bool(request.FILES),
        "max_photos": most_photos(),
    }
