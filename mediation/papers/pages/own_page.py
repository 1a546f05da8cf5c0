"""The page of one own dispute, the same for a party by account and by link."""

from collections.abc import Mapping
from http import HTTPStatus

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from governance.errors import Refused
from mediation.agreements.documents.answers import file_answer
from mediation.agreements.documents.papers import WORD
from mediation.disputes.looks import DISPUTE_TONES
from mediation.papers.forms import RecuseForm, ReplyForm
from mediation.papers.own import own_paper_take, told
from mediation.papers.saying import ANSWERS, COUNSELLING, WISHES, Reader, say

# What is said with more than a press.
FORMS = {"reply": ReplyForm, "recuse": RecuseForm}
SAYINGS = (*ANSWERS, *WISHES, *COUNSELLING, *FORMS)
# What is said with a press, as its button says it.
PRESSES = {
    "agree": _("I agree to mediation"), "refuse": _("Yes, I do not want it"), "withdraw": _("Yes, I withdraw"),
    "confirm": _("I apply for confirmation too"), "not_confirm": _("I do not apply"),
    "accept_counselling": _("I want counselling"), "decline_counselling": _("I do not want counselling"),
}  # fmt: skip
CARRIED = "carried"


def carried_of(what: str, sent: Mapping) -> dict[str, str]:
    """Return what was to be said on a page that had closed, to be carried through its door: the word and the fields of
    its form; empty where it is none."""
    if what not in SAYINGS:
        return {}
    fields = FORMS[what].base_fields if what in FORMS else ()
    return {CARRIED: what} | {name: sent[name] for name in fields if name in sent}


def page(request, reader: Reader, urls: dict, *, sent=None, refusal: str = "", carried: Mapping | None = None,
         status: int = HTTPStatus.OK):  # fmt: skip
    """Answer with the page; ``urls``: ``say`` and ``papers`` (addresses that a word is added to), ``back``; ``sent``: a
    form that was refused; ``carried`` (see ``carried_of``): what was not said yet, to be pressed once more."""
    shown = told(reader)
    what = (carried or {}).get(CARRIED, "")
    if what in FORMS and what in shown["may"]:
        sent = FORMS[what](carried)
    context = {
        "own": shown, "tone": DISPUTE_TONES[shown["state"]], "urls": urls, "refusal": refusal,
        "forms": {name: sent if isinstance(sent, form) else form(initial=_said(name, shown))
                  for name, form in FORMS.items()},
        "by_link": reader.user is None, "carried": _carried(what, shown) if what else None,
    }  # fmt: skip
    return render(request, "mediation/papers/own.html", context, status=status)


def _carried(what: str, shown: dict) -> dict:
    """Return what the page says of what was carried through the door: nothing of it is done by itself."""
    return {
        "what": what, "possible": what in shown["may"], "press": PRESSES.get(what, ""),
        "ends": what == "withdraw" or (what == "refuse" and shown["refusal_ends"]),
    }  # fmt: skip


def _said(name: str, shown: dict) -> dict | None:
    """Return what a form begins with: where the answer of today is put right, that answer."""
    reply = shown["reply"] if name == "reply" else None
    return {field: reply[field] for field in FORMS["reply"].base_fields} if reply and reply["may_put_right"] else None


def said_on(request, reader: Reader, what: str, urls: dict, status_of):
    """Carry out what the party says, and show the page again."""
    if what not in SAYINGS:
        raise Http404
    form = FORMS[what](request.POST) if what in FORMS else None
    if form is not None and not form.is_valid():
        return page(request, reader, urls, sent=form, status=HTTPStatus.BAD_REQUEST)
    given = form.cleaned_data if form else {"shown": request.POST.get("shown")} if what in WISHES else {}
    try:
        say(reader, what, **given)
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
