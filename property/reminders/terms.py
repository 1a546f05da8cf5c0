"""Ends to come: which contracts and terms run out, and telling of each once for each number of days before."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

from django.db import models
from django.db.models import Min
from django.utils import timezone

from governance import events
from governance.models import Appointment, Event, OrgUnit, Role, User
from governance.scoping import Grant
from governance.transactions import atomically
from property.models import (
    ContractState,
    CrossAppointment,
    Ending,
    PartyMembership,
    PartyPost,
    PropertyContract,
    TermReminder,
)
from property.reminders.events import ENDS

Found = Iterable[tuple[models.Model, date]]


def committee_ends() -> models.QuerySet:
    """Return owners' committees in use with ``ends_on``, the first last day of a member's post that holds today."""
    members = Appointment.objects.in_force().filter(role=Role.OWNERS_COMMITTEE_MEMBER, valid_to__isnull=False)
    return OrgUnit.objects.filter(is_active=True).annotate(
        ends_on=Min("appointments__valid_to", filter=models.Q(appointments__in=members))
    )


def _contracts(first: date, last: date) -> Found:
    rows = PropertyContract.objects.filter(state=ContractState.IN_FORCE, valid_to__range=(first, last))
    return [(row, row.valid_to) for row in rows.select_related("area", "estate")]


def _posts(first: date, last: date) -> Found:
    rows = PartyMembership.objects.in_force(first).exclude(post=PartyPost.MEMBER).filter(valid_to__lte=last)
    return [(row, row.valid_to) for row in rows.with_rows()]


def _seats(first: date, last: date) -> Found:
    return [
        (row, row.valid_to) for row in CrossAppointment.objects.in_force(first).filter(valid_to__lte=last).with_rows()
    ]


def _committees(first: date, last: date) -> Found:
    rows = committee_ends().filter(ends_on__range=(first, last)).select_related("area")
    return [(row, row.ends_on) for row in rows]


SOURCES: dict[str, Callable[[date, date], Found]] = {
    Ending.CONTRACT: _contracts,
    Ending.PARTY_POST: _posts,
    Ending.CROSS_APPOINTMENT: _seats,
    Ending.COMMITTEE: _committees,
}


def endings_tell(today: date, *, now: datetime | None = None) -> int:
    """Record that something ends soon, once for each end and number of days before; returns how many.

    What was not told in time (the worker stood still, or the row is new) is told now, by the nearest number of days
    only. May run twice, and at the same time in two processes. Who hears of it is said by the rules of notices.
    """
    now, told = now or timezone.now(), 0
    days = {}
    for reminder in TermReminder.objects.filter(is_active=True):
        days.setdefault(reminder.kind, []).append(reminder.days)
    for kind, numbers in days.items():
        for row, ends_on in SOURCES[kind](today, today + timedelta(days=max(numbers))):
            nearest = min(number for number in numbers if today + timedelta(days=number) >= ends_on)
            told += _tell_once(kind, row, ends_on, nearest, now)
    return told


def _tell_once(kind: str, row: models.Model, ends_on: date, days: int, now: datetime) -> bool:
    payload = {"days": days, "ends_on": ends_on.isoformat()}
    about = {"name": ENDS[kind], "subject_type": row._meta.label_lower, "subject_id": row.pk}
    with atomically():
        type(row)._base_manager.select_for_update(of=("self",)).get(pk=row.pk)
        if Event.objects.filter(**about, payload__contains=payload).exists():
            return False
        clock = User.objects.system("timers")
        events.record(ENDS[kind], row, actor=clock, grant=Grant(Role.SYSTEM), payload=payload, occurred_at=now)
    return True
