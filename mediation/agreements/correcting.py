"""Correcting the day from which an agreement in effect binds, and the days of its signatures, typed in wrongly.

The terms of the law count from the day of the seal, or on which an oral agreement was reached (人民调解法 29, 30, 33).
What follows of it is reckoned anew in the same transaction by the event: the last day to apply and the reminders
(``confirmation``), the visits still to be made (``followup``). Signatures stay as they were recorded (append-only), the
event tells both days. From the days of the other signatures nothing counts by itself: they bound that of the seal.
"""

from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid
from governance.models import User
from governance.transactions import atomically
from governance.workflow import carries_out
from mediation.agreements.acting import AGREEMENT, UNARCHIVED, carry, day_check, hold_dispute
from mediation.agreements.agreement_workflow import SIGNED, is_written
from mediation.agreements.signing import agents_check, last_signed_on
from mediation.confirmation.eligibility import last_day_from
from mediation.confirmation.states import ConfirmationState
from mediation.disputes.days import round_began
from mediation.models import (
    Agreement,
    AgreementForm,
    AgreementSignature,
    AgreementState,
    FollowUpVisit,
    JudicialConfirmation,
    SignatureDay,
    SignatureHow,
    SignatureOf,
    VisitState,
)


@carries_out(AGREEMENT, "correct_day")
def agreement_correct_day(agreement: Agreement, *, actor: User, on: date, occurred_at: datetime | None = None,
                          **given) -> Agreement:  # fmt: skip
    """Correct the day of the seal, or of an oral agreement; a reason is needed.

    Raises Conflict (``at_court``: an application lies at the court, or it has decided), Invalid naming ``on`` (ahead;
    before the last signature, or before the mediation; the day that stands there; after a day on which a visit was
    made, or something of it was due or done); as ``perform``.
    """
    at = occurred_at or timezone.now()
    with atomically():
        hold_dispute(agreement, "correct_day", actor, *UNARCHIVED)
        locked = Agreement.objects.lock(agreement.pk)
        oral = locked.form == AgreementForm.ORAL
        before, made_before = locked.effective_on, locked.made_on
        if locked.state == AgreementState.EFFECTIVE:
            _judge(locked, on, oral)
        payload = {"effective_on": on.isoformat(), "before": before and before.isoformat(), "form": locked.form}
        made_on = on if oral else made_before
        return carry(locked, "correct_day", actor=actor, occurred_at=at, effective_on=on, made_on=made_on,
                     payload=payload, **given)  # fmt: skip


def _judge(agreement: Agreement, on: date, oral: bool) -> None:
    at_court = _court_check(agreement)
    day_check(on, "on", earliest=_earliest(agreement, oral))
    if on == agreement.effective_on:
        raise Invalid(_("This day stands there already."), field="on", code="same")
    _made_visits_check(agreement, on)
    if oral:
        _owed_check(agreement, on)
        agents_check(agreement, on)
    if at_court is not None:
        _withdrawn_check(agreement, at_court.applied_on, on)


def _earliest(agreement: Agreement, oral: bool) -> date:
    """Return the first day it may have been: as it is for the seal, or for an oral agreement."""
    replaced = agreement.replaces.order_by("-effective_on").values_list("effective_on", flat=True).first()
    of_round = round_began(agreement.dispute, until=agreement.drafted_at)
    begun = of_round if oral else last_signed_on(agreement)
    return max(begun, replaced or begun)


def _made_visits_check(agreement: Agreement, on: date) -> None:
    made = FollowUpVisit.objects.filter(agreement=agreement, state=VisitState.DONE).order_by("visited_on")
    if (first := made.first()) is not None and on > first.visited_on:
        raise Invalid(_("A visit after the agreement was made before this day."), field="on", code="visited")


def _owed_check(agreement: Agreement, on: date) -> None:
    """An oral agreement is made on the day from which it binds: nothing of it was due or done before."""
    rows = agreement.obligations.all()
    if any(row.due_on < on or (row.performed_on or on) < on for row in rows):
        raise Invalid(_("Something of this agreement was due or done before this day."), field="on", code="owed")


