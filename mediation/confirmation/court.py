"""The court's steps, entered by its clerk: received, admitted, decided; taken back where that was a mistake; and what
became of it afterwards."""

from datetime import date

from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid
from governance.models import Event, User
from governance.transactions import atomically
from governance.work_calendars import statutory_calendar_of
from governance.workflow import carries_out
from mediation.agreements.acting import UNARCHIVED, carry, day_check, hold_dispute
from mediation.confirmation.applying import CONFIRMATION, held
from mediation.confirmation.days import ADMIT_DAYS, DECIDE_DAYS, DECIDE_MORE_DAYS, last_day
from mediation.confirmation.eligibility import withdrawal_of
from mediation.confirmation.states import NOT_ADMITTED, REJECTS
from mediation.models import ConfirmationState, CourtGround, JudicialConfirmation

# What a step that is taken back had entered; its event keeps it.
ENTERED = ("received_on", "admitted_on", "decide_by", "decided_on", "case_number", "ground")


def admit_by(confirmation: JudicialConfirmation) -> date:
    """Return until when the court says whether it admits what it received (法释〔2011〕5号)."""
    return last_day(confirmation.received_on, ADMIT_DAYS, statutory_calendar_of(confirmation.dispute.area)).day


@carries_out(CONFIRMATION, "receive")
def confirmation_receive(confirmation: JudicialConfirmation, *, actor: User, on: date | None = None,
                         **given) -> JudicialConfirmation:  # fmt: skip
    """Record that the court has the application. Raises Invalid naming ``on``; as ``perform``."""
    with atomically():
        locked = held(confirmation, "receive", actor)
        day = day_check(on, "on", earliest=locked.applied_on)
        return carry(locked, "receive", actor=actor, on=day, payload={"on": day.isoformat()}, **given)


@carries_out(CONFIRMATION, "admit")
def confirmation_admit(confirmation: JudicialConfirmation, *, actor: User, number: str, on: date | None = None,
                       **given) -> JudicialConfirmation:  # fmt: skip
    """Admit it under the court's number; it is to be decided within 15 days. Raises Invalid; as ``perform``."""
    with atomically():
        locked = held(confirmation, "admit", actor)
        day = day_check(on, "on", earliest=locked.received_on)
        until = last_day(day, DECIDE_DAYS, statutory_calendar_of(locked.dispute.area)).day
        payload = {"on": day.isoformat(), "decide_by": until.isoformat()}
        return carry(locked, "admit", actor=actor, on=day, number=_number(number), decide_by=until, payload=payload,
                     **given)  # fmt: skip


@carries_out(CONFIRMATION, "extend")
def confirmation_extend(confirmation: JudicialConfirmation, *, actor: User, **given) -> JudicialConfirmation:
    """Take ten days more, once. Raises Conflict (``extended``); as ``perform``."""
    with atomically():
        locked = held(confirmation, "extend", actor)
        if locked.extended:
            raise Conflict(_("The term was extended already: ten days, once."), code="extended")
        until = locked.decide_by
        if locked.state == ConfirmationState.ADMITTED:
            days = DECIDE_DAYS + DECIDE_MORE_DAYS
            until = last_day(locked.admitted_on, days, statutory_calendar_of(locked.dispute.area)).day
        payload = {"decide_by": until.isoformat() if until else None}
        return carry(locked, "extend", actor=actor, decide_by=until, payload=payload, **given)


@carries_out(CONFIRMATION, "confirm")
def confirmation_confirm(confirmation: JudicialConfirmation, *, actor: User, number: str, on: date | None = None,
                         **given) -> JudicialConfirmation:  # fmt: skip
    """Record the ruling that confirms the agreement; it may be enforced from now on. As ``perform``."""
    with atomically():
        locked = held(confirmation, "confirm", actor)
        day = day_check(on, "on", earliest=locked.admitted_on)
        payload = {"on": day.isoformat(), "admitted_as": locked.case_number}
        return carry(locked, "confirm", actor=actor, on=day, number=_number(number), payload=payload, **given)


@carries_out(CONFIRMATION, "not_admit")
def confirmation_not_admit(confirmation: JudicialConfirmation, *, actor: User, ground: str, on: date | None = None,
                           **given) -> JudicialConfirmation:  # fmt: skip
    """Record that the court does not admit what it received (民诉解释 355). Raises Invalid naming ``ground``, which
    must be of that article, or ``on``; as ``perform``."""
    return _refused(confirmation, "not_admit", NOT_ADMITTED, actor=actor, ground=ground, on=on, **given)


@carries_out(CONFIRMATION, "reject")
def confirmation_reject(confirmation: JudicialConfirmation, *, actor: User, ground: str, on: date | None = None,
                        **given) -> JudicialConfirmation:  # fmt: skip
    """Record that the court rejects what it had admitted (民诉解释 355, 358). Raises Invalid naming ``ground`` or
    ``on``; as ``perform``."""
    return _refused(confirmation, "reject", REJECTS, actor=actor, ground=ground, on=on, **given)


