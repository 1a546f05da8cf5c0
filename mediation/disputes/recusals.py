"""Recusal: a party asks that somebody else mediates, or the mediator steps aside."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Event, User
from governance.scoping import forget_grants
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from mediation.disputes.acting import SYSTEM_GRANT, carry, clock, figures_of, grant_or_refuse, words_check
from mediation.disputes.amending import mediator_check
from mediation.disputes.mediators import working_on
from mediation.disputes.notices import former_mediator_told
from mediation.disputes.querysets import HANDLES
from mediation.disputes.recusal_workflow import asked_today
from mediation.disputes.states import FOLLOWED_UP, OPEN, DisputeState, DisputeTier, RecusalGround, RecusalState
from mediation.models import Agreement, Dispute, Party, Recusal

RECUSAL = "mediation.recusal"
NEEDS_MEDIATOR = (DisputeState.ACCEPTED, DisputeState.MEDIATING, DisputeState.AGREED)
# Somebody is appointed in these; after any other end the recusal is decided alone.
APPOINTED_IN = (*OPEN, *FOLLOWED_UP)
DECIDED = ("recusal.upheld", "recusal.rejected", "recusal.withdrawn")


def recusal_ask(dispute: Dispute, *, actor: User | None, ground: str, party: Party | None = None, words: str = "",
                at: datetime | None = None) -> Recusal:  # fmt: skip
    """Ask that the appointed mediator is recused; ``party`` None: the mediator asks for it.

    ``actor`` None: a party on the own page. Until it is decided nothing begins. Raises NotPermitted, Conflict (nobody
    is appointed, it is asked for already), Invalid naming the field.
    """
    at = at or timezone.now()
    words_check(words=words, longest=500)
    if ground not in RecusalGround.values:
        raise Invalid(_("Choose one of the values."), field="ground", code="invalid_choice")
    with atomically():
        held = Dispute.objects.lock(dispute.pk)
        grant = SYSTEM_GRANT if actor is None and party is not None else grant_or_refuse(HANDLES, held, actor)
        if held.state not in OPEN or held.mediator is None:
            raise Conflict(_("Nobody mediates this dispute now."), code="no_mediator")
        if party is not None and party.dispute_id != held.pk:
            raise Invalid(_("This party is of another dispute."), field="party", code="outside")
        if party is None and actor != held.mediator:
            raise NotPermitted(_("Only the mediator steps aside alone: name the party who asks for it."))
        if not recusal_possible(held):
            raise Conflict(_("Recusal of this mediator is asked for already."), code="asked")
        row = Recusal.objects.create(dispute=held, mediator=held.mediator, party=party, ground=ground,
                                     words=words.strip(), asked_at=at, recorded_by=actor)  # fmt: skip
        payload = figures_of(held) | {"mediator": held.mediator_id, "ground": ground}
        events.record("recusal.asked", row, actor=actor or clock(), grant=grant, payload=payload, occurred_at=at)
    return row


def recusal_possible(dispute: Dispute) -> bool:
    """Whether a party may ask now that the mediator stands aside: somebody mediates, and nobody has asked yet."""
    if dispute.state not in OPEN or dispute.mediator_id is None:
        return False
    asked = Recusal.objects.filter(dispute=dispute, mediator=dispute.mediator_id, state=RecusalState.ASKED)
    return not asked.exists()


@carries_out(RECUSAL, "uphold")
def recusal_uphold(recusal: Recusal, *, actor: User, mediator: User | None = None, occurred_at=None,
                   **given) -> Recusal:  # fmt: skip
    """Uphold a recusal: somebody else mediates. ``mediator``: who, compulsory once the dispute was accepted, and as
    long as an agreement is followed up; nobody where it has ended otherwise.

    By somebody else of the unit; where nobody of it is left, by the unit above (``querysets.ABOVE``), which may name
    one of its own. What the recused mediator has signed and is not in effect is void (``agreements.handlers``). Raises
    NotPermitted for the mediator concerned (but who steps aside), Conflict, Invalid naming ``mediator``.
    """
    at = occurred_at or timezone.now()
    with atomically():
        held = Dispute.objects.lock(recusal.dispute_id)
        _not_by_oneself(recusal, actor, stepping_aside=recusal.party_id is None)
        if actor.pk != recusal.mediator_id:
            former_mediator_told(recusal)  # before it holds: afterwards they read nothing of the dispute
        fresh = _decide(recusal, "uphold", actor, at, held, given)
        forget_grants(actor)  # who steps aside reads it no longer, in this very request
        if held.mediator_id == recusal.mediator_id:
            _replace(held, mediator, actor=actor, at=at, recusal=fresh)
        elif mediator is not None:
            raise Invalid(_("Somebody else mediates already."), field="mediator", code="not_needed")
    return fresh


def _replace(dispute: Dispute, mediator: User | None, *, actor: User, at: datetime, recusal: Recusal) -> None:
    """Appoint somebody else in the place of who was recused. Raises Invalid naming ``mediator``."""
    if dispute.state not in APPOINTED_IN:
        if mediator is not None:
            told = {"state": dispute.get_state_display()}
            raise Invalid(_("Nobody mediates it any more: the dispute is “%(state)s”.") % told, field="mediator",
                          code="not_needed")  # fmt: skip
        return
    if mediator is None and needs_mediator(dispute):
        raise Invalid(_("Say who mediates instead."), field="mediator", code="required")
    if mediator is not None:
        mediator_check(dispute, mediator)
    payload = {"mediator": mediator.pk if mediator else None, "recusal": recusal.pk}
    # Who has just stepped aside appoints nobody any more: it follows from what they did.
    by = clock() if actor.pk == dispute.mediator_id else actor
    carry(dispute, "assign", actor=by, mediator=mediator, occurred_at=at, payload=payload)


def needs_mediator(dispute: Dispute) -> bool:
    """Whether it cannot be without a mediator: it is mediated, or an agreement of it is followed up."""
    if dispute.state == DisputeState.CLOSED:
        return Agreement.objects.in_effect().filter(dispute=dispute).exists()
    return dispute.state in NEEDS_MEDIATOR


@carries_out(RECUSAL, "reject")
def recusal_reject(recusal: Recusal, *, actor: User, occurred_at=None, **given) -> Recusal:
    """Reject a recusal, with a reason; never by the mediator it is about."""
    at = occurred_at or timezone.now()
    with atomically():
        held = Dispute.objects.lock(recusal.dispute_id)
        _not_by_oneself(recusal, actor, stepping_aside=False)
        return _decide(recusal, "reject", actor, at, held, given)


@carries_out(RECUSAL, "withdraw")
def recusal_withdraw(recusal: Recusal, *, actor: User, occurred_at=None, **given) -> Recusal:
    """Take back what was recorded by mistake, with a reason, by who recorded it, on the same day: the party may ask
    again. Raises Conflict (``late``: another day), as ``perform``."""
    at = occurred_at or timezone.now()
    with atomically():
        held = Dispute.objects.lock(recusal.dispute_id)
        if recusal.state == RecusalState.ASKED and actor.pk == recusal.recorded_by_id and not asked_today(recusal):
            raise Conflict(_("It is taken back on the day on which it was recorded; now it is decided."), code="late")
        return _decide(recusal, "withdraw", actor, at, held, given)


def nobody_decides(recusal: Recusal) -> str:
    """Return what to do where nobody of the unit, nor of the one above, can decide a recusal; empty where somebody
    can."""
    dispute = recusal.dispute
    if recusal.state != RecusalState.ASKED or any(user.pk != recusal.mediator_id for user in working_on(dispute)):
        return ""
    if dispute.tier == DisputeTier.MAJOR:
        return _("Nobody can decide this recusal: there is nobody else in the centre. Hand the dispute down, or ask "
                 "the administrator to appoint a second person to the centre.")  # fmt: skip
    return _("Nobody can decide this recusal: there is nobody else in the unit, nor in the one above. Let a higher "
             "tier take the dispute over, or ask the administrator to appoint a second person to the unit."
             )  # fmt: skip


def decision_reasons(recusals: Iterable[Recusal]) -> dict[int, str]:
    """Return the reasons given for decisions, by the number of the recusal; in one statement."""
    rows = Event.objects.filter(subject_type=RECUSAL, subject_id__in=[row.pk for row in recusals], name__in=DECIDED)
    found = rows.filter(remark__isnull=False).order_by("id").values_list("subject_id", "remark__text")
    return {pk: text for pk, text in found if text}


def _decide(recusal: Recusal, name: str, actor: User, at: datetime, dispute: Dispute, given: dict) -> Recusal:
    payload = figures_of(dispute) | {"mediator": recusal.mediator_id}
    return perform(recusal, name, actor=actor, occurred_at=at, by=actor, at=at, payload=payload, **given)[0]


def _not_by_oneself(recusal: Recusal, actor: User, *, stepping_aside: bool) -> None:
    if actor.pk == recusal.mediator_id and not stepping_aside:
        raise NotPermitted(_("Somebody else of the unit decides this."))
