"""What notices may say about partners, and who is told what: applicants and partners of every decision about them."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.events import label_of, on
from governance.models import User
from governance.notices import Parties, notice_context, notify_if_kept
from governance.notices.telling import moment
from partners.models import Offer, OfferPlace, OfferSlot, Partner, PartnerAgreement, Qualification
from partners.recruiting.posts import posts_of
from partners.recruiting.workflow import STANDING, PartnerState

NAMED = {"partner": _("partner"), "area": _("community"), "state": _("state")}


def _page(obj, public: bool, name: str, partner_id: int) -> str:
    if public:
        return reverse("residents_partners:partner", args=[partner_id])
    return reverse(f"admin:partners_{name}_change", args=[obj.pk])


def _unit(partner: Partner) -> Parties:
    return Parties({"lead": [partner.unit_id] if partner.unit_id else []}, partner.applicant_id)


@notice_context(
    "partners.partner",
    variables=NAMED | {"kind": _("kind"), "until": _("suspended until")},
    rows=lambda: Partner.objects.with_rows(),
    parties=_unit,
)
def partner_words(partner: Partner, *, public: bool) -> dict:
    """Return a partner in texts; people of it read their own page."""
    return {
        "partner": partner.name, "area": partner.area.name, "state": partner.get_state_display(),
        "kind": partner.get_kind_display(), "until": str(partner.suspended_until or _("further notice")),
        "url": _page(partner, public, "partner", partner.pk),
    }  # fmt: skip


def _paper_words(row, title: str, name: str, public: bool) -> dict:
    return {
        "partner": row.partner.name, "area": row.area.name, "state": row.get_state_display(), "title": title,
        "valid_to": str(row.valid_to or _("without an end")), "url": _page(row, public, name, row.partner_id),
    }  # fmt: skip


PAPER = NAMED | {"title": _("title"), "valid_to": _("to")}


@notice_context(
    "partners.qualification",
    variables=PAPER,
    rows=lambda: Qualification.objects.with_rows(),
    parties=lambda row: _unit(row.partner),
)
def qualification_words(row: Qualification, *, public: bool) -> dict:
    """Return a qualification in texts: its kind and last day, never its number."""
    return _paper_words(row, row.kind.name, "qualification", public)


@notice_context(
    "partners.partneragreement",
    variables=PAPER,
    rows=lambda: PartnerAgreement.objects.with_rows(),
    parties=lambda row: _unit(row.partner),
)
def agreement_words(row: PartnerAgreement, *, public: bool) -> dict:
    """Return an agreement in texts."""
    return _paper_words(row, row.terms.title, "partneragreement", public)


@notice_context(
    "partners.offer",
    variables=NAMED | {"title": _("title"), "kind": _("kind")},
    rows=lambda: Offer.objects.with_rows(),
    parties=lambda row: _unit(row.partner),
)
def offer_words(offer: Offer, *, public: bool) -> dict:
    """Return an offer in texts."""
    return {
        "partner": offer.partner.name, "area": offer.area.name, "state": offer.get_state_display(),
        "title": offer.title, "kind": offer.get_kind_display(), "url": _page(offer, public, "offer", offer.partner_id),
    }  # fmt: skip


DATED = NAMED | {"title": _("title"), "starts": _("begins"), "place": _("where")}


def _dated(slot: OfferSlot, state: str, url: str) -> dict:
    return {
        "partner": slot.partner.name, "area": slot.area.name, "state": state, "title": slot.offer.title,
        "starts": moment(slot.starts_at), "place": slot.place or slot.offer.place, "url": url,
    }  # fmt: skip


@notice_context(
    "partners.offerslot",
    variables=DATED,
    rows=lambda: OfferSlot.objects.with_rows(),
    parties=lambda row: _unit(row.partner),
)
def slot_words(slot: OfferSlot, *, public: bool) -> dict:
    """Return a date in texts."""
    return _dated(slot, slot.get_state_display(), _page(slot, public, "offerslot", slot.partner_id))


@notice_context(
    "partners.offerplace",
    variables=DATED,
    rows=lambda: OfferPlace.objects.with_rows(),
    parties=lambda row: Parties({}, row.person_id),
)
def place_words(row: OfferPlace, *, public: bool) -> dict:
    """Return a place in texts: the date it is for."""
    url = reverse("residents_partners:home") if public else reverse("admin:partners_offerplace_change", args=[row.pk])
    told = _dated(row.slot, row.get_state_display(), url)
    return told | {"partner": row.partner.public_name} if public else told


def people_of(partner: Partner):
    """Return the people to be told about a partner: the person, or who acts for the organisation."""
    people = [partner.person_id or partner.applicant_id]
    if partner.is_organisation and partner.state in (*STANDING, PartnerState.LEFT):  # posts end after it was told
        people = list(posts_of(partner).values_list("user_id", flat=True)) or people
    return User.objects.filter(pk__in=people, is_active=True).order_by("pk")


def _told(people, key: str, subject, event) -> None:
    """Tell people but whoever did it; a place that has removed the template tells nobody."""
    found = people.exclude(pk=event.actor_id)
    notify_if_kept(found, key, subject=subject, context={"event": label_of(event.name)})


@on("partner.approved", "partner.declined", "partner.activated", "partner.suspended", "partner.resumed",
    "partner.ended")  # fmt: skip
def told_of_standing(event, partner: Partner) -> None:
    """Tell the applicant or partner of each decision about it."""
    _told(people_of(partner), f"partner_{event.name.partition('.')[2]}", partner, event)


@on("qualification.verified", "qualification.refused", "qualification.revoked", "qualification.ending",
    "qualification.expired")  # fmt: skip
def told_of_qualification(event, row: Qualification) -> None:
    """Tell what was decided of a document, and when it ends."""
    _told(people_of(row.partner), "partner_qualification", row, event)


@on("agreement.made", "agreement.concluded", "agreement.voided", "agreement.ending", "agreement.over")
def told_of_agreement(event, row: PartnerAgreement) -> None:
    """Tell that there is something to sign, that it holds, that it ends."""
    _told(people_of(row.partner), "partner_agreement", row, event)


@on("offer.published", "offer.declined", "offer.changed", "offer.taken_down")
def told_of_offer(event, offer: Offer) -> None:
    """Tell what the community did with an offer."""
    _told(people_of(offer.partner), "partner_offer", offer, event)


@on("offer_slot.cancelled")
def told_of_date(event, slot: OfferSlot) -> None:
    """Tell the partner that a date of its was cancelled."""
    _told(people_of(slot.partner), "partner_date", slot, event)


@on("offer_place.dropped")
def told_of_place(event, row: OfferPlace) -> None:
    """Tell who had a place that the date does not take place."""
    _told(User.objects.filter(pk=row.person_id, is_active=True), "partner_place_dropped", row, event)


@on("partner.suspended", "qualification.revoked", "qualification.expired")
def told_of_pause(event, obj: Partner | Qualification) -> None:
    """Tell who has a place on a date to come that it is not on view now: nobody comes to a lawyer without a licence
    because nobody said so. The place is kept."""
    partner = obj if isinstance(obj, Partner) else obj.partner
    rows = OfferPlace.objects.filter(partner=partner, state="taken", slot__starts_at__gt=event.occurred_at)
    hidden = rows.exclude(slot__in=OfferSlot.objects.on_view()).with_rows()
    for row in hidden.filter(slot__state="planned").order_by("pk"):
        _told(User.objects.filter(pk=row.person_id, is_active=True), "partner_place_paused", row, event)
