"""``/r/votes/``: residents see what their estate decides, vote for their dwellings, and read the whole computation."""

from http import HTTPStatus

from django import forms
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from cases.pages.links import ResidentLink, resident_links
from cases.pages.mine import STATUS_OF, of_residents
from governance.attachments import attachments_of
from governance.errors import Refused
from property.models import Choice, Resolution, ResolutionState
from property.voting.online import ONLINE_CHOICES, ballots_cast, votes_of
from property.voting.secrecy import shown
from property.voting.tally import turnout_of
from property.voting.wording import caveat, in_words, rule_words

SHOWN = 20
CHOICES = [(choice.value, choice.label) for choice in ONLINE_CHOICES]


class VoteForm(forms.Form):
    """A choice for each dwelling the person votes for; those left open are not voted for."""

    def __init__(self, data=None, *, entries):
        super().__init__(data)
        self.entries = {f"entry_{entry.pk}": entry for entry in entries}
        for name, entry in self.entries.items():
            self.fields[name] = forms.ChoiceField(
                label=str(entry.dwelling), choices=CHOICES, required=False, widget=forms.RadioSelect
            )

    def choices(self) -> dict[int, str]:
        """Return entry id → choice of those chosen."""
        return {entry.pk: self.cleaned_data[name] for name, entry in self.entries.items() if self.cleaned_data[name]}


@resident_links
def vote_links(user) -> list[ResidentLink]:
    """The way to the votes, for who has any to see."""
    seen = Resolution.objects.visible_to(user).exists()
    return [ResidentLink(_("Votes and consultations"), reverse("vote_pages:votes"))] if seen else []


@of_residents
@require_safe
def votes(request):
    """Votes of the estates where one lives or owns, newest first."""
    rows = Resolution.objects.visible_to(request.user).with_rows().order_by("-id")
    before = request.GET.get("before", "")
    if before.isascii() and before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: SHOWN + 1])
    older = found[SHOWN - 1].pk if len(found) > SHOWN else None
    return render(request, "property/pages/votes.html", {"resolutions": found[:SHOWN], "older": older})


def _resolution(request, pk: int) -> Resolution:
    found = Resolution.objects.visible_to(request.user).with_rows().filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@of_residents
@require_http_methods(["GET", "HEAD", "POST"])
def vote(request, pk):
    """One vote: its text and rule, the ballot while the vote is open, then the result with every step."""
    resolution = _resolution(request, pk)
    entries = list(votes_of(resolution, request.user).prefetch_related("ballots"))
    may_vote = _may_vote(resolution)
    waiting = [entry for entry in entries if may_vote and (not _online(entry) or resolution.rule_set.online_may_change)]
    if request.method != "POST":
        return _page(request, resolution, entries, VoteForm(entries=waiting))
    form = VoteForm(request.POST, entries=waiting)
    if not form.is_valid():
        return _page(request, resolution, entries, form, HTTPStatus.BAD_REQUEST)
    try:
        ballots_cast(resolution, actor=request.user, choices=form.choices())
    except Refused as error:
        form.add_error(None, str(error.detail))
        status = STATUS_OF.get(type(error), HTTPStatus.BAD_REQUEST)
        return _page(request, _resolution(request, pk), entries, form, status)
    return redirect("vote_pages:vote", pk)


def _may_vote(resolution: Resolution) -> bool:
    under_way = resolution.state == ResolutionState.VOTING and resolution.closed_at is None
    return under_way and resolution.takes_online and timezone.now() < resolution.voting_until


def _online(entry):
    return next((ballot for ballot in entry.ballots.all() if ballot.sheet == 0), None)


def _page(request, resolution: Resolution, entries: list, form: VoteForm, status: int = HTTPStatus.OK):
    frozen = resolution.roll is not None and resolution.roll.frozen_at is not None
    context = {
        "resolution": resolution,
        "form": form,
        "voted": [(entry, ballot, _said(ballot, resolution)) for entry in entries if (ballot := _online(entry))],
        "votes_here": bool(entries),
        "may_vote": _may_vote(resolution),
        "caveat": caveat(resolution.kind),
        "rule_words": rule_words(resolution),
        "turnout": turnout_of(resolution) if frozen else None,
        "computation": in_words(resolution.tally) if resolution.tally else None,
        "documents": attachments_of(resolution),
        "no_choice": _("Nothing to vote on for you here now."),
    }
    return render(request, "property/pages/vote.html", context, status=status)


def _said(ballot, resolution: Resolution) -> str:
    choice = shown(ballot, resolution)
    return str(Choice(choice).label) if choice else ""
