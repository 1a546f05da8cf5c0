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

from cases.pages.access import seconds_to_wait, wait_text
from cases.pages.forms import PhotosOnlyField
from cases.pages.links import ResidentLink, resident_links
from cases.pages.mine import STATUS_OF, of_residents
from cases.pages.mobile.forms import most_photos
from governance.errors import Refused
from governance.models import Dwelling
from property.models import Parcel, ServiceItem, ServiceRating, ServiceRecord
from property.residents import dwellings_of, estates_of
from property.serving.contracts import contract_of
from property.serving.fulfilment import all_together, fulfilment_of, share_text
from property.serving.photos import files_of
from property.serving.ratings import MOST_WORDS, month_of, rating_give
from property.serving.repairs import repair_ask

RECENT, PARCELS = 12, 20
STARS = range(1, 6)


class RatingForm(forms.Form):
    """Stars and, if one likes, words."""

    stars = forms.TypedChoiceField(
        label=gettext_lazy("Stars"), choices=[(str(number), str(number)) for number in STARS], coerce=int,
        error_messages={"required": gettext_lazy("Give 1 to 5 stars.")},
    )  # fmt: skip
    words = forms.CharField(required=False, max_length=MOST_WORDS)


class RepairForm(forms.Form):
    """What is broken, at which of the own dwellings of the estate."""

    dwelling = forms.ModelChoiceField(Dwelling.objects.none(), label=gettext_lazy("Where"), to_field_name="code",
                                      empty_label=None)  # fmt: skip
    description = forms.CharField(
        label=gettext_lazy("What is broken?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Please say what is wrong.")},
    )  # fmt: skip
    photos = PhotosOnlyField()

    def __init__(self, data=None, files=None, *, user, estate):
        super().__init__(data, files)
        self.fields["dwelling"].queryset = _homes(user, estate).with_address().order_by("code")


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


@of_residents
@require_POST
def repair(request, code):
    """Ask for a repair; a good request leads to the page on which it is followed."""
    own = _own(request, code)
    form = RepairForm(request.POST, request.FILES, user=request.user, estate=own)
    if seconds := seconds_to_wait(request, "registry-claim"):
        form.add_error(None, wait_text(seconds))
        return _page(request, own, repair=form, status=HTTPStatus.TOO_MANY_REQUESTS)
    if not form.is_valid():
        return _page(request, own, repair=form, status=HTTPStatus.BAD_REQUEST)
    try:
        case = repair_ask(actor=request.user, **form.cleaned_data)
    except Refused as error:
        form.add_error(error.field if error.field in form.fields else None, str(error.detail))
        return _page(request, own, repair=form, status=STATUS_OF.get(type(error), HTTPStatus.BAD_REQUEST))
    return redirect("cases_pages:follow", case.token)


def _page(request, own, *, refusal="", repair=None, status: int = HTTPStatus.OK):
    context = {"estate": own, "refusal": refusal, "stars": STARS, "max_photos": most_photos()}
    if own is not None:
        context |= _services(request.user, own)
        context["repair"] = repair or RepairForm(user=request.user, estate=own)
        context["contract"] = contract_of(own)
        parcels = Parcel.objects.of_household(request.user).waiting().filter(estate=own)
        context["parcels"] = list(parcels.with_rows().order_by("-pk")[:PARCELS])
        context["others"] = [(one, _address(one)) for one in estates_of(request.user) if one != own]
    return render(request, "property/pages/estate.html", context, status=status)


def _homes(user, own):
    return Dwelling.objects.filter(dwellings_of(user), building__estate=own)


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