@carries_out(CONFIRMATION, "hand_back")
def confirmation_hand_back(confirmation: JudicialConfirmation, *, actor: User, on: date | None = None,
                           **given) -> JudicialConfirmation:  # fmt: skip
    """Record that the court treats the application as withdrawn, its papers not completed in time (民诉解释 357).
    Raises Invalid naming ``on``; as ``perform``."""
    grounds = (CourtGround.PAPERS,)
    return _refused(confirmation, "hand_back", grounds, actor=actor, ground=CourtGround.PAPERS, on=on, **given)


def _refused(confirmation: JudicialConfirmation, name: str, grounds, *, actor: User, ground: str, on: date | None,
             **given) -> JudicialConfirmation:  # fmt: skip
    with atomically():
        locked = held(confirmation, name, actor)
        day = day_check(on, "on", earliest=locked.admitted_on or locked.received_on)
        if ground not in grounds:
            told = _("Choose one of the values.")
            if grounds is NOT_ADMITTED:
                told = _("Before it is admitted, a ground of Article 355 of the Interpretation (2022) is named.")
            raise Invalid(told, field="ground", code="ground")
        return carry(locked, name, actor=actor, on=day, ground=ground,
                     payload={"on": day.isoformat(), "ground": ground}, **given)  # fmt: skip


@carries_out(CONFIRMATION, "back_to_applied")
def confirmation_back_to_applied(confirmation: JudicialConfirmation, *, actor: User, **given) -> JudicialConfirmation:
    """Take back that the court received it, or a withdrawal before that: entered by mistake; a reason is needed. As
    ``perform``."""
    return _taken_back(confirmation, "back_to_applied", actor=actor, **given)


@carries_out(CONFIRMATION, "back_to_received")
def confirmation_back_to_received(confirmation: JudicialConfirmation, *, actor: User, **given) -> JudicialConfirmation:
    """Take back the admission, or the answer or withdrawal before it; a reason is needed. As ``perform``."""
    return _taken_back(confirmation, "back_to_received", actor=actor, **given)


@carries_out(CONFIRMATION, "back_to_admitted")
def confirmation_back_to_admitted(confirmation: JudicialConfirmation, *, actor: User, **given) -> JudicialConfirmation:
    """Take back the decision on what was admitted with its number, or its withdrawal; a reason is needed. As
    ``perform``."""
    with atomically():
        locked = held(confirmation, "back_to_admitted", actor)
        return _taken_back(locked, "back_to_admitted", actor=actor, number=_admitted_as(locked), **given)


def _taken_back(confirmation: JudicialConfirmation, name: str, *, actor: User, **given) -> JudicialConfirmation:
    """Go back by one of the clerk's steps; the event tells what stood there, and which withdrawal was none: what the
    parties said before it counts on. Raises Conflict (``dispute_state``: the file is archived; ``day_corrected``)."""
    with atomically():
        locked = held(confirmation, name, actor)
        hold_dispute(locked, name, actor, *UNARCHIVED)
        stood = {field: str(value) for field in ENTERED if (value := getattr(locked, field))}
        payload = {"taken_back": stood}
        if locked.withdrawn_by_court:
            payload |= {"withdrawal": _withdrawal_check(locked).pk}
        return carry(locked, name, actor=actor, payload=payload, **given)


def _withdrawal_check(confirmation: JudicialConfirmation) -> Event:
    """Return the withdrawal that is taken back. Raises Conflict: the court has the application with another day of
    effect than is recorded since."""
    withdrawal, agreement = withdrawal_of(confirmation), confirmation.agreement
    later = Event.objects.filter(subject_type=agreement._meta.label_lower, subject_id=agreement.pk,
                                 name="mediation_agreement.day_corrected", id__gt=withdrawal.pk)  # fmt: skip
    if later.exists():
        raise Conflict(_("The day of effect of the agreement was put right since: the parties apply anew."),
                       code="day_corrected")  # fmt: skip
    return withdrawal


def _admitted_as(confirmation: JudicialConfirmation) -> str:
    """Return the number under which it was admitted: a ruling has one of its own in the same place."""
    if confirmation.state != ConfirmationState.VALID:
        return confirmation.case_number
    rows = Event.objects.filter(subject_type=confirmation._meta.label_lower, subject_id=confirmation.pk,
                                name="confirmation.valid").order_by("-id")  # fmt: skip
    told = rows.values_list("payload", flat=True).first() or {}
    return told.get("admitted_as", confirmation.case_number)


@carries_out(CONFIRMATION, "note_enforcement")
def confirmation_note_enforcement(confirmation: JudicialConfirmation, *, actor: User, number: str = "",
                                  on: date | None = None, **given) -> JudicialConfirmation:  # fmt: skip
    """Note that a party asked for enforcement: within two years of the last day of performance (民事诉讼法 250).
    As ``perform``."""
    with atomically():
        locked = held(confirmation, "note_enforcement", actor)
        day = day_check(on, "on", earliest=locked.decided_on)
        return carry(locked, "note_enforcement", actor=actor, on=day, number=number.strip(),
                     payload={"on": day.isoformat()}, **given)  # fmt: skip


def _number(text: str) -> str:
    number = text.strip()
    if not number:
        raise Invalid(_("Enter the number of the court."), field="number", code="required")
    if len(number) > 60 or "\0" in number:
        raise Invalid(_("At most %(count)s characters.") % {"count": 60}, field="number", code="max_length")
    return number
