"""Sessions made by rule, ahead of time, and extra ones made by hand."""

from collections.abc import Iterable
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.clock import SHANGHAI, WorkCalendar
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Area, Role, User, Venue
from governance.scoping import Grant, grant_for
from governance.transactions import atomically
from governance.work_calendars import calendar_of
from property.assembly.dates import month_of, months_after
from property.assembly.deadlines import month_timer, session_timers
from property.assembly.holding import venue_hold, venue_hold_if_free
from property.assembly.months import met_in
from property.assembly.querysets import RUNS
from property.models import Assembly, AssemblySession

# For how many months after this one sessions are made: enough to plan with, few enough for a changed rule to reach.
MONTHS_AHEAD = 2
# For how long a missed month may still be made up for [J].
MONTHS_BACK = 3


def sessions_make_ahead(today: date, *, now: datetime | None = None,
                        assemblies: Iterable[Assembly] | None = None) -> int:  # fmt: skip
    """Make the regular sessions of this month and the coming ones that are not made yet; return how many.

    A day that has passed is not made any more: its month is missed. May run twice, and in two processes at once.
    """
    now = now or timezone.now()
    rows = Assembly.objects.filter(is_active=True).select_related("area", "estate", "venue__area", "venue__unit")
    if assemblies is not None:
        rows = rows.filter(pk__in=[assembly.pk for assembly in assemblies])
    months = [months_after(month_of(today), number) for number in range(MONTHS_AHEAD + 1)]
    made = set(AssemblySession.objects.filter(is_regular=True, month__in=months).values_list("assembly_id", "month"))
    calendars: dict[int, WorkCalendar] = {}
    number = 0
    for assembly in rows.order_by("pk"):
        month_timer(assembly, months[0])
        for month in months:
            if (assembly.pk, month) not in made:
                number += _make_regular(assembly, month, _calendar(calendars, assembly.area), now)
    return number


def _calendar(known: dict[int, WorkCalendar], area: Area) -> WorkCalendar:
    if area.pk not in known:
        known[area.pk] = calendar_of(area)
    return known[area.pk]


def _make_regular(assembly: Assembly, month: date, calendar: WorkCalendar, now: datetime) -> bool:
    rule = assembly.session_rule
    day = rule.day_in(month, calendar)
    starts_at, ends_at = assembly.span(day)
    if starts_at <= now or day < assembly.valid_from:
        return False
    session = AssemblySession(
        assembly=assembly, area=assembly.area, month=month, rule_day=rule.planned(month), starts_at=starts_at,
        ends_at=ends_at, venue=assembly.venue, made_at=now,
    )  # fmt: skip
    with atomically():
        Assembly.objects.select_for_update(of=("self",)).get(pk=assembly.pk)
        if AssemblySession.objects.filter(assembly=assembly, month=month, is_regular=True).exists():
            return False
        _store(session, actor=User.objects.system("timers"), grant=Grant(Role.SYSTEM), at=now)
        venue_hold_if_free(session, at=now)
    return True


def _store(session: AssemblySession, *, actor: User, grant: Grant, at: datetime) -> None:
    session.save(force_insert=True)
    session_timers(session)
    payload = {
        "assembly": session.assembly.code, "month": f"{session.month:%Y-%m}", "to": session.state,
        "regular": session.is_regular,
    }  # fmt: skip
    events.record("session.made", session, actor=actor, grant=grant, payload=payload, occurred_at=at)


def session_add(*, actor: User, assembly: Assembly, starts_at: datetime, ends_at: datetime, venue: Venue | None = None,
                place: str = "", month: date | None = None,
                occurred_at: datetime | None = None) -> AssemblySession:  # fmt: skip
    """Make a session by hand and book its venue: the month's regular one where there is none yet, else an extra one.

    ``month``: any day of the month it is held for, where that is an earlier one that was missed: January's session on
    2 February counts for January. Raises NotPermitted; Invalid naming ``starts_at``, ``ends_at``, ``month`` or
    what ``booking_make`` names; Conflict when the venue is taken: nothing is made then.
    """
    at = occurred_at or timezone.now()
    check_span(starts_at, ends_at, at)
    with atomically():
        locked = Assembly.objects.select_for_update(of=("self",)).select_related("area", "estate").get(pk=assembly.pk)
        grant = grant_for(RUNS, locked, actor)
        if grant is None:
            raise NotPermitted(_("You do not run this assembly."))
        if not locked.is_active:
            raise Conflict(_("This assembly is no longer in use."), code="inactive")
        month = _month_for(locked, month_of(starts_at.astimezone(SHANGHAI).date()), month)
        taken = AssemblySession.objects.filter(assembly=locked, month=month, is_regular=True).exists()
        session = AssemblySession(
            assembly=locked, area=locked.area, month=month, is_regular=not taken, starts_at=starts_at,
            ends_at=ends_at, venue=venue, place=place.strip(), made_at=at,
        )  # fmt: skip
        _store(session, actor=actor, grant=grant, at=at)
        venue_hold(session, actor=actor, at=at)
        session.save(update_fields=["booking"])
    return session


def _month_for(assembly: Assembly, held_in: date, asked: date | None) -> date:
    """Return the month that a session counts for: that in which it is held, or an earlier missed one asked for."""
    month = held_in if asked is None else month_of(asked)
    if month == held_in:
        return month
    if not months_after(held_in, -MONTHS_BACK) <= month < held_in:
        text = _("A session counts for the month it is held in, or for one of the %(number)s before.")
        raise Invalid(text % {"number": MONTHS_BACK}, field="month", code="out_of_range")
    if met_in(assembly, month):
        raise Invalid(_("The assembly met in that month."), field="month", code="held")
    return month


def check_span(starts_at: datetime, ends_at: datetime, at: datetime) -> None:
    """Raise Invalid unless it is a time to come that ends after it begins, within a day."""
    if ends_at <= starts_at:
        raise Invalid(_("It must end after it begins."), field="ends_at", code="order")
    if (ends_at - starts_at).days >= 1:
        raise Invalid(_("At most 24 hours at a time."), field="ends_at", code="too_long")
    if starts_at <= at:
        raise Invalid(_("This time has passed."), field="starts_at", code="past")
