"""Carrying out what was posted on a resident's page, and files to take along."""

from http import HTTPStatus

from django import forms
from django.http import HttpResponse

from cases.pages.mine import STATUS_OF
from governance.errors import Refused
from governance.forms import form_for
from governance.workflow import act, steps_of
from partners.earning.papers import EXCEL, WORD, Paper, excel_of, word_of

KINDS = {"docx": WORD, "xlsx": EXCEL}
SHOWN = 30


def status_of(error: Refused) -> int:
    """Return the HTTP status of a refusal."""
    return STATUS_OF.get(type(error), HTTPStatus.BAD_REQUEST)


def posted(form: forms.Form, work):
    """Call ``work`` with a form's values; return what it gave and 200, or None and the status (errors in the form)."""
    if not form.is_valid():
        return None, HTTPStatus.BAD_REQUEST
    try:
        return work(**form.cleaned_data), HTTPStatus.OK
    except Refused as error:
        form.add_error(error.field if error.field in form.fields else None, str(error.detail))
        return None, status_of(error)


def step_posted(request, obj, name: str) -> tuple[str, int] | None:
    """Carry a transition out with the posted form; return why not and the status, or None when it is done."""
    step = steps_of(type(obj))[name]
    form = form_for(obj._meta.label_lower, step)(request.POST, request.FILES, obj=obj, step=step, user=request.user)
    if not form.is_valid():
        return " ".join(text for texts in form.errors.values() for text in texts), HTTPStatus.BAD_REQUEST
    try:
        act(obj, name, actor=request.user, **form.arguments())
    except Refused as error:
        return str(error.detail), status_of(error)
    return None


def paper_response(paper: Paper, kind: str, verify: str = "") -> HttpResponse:
    """Answer with a paper as a file of ``kind`` (docx, xlsx)."""
    content = word_of(paper, verify) if kind == "docx" else excel_of(paper)
    response = HttpResponse(content, content_type=KINDS[kind])
    response["Content-Disposition"] = f'attachment; filename="{paper.name}.{kind}"'
    response["Cache-Control"] = "private, no-store"
    return response


def paged(request, rows) -> tuple[list, int | None]:
    """Return a page of ``rows``, newest first, behind the one that ``before`` names; and what the next is asked by."""
    before = request.GET.get("before", "")
    if before.isascii() and before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows.order_by("-pk")[: SHOWN + 1])
    return found[:SHOWN], found[SHOWN - 1].pk if len(found) > SHOWN else None
