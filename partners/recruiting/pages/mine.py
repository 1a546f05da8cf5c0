"""``/r/partners/mine/``: the own partnership: state, what is missing, papers, agreement, offers with their dates."""

from collections import defaultdict
from http import HTTPStatus

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.pages.mine import of_residents
from governance.attachments import attachments_of
from governance.exchange.exports import export_recorded
from governance.models import Event
from governance.scoping import grant_for, visible_q
from partners.models import Offer, OfferPlace, OfferSlot, Partner, PartnerAgreement, Qualification
from partners.recruiting.documents import WORD, agreement_word
from partners.recruiting.forms import OfferForm, QualificationForm, SlotForm, offer_values
from partners.recruiting.joining import missing_of
from partners.recruiting.looks import AGREEMENT_TONES, OFFER_TONES, PARTNER_TONES, QUALIFICATION_TONES, SLOT_TONES
from partners.recruiting.offered import offered
from partners.recruiting.offering import offer_change, offer_make
from partners.recruiting.pages.carrying import carried_out, filled_in
from partners.recruiting.pages.recruitment import own_partners
from partners.recruiting.qualifications import qualification_submit
from partners.recruiting.querysets import ACTS
from partners.recruiting.slots import slots_make
from partners.recruiting.workflow import APPLICATION, OPEN, PartnerState

SHOWN = 60
# What a page carries out: model, and the steps of it.
STEPS = {
    "partner": (Partner, ("withdraw", "leave")),
    "qualification": (Qualification, ("withdraw",)),
    "agreement": (PartnerAgreement, ("sign",)),
    "offer": (Offer, ("end",)),
    "date": (OfferSlot, ("cancel",)),
}
# Events whose words are an answer to the partner.
ANSWERS = {
    "partners.partner": ("partner.declined", "partner.suspended", "partner.ended"),
    "partners.qualification": ("qualification.refused", "qualification.revoked"),
    "partners.offer": ("offer.declined", "offer.taken_down"),
}


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
def partner(request, pk):
    """One own partnership."""
    return partner_page(request, _own(request, pk))


def partner_page(request, found: Partner, *, refusal=None):
    """Answer with the page; ``refusal`` says why what was asked was not done."""
    user = request.user
    papers = list(found.qualifications.with_rows().order_by("-id")[:SHOWN])
    offers = list(found.offers.with_rows().order_by("-id")[:SHOWN])
    slots = _slots_of(offers, user)
    context = {
        "partner": found,
        "tone": PARTNER_TONES[found.state],
        "steps": offered(found, user),
        "missing": missing_of(found, timezone.localdate()) if found.state in APPLICATION else [],
        "reason": _answers([found]).get(found.pk, ""),
        "qualifications": _told(papers, QUALIFICATION_TONES, user),
        "agreements": [
            (row, AGREEMENT_TONES[row.state], offered(row, user))
            for row in found.agreements.with_rows().order_by("-id")[:SHOWN]
        ],
        "offers": [(*told, slots.get(told[0].pk, [])) for told in _told(offers, OFFER_TONES, user)],
        "may_hand_in": found.state in OPEN,
        "may_offer": found.state == PartnerState.ACTIVE,
        "refusal": refusal[0] if refusal else "",
    }
    status = refusal[1] if refusal else HTTPStatus.OK
    return render(request, "partners/recruiting/residents/partner.html", context, status=status)


def _told(rows: list, tones: dict, user) -> list[tuple]:
    """Return each row with its colour, its steps, and what the community wrote about it."""
    answers = _answers(rows)
    return [(row, tones[row.state], offered(row, user), answers.get(row.pk, "")) for row in rows]


def _answers(rows: list) -> dict[int, str]:
    """Return the last reason that the community gave about each row; one statement."""
    if not rows:
        return {}
    label = rows[0]._meta.label_lower
    events = Event.objects.filter(subject_type=label, subject_id__in=[row.pk for row in rows], name__in=ANSWERS[label])
    return {event.subject_id: event.remark.text for event in events.select_related("remark").order_by("id")
            if hasattr(event, "remark")}  # fmt: skip


