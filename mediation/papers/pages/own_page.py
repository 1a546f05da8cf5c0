"""The page of one own dispute, the same for a party by account and by link."""

from http import HTTPStatus

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from governance.errors import Refused
from mediation.agreements.documents.answers import file_answer
from mediation.agreements.documents.papers import WORD
from mediation.disputes.looks import DISPUTE_TONES
from mediation.papers.forms import RecuseForm, ReplyForm
from mediation.papers.own import own_paper_take, told
from mediation.papers.saying import ANSWERS, COUNSELLING, WISHES, Reader, say

# What is said with more than a press.
FORMS = {"reply": ReplyForm, "recuse": RecuseForm}


def page(request, reader: Reader, urls: dict, *, sent=None, refusal: str = "", status: int = HTTPStatus.OK):
    """Answer with the page; ``urls``: ``say`` and ``papers`` (addresses that a word is added to), ``back``; ``sent``: a
    form that was refused."""
    shown = told(reader)
    context = {
        "own": shown, "tone": DISPUTE_TONES[shown["state"]], "urls": urls, "refusal": refusal,
        "forms": {name: sent if isinstance(sent, form) else form(initial=_said(name, shown))
                  for name, form in FORMS.items()},
        "by_link": reader.user is None,
    }  # fmt: skip
    return render(request, "mediation/papers/own.html", context, status=status)


def _said(name: str, shown: dict) -> dict | None:
    """Return what a form begins with: where the answer of today is put right, that answer."""
    reply = shown["reply"] if name == "reply" else None
    return {field: reply[field] for field in FORMS["reply"].base_fields} if reply and reply["may_put_right"] else None


def said_on(request, reader: Reader, what: str, urls: dict, status_of):
    """Carry out what the party says, and show the page again."""
    if what not in (*ANSWERS, *WISHES, *COUNSELLING, *FORMS):
        raise Http404
    form = FORMS[what](request.POST) if what in FORMS else None
    if form is not None and not form.is_valid():
        return page(request, reader, urls, sent=form, status=HTTPStatus.BAD_REQUEST)
    try:
        say(reader, what, **(form.cleaned_data if form else {}))
    except Refused as error:
        reader.party.refresh_from_db()
        return page(request, reader, urls, sent=form, refusal=str(error.detail), status=status_of(error))
    return redirect(urls["here"])


def paper_of(reader: Reader, code: str) -> HttpResponse:
    """Answer with one of the own papers. Raises Http404."""
    try:
        name, content = own_paper_take(reader, code)
    except Refused as error:
        raise Http404 from error
    return file_answer(name, content, WORD, code)
