"""``/r/estate/``: what the property company does for the resident's estate, how it was kept, and rating it."""

from http import HTTPStatus

from django import forms
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from cases.pages.links import ResidentLink, resident_links
from cases.pages.mine import STATUS_OF, of_residents
from governance.errors import Refused
from property.models import ServiceItem, ServiceRating, ServiceRecord
from property.residents import estates_of
from property.serving.fulfilment import all_together, fulfilment_of, share_text
from property.serving.photos import files_of
from property.serving.ratings import MOST_WORDS, month_of, rating_give

RECENT = 12
STARS = range(1, 6)


class RatingForm(forms.Form):
    """Stars and, if one likes, words."""

    stars = forms.TypedChoiceField(
        label=gettext_lazy("Stars"), choices=[(str(number), str(number)) for number in STARS], coerce=int,
        error_messages={"required": gettext_lazy("Give 1 to 5 stars.")},
    )  # fmt: skip
    words = forms.CharField(required=False, max_length=MOST_WORDS)


@resident_links
def estate_links(user) -> list[ResidentLink]:
    """The way to the own estates."""
    return [ResidentLink(_("%(estate)s: services and ratings") % {"estate": one}, _address(one))
            for one in estates_of(user)[:10]]  # fmt: skip


def _address(estate) -> str:
    return reverse("estate_pages:of", args=[estate.code])


@of_residents
@require_safe
def estate(request, code=""):
    """The page of an own estate; without a code the first one."""
    if not code:
        first = estates_of(request.user).first()
        return redirect(_address(first)) if first else _page(request, None)
    return _page(request, _own(request, code))


def _own(request, code: str):
    found = estates_of(request.user).filter(code=code).first()
    if found is None:
        raise Http404
    return found


@of_residents
@require_POST
def rate(request, code, item_id):
    """Rate one item; leads back to it."""
    own = _own(request, code)
    item = ServiceItem.objects.visible_to(request.user).filter(pk=item_id, service_list__estate=own).first()
    if item is None:
        raise Http404
    form = RatingForm(request.POST)
    if not form.is_valid():
        return _page(request, own, refusal=next(iter(form.errors.values()))[0], status=HTTPStatus.BAD_REQUEST)
    try:
        rating_give(item, actor=request.user, **form.cleaned_data)
    except Refused as error:
        status = STATUS_OF.get(type(error), HTTPStatus.BAD_REQUEST)
        return _page(request, own, refusal=error.detail, status=status)
    return redirect(f"{_address(own)}#item-{item.pk}")


def _page(request, own, *, refusal="", status: int = HTTPStatus.OK):
    context = {"estate": own, "refusal": refusal, "stars": STARS}
    if own is not None:
        context |= _services(request.user, own)
        context["others"] = [(one, _address(one)) for one in estates_of(request.user) if one != own]
    return render(request, "property/pages/estate.html", context, status=status)


def _services(user, own) -> dict:
    month = month_of(timezone.now())
    rows = fulfilment_of(own, month)
    given = {row.item_id: row for row in ServiceRating.objects.visible_to(user).filter(person=user, month=month)}
    over = ServiceRecord.objects.visible_to(user).filter(estate=own).exclude(state__in=["planned", "excused"])
    recent = list(over.with_rows().order_by("-ends_at", "-pk")[:RECENT])
    files = files_of(recent)
    return {
        "month": month,
        "together": share_text(all_together(rows)),
        "rows": [(row, given.get(row.item.pk)) for row in rows],
        "recent": [(row, files.get(row.pk, ())) for row in recent],
    }
