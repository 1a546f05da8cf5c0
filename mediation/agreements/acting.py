"""What all steps of agreements and obligations have in common."""

from datetime import date, timedelta

from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import User
from governance.scoping import grant_for
from governance.transactions import atomically
from governance.workflow import perform, steps_of
from mediation.disputes.acting import words_check
from mediation.models import Dispute, DisputeState, Party

AGREEMENT, OBLIGATION = "mediation.agreement", "mediation.obligation"
# How far back a day may be recorded, and how far ahead something may be owed [J].
OLDEST = timedelta(days=366)
LONGEST_AHEAD = timedelta(days=366 * 30)


def carry(row: Model, name: str, *, actor: User, payload: dict | None = None, photos=(), **given):
    """``perform`` with the ids on the event; returns the fresh row. Files belong to the dispute, not to a step."""
    if photos:
        raise Invalid(_("Add files on the page of the dispute."), field="photos", code="not_here")
    words_check(reason=given.get("reason") or "", longest=2000)
    with atomically():
        return perform(row, name, actor=actor, payload={"dispute": row.dispute_id} | (payload or {}), **given)[0]


def hold_dispute(row: Model, name: str, actor: User, *states: str) -> Dispute:
    """Lock the dispute of a row before the row itself: everybody in that order.

    Raises NotPermitted for who may not do step ``name``, before anything else is told; Conflict where the dispute is in
    none of ``states``.
    """
    found = steps_of(type(row))[name]
    if grant_for(found.allow, row, actor) is None:
        raise NotPermitted(_("You may not do “%(label)s” here.") % {"label": found.label})
    dispute = Dispute.objects.lock(row.dispute_id)
    if states and dispute.state not in states:
        told = {"state": dispute.get_state_display()}
        raise Conflict(_("Not possible now: the dispute is “%(state)s”.") % told, code="dispute_state")
    return dispute


MEDIATED = (DisputeState.MEDIATING,)
# What was recorded of it may still be put right.
UNARCHIVED = tuple(state for state in DisputeState if state != DisputeState.ARCHIVED)


def day_check(day: date | None, field: str, *, earliest: date | None = None, latest: date | None = None) -> date:
    """Return a day on which something happened (default today). Raises Invalid: ahead, or too long ago; the refusal
    names the first day that may be."""
    today = timezone.localdate()
    found = day or today
    if found > (latest or today):
        raise Invalid(_("This day lies in the future."), field=field, code="in_future")
    first = earliest or today - OLDEST
    if found < first:
        told = {"day": f"{first:%Y-%m-%d}"}
        raise Invalid(_("This day is too early: from %(day)s on.") % told, field=field, code="too_early")
    return found


def party_of(dispute: Dispute, party: Party | None, field: str) -> None:
    """Refuse a party of another dispute. Raises Invalid."""
    if party is not None and party.dispute_id != dispute.pk:
        raise Invalid(_("This party is not of this dispute."), field=field, code="elsewhere")
