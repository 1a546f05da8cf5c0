"""``/m/parcels/``: parcels taken in and handed out at the counter of the property company."""

from http import HTTPStatus

from django import forms
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from cases.pages.mobile.access import blame, notice, phone_page, status_of
from cases.pages.mobile.steps import step_page
from cases.pages.mobile.tasks import PhoneButton, phone_buttons
from cases.pages.mobile.texts import phone_texts
from governance.errors import Refused
from governance.models import Role
from governance.scoping import roles_of
from governance.workflow import available
from property.models import Parcel
from property.serving.parcels import parcel_receive
from property.serving.receiving import DwellingCodeForm

MOST = 200
TONES = {"received": "amber", "notified": "blue", "overdue": "red"}


class CounterForm(DwellingCodeForm):
    """A parcel as it comes over the counter."""

    carrier = forms.CharField(label=gettext_lazy("carrier"), max_length=30)
    tracking = forms.CharField(label=gettext_lazy("tracking number, or its end"), max_length=40)
    shelf = forms.CharField(label=gettext_lazy("shelf"), max_length=20, required=False)


@phone_buttons
def parcels_button(user) -> list[PhoneButton]:
    """The counter, for property managers."""
    if Role.PROPERTY_MANAGER not in roles_of(user):
        return []
    return [PhoneButton(_("Parcels"), reverse("phone_property:parcels"), order=61)]


@phone_page
@require_http_methods(["GET", "HEAD", "POST"])
def parcels(request):
    """What waits, and the form to take one in."""
    if Role.PROPERTY_MANAGER not in roles_of(request.user):
        text = _("Parcels are taken in by the company that looks after the estate.")
        return notice(request, _("Not for this account"), text, HTTPStatus.FORBIDDEN)
    form = CounterForm(request.POST if request.method == "POST" else None, user=request.user)
    status = HTTPStatus.OK
    if request.method == "POST":
        status = HTTPStatus.BAD_REQUEST
        if form.is_valid():
            try:
                parcel_receive(actor=request.user, **form.cleaned_data)
            except Refused as error:
                blame(form, error)
                status = status_of(error)
            else:
                return redirect("phone_property:parcels")
    rows = Parcel.objects.visible_to(request.user).waiting().with_rows().order_by("-pk")[:MOST]
    found = [(row, TONES[row.state], available(row, request.user)) for row in rows]
    context = {"form": form, "parcels": found, "texts": phone_texts()}
    return render(request, "property/mobile/parcels.html", context, status=status)


@phone_page
@require_http_methods(["GET", "HEAD", "POST"])
def parcel_step(request, pk, name):
    """One transition of a parcel."""
    parcel = Parcel.objects.visible_to(request.user).with_rows().filter(pk=pk).first()
    if parcel is None:
        raise Http404
    return step_page(request, parcel, name, reverse("phone_property:parcels"))
