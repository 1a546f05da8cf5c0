"""``/r/partners/<community>/directory/``: who offers what, when and where; taking a place and giving it back."""

from http import HTTPStatus
from urllib.parse import urlencode

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from cases.pages.access import residents_page
from cases.pages.mine import of_residents
from partners.models import OfferKind, OfferPlace, OfferSlot, PartnerKind
from partners.recruiting.directory import VIEWS, directory_of, wish_of
from partners.recruiting.pages.carrying import carried_out, done_or_refused
from partners.recruiting.pages.recruitment import home_page, page_of
from partners.recruiting.slots import place_take

VIEW_NAMES = {"list": gettext_lazy("List"), "week": gettext_lazy("Week"), "month": gettext_lazy("Month")}


@residents_page
@require_safe
def directory(request, code):
    """What is on offer in a community."""
    return directory_page(request, page_of(code).area)


def directory_page(request, area, *, refusal=None):
    """Answer with the directory; ``refusal`` says why what was asked was not done."""
    wish = wish_of(request.GET)
    kept = {"kind": wish.kind, "partner_kind": wish.partner_kind, "q": wish.text}
    context = {
        "area": area,
        "found": directory_of([area], wish, reader=request.user),
        "kinds": OfferKind.choices,
        "partner_kinds": PartnerKind.choices,
        "views": [(view, VIEW_NAMES[view]) for view in VIEWS],
        "query": urlencode({name: value for name, value in kept.items() if value}),
        "now": timezone.now(),
        "refusal": refusal[0] if refusal else "",
    }
    status = refusal[1] if refusal else HTTPStatus.OK
    return render(request, "partners/recruiting/residents/directory.html", context, status=status)


@residents_page
@require_POST
def take(request, code, pk):
    """Take a place on a date; who is not signed in is sent to sign in and finds the way back."""
    area = page_of(code).area
    back = reverse("residents_partners:directory", args=[code])
    if not request.user.is_authenticated:
        request.session["after_sign_in"] = back
        return redirect("cases_pages:sign-in")
    slot = OfferSlot.objects.on_view().filter(pk=pk).first()
    if slot is None:
        raise Http404
    refusal = done_or_refused(lambda: place_take(slot, actor=request.user))
    return redirect("residents_partners:home") if refusal is None else directory_page(request, area, refusal=refusal)


@of_residents
@require_POST
def give_back(request, pk):
    """Give an own place back."""
    row = OfferPlace.objects.filter(person=request.user, pk=pk).with_rows().first()
    if row is None:
        raise Http404
    refusal = carried_out(request, row, "cancel")
    return redirect("residents_partners:home") if refusal is None else home_page(request, refusal=refusal)
