"""Drafting an agreement: its clauses, and who owes what to whom until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Conflict, Invalid
from governance.models import User
from governance.transactions import atomically
from governance.workflow import carries_out
from mediation.agreements.acting import (
    AGREEMENT,
    LONGEST_AHEAD,
    MEDIATED,
    carry,
    day_check,
    hold_dispute,
    party_of,
)
from mediation.disputes.acting import grant_or_refuse, words_check
from mediation.disputes.days import round_began
from mediation.disputes.querysets import HANDLES
from mediation.models import Agreement, AgreementClause, AgreementForm, Dispute, DisputeState, Hazard, Obligation, Party

MOST_CLAUSES, MOST_OBLIGATIONS = 50, 50
MOST_MONEY = Decimal(10) ** 12
# Shorter words of a hazard ("吵架") may well stand in what both sides accept [J].
WHOLE_WORDS = 10


@dataclass(frozen=True)
class Owed:
    """An obligation before it is stored. ``creditor`` None: all the others. ``amount`` in yuan, None: not money."""

    debtor: Party
    what: str
    due_on: date
    creditor: Party | None = None
    amount: Decimal | None = None


@dataclass(frozen=True)
class Terms:
    """What an agreement says (人民调解法 29): main facts, clauses, what is owed, way and place of performance."""

    subject: str
    clauses: Sequence[str]
    obligations: Sequence[Owed] = ()
    performance: str = ""
    made_on: date | None = None


def agreement_draft(dispute: Dispute, *, actor: User, terms: Terms, form: str = AgreementForm.WRITTEN,
                    occurred_at: datetime | None = None) -> Agreement:  # fmt: skip
    """Draft an agreement of a dispute that is in mediation.

    Raises NotPermitted, Conflict (``not_mediating``; ``under_way``: there is a draft already), Invalid naming a field.
    """
    at = occurred_at or timezone.now()
    with atomically():
        held = Dispute.objects.lock(dispute.pk)
        grant = grant_or_refuse(HANDLES, held, actor)
        if held.state != DisputeState.MEDIATING:
            raise Conflict(_("An agreement is drafted while the dispute is in mediation."), code="not_mediating")
        made_on = _judged(held, terms, timezone.localdate(at))
        try:
            with transaction.atomic():
                made = Agreement.objects.create(
                    dispute=held, form=form, subject=terms.subject.strip(), performance=terms.performance.strip(),
                    made_on=made_on, drafted_by=actor, drafted_at=at,
                )  # fmt: skip
        except IntegrityError as error:
            raise Conflict(_("There is an agreement of this dispute under way."), code="under_way") from error
        _store(made, terms)
        payload = {"dispute": held.pk, "form": form, "to": made.state}
        events.record("mediation_agreement.drafted", made, actor=actor, grant=grant, payload=payload, occurred_at=at)
    return made


@carries_out(AGREEMENT, "amend")
def agreement_amend(agreement: Agreement, *, actor: User, terms: Terms, **given) -> Agreement:
    """Write a draft anew. Raises Conflict (``signed``: somebody signed what stands there), Invalid; as ``perform``."""
    with atomically():
        held = hold_dispute(agreement, "amend", actor, *MEDIATED)
        locked = Agreement.objects.lock(agreement.pk)
        if locked.signatures.exists():
            raise Conflict(_("A party has signed this text: discard the draft and make another."), code="signed")
        made_on = _judged(held, terms, timezone.localdate())
        fresh = carry(locked, "amend", actor=actor, subject=terms.subject.strip(), made_on=made_on,
                      performance=terms.performance.strip(), **given)  # fmt: skip
        fresh.clauses.all().delete()
        fresh.obligations.all().delete()
        _store(fresh, terms)
    return fresh


@carries_out(AGREEMENT, "discard")
def agreement_discard(agreement: Agreement, *, actor: User, **given) -> Agreement:
    """Discard a draft, signed or not; a reason is needed. As ``perform``."""
    with atomically():
        hold_dispute(agreement, "discard", actor)
        return carry(agreement, "discard", actor=actor, **given)


def _store(agreement: Agreement, terms: Terms) -> None:
    texts = [text.strip() for text in terms.clauses]
    AgreementClause.objects.bulk_create(
        AgreementClause(agreement=agreement, dispute_id=agreement.dispute_id, order=order, text=text)
        for order, text in enumerate(texts, start=1)
    )
    Obligation.objects.bulk_create(
        Obligation(
            agreement=agreement, dispute_id=agreement.dispute_id, debtor=owed.debtor, creditor=owed.creditor,
            what=owed.what.strip(), amount=owed.amount, due_on=owed.due_on,
        )
        for owed in terms.obligations
    )  # fmt: skip


def _judged(dispute: Dispute, terms: Terms, today: date) -> date:
    """Refuse terms that do not hold together, naming the field; return the day of the agreement. Raises Invalid."""
    if not terms.subject.strip():
        raise Invalid(_("State the main facts of the dispute."), field="subject", code="required")
    words_check(subject=terms.subject)
    _own_words(dispute, terms.subject)
    words_check(performance=terms.performance, longest=2000)
    if not any(text.strip() for text in terms.clauses):
        raise Invalid(_("An agreement has at least one clause."), field="clauses", code="required")
    if len(terms.clauses) > MOST_CLAUSES or not all(text.strip() for text in terms.clauses):
        raise Invalid(_("At most 50 clauses, none of them empty."), field="clauses", code="invalid")
    for text in terms.clauses:
        words_check(clauses=text, longest=2000)
    if len(terms.obligations) > MOST_OBLIGATIONS:
        raise Invalid(_("At most 50 obligations."), field="obligations", code="too_many")
    made_on = day_check(terms.made_on or today, "made_on", earliest=round_began(dispute))
    for owed in terms.obligations:
        _judge_owed(dispute, owed, made_on)
    return made_on


def _own_words(dispute: Dispute, subject: str) -> None:
    """Refuse facts that are, or hold, what was reported or noted of the hazard the dispute came of: those are words of
    third persons and of a visit, and both sides and the court read the agreement. What the mediator reported are words
    of their own. Raises Invalid."""
    said = _letters(subject)
    for words, finding, reporter in Hazard.objects.filter(dispute=dispute).values_list("words", "finding", "reporter"):
        theirs = [finding] if reporter == dispute.mediator_id else [words, finding]
        for text in filter(None, map(_letters, theirs)):
            if text == said or (len(text) >= WHOLE_WORDS and text in said):
                raise Invalid(
                    _("This is word for word what was reported or noted of the hazard, and the parties would read it "
                      "in their papers: write what happened in words that both sides accept."),
                    field="subject", code="as_reported",
                )  # fmt: skip


def _letters(text: str) -> str:
    """Return a text without spaces and punctuation: a full stop more makes no other words of it."""
    return "".join(sign for sign in text if sign.isalnum())


def _is_money(amount: Decimal) -> bool:
    """Whether it is a sum in yuan and fen."""
    return amount.is_finite() and 0 < amount < MOST_MONEY and amount == amount.quantize(Decimal("0.01"))


def _judge_owed(dispute: Dispute, owed: Owed, made_on: date) -> None:
    party_of(dispute, owed.debtor, "debtor")
    party_of(dispute, owed.creditor, "creditor")
    if owed.creditor is not None and owed.creditor.pk == owed.debtor.pk:
        raise Invalid(_("Debtor and creditor are two parties."), field="creditor", code="same")
    if not owed.what.strip():
        raise Invalid(_("Say what is owed."), field="what", code="required")
    words_check(what=owed.what, longest=500)
    if owed.amount is not None and not _is_money(owed.amount):
        raise Invalid(_("An amount is above 0 and below a trillion yuan."), field="amount", code="out_of_range")
    if not made_on <= owed.due_on <= made_on + LONGEST_AHEAD:
        raise Invalid(
            _("From the day of the agreement on, at most 30 years ahead."), field="due_on", code="out_of_range"
        )
