"""``/r/coupons/``: the till of a merchant on the phone: scan or type a code, see what it is, take it; the month."""

from http import HTTPStatus

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.pages.access import residents_page
from cases.pages.mine import of_residents
from governance.errors import Refused
from governance.workflow import act
from partners.models import Redemption
from partners.rewards.codes import code_find, grouped, normalised
from partners.rewards.looks import REDEMPTION_TONES
from partners.rewards.members import code_shown, merchants_of, month_of, month_rows
from partners.rewards.pages.carrying import refusal_of

SHOWN = 50


def foreign() -> str:
    """Say that a code is somebody else's to take."""
    return _("This code is of another merchant or place: it cannot be taken here.")


def _till(request, *, refusal=None, typed: str = ""):
    merchants = merchants_of(request.user)
    if not merchants:
        raise Http404
    month = timezone.localdate().replace(day=1)
    rows = Redemption.objects.of_merchant(request.user).filter(state__in=["fulfilled", "returned"])
    taken = month_rows(rows, month).with_rows().order_by("-ended_at", "-id")[:SHOWN]
    context = {
        "merchants": [(merchant, month_of(merchant, month)) for merchant in merchants],
        "taken": [(row, REDEMPTION_TONES[row.state]) for row in taken],
        "month": month,
        "typed": typed,
        "refusal": refusal[0] if refusal else "",
    }
    status = refusal[1] if refusal else HTTPStatus.OK
    return render(request, "partners/rewards/residents/till.html", context, status=status)


@of_residents
@require_http_methods(["GET", "HEAD", "POST"])
def till(request):
    """The till; a posted code leads to what it is for."""
    if request.method != "POST":
        return _till(request)
    typed = request.POST.get("code", "")[:300]
    code = normalised(typed)
    if not code:
        return _till(request, refusal=(_("Enter the code the customer shows."), HTTPStatus.BAD_REQUEST))
    return redirect("residents_rewards:code", code)


@residents_page
@require_safe
def code(request, code):
    """What a code is for: to who may take it, else its owner; whoever else opens the link is told it is not theirs."""
    if not request.user.is_authenticated:
        request.session["after_sign_in"] = request.path
        return redirect("cases_pages:sign-in")
    try:
        shown = code_shown(code, actor=request.user)
        if shown is None:
            return _not_taken(request, code)
    except Refused as error:
        return _code_page(request, None, code, refusal=refusal_of(error))
    return _code_page(request, shown, code)


def _not_taken(request, code: str):
    row = code_find(code, actor=request.user)
    if Redemption.objects.of_members(request.user).filter(pk=row.pk).exists():
        return redirect("residents_rewards:redemption", row.pk)
    return _code_page(request, None, code, refusal=(foreign(), HTTPStatus.FORBIDDEN))


def _code_page(request, shown, code: str, *, refusal=None, done=None):
    context = {
        "shown": shown,
        "code": code,
        "typed": grouped(normalised(code)),
        "done": done,
        "till": reverse("residents_rewards:till") if merchants_of(request.user) else "",
        "refusal": refusal[0] if refusal else "",
    }
    status = refusal[1] if refusal else HTTPStatus.OK
    return render(request, "partners/rewards/residents/code.html", context, status=status)


@of_residents
@require_POST
def take(request, code):
    """Take what the code is for: once."""
    try:
        shown = code_shown(code, actor=request.user)
        if shown is None:
            return _code_page(request, None, code, refusal=(foreign(), HTTPStatus.FORBIDDEN))
        row = act(shown.redemption, "fulfil", actor=request.user, code=code)
    except Refused as error:
        return _code_page(request, None, code, refusal=refusal_of(error))
    return _code_page(request, None, code, done=Redemption.objects.with_rows().get(pk=row.pk))