def _slots_of(offers: list[Offer], user) -> dict[int, list]:
    """Return the dates to come of each offer, with colour, steps and the names of who has a place; three statements."""
    rows = OfferSlot.objects.filter(offer__in=offers, ends_at__gte=timezone.now()).with_rows().order_by("starts_at")
    rows, found, names = list(rows[:200]), defaultdict(list), defaultdict(list)
    places = OfferPlace.objects.visible_to(user).filter(slot__in=rows, state="taken").select_related("person")
    for place in places.order_by("id"):
        names[place.slot_id].append(place.person.get_full_name())
    for row in rows:
        found[row.offer_id].append((row, SLOT_TONES[row.state], offered(row, user), "、".join(names[row.pk])))
    return found


@of_residents
@require_POST
def step(request, what, pk, name):
    """Carry out a step of the partner, or of what belongs to it."""
    model, names = STEPS.get(what, (None, ()))
    if name not in names:
        raise Http404
    obj = _own(request, pk) if model is Partner else _own_row(request, model, pk)
    partner_pk = obj.pk if model is Partner else obj.partner_id
    refusal = carried_out(request, obj, name)
    found = own_partners(request.user).filter(pk=partner_pk).first()
    if found is None:  # who left for an organisation does not act for it any more
        return redirect("residents_partners:home")
    return redirect("residents_partners:partner", found.pk) if refusal is None else partner_page(
        request, found, refusal=refusal
    )  # fmt: skip


def _filled(request, form, work, *, of: Partner, title: str, button: str):
    """Show a form, or carry out what was posted and lead back to the partner."""
    status = HTTPStatus.OK
    back = reverse("residents_partners:partner", args=[of.pk])
    if request.method == "POST":
        status = filled_in(form, work)
        if status is None:
            return redirect(back)
    context = {"form": form, "title": title, "button": button, "back": back, "area": of.area, "partner": of}
    return render(request, "partners/recruiting/residents/form.html", context, status=status)


def _data(request):
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


@of_residents
@require_http_methods(["GET", "HEAD", "POST"])
def qualification_new(request, pk):
    """Hand a document in."""
    found = _own(request, pk)
    form = QualificationForm(*_data(request), initial={"kind": found.licence and found.licence.code})
    return _filled(
        request, form, lambda: qualification_submit(found, actor=request.user, **form.cleaned_data), of=found,
        title=gettext("Hand in a qualification"), button=gettext("Hand in"),
    )  # fmt: skip


@of_residents
@require_http_methods(["GET", "HEAD", "POST"])
def offer_new(request, pk):
    """Offer something; the community reads it first."""
    found = _own(request, pk)
    form = OfferForm(_data(request)[0], partner=found)
    return _filled(
        request, form, lambda: offer_make(found, actor=request.user, plan=form.plan()), of=found,
        title=gettext("Offer something"), button=gettext("Send to the community"),
    )  # fmt: skip


@of_residents
@require_http_methods(["GET", "HEAD", "POST"])
def offer_edit(request, pk):
    """Change an own offer; the community reads it again."""
    offer = _own_row(request, Offer, pk)
    form = OfferForm(_data(request)[0], partner=offer.partner, initial=offer_values(offer))
    return _filled(
        request, form, lambda: offer_change(offer, actor=request.user, plan=form.plan()), of=offer.partner,
        title=gettext("Change the offer"), button=gettext("Send to the community"),
    )  # fmt: skip


@of_residents
@require_http_methods(["GET", "HEAD", "POST"])
def dates_new(request, pk):
    """Add dates to an own offer."""
    offer = _own_row(request, Offer, pk)
    form = SlotForm(_data(request)[0])
    return _filled(
        request, form, lambda: slots_make(offer, actor=request.user, **form.values()), of=offer.partner,
        title=gettext("Add dates: %(title)s") % {"title": offer.title}, button=gettext("Add dates"),
    )  # fmt: skip


@of_residents
@require_safe
def documents(request, pk):
    """The documents of an own qualification."""
    row = _own_row(request, Qualification, pk)
    context = {"row": row, "files": list(attachments_of(row))}
    return render(request, "partners/recruiting/residents/documents.html", context)


@of_residents
@require_POST
def agreement(request, pk):
    """The own agreement as a Word document; who took it is recorded."""
    row = _own_row(request, PartnerAgreement, pk)
    name, content = agreement_word(row)
    export_recorded(request.user, grant=grant_for(ACTS, row, request.user), model="partners.partneragreement",
                    filters=["pk"], rows=1, kind="docx")  # fmt: skip
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(content, content_type=WORD, headers=headers)
