"""``/r/points/<account>/give/``: points of an own account for another member of the community."""

from http import HTTPStatus

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from cases.pages.mine import of_residents
from partners.earning.entry_forms import GiftForm
from partners.earning.pages.carrying import posted
from partners.earning.pages.residents import own_accounts
from partners.ledger.accounts import balance_of
from partners.ledger.giving import count_try, gift_make


@of_residents
@require_http_methods(["GET", "HEAD", "POST"])
def give(request, pk):
    """The form; what was given stands first on the page of the own points."""
    account = own_accounts(request.user).filter(pk=pk).first()
    if account is None:
        raise Http404
    form, status = GiftForm(), HTTPStatus.OK
    if request.method == "POST":
        form = GiftForm(request.POST)
        made, status = posted(form, lambda **given: _given(request, account, given))
        if made is not None:
            return redirect(f"{reverse('residents_points:home')}?account={account.pk}")
    context = {"account": account, "balance": balance_of(account), "form": form}
    return render(request, "partners/earning/residents/give.html", context, status=status)


def _given(request, account, given: dict):
    wish = {"number": given["to"], "name": given["name"], "amount": given["amount"], "key": str(given["key"])}
    count_try(request.user)
    return gift_make(account, actor=request.user, **wish)
