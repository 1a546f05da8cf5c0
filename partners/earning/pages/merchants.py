"""``/r/settlements/``: the settlement sheets of a merchant, to confirm or to dispute."""

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from cases.pages.links import ResidentLink, resident_links
from cases.pages.mine import of_residents
from governance.scoping import visible_q
from partners.earning.looks import SHEET_TONES
from partners.earning.offered import offered
from partners.earning.pages.carrying import KINDS, paged, paper_response, step_posted
from partners.earning.papers import sheet_paper
from partners.earning.querysets import OF_MERCHANT
from partners.models import SettlementSheet

STEPS = ("confirm", "dispute")


def _own(user):
    found = visible_q(OF_MERCHANT, user)
    return SettlementSheet.objects.none() if found is None else SettlementSheet.objects.filter(found).with_rows()


@resident_links
def sheets_link(user) -> list[ResidentLink]:
    """The way to the own settlement sheets, for merchants."""
    if not _own(user).exists():
        return []
    return [ResidentLink(gettext("Settlement sheets"), reverse("residents_points:sheets"))]


def _sheet(request, pk: int) -> SettlementSheet:
    found = _own(request.user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@of_residents
@require_safe
def sheets(request):
    """All sheets of the merchant, newest first."""
    found, older = paged(request, _own(request.user))
    context = {"rows": [(row, SHEET_TONES[row.state]) for row in found], "older": older}
    return render(request, "partners/earning/residents/sheets.html", context)


@of_residents
@require_safe
def sheet(request, pk):
    """One sheet with what it adds up."""
    return _page(request, _sheet(request, pk))


def _page(request, row: SettlementSheet, refusal: tuple[str, int] | None = None):
    steps = {step.name: step for step in offered(row, request.user)}
    context = {
        "sheet": row, "tone": SHEET_TONES[row.state], "paper": sheet_paper(row), "steps": steps,
        "refusal": refusal[0] if refusal else "",
    }  # fmt: skip
    return render(request, "partners/earning/residents/sheet.html", context, status=refusal[1] if refusal else 200)


@of_residents
@require_POST
def sheet_step(request, pk, name):
    """Confirm a sheet, or say why it is wrong."""
    row = _sheet(request, pk)
    if name not in STEPS:
        raise Http404
    refusal = step_posted(request, row, name)
    return redirect("residents_points:sheet", pk) if refusal is None else _page(request, _sheet(request, pk), refusal)


@of_residents
@require_safe
def sheet_file(request, pk, kind):
    """The sheet as Word or Excel."""
    if kind not in KINDS:
        raise Http404
    return paper_response(sheet_paper(_sheet(request, pk)), kind)
