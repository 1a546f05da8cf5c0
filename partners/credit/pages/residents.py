"""``/r/credit/``: my credit file: score and level, each line in plain words, answer and appeal; published lists."""

from http import HTTPStatus

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.pages.access import residents_page, seconds_to_wait, too_many
from cases.pages.links import ResidentLink, resident_links
from cases.pages.mine import of_residents
from governance.errors import Refused
from governance.scoping import visible_q
from partners.credit.appeals import line_appeal, note_appeal
from partners.credit.computing import profile_compute
from partners.credit.forms import AppealForm
from partners.credit.looks import CREDIT_APPEAL_TONES, NOTE_TONES
from partners.credit.offered import offered
from partners.credit.querysets import ACTS
from partners.credit.telling import lines_told, sum_told
from partners.credit.workflow import CandidateState, ListState
from partners.earning.pages.carrying import posted, status_of, step_posted
from partners.models import CreditAppeal, CreditKey, CreditList, CreditNote, Partner
from partners.models.credit import LOWERING
from partners.recruiting.pages.hints import not_yet
from partners.recruiting.querysets import THEMSELVES

SHOWN = 60
STANDING = ("active", "suspended", "left")


def own_partners(user):
    """Return the partnerships a person is or acts for, also suspended ones and those that were left."""
    found = visible_q(THEMSELVES, user)
    if found is None:
        return Partner.objects.none()
    return Partner.objects.filter(found, state__in=STANDING).with_rows().order_by("pk")


@resident_links
def credit_links(user) -> list[ResidentLink]:
    """The way to the own credit file, for partners."""
    if not own_partners(user).exists():
        return []
    return [ResidentLink(gettext("My credit file"), reverse("residents_credit:home"))]


