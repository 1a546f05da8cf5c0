"""``/m/disputes/<pk>/files/new/``: a photo or paper of a dispute taken with the phone."""

from http import HTTPStatus

from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from cases.pages.mobile.access import blame, phone_page, status_of
from cases.pages.mobile.forms import most_photos
from cases.pages.mobile.texts import phone_texts
from governance.errors import Refused
from mediation.disputes.pages.phone import dispute_of
from mediation.files.forms import PhoneFileForm
from mediation.files.keeping import file_add


@phone_page
@require_http_methods(["GET", "HEAD", "POST"])
def file_new(request, pk):
    """Take or choose photos, or a PDF; then back to the dispute."""
    found = dispute_of(request, pk)
    back = reverse("phone_disputes:dispute", args=[found.pk])
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form, status = PhoneFileForm(*sent), HTTPStatus.OK
    if sent:
        status = HTTPStatus.BAD_REQUEST
        if form.is_valid():
            given = dict(form.cleaned_data)
            try:
                file_add(found, actor=request.user, uploads=given.pop("photos"), **given)
                return redirect(back)
            except Refused as error:
                blame(form, error)
                status = status_of(error)
    context = {"form": form, "dispute": found, "back": back, "photos_lost": bool(request.FILES),
               "max_photos": most_photos(), "texts": phone_texts()}  # fmt: skip
    return render(request, "mediation/files/phone_new.html", context, status=status)
