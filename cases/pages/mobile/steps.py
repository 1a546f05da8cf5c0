"""The form of one transition on the phone: the same forms as in the admin, carried out through ``act``."""

from http import HTTPStatus

from django.db import models
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.pages.mobile.access import blame, refused
from cases.pages.mobile.forms import most_photos
from cases.pages.mobile.texts import phone_texts
from governance.errors import Conflict, Invalid, NotPermitted, Refused
from governance.forms import form_for
from governance.scoping import grant_for
from governance.workflow import Step, act, available, steps_of


def step_page(request, obj: models.Model, name: str, back: str):
    """GET shows the form of transition ``name`` of ``obj``, which the person sees; POST carries it out."""
    step = steps_of(type(obj)).get(name)
    if step is None or step.quiet:
        raise Http404
    try:
        _refuse_early(obj, step, request.user)
        if request.method != "POST":
            form = form_for(obj._meta.label_lower, step)(obj=obj, step=step, user=request.user)
            return _form_page(request, obj, step, form, back)
        return _carried_out(request, obj, step, back)
    except Refused as error:
        return refused(request, error, back)


def _refuse_early(obj, step: Step, user) -> None:
    if grant_for(step.allow, obj, user) is None:
        raise NotPermitted(_("You may not do “%(label)s” here.") % {"label": step.label})
    if step not in available(obj, user):
        raise Conflict(
            _("“%(label)s” is not possible now: the state is “%(state)s”.")
            % {"label": step.label, "state": obj.get_state_display()}
        )


def _carried_out(request, obj, step: Step, back: str):
    form = form_for(obj._meta.label_lower, step)(request.POST, request.FILES, obj=obj, step=step, user=request.user)
    if form.is_valid():
        try:
            act(obj, step.name, actor=request.user, **form.arguments())
        except Invalid as error:
            blame(form, error)
        else:
            seen = type(obj)._default_manager.visible_to(request.user).filter(pk=obj.pk).exists()
            return redirect(back if seen else reverse("phone:today"))
    return _form_page(request, obj, step, form, back, HTTPStatus.BAD_REQUEST)


def _form_page(request, obj, step: Step, form, back: str, status: int = HTTPStatus.OK):
    context = {
        "object": obj,
        "step": step,
        "form": form,
        "fields": [field for field in form.visible_fields() if field.name != "photos"],
        "back": back,
        "photos_lost": bool(request.FILES),
        "max_photos": most_photos(),
        "texts": phone_texts(),
    }
    return render(request, "cases/mobile/step.html", context, status=status)
