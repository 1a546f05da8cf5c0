"""``/r/counselling/``: who was referred to a counsellor, with their consent, and that they came. Dates only.

A list tells numbers and days; whom it is about, masked, is on the page of the one, and that it was read is recorded.
"""

from http import HTTPStatus

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from cases.pages.links import ResidentLink, resident_links
from cases.pages.mine import STATUS_OF, of_residents
from governance.errors import Refused
from governance.forms import form_for
from governance.models import Role
from governance.scoping import roles_of
from governance.workflow import act, available, steps_of
from mediation.access import access_record
from mediation.followup.counselling import REFERRAL
from mediation.followup.looks import COUNSELLING_TONES
from mediation.models import CounsellingReferral, CounsellingState

SHOWN = 50


@resident_links
def counselling_link(user) -> list[ResidentLink]:
    """The way to the referrals, for counsellors."""
    if Role.COUNSELLOR not in roles_of(user):
        return []
    return [ResidentLink(gettext("Referrals to you for counselling"), reverse("residents_counselling:home"))]


@of_residents
@require_safe
def home(request):
    """The referrals to the counsellor who is signed in, the newest first."""
    if Role.COUNSELLOR not in roles_of(request.user):
        raise Http404
    rows = CounsellingReferral.objects.of_counsellor(request.user).with_rows().order_by("-referred_on", "-pk")[:SHOWN]
    context = {"referrals": [(row, COUNSELLING_TONES[row.state]) for row in rows]}
    return render(request, "mediation/followup/residents/home.html", context)


@of_residents
@require_http_methods(["GET", "HEAD", "POST"])
def one(request, pk: int):
    """One referral: who, masked, and its days; the day on which they came, or that this was a slip."""
    row = CounsellingReferral.objects.of_counsellor(request.user).with_rows().filter(pk=pk).first()
    if row is None or Role.COUNSELLOR not in roles_of(request.user):
        raise Http404
    # That they came; for some days, that they did not: it was pressed at the wrong one of two like rows. A press on an
    # older page means what stood there.
    name = "correct" if row.state == CounsellingState.ATTENDED and request.method != "POST" else "attend"
    name = "correct" if request.POST.get("step") == "correct" else name
    step, status = steps_of(CounsellingReferral)[name], HTTPStatus.OK
    data = request.POST if request.method == "POST" else None
    form = form_for(REFERRAL, step)(data, obj=row, step=step, user=request.user)
    if request.method == "POST":
        status = HTTPStatus.BAD_REQUEST
        if form.is_valid():
            try:
                act(row, name, actor=request.user, **form.arguments())
                return redirect("residents_counselling:home")
            except Refused as error:
                form.add_error(error.field if error.field in form.fields else None, str(error.detail))
                status = STATUS_OF.get(type(error), HTTPStatus.BAD_REQUEST)
    access_record(row.dispute, actor=request.user, what=f"{REFERRAL}:{row.pk}", role=Role.COUNSELLOR)
    open_step = step if step in available(row, request.user) else None
    context = {"referral": row, "tone": COUNSELLING_TONES[row.state], "form": form, "step": open_step}
    return render(request, "mediation/followup/residents/one.html", context, status=status)
