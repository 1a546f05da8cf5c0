"""How a dispute ends: agreed, terminated, declined, referred; then closed and archived; and opened again."""

from datetime import date, datetime
from functools import partial

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid
from governance.models import Event, OrgUnit, User
from governance.scoping import grant_for
from governance.transactions import atomically
from governance.workflow import carries_out
from mediation.disputes.accepting import ready_check
from mediation.disputes.acting import DISPUTE, SYSTEM_GRANT, carry, clock, may, tell
from mediation.disputes.completeness import missing_of
from mediation.disputes.days import round_began_at, said_moment
from mediation.disputes.dispute_workflow import REOPENABLE, take_back_name
from mediation.disputes.grounds import ground_check
from mediation.disputes.querysets import HANDLES
from mediation.disputes.routes import routes_tell, way_check
from mediation.disputes.states import (
    ConsentAnswer,
    ConsentTo,
    DeclineGround,
    DisputeState,
    ReferredTo,
    TerminationGround,
)
from mediation.disputes.term import term_stop
from mediation.models import Consent, Dispute

# What a dispute that has not ended did last.
RUNS = ("dispute.accepted", "dispute.begun", "dispute.reopened")


@carries_out(DISPUTE, "agree")
def dispute_agree(dispute: Dispute, *, actor: User, on: date | None = None, occurred_at: datetime | None = None,
                  **given) -> Dispute:  # fmt: skip
    """Record that an agreement takes effect, on a day (default today); called by what keeps agreements, inside its
    transaction: it has judged the day.

    Raises Conflict unless the dispute is in mediation, and as ``ready_check``: a party who came later has not agreed to
    be mediated, refuses the mediator, or asked for a recusal that nobody has decided.
    """
    at = occurred_at or timezone.now()
    with atomically():
        held = Dispute.objects.lock(dispute.pk)
        if may(held, "agree", actor):
            ready_check(held)
        ended = said_moment(on, at, earliest=date.min, after=round_began_at(held))
        fresh = carry(held, "agree", actor=actor, occurred_at=at, at=ended, **given)
        term_stop(fresh)
    return fresh


def dispute_end_move(dispute: Dispute, day: date, *, began: datetime, at: datetime) -> None:
    """Let a dispute that ended in agreement have ended on another ``day``, on which its agreement took effect in truth,
    after the round ``began``; called by what keeps agreements, inside its transaction."""
    held = Dispute.objects.lock(dispute.pk)
    if held.state not in (DisputeState.AGREED, DisputeState.CLOSED) or held.ended_ground:
        return  # a later round ended otherwise, though the agreement of an earlier one binds on
    before = timezone.localdate(held.ended_at).isoformat()
    held.ended_at = said_moment(day, at, earliest=date.min, after=began)
    held.save(update_fields=["ended_at"])
    tell("dispute.end_moved", held, actor=clock(), grant=SYSTEM_GRANT, at=at, on=day.isoformat(), before=before)


@carries_out(DISPUTE, "terminate")
def dispute_terminate(dispute: Dispute, *, actor: User, ground: str, how: str, on: date | None = None,
                      occurred_at: datetime | None = None, **given) -> Dispute:  # fmt: skip
    """End a mediation without an agreement, on a day (default today); ``how``: the way in which all parties were told
    of arbitration, the administrative and the court route (人民调解法 26). Raises Invalid naming ``ground`` (not so on
    that day), ``how`` or ``on`` (ahead, before the mediation or what a party said of it).
    """
    at = occurred_at or timezone.now()
    _choice("ground", ground, TerminationGround)
    way_check(how)
    with atomically():
        ended, payload = _ended(dispute, "terminate", actor, on, at)
        ground_check(Dispute.objects.lock(dispute.pk), ground, actor, timezone.localdate(ended))
        fresh = carry(dispute, "terminate", actor=actor, occurred_at=at, ground=ground, at=ended,
                      payload={"ground": ground} | payload, **given)  # fmt: skip
        routes_tell(fresh, list(fresh.parties.all()), how=how, told_by=actor, at=ended,
                    grant=grant_for(HANDLES, fresh, actor))  # fmt: skip
        term_stop(fresh)
    return fresh


@carries_out(DISPUTE, "decline")
def dispute_decline(dispute: Dispute, *, actor: User, ground: str, on: date | None = None,
                    occurred_at: datetime | None = None, **given) -> Dispute:  # fmt: skip
    """Do not mediate it: a party explicitly refuses (人民调解法 17), or it is none that can be mediated. Raises Invalid
    naming ``ground`` (nobody has refused) or ``on`` (the day, default today: ahead, before it was brought or what a
    party said of it)."""
    at = occurred_at or timezone.now()
    _choice("ground", ground, DeclineGround)
    with atomically():
        ended, payload = _ended(dispute, "decline", actor, on, at)
        if ground == DeclineGround.PARTY_REFUSED and may(held := Dispute.objects.lock(dispute.pk), "decline", actor):
            _refusal_check(held)
        return carry(dispute, "decline", actor=actor, occurred_at=at, ground=ground, at=ended,
                     payload={"ground": ground} | payload, **given)  # fmt: skip