def _own(request, pk: int) -> Partner:
    found = own_partners(request.user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _own_row(request, model, pk: int):
    found = model.objects.filter(visible_q(ACTS, request.user)).with_rows().filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@of_residents
@require_safe
def home(request):
    """The one file, or a choice of them."""
    found = list(own_partners(request.user)[:SHOWN])
    if not found:
        return not_yet(request, gettext("My credit file"), gettext(
            "Partners of the community have a credit file: it says line by line what they did in the year."
        ))  # fmt: skip
    if len(found) == 1:
        return redirect("residents_credit:file", found[0].pk)
    return render(request, "partners/credit/residents/home.html", {"partners": found})


@of_residents
@require_safe
def file(request, pk):
    """The file of this year, or of the one that ``year`` names."""
    return file_page(request, _own(request, pk), _year_asked(request))


def _year_asked(request) -> int | None:
    asked = request.GET.get("year", "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) == 4 else None


def file_page(request, partner: Partner, year: int | None = None, *, refusal: tuple[str, int] | None = None):
    """Answer with the page of a file."""
    profiles = list(partner.credit_profiles.with_rows().order_by("-year")[:20])
    profile = next((one for one in profiles if year in (None, one.year)), None)
    if year is not None and profile is None:
        raise Http404
    computations = list(profile.computations.with_rows().order_by("-number")[:20]) if profile else []
    context = {
        "partner": partner, "profile": profile, "years": [one.year for one in profiles], "earlier": computations[1:],
        "current": computations[0] if computations else None,
        "lines": _lines(partner, profile, computations), "notes": _notes(partner, request.user),
        "told": sum_told(computations[0]) if computations else "",
        "refusal": refusal[0] if refusal else "", "this_year": timezone.localdate().year,
    }  # fmt: skip
    status = refusal[1] if refusal else HTTPStatus.OK
    return render(request, "partners/credit/residents/file.html", context, status=status)


def _lines(partner: Partner, profile, computations) -> list[tuple]:
    """Return each line with its appeals; facts that lower are appealed themselves."""
    if not computations:
        return []
    rows = partner.credit_appeals.with_rows().filter(profile=profile, note__isnull=True).order_by("id")
    appeals: dict[str, list] = {}
    for row in rows:
        appeals.setdefault(row.line, []).append((row, CREDIT_APPEAL_TONES[row.state]))
    return [
        (line, appeals.get(line.line, []), line.line not in LOWERING and not _open(appeals.get(line.line, [])))
        for line in lines_told(computations[0])
    ]


def _open(appeals: list[tuple]) -> bool:
    return any(row.state == "open" for row, _tone in appeals)


def _notes(partner: Partner, user) -> list[tuple]:
    """Return what lowers the file, each with its appeals and whether it may still be appealed."""
    notes = list(partner.credit_notes.with_rows().exclude(told_at__isnull=True).order_by("-id")[:SHOWN])
    appeals: dict[int, list] = {}
    rows = CreditAppeal.objects.filter(note__in=notes).with_rows().order_by("id")
    for row in rows:
        appeals.setdefault(row.note_id, []).append((row, CREDIT_APPEAL_TONES[row.state]))
    return [
        (note, NOTE_TONES[note.state], [step.name for step in offered(note, user)], appeals.get(note.pk, []),
         note.state == "told" and all(row.state == "withdrawn" for row, _tone in appeals.get(note.pk, [])))
        for note in notes
    ]  # fmt: skip


@of_residents
@require_POST
def compute(request, pk):
    """Compute the own file of this year anew."""
    partner = _own(request, pk)
    try:
        profile_compute(partner, timezone.localdate().year, actor=request.user)
    except Refused as error:
        return file_page(request, partner, refusal=(str(error.detail), status_of(error)))
    return redirect("residents_credit:file", pk)


def _appeal(request, partner: Partner, title: str, work):
    """Show the form of an appeal, or file what was posted."""
    form, status = AppealForm(), HTTPStatus.OK
    if request.method == "POST":
        form = AppealForm(request.POST, request.FILES)
        made, status = posted(form, work)
        if made is not None:
            return redirect("residents_credit:file", partner.pk)
    context = {
        "form": form, "title": title, "button": gettext("Appeal"), "partner": partner, "area": partner.area,
        "back": reverse("residents_credit:file", args=[partner.pk]),
    }  # fmt: skip
    return render(request, "partners/recruiting/residents/form.html", context, status=status)


@of_residents
@require_http_methods(["GET", "HEAD", "POST"])
def appeal_line(request, pk, year, line):
    """Appeal a line of the own file."""
    partner = _own(request, pk)
    profile = partner.credit_profiles.with_rows().filter(year=year).first()
    if profile is None or line not in CreditKey.values:
        raise Http404
    title = gettext("Appeal: %(line)s") % {"line": CreditKey(line).label}
    return _appeal(request, partner, title, lambda **given: line_appeal(profile, line, actor=request.user, **given))


@of_residents
@require_http_methods(["GET", "HEAD", "POST"])
def appeal_note(request, pk):
    """Appeal a fact that lowers the own file."""
    note = _own_row(request, CreditNote, pk)
    title = gettext("Appeal: %(line)s") % {"line": note.get_line_display()}
    return _appeal(request, note.partner, title, lambda **given: note_appeal(note, actor=request.user, **given))


@of_residents
@require_POST
def answer(request, pk):
    """Answer in words to a fact."""
    note = _own_row(request, CreditNote, pk)
    refusal = step_posted(request, note, "answer")
    if refusal is None:
        return redirect("residents_credit:file", note.partner_id)
    return file_page(request, note.partner, refusal=refusal)


@of_residents
@require_POST
def withdraw(request, pk):
    """Withdraw an own appeal."""
    appeal = _own_row(request, CreditAppeal, pk)
    refusal = step_posted(request, appeal, "withdraw")
    if refusal is None:
        return redirect("residents_credit:file", appeal.partner_id)
    return file_page(request, appeal.partner, refusal=refusal)


@residents_page
@require_safe
def published(request, pk):
    """A published list: who was chosen; scores and whoever was not chosen stay with the community."""
    if seconds := seconds_to_wait(request, "public-read"):
        return too_many(request, seconds)
    row = CreditList.objects.with_rows().filter(pk=pk, state=ListState.PUBLISHED).first()
    if row is None:
        raise Http404
    chosen = row.candidates.with_rows().filter(state=CandidateState.CHOSEN).order_by("partner__name", "pk")
    return render(request, "partners/credit/residents/list.html", {"list": row, "chosen": chosen})
