"""``/r/gatherings/skills/``: offer and want skills, see what fits and why, confirm, reach each other, rate."""

from http import HTTPStatus

from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.pages.mine import of_residents
from governance.errors import Refused
from property.gatherings.offered import offered
from property.gatherings.pages.carrying import Refusal, carried_out, done_or_refused, status_of
from property.gatherings.public import entry_told, match_told, reasons_text
from property.gatherings.skill_forms import SkillForm
from property.gatherings.skills import match_propose, skill_add, suggestions_of
from property.models import SkillEntry, SkillMatch, SkillSide, SkillState

SHOWN = 30
MATCH_STEPS = ("confirm", "refuse", "call_off", "report", "rate")


def _own(request, pk: int) -> SkillEntry:
    rows = SkillEntry.objects.visible_to(request.user).with_rows().filter(person=request.user)
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@of_residents
@require_safe
def skills(request):
    """The own offers and wants, and the matches that came of them."""
    return skills_page(request)


def skills_page(request, *, refusal: Refusal | None = None):
    """Answer with the page; ``refusal`` says why what was asked was not done."""
    user = request.user
    entries = SkillEntry.objects.visible_to(user).filter(person=user, state=SkillState.OPEN).with_rows()
    mine = SkillMatch.objects.of_person(user).exclude(state__in=["refused", "called_off"]).with_rows()
    matches = [(row, offered(row, user)) for row in mine.order_by("-id")[:SHOWN]]
    context = {
        "entries": [entry_told(row) for row in entries.order_by("-id")[:SHOWN]],
        "matches": [(match_told(row, user), {step.name: step for step in steps}) for row, steps in matches],
        "stars": (5, 4, 3, 2, 1),
        "refusal": refusal[0] if refusal else "",
    }
    status = refusal[1] if refusal else HTTPStatus.OK
    return render(request, "property/gatherings/residents/skills.html", context, status=status)


@of_residents
@require_http_methods(["GET", "HEAD", "POST"])
def skill_new(request):
    """Offer or want something."""
    if request.method != "POST":
        return _form_page(request, SkillForm(user=request.user))
    form = SkillForm(request.POST, user=request.user)
    if not form.is_valid():
        return _form_page(request, form, HTTPStatus.BAD_REQUEST)
    try:
        made = skill_add(actor=request.user, **form.cleaned_data)
    except Refused as error:
        form.add_error(error.field if error.field in form.fields else None, str(error.detail))
        return _form_page(request, form, status_of(error))
    return redirect("residents_gatherings:skill", made.pk)


def _form_page(request, form: SkillForm, status: int = HTTPStatus.OK):
    return render(request, "property/gatherings/residents/skill_new.html", {"form": form}, status=status)


@of_residents
@require_safe
def skill(request, pk):
    """One own offer or want, with what fits it and why."""
    return skill_page(request, _own(request, pk))


def skill_page(request, entry: SkillEntry, *, refusal: Refusal | None = None):
    """Answer with the page of an own entry."""
    fits = suggestions_of(entry, timezone.localdate()) if entry.state == SkillState.OPEN else []
    context = {
        "entry": entry_told(entry),
        "fits": [(entry_told(row), reasons_text(found.reasons), "、".join(found.words)) for row, found in fits],
        "refusal": refusal[0] if refusal else "",
    }
    status = refusal[1] if refusal else HTTPStatus.OK
    return render(request, "property/gatherings/residents/skill.html", context, status=status)


@of_residents
@require_POST
def withdraw(request, pk):
    """Take an own offer or want back."""
    entry = _own(request, pk)
    refusal = carried_out(request, entry, "withdraw")
    if refusal is None:
        return redirect("residents_gatherings:skills")
    return skill_page(request, entry, refusal=refusal)


@of_residents
@require_POST
def propose(request, pk, other):
    """Propose to a neighbour; only what is suggested can be chosen."""
    mine = _own(request, pk)
    theirs = next((row for row, _fit in suggestions_of(mine, timezone.localdate()) if row.pk == other), None)
    if theirs is None:
        raise Http404
    offer, want = (mine, theirs) if mine.side == SkillSide.OFFER else (theirs, mine)
    refusal = done_or_refused(lambda: match_propose(actor=request.user, offer=offer, want=want))
    if refusal is None:
        return redirect("residents_gatherings:skills")
    return skill_page(request, mine, refusal=refusal)


@of_residents
@require_POST
def match_step(request, pk, name):
    """Confirm, refuse, call off, say that it is done and how it was."""
    found = SkillMatch.objects.of_person(request.user).with_rows().filter(pk=pk).first()
    if found is None or name not in MATCH_STEPS:
        raise Http404
    refusal = carried_out(request, found, name)
    if refusal is None:
        return redirect("residents_gatherings:skills")
    return skills_page(request, refusal=refusal)
