"""A page with one form that a service carries out, as all phone pages of stewards show it."""

from http import HTTPStatus

from django.shortcuts import redirect, render
from django.urls import reverse

from cases.pages.mobile.access import blame, refused, status_of
from cases.pages.mobile.forms import most_photos
from cases.pages.mobile.texts import phone_texts
from governance.errors import Refused

HOME = "phone_stewards:home"


def form_page(request, make, carry_out, *, title: str, lead: str = "", back: str = ""):
    """Show the form that ``make(data, files)`` returns; hand what is sent to ``carry_out(values)``, which returns the
    address to go to."""
    back, status, form = back or reverse(HOME), HTTPStatus.OK, make(None, None)
    if request.method == "POST":
        form, status = make(request.POST, request.FILES), HTTPStatus.BAD_REQUEST
        if form.is_valid():
            try:
                return redirect(carry_out(form.cleaned_data))
            except Refused as error:
                if error.field is None:
                    return refused(request, error, back)
                blame(form, error)
                status = status_of(error)
    context = {
        "title": title,
        "lead": lead,
        "form": form,
        "fields": [field for field in form.visible_fields() if field.name != "photos"],
        "back": back,
        "photos_lost": bool(request.FILES),
        "max_photos": most_photos(),
        "works_here": request.user.is_staff,
        "texts": phone_texts(),
    }
    return render(request, "property/stewards/phone/write.html", context, status=status)
