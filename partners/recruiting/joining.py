"""Becoming a partner: application, review, and what must be there before a partner is active."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Area, OrgUnit, Role, User
from governance.models.organisation import UnitKind
from governance.models.person import phone_validator
from governance.scoping import Grant
from governance.transactions import atomically
from governance.workflow import carries_out
from partners.ledger.accounts import account_open
from partners.models import Partner, PartnerAgreement, PartnerKind, Profession, Qualification, Recruitment
from partners.recruiting.acting import PARTNER, carry, day_of, figures_of, granted, words
from partners.recruiting.agreements import agreement_draft, agreements_end
from partners.recruiting.credit_code import is_credit_code, normal
from partners.recruiting.posts import appoint
from partners.recruiting.querysets import RUNS
from partners.recruiting.workflow import OPEN, PartnerState

# So long an agreement made out with the approval runs [J].
AGREED_FOR = timedelta(days=364)
# Applications a person may have under way at once, all communities and organisations together [J].
MOST_APPLICATIONS = 10


def partner_apply(*, actor: User, area: Area, kind: str, name: str = "", credit_code: str = "",
                  profession: Profession | None = None, about: str = "", contact_name: str = "",
                  contact_phone: str = "", occurred_at: datetime | None = None) -> Partner:  # fmt: skip
    """Apply to be a partner of a community: for oneself, or for an organisation (kind ``resource``).

    Raises NotPermitted (a process), Invalid naming a field, Conflict (``closed``: no applications are taken there;
    ``open``: this person or organisation has one under way or is a partner; ``too_many``).
    """
    at, _today = day_of(occurred_at)
    if actor.is_system or not actor.is_active:
        raise NotPermitted(_("Only people apply."))
    given = words(name=name, about=about, contact_name=contact_name, contact_phone=contact_phone)
    columns = _columns(actor, kind, given, normal(credit_code), profession)
    with atomically():
        User.objects.select_for_update(no_key=True).get(pk=actor.pk)
        _open_check(actor, area, columns)
        try:
            with transaction.atomic():  # two people may apply for one organisation at the same moment
                made = Partner.objects.create(area=area, kind=kind, applicant=actor, applied_at=at, **columns)
        except IntegrityError as error:
            raise Conflict(_("There is an application already, or a partnership."), code="open") from error
        payload = figures_of(made) | {"to": made.state}
        events.record("partner.applied", made, actor=actor, grant=Grant(Role.RESIDENT), payload=payload, occurred_at=at)
    return made


def _columns(actor: User, kind: str, given: dict, credit_code: str, profession: Profession | None) -> dict:
    """Return what is stored of an application. Raises Invalid naming a field."""
    if kind not in PartnerKind.values:
        raise Invalid(_("Choose what kind of partner."), field="kind", code="invalid_choice")
    _contact_check(given)
    organisation = kind == PartnerKind.RESOURCE
    if organisation and not given["name"]:
        raise Invalid(_("Give the organisation's name."), field="name", code="required")
    if organisation and not is_credit_code(credit_code):
        text = _("This is no unified social credit code: look at the business licence.")
        raise Invalid(text, field="credit_code", code="invalid")
    if not organisation and credit_code:
        raise Invalid(_("Only organisations have one."), field="credit_code", code="not_wanted")
    if (kind == PartnerKind.PROFESSIONAL) != (profession is not None and profession.is_active):
        raise Invalid(_("Professional partners say what they work as; nobody else."), field="profession")
    name = given["name"] or actor.name
    if not name:
        raise Invalid(_("Give your name."), field="name", code="required")
    return given | {
        "name": name, "credit_code": credit_code, "profession": profession, "person": None if organisation else actor,
    }  # fmt: skip


def _contact_check(given: dict) -> None:
    for name, most in (("name", 80), ("about", 500), ("contact_name", 60), ("contact_phone", 16)):
        if len(given[name]) > most:
            raise Invalid(_("At most %(count)s characters.") % {"count": most}, field=name, code="max_length")
    if given["contact_phone"]:
        try:
            phone_validator(given["contact_phone"])
        except ValidationError as error:
            raise Invalid(error.messages[0], field="contact_phone", code="invalid") from error


def _open_check(actor: User, area: Area, columns: dict) -> None:
    if not area.is_active or not Recruitment.objects.filter(area=area, is_open=True).exists():
        raise Conflict(_("This community takes no applications now."), code="closed")
    held = Partner.objects.filter(area=area, state__in=OPEN)
    if columns["person"] is not None:
        taken = held.filter(person=actor).exists()
    else:
        taken = held.filter(credit_code=columns["credit_code"]).exists()
    if taken:
        raise Conflict(_("There is an application already, or a partnership."), code="open")
    if Partner.objects.filter(applicant=actor, state__in=["applied", "approved"]).count() >= MOST_APPLICATIONS:
        raise Conflict(_("Several of your applications are under way: please wait for the answer."), code="too_many")


@carries_out(PARTNER, "approve")
def partner_approve(partner: Partner, *, actor: User, unit: OrgUnit | None = None, occurred_at: datetime | None = None,
                    **given) -> Partner:  # fmt: skip
    """Approve an application: an organisation is tied to its unit, ``unit`` or a new one, and the agreement made out.

    Raises as ``perform``; Invalid naming ``unit`` (of a person; not in use; tied to another partner here, or to an
    organisation with another credit code anywhere).
    """
    at, today = day_of(occurred_at)
    with atomically():
        locked = Partner.objects.lock(partner.pk)
        _other_check(locked, actor)
        tied = None
        if locked.is_organisation and locked.state == PartnerState.APPLIED:
            tied = _unit_of(locked, unit)
        elif unit is not None:
            raise Invalid(_("A person has no unit."), field="unit", code="not_wanted")
        if tied is not None and tied.pk is None:
            tied.save()
        fresh = carry(locked, "approve", actor=actor, occurred_at=at, unit=tied,
                      payload={"unit": tied and tied.pk}, **given)  # fmt: skip
        page = Recruitment.objects.filter(area=fresh.area).select_related("terms").first()
        if page is not None:
            agreement_draft(fresh, actor=actor, terms=page.terms, valid_from=today, valid_to=today + AGREED_FOR, at=at)
    return fresh


def _other_check(partner: Partner, actor: User) -> None:
    """Raise NotPermitted for who does not keep this community's partners, Conflict for one's own application."""
    granted(RUNS, partner, actor)
    if actor.pk in (partner.person_id, partner.applicant_id):
        raise Conflict(_("Somebody else decides on your own application."), code="own")


def _unit_of(partner: Partner, unit: OrgUnit | None) -> OrgUnit:
    """Return the unit of an organisation: the one named, the one its code had before, or a new one, not stored."""
    code = f"partner-{partner.credit_code.lower()}"
    if unit is None:
        earlier = Partner.objects.filter(credit_code=partner.credit_code, unit__isnull=False).select_related("unit")
        known = next((row.unit for row in earlier.order_by("-pk")[:1]), None)
        unit = known or OrgUnit.objects.filter(code=code).first()
    if unit is None:
        phone = partner.contact_phone
        return OrgUnit(code=code, name=partner.name, kind=UnitKind.OTHER, area=partner.area, phone=phone)
    if not unit.is_active or unit.kind not in (UnitKind.OTHER, UnitKind.MERCHANT):
        raise Invalid(_("This unit cannot be a partner's."), field="unit", code="not_in_use")
    if Partner.objects.filter(area=partner.area, unit=unit, state__in=OPEN).exclude(pk=partner.pk).exists():
        raise Invalid(_("This unit is another partner's here."), field="unit", code="taken")
    if Partner.objects.filter(unit=unit).exclude(credit_code=partner.credit_code).exists():
        raise Invalid(_("This unit is an organisation with another credit code."), field="unit", code="other")
    return unit


def _closed(partner: Partner, name: str, *, actor: User, occurred_at: datetime | None, **given) -> Partner:
    at, _today = day_of(occurred_at)
    with atomically():
        fresh = carry(partner, name, actor=actor, occurred_at=at, **given)
        agreements_end(fresh, at=at)
    return fresh


@carries_out(PARTNER, "decline")
def partner_decline(partner: Partner, *, actor: User, occurred_at: datetime | None = None, **given) -> Partner:
    """Decline an application, with a reason; an agreement that waits to be signed goes with it."""
    return _closed(partner, "decline", actor=actor, occurred_at=occurred_at, **given)


@carries_out(PARTNER, "withdraw")
def partner_withdraw(partner: Partner, *, actor: User, occurred_at: datetime | None = None, **given) -> Partner:
    """Take an application back; an agreement that waits to be signed goes with it."""
    return _closed(partner, "withdraw", actor=actor, occurred_at=occurred_at, **given)


@dataclass(frozen=True)
class Missing:
    """What keeps a partner from becoming active: a code, and words for people."""

    code: str
    text: str


def missing_of(partner: Partner, today: date) -> list[Missing]:
    """Return what an application still needs before the partner is active; two statements."""
    found = _unsigned(partner, today) if partner.state != PartnerState.APPLIED else []
    if partner.licence is not None and not _holds(partner, today):
        text = _("No verified “%(kind)s” is in force.") % {"kind": partner.licence}
        found.append(Missing("licence", text))
    return found


def _unsigned(partner: Partner, today: date) -> list[Missing]:
    rows = list(PartnerAgreement.objects.filter(partner=partner, state__in=["open", "signed"]))
    if any(row.state == "signed" and row.valid_from <= today <= (row.valid_to or today) for row in rows):
        return []
    waiting = next((row for row in rows if row.state == "open"), None)
    if waiting is None:
        return [Missing("agreement", _("There is no agreement in force."))]
    found = []
    if waiting.partner_signed_at is None:
        found.append(Missing("partner_signature", _("The partner has not signed the agreement.")))
    if waiting.signed_at is None:
        found.append(Missing("signature", _("The community has not signed the agreement.")))
    return found


def _holds(partner: Partner, today: date) -> bool:
    return Qualification.objects.in_force(today).filter(partner=partner, kind=partner.licence).exists()


@carries_out(PARTNER, "activate")
def partner_activate(partner: Partner, *, actor: User, occurred_at: datetime | None = None, **given) -> Partner:
    """Make an approved partner active: its points account is opened; who applied acts for an organisation.

    Raises Conflict (``missing``) while an agreement or a licence is missing; as ``perform``.
    """
    at, today = day_of(occurred_at)
    with atomically():
        locked = Partner.objects.lock(partner.pk)
        _other_check(locked, actor)
        account = None
        if locked.state == PartnerState.APPROVED:
            missing = missing_of(locked, today)
            if missing:
                raise Conflict(" ".join(one.text for one in missing), code="missing")
            # The books are the community staff's; what this step approved, the product's own process opens there.
            owner = {"user": locked.person, "unit": locked.unit}
            account = account_open(locked.area, actor=User.objects.system("partners"), **owner)
        fresh = carry(locked, "activate", actor=actor, occurred_at=at, account=account, active_from=today,
                      payload={"account": account and account.pk}, **given)  # fmt: skip
        if fresh.unit is not None:
            appoint(fresh, fresh.applicant, today)
    return fresh
