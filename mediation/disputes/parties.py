"""Parties of a dispute: added, corrected, struck, unmasked."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.errors import Conflict, Invalid
from governance.models import OrgUnit, User
from governance.models.person import phone_validator
from governance.transactions import atomically
from mediation.access import access_record
from mediation.agreements.states import UNDER_WAY
from mediation.confirmation.eligibility import bound_by
from mediation.disputes.acting import grant_or_refuse, tell, words_check
from mediation.disputes.digests import digest_of
from mediation.disputes.identity import identity_check
from mediation.disputes.impartial import is_party
from mediation.disputes.querysets import HANDLES
from mediation.disputes.states import OPEN, ConsentAnswer, DisputeState, PartyKind, PartySide
from mediation.models import (
    AccessKind,
    Agreement,
    AgreementSignature,
    Consent,
    CounsellingReferral,
    Dispute,
    MediationNote,
    Obligation,
    Party,
    Recusal,
    Sitting,
)

MOST_PARTIES = 200
# Ended, but the file is not archived yet: what it lacks is still entered.
FILED = (DisputeState.AGREED, DisputeState.TERMINATED, DisputeState.CLOSED)
BEGUN = (DisputeState.ACCEPTED, DisputeState.MEDIATING, DisputeState.REOPENED)
# How to reach them, who acts for them, and by which number the law knows them: put right as long as the file is kept.
CONTACT = frozenset(["phone", "address", "agent", "identity"])
NOBODY_LEFT = gettext_lazy("Nobody would be left of this side: add the right party first.")
UNMASKED = ("name", "phone", "identity", "address", "agent")


@dataclass(frozen=True)
class PartyDraft:
    """A party as it is written down. ``identity``: resident identity number, or unified credit code."""

    side: str
    name: str
    kind: str = PartyKind.PERSON
    phone: str = ""
    identity: str = ""
    agent: str = ""
    address: str = ""
    without_capacity: bool = False
    user: User | None = None
    unit: OrgUnit | None = None


def party_add(dispute: Dispute, draft: PartyDraft, *, actor: User) -> Party:
    """Add a party; in a dispute already accepted they are asked for their consent too.

    Raises NotPermitted, Conflict (it has ended, or has very many already), Invalid naming the field (also where it is
    who mediates the dispute).
    """
    with atomically():
        held = Dispute.objects.lock(dispute.pk)
        grant = grant_or_refuse(HANDLES, held, actor)
        _open(held)
        if held.parties.count() >= MOST_PARTIES:
            raise Conflict(_("This dispute has very many parties already."), code="too_many")
        party = party_made(held, draft)
        _not_the_mediator(held, party)
        party.save(force_insert=True)
        tell("dispute.party_added", held, actor=actor, grant=grant, party=party.pk, side=party.side)
    return party


def party_amend(party: Party, *, actor: User, **fields) -> Party:
    """Correct what is known of a party (fields of ``PartyDraft``); once it has ended ``CONTACT`` only, until it is
    archived: confirmation, visits and instalments go on for years.

    A new name, another phone, another capacity: the row may have stood for somebody else. What was answered in it while
    the dispute is open counts no longer, its links end (``papers.links``), and an account goes whose phone is not the
    party's. Of who has signed, or is bound by an agreement, the phone alone changes nothing of what they answered.

    Raises as ``party_add``; Conflict naming the field (``draft``: they have signed a draft under way; ``rests``: an
    agreement that took effect binds them; ``side``: nobody would be left of it).
    """
    with atomically():
        held = Dispute.objects.lock(party.dispute_id)
        grant = grant_or_refuse(HANDLES, held, actor)
        fresh = Party.objects.select_for_update().get(pk=party.pk)
        known = {name: getattr(fresh, name) for name in PartyDraft.__dataclass_fields__}
        changed = sorted(name for name, value in fields.items() if known[name] != value)
        if not changed:
            return fresh
        if held.state not in FILED or not CONTACT.issuperset(changed):
            _open(held)
        rests = _held_check(fresh, changed)
        fresh = party_filled(fresh, PartyDraft(**(known | fields)))
        if "side" in changed:
            _side_check(held, fresh, known["side"])
        other = _stands_for_another(known, changed)
        if other:
            answers = not rests or "without_capacity" in changed  # then the legal agent is asked
            _as_somebody_else(held, fresh, account_given="user" in changed, answers=answers)
        if "name" in changed and (former := fresh.former_names.order_by("-id").first()):
            fresh.names_after = former.pk
        if {"user", "phone"} & set(changed):
            _not_the_mediator(held, fresh)
        fresh.save()
        tell("dispute.party_amended", held, actor=actor, grant=grant, party=fresh.pk, changed=changed, void=other)
    return fresh


def _stands_for_another(known: dict, changed: list[str]) -> bool:
    """Whether a correction may have made somebody else of the row; a first phone does not."""
    return bool({"name", "without_capacity"} & set(changed)) or ("phone" in changed and bool(known["phone"]))


def held_to(party: Party) -> tuple[bool, bool]:
    """Return whether the party has signed a draft under way, and whether an agreement that took effect binds them."""
    agreements = Agreement.objects.filter(dispute=party.dispute_id)
    signed = agreements.filter(state__in=UNDER_WAY, signatures__party=party).exists()
    return signed, any(party in bound_by(agreement) for agreement in agreements.took_effect())


def _held_check(party: Party, changed: list[str]) -> bool:
    """Return whether the party has signed, or is bound: then nobody else is made of the row, whose signature it bears
    (人民调解法 29: an agreement binds who signed it). Raises Conflict naming the field."""
    signed, bound = held_to(party)
    field = next((name for name in ("name", "without_capacity") if name in changed), None)
    if field and signed:
        raise Conflict(_("This party has signed the draft of an agreement: discard the draft first."), field=field,
                       code="draft")  # fmt: skip
    if field == "name" and bound:
        raise Conflict(_("An agreement that took effect binds this party: who else takes part is added as another "
                         "party."), field=field, code="rests")  # fmt: skip
    return signed or bound


def _side_check(dispute: Dispute, party: Party, before: str) -> None:
    """Refuse to leave a side without anybody, once the parties are asked. Raises Conflict naming ``side``."""
    if party.side != PartySide.THIRD or dispute.state == DisputeState.REGISTERED:
        return
    if not dispute.parties.filter(side=before).exclude(pk=party.pk).exists():
        raise Conflict(NOBODY_LEFT, field="side", code="side")


def _as_somebody_else(dispute: Dispute, party: Party, *, account_given: bool, answers: bool) -> None:
    """Take off what the row had of who it stood for before. ``answers``: what was answered too."""
    if answers and dispute.state in OPEN:
        last = Consent.objects.filter(party=party).order_by("-id").values_list("pk", flat=True).first()
        party.answers_after = last or party.answers_after
    if party.user is not None and not account_given:
        own = bool(party.user.phone) and digest_of(party.user.phone) == party.phone_digest
        party.user = party.user if own else None


def party_strike(party: Party, *, actor: User, reason: str) -> Party:
    """Strike a party who was entered by mistake: the row and its reason are kept, and it counts nowhere.

    Until the dispute is accepted, and later while they have agreed to nothing, such as who came later and refuses;
    never where something rests on it (``_rests_on``). Raises NotPermitted, Invalid naming ``reason``, Conflict
    (``ended``, ``struck``, ``answered``, ``rests``, ``draft``, ``side``: nobody would be left of that side).
    """
    words_check(reason=reason, longest=500)
    with atomically():
        held = Dispute.objects.lock(party.dispute_id)
        grant = grant_or_refuse(HANDLES, held, actor)
        if not reason.strip():
            raise Invalid(_("Say why this party is struck."), field="reason", code="required")
        _open(held)
        fresh = Party.everyone.select_for_update().get(pk=party.pk)
        _strike_check(held, fresh)
        fresh.struck_at = timezone.now()
        fresh.save(update_fields=["struck_at"])
        tell("dispute.party_struck", held, actor=actor, grant=grant, party=fresh.pk, side=fresh.side,
             text=reason.strip())  # fmt: skip
    return fresh


def strikable(dispute: Dispute) -> set[int]:
    """Return the ids of the parties who may have been entered by mistake: of a dispute that was accepted those who have
    never agreed to anything. What else rests on one is asked when that one is struck."""
    if dispute.state not in OPEN:
        return set()
    rows = Consent.objects.filter(dispute=dispute, answer=ConsentAnswer.AGREED)
    agreed = rows if dispute.state in BEGUN else rows.none()
    parties = dispute.parties.exclude(pk__in=agreed.values("party"))
    return set(parties.values_list("pk", flat=True))


def _strike_check(dispute: Dispute, party: Party) -> None:
    if party.struck_at is not None:
        raise Conflict(_("This party has been struck already."), code="struck")
    if party.pk not in strikable(dispute):
        raise Conflict(_("This party has agreed: who does not go on is recorded as withdrawing, or refusing."),
                       code="answered")  # fmt: skip
    # A third person whom nothing in it binds is not named by a draft: the others' signatures stand.
    if party.side != PartySide.THIRD and Agreement.objects.filter(dispute=dispute, state__in=UNDER_WAY).exists():
        raise Conflict(_("An agreement is drafted: discard the draft first."), code="draft")
    if any(rows.exists() for rows in _rests_on(party)):
        raise Conflict(_("Something of this dispute rests on this party already."), code="rests")
    others = dispute.parties.filter(side=party.side).exclude(pk=party.pk)
    if party.side != PartySide.THIRD and dispute.state != DisputeState.REGISTERED and not others.exists():
        raise Conflict(NOBODY_LEFT, code="side")


def _rests_on(party: Party) -> list[QuerySet]:
    """Return the rows that would be torn out of the file: signed, owed, asked, said, sat, told with this party."""
    return [
        AgreementSignature.objects.filter(party=party), Obligation.objects.filter(Q(debtor=party) | Q(creditor=party)),
        Recusal.objects.filter(party=party), CounsellingReferral.objects.filter(party=party),
        MediationNote.objects.filter(party=party), Sitting.objects.filter(present=party),
    ]  # fmt: skip


def party_amendable(dispute: Dispute) -> bool:
    """Whether anything of its parties may still be corrected."""
    return dispute.state in (*OPEN, *FILED)


def party_unmask(party: Party, *, actor: User, reason: str) -> dict:
    """Return name, phone, identity, address and agent of a party in the clear, and how the name was misspelt before
    (``former``), and write down who read them and why.

    Raises NotPermitted for who does not work on the dispute, Invalid naming ``reason``.
    """
    words_check(reason=reason, longest=500)
    if not reason.strip():
        raise Invalid(_("Say why you need this."), field="reason", code="required")
    with atomically():
        held = Dispute.objects.lock(party.dispute_id)
        grant = grant_or_refuse(HANDLES, held, actor)
        access_record(held, actor=actor, party=None, kind=AccessKind.UNMASKED, reason=reason.strip(),
                      what=f"mediation.party {party.pk}: {', '.join(UNMASKED)}", role=grant.role)  # fmt: skip
        tell("dispute.party_unmasked", held, actor=actor, grant=grant, party=party.pk)
    return {name: getattr(party, name) for name in (*UNMASKED, "former")}


def party_made(dispute: Dispute, draft: PartyDraft) -> Party:
    """Return a party that was judged, not stored. Raises Invalid naming the field."""
    return party_filled(Party(dispute=dispute), draft)


def party_filled(party: Party, draft: PartyDraft) -> Party:
    """Put what the draft says into ``party`` and judge it. Raises Invalid naming the field."""
    words_check(name=draft.name, agent=draft.agent, address=draft.address)
    if not draft.name.strip():
        raise Invalid(_("Name the party."), field="name", code="required")
    if draft.side not in PartySide.values or draft.kind not in PartyKind.values:
        raise Invalid(_("Choose one of the values."), field="kind" if draft.side in PartySide.values else "side",
                      code="invalid_choice")  # fmt: skip
    party.side, party.kind, party.name = draft.side, draft.kind, draft.name.strip()
    party.agent, party.address = draft.agent.strip(), draft.address.strip()
    party.without_capacity, party.user, party.unit = draft.without_capacity, draft.user, draft.unit
    party.phone = _phone(draft.phone)
    party.identity = identity_check(draft.kind, draft.identity)
    try:
        party.clean_fields(exclude=["dispute", "phone_sealed", "identity_sealed"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Invalid(messages[0], field=field, code="invalid") from error
    return party


def _not_the_mediator(dispute: Dispute, party: Party) -> None:
    """Refuse to make the mediator a party: somebody else mediates first. Raises Invalid naming ``user``, ``phone``."""
    if dispute.mediator is not None and is_party([party], dispute.mediator):
        raise Invalid(_("This person mediates the dispute: appoint somebody else first."),
                      field="user" if party.user_id == dispute.mediator_id else "phone", code="mediates")  # fmt: skip


def _phone(written: str) -> str:
    """Return a phone without spaces. Mobile numbers, or a landline of digits and hyphens. Raises Invalid."""
    phone = "".join(written.split())
    if not phone or (phone.replace("-", "").isascii() and phone.replace("-", "").isdigit() and 7 <= len(phone) <= 16):
        return phone
    try:
        phone_validator(phone)
    except ValidationError as error:
        raise Invalid(error.messages[0], field="phone", code="invalid") from error
    return phone


def _open(dispute: Dispute) -> None:
    if dispute.state not in OPEN:
        raise Conflict(
            _("The dispute has ended: it is “%(state)s”.") % {"state": dispute.get_state_display()}, code="ended"
        )
