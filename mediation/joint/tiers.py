"""Who handles a dispute: asked to be taken over by a higher tier's unit, or handed down (案例四, "分级调解").

``tier_escalate`` and ``tier_hand_down`` ask; the other unit accepts and names a mediator (``escalation_accept``); the
parties answer; then it takes over (``escalation_take_over``), which changes tier, unit and mediator at once.
"""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid
from governance.models import User
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from mediation.disputes.acting import figures_of, words_check
from mediation.disputes.amending import impartial_check, unwanted_check
from mediation.disputes.mediators import mediators_in
from mediation.disputes.places import unit_for_tier
from mediation.disputes.querysets import HANDLES, KEEPS
from mediation.disputes.states import OPEN, ConsentTo, DisputeTier
from mediation.joint.acting import REASON_LENGTH, at_once, carry, dispute_held, may, parties_check, stored
from mediation.joint.suggestions import codes_for
from mediation.models import Dispute, EscalationDirection, EscalationRequest, TierChange

REQUEST = "mediation.escalationrequest"
ORDER = [DisputeTier.GENERAL, DisputeTier.COMPLEX, DisputeTier.MAJOR]


def tiers_above(tier: str) -> list[str]:
    """Return the tiers higher than ``tier``, the next one first."""
    return ORDER[ORDER.index(tier) + 1 :]


def tiers_below(tier: str) -> list[str]:
    """Return the tiers lower than ``tier``, the next one first."""
    return ORDER[: ORDER.index(tier)][::-1]


def tier_escalate(dispute: Dispute, *, actor: User, reason: str, to_tier: str = "",
                  occurred_at: datetime | None = None) -> EscalationRequest:  # fmt: skip
    """Ask the unit of a higher tier (default: the next) to take the dispute over.

    Raises NotPermitted; Conflict (it has ended; asked already); Invalid naming ``reason``, ``to_tier`` or ``area``
    (there is no such unit).
    """
    return _asked(dispute, EscalationDirection.UP, HANDLES, actor, reason, to_tier, occurred_at)


def tier_hand_down(dispute: Dispute, *, actor: User, reason: str, to_tier: str = "",
                   occurred_at: datetime | None = None) -> EscalationRequest:  # fmt: skip
    """Ask the unit of a lower tier to take a dispute that is not as grave as it was thought. Raises as above."""
    return _asked(dispute, EscalationDirection.DOWN, KEEPS, actor, reason, to_tier, occurred_at)


def _asked(dispute, direction, rule, actor, reason, to_tier, occurred_at) -> EscalationRequest:
    at = occurred_at or timezone.now()
    words_check(reason=reason, longest=REASON_LENGTH)
    if not reason.strip():
        raise Invalid(_("Say why."), field="reason", code="required")
    with atomically():
        held, grant = dispute_held(dispute, rule, actor)
        to_tier = _tier(held, direction, to_tier)
        unit = unit_for_tier(held.area, to_tier)
        if unit.pk == held.unit_id:
            raise Conflict(_("This unit has the dispute already."), code="same_unit")
        row = EscalationRequest(
            dispute=held, direction=direction, from_tier=held.tier, to_tier=to_tier, from_unit=held.unit, to_unit=unit,
            reason=reason.strip(), requested_by=actor, requested_at=at,
            suggested_by=",".join(codes_for(held, at)) if direction == EscalationDirection.UP else "",
        )  # fmt: skip
        if EscalationRequest.objects.running().filter(dispute=held).exists():
            raise Conflict(_("Another unit has been asked already."), code="asked_already")
        return stored(row, "escalation.requested", actor=actor, grant=grant, at=at, direction=direction,
                      from_tier=row.from_tier, to_tier=to_tier, to_unit=unit.pk)  # fmt: skip


def _tier(dispute: Dispute, direction: str, wanted: str) -> str:
    up = direction == EscalationDirection.UP
    possible = tiers_above(dispute.tier) if up else tiers_below(dispute.tier)
    if not possible:
        text = _("This is the highest tier already.") if up else _("This is the lowest tier already.")
        raise Conflict(text, code="no_such_tier")
    if wanted and wanted not in possible:
        raise Invalid(_("Choose one of the values."), field="to_tier", code="invalid_choice")
    return wanted or possible[0]


