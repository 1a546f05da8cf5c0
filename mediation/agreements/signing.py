"""Signing: the parties, the mediator, the committee's seal; and the oral agreement that holds at once.

Each is recorded with the day on which it was done, which may be an earlier one than that of the recording: the law
counts from what parties, mediator and committee did, not from when somebody typed it in (人民调解法 29, 33).

Whenever an agreement takes effect the dispute becomes "agreed", its obligations get their timers, and
``agreement.effective`` is recorded: follow-up visits and judicial confirmation begin from it (人民调解法 29-31).
"""

from datetime import date, datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import User
from governance.scoping import grant_for
from governance.transactions import atomically
from governance.workflow import act, carries_out
from mediation.agreements.acting import AGREEMENT, MEDIATED, carry, day_check, hold_dispute, party_of
from mediation.agreements.authorising import authorisation_needed
from mediation.agreements.deadlines import obligation_timers
from mediation.agreements.querysets import WORKS_ON
from mediation.agreements.replacing import agreements_replace
from mediation.disputes.accepting import recusal_check
from mediation.disputes.acting import clock
from mediation.models import (
    AgentAuthorisation,
    Agreement,
    AgreementForm,
    AgreementSignature,
    AgreementState,
    Dispute,
    Obligation,
    Party,
    PartySide,
    SignatureHow,
    SignatureOf,
)


def signers_of(agreement: Agreement) -> list[Party]:
    """Return who must sign: applicants and respondents, and third persons who owe or are owed something by it."""
    concerned = Q(owes__agreement=agreement) | Q(is_owed__agreement=agreement)
    rows = Party.objects.filter(dispute_id=agreement.dispute_id).filter(~Q(side=PartySide.THIRD) | concerned)
    return list(rows.distinct().order_by("pk"))


def unsigned_of(agreement: Agreement) -> list[Party]:
    """Return who has not signed yet."""
    signed = set(agreement.signatures.filter(of=SignatureOf.PARTY).values_list("party_id", flat=True))
    return [party for party in signers_of(agreement) if party.pk not in signed]


@carries_out(AGREEMENT, "sign_party")
def agreement_sign_party(
    agreement: Agreement, *, actor: User, party: Party, how: str = SignatureHow.SIGNATURE, by_agent: bool = False,
    on: date | None = None, occurred_at: datetime | None = None, **given,
) -> Agreement:  # fmt: skip
    """Record that a party signed, and on which day (default today); after the last of them it is signed by all. A party
    may do it by the own account, on the day itself.

    Raises Conflict (``signed``), Invalid naming ``party``, ``how``, ``by_agent`` or ``on`` (ahead, before the day of
    the agreement); as ``perform``.
    """
    at = occurred_at or timezone.now()
    with atomically():
        hold_dispute(agreement, "sign_party", actor, *MEDIATED)
        locked = Agreement.objects.lock(agreement.pk)
        _judge_signer(locked, party, how, by_agent, actor)
        signed_on = _signed_day(on, at, locked.made_on, today=how == SignatureHow.ELECTRONIC)
        paper = authorisation_needed(party, signed_on, "by_agent") if by_agent else None
        payload = {"party": party.pk, "how": how, "on": signed_on.isoformat()}
        fresh = carry(locked, "sign_party", actor=actor, occurred_at=at, payload=payload, **given)
        _sign(fresh, SignatureOf.PARTY, how, actor, at, signed_on, party=party, by_agent=by_agent, authorisation=paper)
        if not unsigned_of(fresh):
            fresh = carry(fresh, "all_signed", actor=clock(), occurred_at=at)
    return fresh


def drafts_go_on(dispute: Dispute, *, at: datetime) -> None:
    """Say of the draft of a dispute that all have signed it, where nobody is left who must; the dispute is locked by
    the caller."""
    for row in Agreement.objects.filter(dispute=dispute, state=AgreementState.DRAFT):
        if row.signatures.exists() and not unsigned_of(row):
            carry(row, "all_signed", actor=clock(), occurred_at=at)


def _signed_day(on: date | None, at: datetime, earliest: date, *, today: bool = False) -> date:
    """Return the day of a signature or seal (default: that of the recording). ``today``: no other day is taken. Raises
    Invalid naming ``on``."""
    found = day_check(on or timezone.localdate(at), "on", earliest=earliest)
    if today and found != timezone.localdate(at):
        raise Invalid(_("By the own account one signs today."), field="on", code="own")
    return found


