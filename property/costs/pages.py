"""Residents' pages of shared costs: the own account, and what is published of the estate. ``/r/costs/``."""

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from cases.pages.mine import of_residents
from property.costs.files import KINDS, paper_response
from property.costs.own import own_accounts, own_books, own_disclosures, own_payments, own_periods
from property.costs.papers import disclosure_paper, receipt_paper, statement_paper
from property.costs.vouchers import vouchers_of
from property.models import CostLine, SubsidyLine

SHOWN = 24


@of_residents
@require_safe
def mine(request):
    """``/r/costs/``: what the own homes owe and paid, and what the estate publishes."""
    user = request.user
    context = {
        "accounts": own_accounts(user),
        "estates": [
            {
                "books": books,
                "has_fund": hasattr(books, "fund"),
                "periods": list(own_periods(user).filter(books=books)[:SHOWN]),
                "disclosures": list(own_disclosures(user).filter(books=books)[:SHOWN]),
            }
            for books in own_books(user)
        ],
        "today": timezone.localdate(),
    }
    return render(request, "property/costs/pages/mine.html", context)


def _found(rows, pk: int):
    row = rows.filter(pk=pk).first() if pk < 2**63 else None
    if row is None:
        raise Http404
    return row


@of_residents
@require_safe
def statement(request, pk):
    """``/r/costs/statements/<id>/``: the statement of a published cost period."""
    period = _found(own_periods(request.user), pk)
    lines = [model.objects.visible_to(request.user).filter(period=period) for model in (CostLine, SubsidyLine)]
    documents = [pair for rows in lines for pair in vouchers_of(rows)]
    context = {"paper": statement_paper(period), "period": period, "documents": documents}
    return render(request, "property/costs/pages/paper.html", context)


@of_residents
@require_safe
def statement_file(request, pk, kind):
    """``/r/costs/statements/<id>/<kind>/``: the same as Excel (``xlsx``) or Word (``docx``)."""
    period = _found(own_periods(request.user), pk)
    if kind not in KINDS:
        raise Http404
    return paper_response(statement_paper(period), kind)


@of_residents
@require_safe
def disclosure(request, pk):
    """``/r/costs/disclosures/<id>/``: what was published about the fund or public income."""
    paper = disclosure_paper(_found(own_disclosures(request.user), pk))
    return render(request, "property/costs/pages/paper.html", {"paper": paper})


@of_residents
@require_safe
def receipt(request, pk):
    """``/r/costs/receipts/<id>/``: an own receipt as a Word file."""
    return paper_response(receipt_paper(_found(own_payments(request.user), pk)), "docx")