def _refusal_check(dispute: Dispute) -> None:
    """Raise Invalid naming ``ground`` unless a party's latest answer of this round is no: the notice to the parties
    says that one of them explicitly refused (人民调解法 17)."""
    answers = Consent.objects.latest_of(dispute, ConsentTo.MEDIATION).values_list("answer", flat=True)
    if not {ConsentAnswer.REFUSED, ConsentAnswer.WITHDRAWN} & set(answers):
        text = _("No party's refusal is recorded: record first who refused, or choose another ground.")
        raise Invalid(text, field="ground", code="nobody_refused")


def _ended(dispute: Dispute, name: str, actor: User, on: date | None, at: datetime) -> tuple[datetime, dict]:
    """Return when it ended, and what the event tells of it; the event itself is of the recording, by which measures
    know what had been told when. Raises Invalid naming ``on``."""
    held = Dispute.objects.lock(dispute.pk)
    if on is None or not may(held, name, actor):
        return at, {}
    ran = Event.objects.filter(subject_type=DISPUTE, subject_id=held.pk, name__in=RUNS).order_by("-id")
    since = ran.values_list("occurred_at", flat=True).first() or held.registered_at
    said = Consent.objects.latest_of(held, ConsentTo.MEDIATION).values_list("said_on", flat=True)
    moment = said_moment(on, at, earliest=max([timezone.localdate(since), *said]), after=since)
    return moment, {"on": timezone.localdate(moment).isoformat()}


@carries_out(DISPUTE, "refer")
def dispute_refer(dispute: Dispute, *, actor: User, where: str, unit: OrgUnit | None = None,
                  occurred_at: datetime | None = None, **given) -> Dispute:  # fmt: skip
    """Send it where it belongs; ``unit`` where it is one of ours. Police and courts need no consent."""
    at = occurred_at or timezone.now()
    _choice("where", where, ReferredTo)
    if unit is not None and not unit.is_active:
        raise Invalid(_("This unit is no longer in use."), field="unit", code="inactive")
    with atomically():
        fresh = carry(dispute, "refer", actor=actor, occurred_at=at, where=where, unit=unit, at=at,
                      payload={"where": where, "unit": unit.pk if unit else None}, **given)  # fmt: skip
        term_stop(fresh)
    return fresh


@carries_out(DISPUTE, "close")
def dispute_close(dispute: Dispute, *, actor: User, occurred_at: datetime | None = None, **given) -> Dispute:
    """Close a dispute that was agreed or terminated."""
    at = occurred_at or timezone.now()
    return carry(dispute, "close", actor=actor, occurred_at=at, at=at, **given)


@carries_out(DISPUTE, "archive")
def dispute_archive(dispute: Dispute, *, actor: User, occurred_at: datetime | None = None, **given) -> Dispute:
    """Archive the file. Raises Conflict naming everything that is missing (``completeness.py``)."""
    at = occurred_at or timezone.now()
    with atomically():
        held = Dispute.objects.lock(dispute.pk)
        if may(held, "archive", actor) and (missing := missing_of(held)):
            raise Conflict(" ".join(missing), code="incomplete")
        return carry(held, "archive", actor=actor, occurred_at=at, at=at, **given)


@carries_out(DISPUTE, "reopen")
def dispute_reopen(dispute: Dispute, *, actor: User, on: date | None = None, occurred_at: datetime | None = None,
                   **given) -> Dispute:  # fmt: skip
    """Open an ended dispute again (a relapse, a change of mind, handed back by who it was referred to), on a day
    (default today). Parties are asked anew before it is begun.

    Raises Invalid naming ``on`` (ahead, before it ended, was closed, or archived); as ``perform``.
    """
    now = occurred_at or timezone.now()
    with atomically():
        held, at = Dispute.objects.lock(dispute.pk), now
        if may(held, "reopen", actor):
            ends = [held.registered_at, held.ended_at, held.closed_at, held.archived_at]
            ended = max(moment for moment in ends if moment)
            at = said_moment(on, now, earliest=timezone.localdate(ended), after=ended)
        payload = {"times": held.reopened + 1, "told_on": timezone.localdate(now).isoformat()}
        return carry(held, "reopen", actor=actor, occurred_at=at, payload=payload, **given)


def dispute_take_back(dispute: Dispute, state: str, *, actor: User, **given) -> Dispute:
    """Take back a reopening by mistake, to ``state``: it is as it was before, also in measures. Raises Conflict
    (``answered``) once a party has answered anew, (``mediator``) where an agreement is followed up and the mediator was
    recused meanwhile; as ``perform``."""
    name = take_back_name(state)
    with atomically():
        held = Dispute.objects.lock(dispute.pk)
        if may(held, name, actor):
            _take_back_check(held, state)
        return carry(held, name, actor=actor, payload={"times": held.reopened}, **given)


def _take_back_check(dispute: Dispute, state: str) -> None:
    if answered_anew(dispute):
        raise Conflict(_("A party has answered since it was reopened: end it as any other."), code="answered")
    if state == DisputeState.AGREED and dispute.mediator is None:
        raise Conflict(_("Appoint a mediator first."), field="mediator", code="mediator")


def answered_anew(dispute: Dispute) -> bool:
    """Whether a party has answered anything in this round."""
    return Consent.objects.filter(dispute=dispute, round=dispute.reopened).exists()


for _state in REOPENABLE:
    carries_out(DISPUTE, take_back_name(_state))(partial(dispute_take_back, state=_state))


def _choice(field: str, value: str, values) -> None:
    if value not in values.values:
        raise Invalid(_("Choose one of the values."), field=field, code="invalid_choice")
