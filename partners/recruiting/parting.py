"""Suspending a partner, resuming it, and its leaving: offers, agreements and appointments end, points stay."""

from datetime import date, datetime

from django.utils.translation import gettext as _

from governance.errors import Invalid
from governance.models import User
from governance.transactions import atomically
from governance.workflow import carries_out
from partners.models import Partner
from partners.recruiting.acting import PARTNER, REACH, carry, day_of
from partners.recruiting.agreements import agreements_end
from partners.recruiting.deadlines import paper_timers_stop, resume_timer
from partners.recruiting.offering import offers_end
from partners.recruiting.posts import posts_end


@carries_out(PARTNER, "suspend")
def partner_suspend(partner: Partner, *, actor: User, until: date | None = None, occurred_at: datetime | None = None,
                    **given) -> Partner:  # fmt: skip
    """Suspend a partner, to the end of the day ``until`` or until somebody resumes it; its offers are not on view.

    Raises Invalid naming ``until``; as ``perform``.
    """
    at, today = day_of(occurred_at)
    if until is not None and not today <= until <= today + REACH:
        raise Invalid(_("A day from today on is needed."), field="until", code="out_of_range")
    with atomically():
        fresh = carry(partner, "suspend", actor=actor, occurred_at=at, until=until,
                      payload={"until": until and str(until)}, **given)  # fmt: skip
        resume_timer(fresh)
    return fresh


@carries_out(PARTNER, "resume")
def partner_resume(partner: Partner, *, actor: User, **given) -> Partner:
    """End a suspension."""
    with atomically():
        fresh = carry(partner, "resume", actor=actor, **given)
        resume_timer(fresh)
    return fresh


def _goes(partner: Partner, name: str, *, actor: User, occurred_at: datetime | None, **given) -> Partner:
    at, today = day_of(occurred_at)
    with atomically():
        fresh = carry(partner, name, actor=actor, occurred_at=at, left_on=today, **given)
        resume_timer(fresh)
        offers_end(fresh, at=at, reason=_("The partner has left."))
        agreements_end(fresh, at=at)
        for pk in fresh.qualifications.filter(state="verified").values_list("pk", flat=True):
            paper_timers_stop("qualification", pk)
        if fresh.unit_id is not None:
            posts_end(fresh, today)
    return fresh


@carries_out(PARTNER, "leave")
def partner_leave(partner: Partner, *, actor: User, occurred_at: datetime | None = None, **given) -> Partner:
    """The partner goes: nobody acts for it here any more, its offers and agreements end, its points stay."""
    return _goes(partner, "leave", actor=actor, occurred_at=occurred_at, **given)


@carries_out(PARTNER, "end")
def partner_end(partner: Partner, *, actor: User, occurred_at: datetime | None = None, **given) -> Partner:
    """The community ends the partnership, with a reason; the same follows."""
    return _goes(partner, "end", actor=actor, occurred_at=occurred_at, **given)