def last_signed_on(agreement: Agreement) -> date:
    """Return the day before which nobody signs or seals after the others: that of the last signature so far, beside the
    seal's and what is void."""
    signed = agreement.signatures.exclude(of=SignatureOf.COMMITTEE).prefetch_related("days")
    return max([agreement.made_on, *(row.day for row in signed if not row.void)])


def _judge_signer(agreement: Agreement, party: Party, how: str, by_agent: bool, actor: User) -> None:
    party_of(agreement.dispute, party, "party")
    if party not in signers_of(agreement):
        raise Invalid(_("This party does not sign: the agreement does not bind it."), field="party", code="not_bound")
    if agreement.signatures.filter(party=party).exists():
        raise Conflict(_("This party has signed already."), code="signed")
    own = party.user_id is not None and party.user_id == actor.pk
    if (how == SignatureHow.ELECTRONIC) != own:
        raise Invalid(_("By the own account signs the party itself, and nobody else."), field="how", code="own")
    if not own and grant_for(WORKS_ON, agreement, actor) is None:
        raise NotPermitted(_("You may not sign for this party."))
    if by_agent and not party.agent:
        raise Invalid(_("No agent of this party is recorded."), field="by_agent", code="no_agent")
    if party.without_capacity and not by_agent:
        raise Invalid(
            _("For a party without full capacity the legal agent signs (Civil Code 20-23)."), field="by_agent",
            code="agent_needed",
        )  # fmt: skip


@carries_out(AGREEMENT, "sign_mediator")
def agreement_sign_mediator(agreement: Agreement, *, actor: User, on: date | None = None,
                            occurred_at: datetime | None = None, **given) -> Agreement:  # fmt: skip
    """Sign as the mediator of the dispute, on a day (default today) not before that of the last party.

    Raises Conflict (``unsigned``; ``recusal``: it is asked that the mediator stands aside), Invalid naming ``on``; as
    ``perform``.
    """
    at = occurred_at or timezone.now()
    with atomically():
        held = hold_dispute(agreement, "sign_mediator", actor, *MEDIATED)
        locked = Agreement.objects.lock(agreement.pk)
        recusal_check(held)
        _all_signed_check(locked)
        signed_on = _signed_day(on, at, last_signed_on(locked))
        payload = {"on": signed_on.isoformat()}
        fresh = carry(locked, "sign_mediator", actor=actor, occurred_at=at, at=at, payload=payload, **given)
        _sign(fresh, SignatureOf.MEDIATOR, SignatureHow.SIGNATURE, actor, at, signed_on)
    return fresh


def mediator_signatures_void(dispute: Dispute, *, at: datetime) -> None:
    """Make void what a former mediator has signed that is not in effect yet: who mediates now signs (人民调解法 29).
    The dispute is locked by the caller."""
    for row in Agreement.objects.filter(dispute=dispute, state=AgreementState.SIGNED_BY_MEDIATOR):
        signature = _mediator_signature(row)
        if signature is None or signature.recorded_by_id == dispute.mediator_id:
            continue
        told = _("%(name)s signed as the mediator. Somebody else mediates the dispute now: this signature is void, and "
                 "the new mediator signs.") % {"name": signature.recorded_by}  # fmt: skip
        payload = {"signature": signature.pk, "signed_by": signature.recorded_by_id, "mediator": dispute.mediator_id}
        carry(row, "void_mediator", actor=clock(), occurred_at=at, reason=told, payload=payload)


def _mediator_signature(agreement: Agreement) -> AgreementSignature | None:
    rows = agreement.signatures.filter(of=SignatureOf.MEDIATOR, turn=agreement.mediator_turn)
    return rows.select_related("recorded_by").first()


def _mediator_check(agreement: Agreement, dispute: Dispute) -> None:
    """Refuse the seal on the signature of who mediates no longer, as releases before this check left them. Raises
    Conflict (``former_mediator``)."""
    signature = _mediator_signature(agreement)
    if signature is not None and signature.recorded_by_id != dispute.mediator_id:
        told = _("%(name)s signed as the mediator, and mediates this dispute no longer: appoint the mediator once "
                 "more, who then signs.") % {"name": signature.recorded_by}  # fmt: skip
        raise Conflict(told, field="mediator", code="former_mediator")


