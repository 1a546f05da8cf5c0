"""The code shown where a project takes place, signing in by it, and signing out."""

from contextlib import suppress
from http import HTTPStatus

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.pages.access import residents_page
from cases.pages.mine import of_residents
from governance.errors import Refused
from governance.room_codes import qr_svg
from partners.models import ProjectAttendance
from partners.projects.pages.public import on_view
from partners.projects.running import CODES, may_show_code, project_sign_in, project_sign_out
from partners.recruiting.pages.carrying import status_of


@of_residents
@require_safe
def code(request, pk):
    """The code to sign in by, to be held up; a new one every minute. For staff and the partners that carry it out."""
    found = on_view(pk)
    if not may_show_code(found, request.user):
        raise Http404
    now = timezone.now()
    address = reverse("residents_projects:sign-in", args=[CODES.code_of(found.pk, now)])
    here = ProjectAttendance.objects.filter(project=found, day=timezone.localdate(now)).count()
    context = {"project": found, "code": qr_svg(request.build_absolute_uri(address)), "here": here}
    return render(request, "partners/projects/residents/code.html", context)


@residents_page
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request, code):
    """Sign in by the code: one press, after having said who one is."""
    context, status = {"code": code}, HTTPStatus.OK
    if not request.user.is_authenticated:
        request.session["after_sign_in"] = request.path
    elif request.method == "POST":
        try:
            context["done"] = project_sign_in(actor=request.user, code=code)
        except Refused as error:
            context["refusal"], status = error.detail, status_of(error)
    return render(request, "partners/projects/residents/sign_in.html", context, status=status)


@of_residents
@require_POST
def sign_out(request, pk):
    """Sign out oneself."""
    row = ProjectAttendance.objects.filter(pk=pk, person=request.user).first()
    if row is None:
        raise Http404
    # signed out by somebody else meanwhile: the page shows it
    with suppress(Refused):
        project_sign_out(row, actor=request.user)
    return redirect("residents_projects:home")
