"""Carrying out what was posted on a resident's page."""

from http import HTTPStatus

from django import forms

from cases.pages.mine import STATUS_OF
from governance.errors import Refused
from governance.forms import form_for
from governance.workflow import act, steps_of

Refusal = tuple[str, int]


def status_of(error: Refused) -> int:
    """Return the HTTP status of a refusal."""
    return STATUS_OF.get(type(error), HTTPStatus.BAD_REQUEST)


def carried_out(request, obj, name: str) -> Refusal | None:
    """Carry a transition out with the posted form; return why not and the status, or None when it is done."""
    step = steps_of(type(obj))[name]
    form = form_for(obj._meta.label_lower, step)(request.POST, request.FILES, obj=obj, step=step, user=request.user)
    if not form.is_valid():
        return " ".join(text for texts in form.errors.values() for text in texts), HTTPStatus.BAD_REQUEST
    return done_or_refused(lambda: act(obj, name, actor=request.user, **form.arguments()))


def done_or_refused(work) -> Refusal | None:
    """Call ``work``; return why it was refused and the status, or None."""
    try:
        work()
    except Refused as error:
        return str(error.detail), status_of(error)
    return None


def filled_in(form: forms.Form, work) -> int | None:
    """Call ``work`` when a posted form is valid; return the status of a refusal, shown at its field, or None."""
    if not form.is_valid():
        return HTTPStatus.BAD_REQUEST
    try:
        work()
    except Refused as error:
        form.blame(error)
        return status_of(error)
    return None