@carries_out(AGREEMENT, "seal")
def agreement_seal(agreement: Agreement, *, actor: User, on: date | None = None, occurred_at: datetime | None = None,
                   **given) -> Agreement:  # fmt: skip
    """Put the committee's seal: the agreement is in effect from the day of the seal on (default today), which is not
    before that of the last signature. Raises Conflict (``unsigned``, ``former_mediator``), Invalid naming ``on``; as
    ``perform``."""
    at = occurred_at or timezone.now()
    return _take_effect(agreement, "seal", actor=actor, at=at, on=on, sealed_by=actor, **given)


@carries_out(AGREEMENT, "record_oral")
def agreement_record_oral(agreement: Agreement, *, actor: User, occurred_at: datetime | None = None,
                          **given) -> Agreement:  # fmt: skip
    """Record an oral agreement: it is in effect on the day it was reached (人民调解法 30).

    Raises Invalid naming ``party`` (``agent_needed``, ``no_authorisation``) where it would bind a party without full
    capacity whose legal agent is not recorded with the paper that shows it; as ``perform``.
    """
    return _take_effect(agreement, "record_oral", actor=actor, at=occurred_at or timezone.now(), **given)


def _take_effect(agreement: Agreement, name: str, *, actor: User, at: datetime, on: date | None = None,
                 **given) -> Agreement:  # fmt: skip
    with atomically():
        held = hold_dispute(agreement, name, actor, *MEDIATED)
        locked = Agreement.objects.lock(agreement.pk)
        _all_signed_check(locked)
        if locked.state == AgreementState.SIGNED_BY_MEDIATOR:
            _mediator_check(locked, held)
        oral = locked.form == AgreementForm.ORAL
        if oral:
            agents_check(locked, locked.made_on)
        effective_on = locked.made_on if oral else _signed_day(on, at, last_signed_on(locked))
        owed = list(Obligation.objects.filter(agreement=locked).order_by("pk"))
        payload = {"effective_on": effective_on.isoformat(), "obligations": [row.pk for row in owed],
                   "form": locked.form}  # fmt: skip
        agreements_replace(locked, at=at)
        fresh = carry(locked, name, actor=actor, occurred_at=at, at=at, effective_on=effective_on, payload=payload,
                      **given)  # fmt: skip
        if oral:
            _sign(fresh, SignatureOf.MEDIATOR, SignatureHow.SIGNATURE, actor, at, timezone.localdate(at))
        else:
            _sign(fresh, SignatureOf.COMMITTEE, SignatureHow.SEAL, actor, at, effective_on)
        obligation_timers(owed)
        act(held, "agree", actor=clock(), occurred_at=at, on=effective_on)
    return fresh


def agents_check(agreement: Agreement, on: date) -> None:
    """Refuse to bind by word of mouth who lacks full capacity, without a legal agent known on that day. Raises
    Invalid."""
    for party in signers_of(agreement):
        if party.without_capacity and not party.agent:
            told = _("A party without full capacity is bound only through the legal agent: name the agent first "
                     "(Civil Code 20-23).")  # fmt: skip
            raise Invalid(told, field="party", code="agent_needed")
        if party.without_capacity:
            authorisation_needed(party, on, "party")


def _all_signed_check(agreement: Agreement) -> None:
    """Refuse what a party has not signed who must: somebody may have become a party after the others signed."""
    if agreement.state in (AgreementState.SIGNED_BY_PARTIES, AgreementState.SIGNED_BY_MEDIATOR):
        missing = _(", ").join(party.label for party in unsigned_of(agreement))
        if missing:
            told = _("Not signed by %(names)s: discard this draft and make another.") % {"names": missing}
            raise Conflict(told, code="unsigned")


def _sign(agreement: Agreement, of: str, how: str, actor: User, at: datetime, signed_on: date, *,
          party: Party | None = None, by_agent: bool = False,
          authorisation: AgentAuthorisation | None = None) -> None:  # fmt: skip
    AgreementSignature.objects.create(
        agreement=agreement, dispute_id=agreement.dispute_id, of=of, how=how, party=party, by_agent=by_agent,
        authorisation=authorisation, signed_on=signed_on, recorded_by=actor, at=at,
        turn=agreement.mediator_turn if of == SignatureOf.MEDIATOR else 1,
    )  # fmt: skip