@carries_out(AGREEMENT, "correct_signature")
def agreement_correct_signature(agreement: Agreement, *, actor: User, signature: AgreementSignature, on: date,
                                occurred_at: datetime | None = None, **given) -> Agreement:  # fmt: skip
    """Correct the day on which a party, or the mediator, signed a written agreement; a reason is needed.

    Raises Conflict (``at_court``), Invalid naming ``signature`` (of another agreement; void; the seal; made by the own
    account) or ``on`` (as when signing: ahead, before the agreement or a signature before it; after one that follows,
    or the seal; before the paper by which the agent signed; the day that stands there); as ``perform``.
    """
    at, payload = occurred_at or timezone.now(), {}
    with atomically():
        hold_dispute(agreement, "correct_signature", actor, *UNARCHIVED)
        locked = Agreement.objects.lock(agreement.pk)
        if locked.state in SIGNED and is_written(locked):
            payload = _signature_judge(locked, signature, on)
        fresh = carry(locked, "correct_signature", actor=actor, occurred_at=at, payload=payload, **given)
        SignatureDay.objects.create(
            dispute_id=fresh.dispute_id, signature=signature, on=on, recorded_by=actor, at=at
        )  # fmt: skip
    return fresh


def _signature_judge(agreement: Agreement, signature: AgreementSignature, on: date) -> dict:
    """Refuse a day on which it was not signed; return what the event tells. Raises Conflict, Invalid."""
    read = agreement.signatures.select_related("authorisation", "agreement").prefetch_related("days")
    rows = {row.pk: row for row in read if not row.void}
    if (row := rows.pop(signature.pk, None)) is None:
        raise Invalid(_("This signature is of another agreement, or void."), field="signature", code="elsewhere")
    _court_check(agreement)
    if row.of == SignatureOf.COMMITTEE:
        raise Invalid(_("The day of the seal is that of the effect: correct that one."), field="signature", code="seal")
    if row.how == SignatureHow.ELECTRONIC:
        raise Invalid(_("By the own account one signs today: this day was not typed in."), field="signature",
                      code="own")  # fmt: skip
    earliest, latest = _between(agreement, row, list(rows.values()))
    day_check(on, "on", earliest=earliest)
    if latest is not None and on > latest:
        told = {"day": f"{latest:%Y-%m-%d}"}
        raise Invalid(_("The mediator signed, or the seal was put, on %(day)s: nobody signed after that. If that day "
                        "is wrong too, correct it first.") % told, field="on", code="too_late")  # fmt: skip
    if on == row.day:
        raise Invalid(_("This day stands there already."), field="on", code="same")
    if row.authorisation is not None and on < row.authorisation.signed_on:
        told = {"day": f"{row.authorisation.signed_on:%Y-%m-%d}"}
        raise Invalid(_("The paper by which the agent signed is of %(day)s.") % told, field="on", code="authorisation")
    return {"signature": row.pk, "of": row.of, "party": row.party_id, "on": on.isoformat(),
            "before": row.day.isoformat()}  # fmt: skip


def _between(agreement: Agreement, row: AgreementSignature,
             others: list[AgreementSignature]) -> tuple[date, date | None]:  # fmt: skip
    """Return the first and the last day on which it may have been signed (None: until today)."""
    if row.of == SignatureOf.MEDIATOR:
        before = [one.day for one in others if one.of == SignatureOf.PARTY]
        return max([agreement.made_on, *before]), agreement.effective_on
    after = [one.day for one in others if one.of == SignatureOf.MEDIATOR]
    return agreement.made_on, after[0] if after else agreement.effective_on


def _court_check(agreement: Agreement) -> JudicialConfirmation | None:
    """Refuse once a court has it, or has decided: it judged by the day that stood there; return what the parties took
    back (None: nothing was applied for). Raises Conflict."""
    rows = JudicialConfirmation.objects.filter(agreement=agreement)
    if rows.with_court().exists():
        raise Conflict(_("The agreement was brought before the court with this day."), code="at_court")
    return rows.filter(state=ConfirmationState.WITHDRAWN).first()


def _withdrawn_check(agreement: Agreement, applied_on: date, on: date) -> None:
    """What was applied for and taken back stays within the term. Raises Invalid naming ``on``."""
    if not on <= applied_on <= last_day_from(agreement, on).day:
        told = {"day": f"{applied_on:%Y-%m-%d}"}
        raise Invalid(_("The application of %(day)s, which was taken back, would not be in the term.") % told,
                      field="on", code="applied")  # fmt: skip
