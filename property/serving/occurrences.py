"""Occurrences out of published lists: which days an item falls on, and each made once."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.utils import timezone

from governance import events
from governance.clock import WorkCalendar
from governance.models import Role, User
from governance.scoping import Grant
from governance.timers import cancel_timer, set_timers
from governance.transactions import atomically
from governance.work_calendars import calendar_of
from governance.workflow import perform
from property.models import PropertyContract, RecordState, ServiceItem, ServiceList, ServiceRecord, ServiceRule

# How many days after today occurrences are made for: long enough to be seen, short enough for a new edition to reach.
DAYS_AHEAD = 3
TIME_OVER = "property.service_over"
SYSTEM_GRANT = Grant(Role.SYSTEM)


def timer_key(record: ServiceRecord) -> str:
    """Return the key of the timer that ends the time of an occurrence."""
    return f"service:{record.pk}:over"


def told(record: ServiceRecord) -> dict:
    """Return what events say of an occurrence."""
    return {"item": record.item.code, "estate": record.estate.code, "date": f"{record.date}"}


def records_make(first: date, last: date, *, now: datetime | None = None,
                 lists: Iterable[ServiceList] | None = None) -> int:  # fmt: skip
    """Make the occurrences that published lists ask for from ``first`` to ``last``; returns how many were made.

    A list asks for them from the day after its publication on, on days on which its company serves the estate. May run
    twice, and at the same time in two processes: an item has one occurrence a day.
    """
    now = now or timezone.now()
    rows = ServiceList.objects.published().with_rows()
    if lists is not None:
        rows = rows.filter(pk__in=[one.pk for one in lists])
    actor, calendars = User.objects.system("timers"), {}
    return sum(_make(one, first, last, actor, now, calendars) for one in rows.order_by("pk"))


def _make(service_list: ServiceList, first: date, last: date, actor: User, now: datetime,
          calendars: dict[int, WorkCalendar]) -> int:  # fmt: skip
    """Make them under the list's lock: whoever waited for it sees what the other has made."""
    first = max(first, service_list.published_on + timedelta(days=1))
    days = _served([first + timedelta(days=number) for number in range((last - first).days + 1)], service_list)
    if not days:
        return 0
    if service_list.area_id not in calendars:
        calendars[service_list.area_id] = calendar_of(service_list.area)
    calendar = calendars[service_list.area_id]
    with atomically():
        if ServiceList.objects.lock(service_list.pk).published_on is None:
            return 0
        items = list(ServiceItem.objects.filter(service_list=service_list).exclude(rule=ServiceRule.ON_DEMAND))
        made = set(ServiceRecord.objects.filter(item__in=items, date__in=days).values_list("item_id", "date"))
        fresh = [
            _record(service_list, item, day)
            for item in items
            for day in days
            if (item.pk, day) not in made and item.falls_on(day, calendar) and item.window(day)[1] > now
        ]
        ServiceRecord.objects.bulk_create(fresh)
        drafts = [events.Draft("service.planned", one, told(one) | {"to": one.state}, now) for one in fresh]
        events.record_many(drafts, actor=actor, grant=SYSTEM_GRANT)
        if fresh:
            set_timers(TIME_OVER, [(timer_key(one), one.pk, one.ends_at, {}) for one in fresh])
    return len(fresh)


def _served(days: list[date], service_list: ServiceList) -> list[date]:
    """Return those of ``days`` on which the company of a list looks after its estate."""
    held = list(PropertyContract.objects.filter(estate=service_list.estate_id, company=service_list.company_id))
    return [day for day in days if any(contract.serves_on(day) for contract in held)]


def _record(service_list: ServiceList, item: ServiceItem, day: date) -> ServiceRecord:
    starts_at, ends_at = item.window(day)
    return ServiceRecord(
        item=item, date=day, starts_at=starts_at, ends_at=ends_at, estate=service_list.estate,
        company=service_list.company, area=service_list.area,
    )  # fmt: skip


def records_leave_out(service_list: ServiceList, *, after: date, at: datetime, unless_served: bool = False) -> int:
    """Leave out what a list asked for after a day; returns how many.

    ``unless_served``: not on days on which its company looks after the estate by some contract.
    """
    rows = ServiceRecord.objects.filter(item__service_list=service_list, date__gt=after, state=RecordState.PLANNED)
    if unless_served:
        days = list(rows.order_by().values_list("date", flat=True).distinct())
        rows = rows.exclude(date__in=_served(days, service_list))
    system, number = User.objects.system("timers"), 0
    for record in rows.with_rows().order_by("pk"):
        perform(record, "leave_out", actor=system, occurred_at=at, payload=told(record))
        cancel_timer(timer_key(record))
        number += 1
    return number