def _mediator_check(request: EscalationRequest, mediator: User) -> None:
    if not mediators_in(request.to_unit_id).filter(pk=mediator.pk).exists():
        raise Invalid(_("This person does not mediate in the unit."), field="mediator", code="not_theirs")
    unwanted_check(request.dispute, mediator)


@carries_out(REQUEST, "accept")
def escalation_accept(request: EscalationRequest, *, actor: User, mediator: User, occurred_at: datetime | None = None,
                      **given) -> EscalationRequest:  # fmt: skip
    """Accept for the unit that was asked, and name who would mediate. Raises Invalid naming ``mediator``."""
    at = occurred_at or timezone.now()
    if may(request, "accept", actor):
        _mediator_check(request, mediator)
    return carry(request, "accept", actor=actor, occurred_at=at, at=at, mediator=mediator,
                 payload={"mediator": mediator.pk}, **given)  # fmt: skip


@carries_out(REQUEST, "name_mediator")
def escalation_name_mediator(request: EscalationRequest, *, actor: User, mediator: User,
                             occurred_at: datetime | None = None, **given) -> EscalationRequest:  # fmt: skip
    """Name another mediator, because a party refused the first. Raises Invalid naming ``mediator``."""
    at = occurred_at or timezone.now()
    if may(request, "name_mediator", actor):
        _mediator_check(request, mediator)
    return carry(request, "name_mediator", actor=actor, occurred_at=at, at=at, mediator=mediator,
                 payload={"mediator": mediator.pk}, **given)  # fmt: skip


@carries_out(REQUEST, "take_over")
def escalation_take_over(request: EscalationRequest, *, actor: User, occurred_at: datetime | None = None,
                         **given) -> EscalationRequest:  # fmt: skip
    """Take the dispute over: tier, unit and mediator change, and a row of its history is written.

    Raises Conflict unless every party accepted the mediator, or while what only the higher tier has still runs;
    Invalid naming ``mediator``, who has become a party or was recused.
    """
    at = occurred_at or timezone.now()
    with atomically():
        dispute = Dispute.objects.lock(request.dispute_id)
        held = EscalationRequest.objects.lock(request.pk)
        if may(held, "take_over", actor) and dispute.state in OPEN:
            parties_check(dispute, ConsentTo.MEDIATOR, held.mediator)
            impartial_check(dispute, held.mediator)
            _nothing_left_above(dispute, held.to_tier)
        fresh = carry(held, "take_over", actor=actor, occurred_at=at, at=at,
                      payload={"tier": held.to_tier, "unit": held.to_unit_id}, **given)  # fmt: skip
        perform(dispute, "change_tier", actor=actor, occurred_at=at, tier=fresh.to_tier, unit=fresh.to_unit,
                mediator=fresh.mediator, payload=figures_of(dispute) | {
                    "from_tier": fresh.from_tier, "to_tier": fresh.to_tier, "unit": fresh.to_unit_id})  # fmt: skip
        TierChange.objects.create(
            dispute=dispute, tier=fresh.to_tier, unit=fresh.to_unit, reason=fresh.reason, changed_by=actor,
            changed_at=at,
        )  # fmt: skip
    return fresh


def _nothing_left_above(dispute: Dispute, to_tier: str) -> None:
    """Refuse to hand a dispute down while organs or departments still work on what that tier has not. Who hands it down
    ends that, not who takes it: the text names them."""
    told = {"unit": dispute.unit}
    if to_tier == DisputeTier.GENERAL and dispute.tracks.running().exists():
        raise Conflict(_("Tracks of joint mediation still run: %(unit)s has to end them first.") % told,
                       code="tracks_running")  # fmt: skip
    if to_tier != DisputeTier.MAJOR and dispute.department_tasks.open().exists():
        raise Conflict(_("Tasks of departments are still open: %(unit)s has to close them first.") % told,
                       code="tasks_open")  # fmt: skip


at_once(REQUEST, "decline", "withdraw")


def escalations_stop(dispute: Dispute, *, actor: User, at: datetime) -> None:
    """Withdraw what still asks for a takeover: the dispute has ended."""
    for row in EscalationRequest.objects.running().filter(dispute=dispute):
        carry(row, "withdraw", actor=actor, occurred_at=at, at=at, reason=_("The dispute has ended."))
