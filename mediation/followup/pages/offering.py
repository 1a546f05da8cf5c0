"""``/m/visits/counselling/<dispute>/``: counselling is offered on the spot, to a party of the dispute one is about."""

from http import HTTPStatus

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cases.pages.mobile.access import blame, phone_page, status_of
from cases.pages.mobile.texts import phone_texts
from governance.errors import Refused
from mediation.disputes.pages.phone import dispute_of
from mediation.followup.counselling import counselling_offer
from mediation.followup.offer_forms import OFFER_LEAD, OfferInDisputeForm


@phone_page
@require_http_methods(["GET", "HEAD", "POST"])
def offer(request, dispute):
    """GET shows the parties to whom it may be offered, POST records the offer."""
    found, status = dispute_of(request, dispute), HTTPStatus.OK
    form = OfferInDisputeForm(request.POST if request.method == "POST" else None, dispute=found)
    form.prefill(request.GET)
    back = reverse("phone_disputes:dispute", args=[found.pk])
    if request.method == "POST":
        status = HTTPStatus.BAD_REQUEST
        if form.is_valid():
            try:
                counselling_offer(found, actor=request.user, **form.cleaned_data)
                return redirect(back)
            except Refused as error:
                blame(form, error)
                status = status_of(error)
    context = {"form": form, "title": _("Offer counselling"), "lead": OFFER_LEAD, "back": back, "texts": phone_texts()}
    return render(request, "mediation/disputes/phone/form.html", context, status=status)
