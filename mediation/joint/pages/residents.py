"""``/r/helping/``: what a respected local was invited to, until the last day, and the thanks they were given.

A list tells the type and the last day; the summary is on the page of the one, and that it was read is recorded.
"""

from http import HTTPStatus

from django import forms
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from cases.pages.links import ResidentLink, resident_links
from cases.pages.mine import STATUS_OF, of_residents
from governance.errors import Refused
from governance.models import Role
from governance.scoping import roles_of
from governance.workflow import act, available
from mediation.access import access_record
from mediation.joint.looks import tone_of
from mediation.models import HelperInvitation, InvitationState, RespectedHelper

SHOWN = 50


@resident_links
def helping_link(user) -> list[ResidentLink]:
    """The way to the invitations, for people in the register."""
    if Role.RESPECTED_HELPER not in roles_of(user):
        return []
    return [ResidentLink(gettext("Helping to mediate"), reverse("residents_helping:home"))]


class DeclarationForm(forms.Form):
    """What somebody declares who takes part."""

    no_conflict = forms.BooleanField(
        label=gettext_lazy("I have no interest of my own in this dispute and am related to none of the parties"),
        required=False,
    )


@of_residents
@require_safe
def home(request):
    """Running invitations, and the thanks for earlier ones."""
    running = HelperInvitation.objects.of_helper(request.user).with_rows().order_by("until", "pk")[:SHOWN]
    helper = RespectedHelper.objects.visible_to(request.user).filter(user=request.user).first()
    thanked = HelperInvitation.objects.filter(helper=helper, state=InvitationState.THANKED) if helper else []
    context = {
        "invitations": [(row, tone_of(row)) for row in running],
        "thanked": thanked.order_by("-ended_at", "-pk")[:SHOWN] if helper else [],
    }
    return render(request, "mediation/joint/residents/home.html", context)


def was_invited(user, pk: int) -> bool:
    """Whether an invitation was sent to this person. Nothing of it is read: the access may have ended; of one that was
    only proposed to the parties the person knows nothing."""
    return HelperInvitation.objects.filter(pk=pk, helper__user=user, invited_at__isnull=False).exists()


@of_residents
@require_http_methods(["GET", "HEAD", "POST"])
def one(request, pk: int):
    """One invitation: the summary; take part with a declaration, or decline."""
    row = HelperInvitation.objects.of_helper(request.user).with_rows().filter(pk=pk).first()
    if row is None and was_invited(request.user, pk):
        return render(request, "mediation/joint/residents/ended.html", status=HTTPStatus.GONE)
    if row is None or Role.RESPECTED_HELPER not in roles_of(request.user):
        raise Http404
    form, status = DeclarationForm(request.POST or None), HTTPStatus.OK
    if request.method == "POST":
        form.is_valid()
        step = "decline" if request.POST.get("step") == "decline" else "accept"
        given = {} if step == "decline" else {"no_conflict": form.cleaned_data["no_conflict"]}
        try:
            act(row, step, actor=request.user, **given)
            return redirect("residents_helping:home")
        except Refused as error:
            form.add_error(error.field if error.field in form.fields else None, str(error.detail))
            status = STATUS_OF.get(type(error), HTTPStatus.BAD_REQUEST)
    access_record(row.dispute, actor=request.user, what=f"mediation.helperinvitation {row.pk}",
                  role=Role.RESPECTED_HELPER)  # fmt: skip
    steps = {step.name for step in available(row, request.user)}
    context = {"invitation": row, "form": form, "steps": steps, "tone": tone_of(row)}
    return render(request, "mediation/joint/residents/one.html", context, status=status)
