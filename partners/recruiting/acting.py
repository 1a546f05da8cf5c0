"""What all steps around partners have in common: figures on the event, files beside it, the locks and their order.

The partner's row is locked before its papers, offers, dates and places, so that no step is taken on a standing that
ends at that moment.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.attachments import attach
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import AttachmentPurpose, User
from governance.photos import Upload
from governance.scoping import Grant, Rule, grant_for
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from partners.models import Offer, OfferPlace, OfferSlot, Partner, PartnerAgreement, Qualification

# Days further away than so many years nobody can mean [J].
REACH = timedelta(days=366 * 30)
PARTNER, QUALIFICATION, AGREEMENT = "partners.partner", "partners.qualification", "partners.partneragreement"
OFFER, SLOT, PLACE = "partners.offer", "partners.offerslot", "partners.offerplace"


def figures_of(obj: models.Model) -> dict:
    """Return what every event about ``obj`` tells: ids, codes and numbers, no words and no names of people."""
    if isinstance(obj, Partner):
        return {"kind": obj.kind, "unit": obj.unit_id}
    if isinstance(obj, Qualification):
        return {"partner": obj.partner_id, "kind": obj.kind.code}
    if isinstance(obj, PartnerAgreement):
        return {"partner": obj.partner_id, "terms": obj.terms.code}
    if isinstance(obj, Offer):
        return {"partner": obj.partner_id, "kind": obj.kind}
    if isinstance(obj, OfferSlot):
        return {"partner": obj.partner_id, "offer": obj.offer_id}
    if isinstance(obj, OfferPlace):
        return {"partner": obj.partner_id, "slot": obj.slot_id}
    raise TypeError(f"no figures of {obj}")


def carry(obj: models.Model, name: str, *, actor: User, photos: Sequence[Upload] = (), payload: dict | None = None,
          **given) -> models.Model:  # fmt: skip
    """``perform`` with the figures of the object on the event and files kept beside it; returns the fresh object."""
    with atomically():
        lock_partner(obj)
        fresh, event = perform(obj, name, actor=actor, payload=figures_of(obj) | (payload or {}), **given)
        if photos:
            attach(fresh, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    return fresh


def lock_partner(obj: models.Model) -> Partner:
    """Lock the partner of a row until the transaction ends, and return it."""
    return Partner.objects.lock(obj.pk if isinstance(obj, Partner) else obj.partner_id)


def plain(model: type[models.Model], *names: str) -> None:
    """Let ``carry`` alone carry out these transitions, with what their forms give."""
    for name in names:
        _plain(model._meta.label_lower, name)


def _plain(label: str, name: str) -> None:
    def service(obj, *, actor, **given):
        return carry(obj, name, actor=actor, **given)

    carries_out(label, name)(service)


def clock() -> User:
    """Return the actor of what happens by itself."""
    return User.objects.system("timers")


def granted(rule: Rule, obj: models.Model, actor) -> Grant:
    """Return the grant by which ``actor`` may do this. Raises NotPermitted."""
    found = grant_for(rule, obj, actor)
    if found is None:
        raise NotPermitted(_("You may not do this for this partner."))
    return found


def standing_check(partner: Partner, *states: str) -> None:
    """Raise Conflict unless the partner is in one of the states."""
    if partner.state not in states:
        text = _("This partner's state is “%(state)s”.") % {"state": partner.get_state_display()}
        raise Conflict(text, code="standing")


def days_check(first: date | None, last: date | None, today: date, names=("valid_from", "valid_to")) -> None:
    """Raise Invalid naming the field of a day that nobody can mean, or of a last day before the first."""
    for name, day in zip(names, (first, last), strict=True):
        if day is not None and abs(day - today) > REACH:
            raise Invalid(_("This day is too far away."), field=name, code="too_far")
    if first is not None and last is not None and last < first:
        raise Invalid(_("The last day lies before the first."), field=names[1], code="order")


def words(**texts: str) -> dict[str, str]:
    """Return texts without blanks around them. Raises Invalid naming the one that holds what no text can hold."""
    for name, text in texts.items():
        if "\0" in text:
            why = _("This text holds a character that cannot be stored.")
            raise Invalid(why, field=name, code="null_characters_not_allowed")
    return {name: text.strip() for name, text in texts.items()}


def day_of(at: datetime | None) -> tuple[datetime, date]:
    """Return the moment (default: now) and its day in Shanghai."""
    at = at or timezone.now()
    return at, timezone.localdate(at)
