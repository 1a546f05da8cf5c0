"""Inviting a respected local to one dispute: with the parties' consent, to a summary, for a while (人民调解法 20)."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.errors import Conflict, Invalid
from governance.models import User
from governance.transactions import atomically
from governance.workflow import carries_out
from mediation.disputes.acting import words_check
from mediation.disputes.consents import answers_of
from mediation.disputes.querysets import HANDLES
from mediation.disputes.states import ConsentAnswer, ConsentTo
from mediation.joint.acting import carry, dispute_held, may, parties_check, stored
from mediation.joint.deadlines import access_timer, access_timer_stop
from mediation.joint.respected_helpers import conflict_of
from mediation.models import Dispute, HelperInvitation, HelperState, InvitationState, RespectedHelper

INVITATION = "mediation.helperinvitation"
# Nobody reads of a dispute for longer without being asked again [J].
FARTHEST = timedelta(days=90)
MOST_HOURS = Decimal(200)
CONFLICTS = {
    "party": gettext_lazy("This person is a party to the dispute."),
    "home": gettext_lazy("This person lives with a party to the dispute."),
    "mediator": gettext_lazy("This person mediates the dispute."),
}


def invitation_propose(dispute: Dispute, *, actor: User, helper: RespectedHelper, summary: str, until: date,
                       occurred_at: datetime | None = None) -> HelperInvitation:  # fmt: skip
    """Propose a helper to the parties; the helper is told nothing before each of them agreed.

    Raises NotPermitted; Conflict (ended, proposed already, no longer in the register); Invalid naming ``helper`` (not
    impartial, not of this place), ``summary`` or ``until``.
    """
    at = occurred_at or timezone.now()
    words_check(summary=summary, longest=2000)
    if not summary.strip():
        raise Invalid(_("Say what the helper is told."), field="summary", code="required")
    today = timezone.localdate(at)
    if not today <= until <= today + FARTHEST:
        raise Invalid(_("From today to 90 days ahead."), field="until", code="out_of_range")
    with atomically():
        held, grant = dispute_held(dispute, HANDLES, actor)
        _active_check(helper)
        if not RespectedHelper.objects.near(held.area).filter(pk=helper.pk).exists():
            raise Invalid(_("This person is not in the register of this place."), field="helper", code="elsewhere")
        _conflict_check(helper, held)
        if HelperInvitation.objects.running().filter(dispute=held, helper=helper).exists():
            raise Conflict(_("This person has been proposed already."), code="exists")
        row = HelperInvitation(dispute=held, helper=helper, summary=summary.strip(), until=until, proposed_by=actor,
                               proposed_at=at)  # fmt: skip
        return stored(row, "helper_invitation.proposed", actor=actor, grant=grant, at=at, helper=helper.pk)


def _active_check(helper: RespectedHelper) -> None:
    if helper.state != HelperState.ACTIVE:
        raise Conflict(_("This person is not invited at present."), code="not_active")


def _conflict_check(helper: RespectedHelper, dispute: Dispute) -> None:
    found = conflict_of(helper, dispute)
    if found:
        raise Invalid(CONFLICTS[found], field="helper", code=f"conflict_{found}")


@carries_out(INVITATION, "send")
def invitation_send(invitation: HelperInvitation, *, actor: User, occurred_at: datetime | None = None,
                    **given) -> HelperInvitation:  # fmt: skip
    """Invite the helper, once every party agreed. Raises Conflict before that, after the last day, and for a helper who
    is not in the register any more."""
    at = occurred_at or timezone.now()
    with atomically():
        Dispute.objects.lock(invitation.dispute_id)
        helper = RespectedHelper.objects.lock(invitation.helper_id)
        if may(invitation, "send", actor):
            _active_check(helper)
            parties_check(invitation.dispute, ConsentTo.HELPER, helper.user)
            _conflict_check(helper, invitation.dispute)
            if invitation.until < timezone.localdate(at):
                raise Conflict(_("The last day has passed: propose the helper anew."), code="past")
        fresh = carry(invitation, "send", actor=actor, occurred_at=at, at=at, **given)
        access_timer(fresh)
    return fresh


@carries_out(INVITATION, "accept")
def invitation_accept(invitation: HelperInvitation, *, actor: User, no_conflict: bool = False,
                      occurred_at: datetime | None = None, **given) -> HelperInvitation:  # fmt: skip
    """Take part; the helper declares to have no interest of their own. Raises Invalid naming ``no_conflict``."""
    at = occurred_at or timezone.now()
    if may(invitation, "accept", actor):
        if not no_conflict:
            text = _("Declare that you have no interest of your own in it, or decline.")
            raise Invalid(text, field="no_conflict", code="required")
        _conflict_check(invitation.helper, invitation.dispute)
    return carry(invitation, "accept", actor=actor, occurred_at=at, at=at, **given)


@carries_out(INVITATION, "decline")
def invitation_decline(invitation: HelperInvitation, *, actor: User, occurred_at: datetime | None = None,
                       **given) -> HelperInvitation:  # fmt: skip
    """Decline; the access ends."""
    return _ended(invitation, "decline", actor, occurred_at, given)


@carries_out(INVITATION, "withdraw")
def invitation_withdraw(invitation: HelperInvitation, *, actor: User, occurred_at: datetime | None = None,
                        **given) -> HelperInvitation:  # fmt: skip
    """Take the invitation back; the access ends."""
    return _ended(invitation, "withdraw", actor, occurred_at, given)


def invitation_expire(invitation: HelperInvitation, *, actor: User, at: datetime) -> HelperInvitation:
    """End the access: the last day passed."""
    return _ended(invitation, "expire", actor, at, {})


def invitation_end(invitation: HelperInvitation, *, actor: User, at: datetime, reason: str) -> HelperInvitation:
    """End the access before its last day; the reason says by what."""
    return _ended(invitation, "end", actor, at, {"reason": reason})


def _ended(invitation, name, actor, occurred_at, given) -> HelperInvitation:
    at = occurred_at or timezone.now()
    with atomically():
        fresh = carry(invitation, name, actor=actor, occurred_at=at, at=at, **given)
        access_timer_stop(fresh)
    return fresh


@carries_out(INVITATION, "thank")
def invitation_thank(invitation: HelperInvitation, *, actor: User, hours: Decimal, thanks: str = "",
                     occurred_at: datetime | None = None, **given) -> HelperInvitation:  # fmt: skip
    """Write down the hours given and the thanks; the access ends. Raises Invalid naming ``hours``."""
    _hours_check(invitation, "thank", actor, hours, thanks)
    more = given | {"hours": hours, "thanks": thanks.strip(), "payload": {"hours": str(hours)}}
    return _ended(invitation, "thank", actor, occurred_at, more)


@carries_out(INVITATION, "correct")
def invitation_correct(invitation: HelperInvitation, *, actor: User, hours: Decimal, thanks: str = "",
                       **given) -> HelperInvitation:  # fmt: skip
    """Put right the hours and the thanks that were entered, within ``CORRECTED_FOR``; a reason is needed. Raises
    Invalid naming ``hours``; Conflict when it is too late."""
    _hours_check(invitation, "correct", actor, hours, thanks)
    with atomically():
        before = HelperInvitation.objects.lock(invitation.pk).hours
        payload = {"hours": str(hours), "hours_before": str(before)}
        return carry(invitation, "correct", actor=actor, hours=hours, thanks=thanks.strip(), payload=payload, **given)


def _hours_check(invitation: HelperInvitation, name: str, actor: User, hours: Decimal, thanks: str) -> None:
    words_check(thanks=thanks, longest=300)
    if may(invitation, name, actor) and not 0 <= hours <= MOST_HOURS:
        raise Invalid(_("From 0 to 200 hours."), field="hours", code="out_of_range")


def invitations_stop(dispute: Dispute, *, actor: User, at: datetime) -> None:
    """End what runs: the dispute has ended. Who took part can still be thanked."""
    _stop(HelperInvitation.objects.filter(dispute=dispute), actor, at, _("The dispute has ended."))


def invitations_of_helper_stop(helper: RespectedHelper, *, actor: User, at: datetime) -> None:
    """End what runs: the helper was suspended or left the register. What they gave so far can still be thanked."""
    _stop(HelperInvitation.objects.filter(helper=helper), actor, at, _("The helper is not invited any more."))


def _stop(rows, actor: User, at: datetime, reason: str) -> None:
    for row in rows.running().order_by("dispute_id", "pk"):
        if row.state == InvitationState.PROPOSED:
            invitation_withdraw(row, actor=actor, occurred_at=at, reason=reason)
        else:
            invitation_end(row, actor=actor, at=at, reason=reason)


def invitations_recheck(dispute: Dispute, *, actor: User, at: datetime) -> None:
    """Take back the invitations of helpers whom a party does not want any more; a party who was added later and is yet
    to be asked takes nothing back."""
    running = HelperInvitation.objects.running().exclude(state=InvitationState.PROPOSED)
    for row in running.filter(dispute=dispute).select_related("helper__user").order_by("pk"):
        answers = answers_of(dispute, ConsentTo.HELPER, row.helper.user).values()
        if any(answer.answer != ConsentAnswer.AGREED for answer in answers):
            invitation_withdraw(row, actor=actor, occurred_at=at, reason=_("A party does not agree any more."))
