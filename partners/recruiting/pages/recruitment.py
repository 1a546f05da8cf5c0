"""``/r/partners/``: where partners are looked for, who is one, applying; open to everybody but the application."""

from http import HTTPStatus

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from cases.pages.access import residents_page
from cases.pages.links import ResidentLink, resident_links
from cases.pages.mine import of_residents
from governance.scoping import visible_q
from partners.models import CreditList, CreditPurpose, OfferPlace, OfferSlot, Partner, PartnerKind, Recruitment
from partners.recruiting.forms import ApplyForm
from partners.recruiting.joining import partner_apply
from partners.recruiting.looks import PARTNER_TONES, PLACE_TONES
from partners.recruiting.offered import offered
from partners.recruiting.pages.carrying import filled_in
from partners.recruiting.public import may_offer, partners_shown
from partners.recruiting.querysets import THEMSELVES

SHOWN, LISTS = 50, 5


@resident_links
def partners_link(user) -> list[ResidentLink]:
    """The way to partners, for everybody signed in."""
    return [ResidentLink(gettext("Community partners"), reverse("residents_partners:home"))]


def own_partners(user):
    """Return what a person is, applied for or acts for, newest first."""
    return Partner.objects.filter(visible_q(THEMSELVES, user)).with_rows().order_by("-id")


@residents_page
@require_safe
def home(request):
    """The communities that look for partners; the own partnerships and places."""
    return home_page(request)


def home_page(request, *, refusal=None):
    """Answer with the page; ``refusal`` says why what was asked was not done."""
    user, mine, places = request.user, [], []
    if user.is_authenticated:
        mine = [(row, PARTNER_TONES[row.state]) for row in own_partners(user)[:SHOWN]]
        rows = OfferPlace.objects.filter(person=user).exclude(state="cancelled").with_rows()
        rows = rows.order_by("-slot__starts_at")[:SHOWN]
        places = [(row, PLACE_TONES[row.state], offered(row, user)) for row in _marked(list(rows))]
    context = {
        "pages": Recruitment.objects.filter(area__is_active=True).with_rows().order_by("area__code")[:500],
        "mine": mine,
        "places": places,
        "refusal": refusal[0] if refusal else "",
    }
    status = refusal[1] if refusal else HTTPStatus.OK
    return render(request, "partners/recruiting/residents/home.html", context, status=status)


def _marked(places: list[OfferPlace]) -> list[OfferPlace]:
    """Mark in ``on_hold`` the places on dates to come that are not on view now; one statement."""
    coming = [row.slot_id for row in places if row.state == "taken" and row.slot.starts_at > timezone.now()]
    shown = set(OfferSlot.objects.on_view().filter(pk__in=coming).values_list("pk", flat=True))
    for row in places:
        row.on_hold = row.slot_id in coming and row.slot_id not in shown
    return places


def page_of(code: str) -> Recruitment:
    """Return a community's page. Raises Http404."""
    found = Recruitment.objects.filter(area__code=code, area__is_active=True).with_rows().first()
    if found is None:
        raise Http404
    return found


@residents_page
@require_safe
def recruitment(request, code):
    """What partners are, the kinds, what they may offer, who is one, the terms."""
    page = page_of(code)
    context = {
        "page": page,
        "kinds": [(kind, kind.label, may_offer(kind)) for kind in PartnerKind],
        "partners": partners_shown(page.area),
        "chosen": CreditList.objects.filter(area__in=page.area.lineage, purpose=CreditPurpose.OUTSTANDING,
                                            state="published").order_by("-published_at", "-id")[:LISTS],
    }  # fmt: skip
    return render(request, "partners/recruiting/residents/recruitment.html", context)


@of_residents
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request, code):
    """Apply: for oneself, or for an organisation."""
    page = page_of(code)
    kind = request.POST.get("kind") or request.GET.get("kind", "")
    if kind not in PartnerKind.values:
        return redirect("residents_partners:recruitment", page.area.code)
    posted, status = request.method == "POST", HTTPStatus.OK
    form = ApplyForm(request.POST if posted else None, kind=kind, initial={"name": _own_name(request.user, kind)})
    made = []
    if posted:
        given = {"actor": request.user, "area": page.area}
        status = filled_in(form, lambda: made.append(partner_apply(**given, **form.cleaned_data)))
        if status is None:
            return redirect("residents_partners:partner", made[0].pk)
    context = {
        "form": form, "title": gettext("Apply: %(kind)s") % {"kind": PartnerKind(kind).label}, "area": page.area,
        "back": reverse("residents_partners:recruitment", args=[page.area.code]),
        "button": gettext("Send the application"),
    }  # fmt: skip
    return render(request, "partners/recruiting/residents/form.html", context, status=status)


def _own_name(user, kind: str) -> str:
    return "" if kind == PartnerKind.RESOURCE else user.name
