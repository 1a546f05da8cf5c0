"""Counted time: a line for each shift stood, round walked and visit made; corrections are lines of their own.

Issue 7's points are made from ``HoursEntry.objects.counted(first, last)`` or line by line from the event
``steward.hours_counted`` (and ``steward.hours_corrected``): its subject is the line, its payload says member, kind, day
and minutes. Property lies above partners, so that a handler here calls the ledger there.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Max, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Patrol
from governance import events
from governance.errors import Invalid, NotPermitted
from governance.events import on
from governance.models import Role, User
from governance.scoping import Grant, grant_for
from governance.transactions import atomically
from property.costs.papers import Paper, Table
from property.models import HoursEntry, HoursKind, ShiftDuty, StewardMember, StewardRoute
from property.serving.querysets import month_after
from property.stewards.scope import MANAGES

MOST_MINUTES = 24 * 60


def hours_count(member: StewardMember, *, kind: str, date: date, begin: datetime, end: datetime, at: datetime,
                **source) -> HoursEntry:  # fmt: skip
    """Keep a line of counted time; ``source`` is the duty, patrol or visit it comes from.

    What a line of the same person has counted already is not counted again: a round walked within a shift, two visits
    at the same time. Whoever counts for a person at the same moment waits.
    """
    _lock_person(member.person_id)
    end = max(begin, end)
    line = HoursEntry(
        member=member, team=member.team, area=member.team.area, kind=kind, date=date, begins_at=begin, ends_at=end,
        minutes=minutes_left(begin, end, _spans_of(member.person_id, begin, end)), counted_at=at, **source,
    )  # fmt: skip
    line.save(force_insert=True)
    events.record("steward.hours_counted", line, actor=User.objects.system("timers"), grant=Grant(Role.SYSTEM),
                  payload=_told(line), occurred_at=at)  # fmt: skip
    return line


def _lock_person(person_id: int) -> None:
    """Let one transaction at a time look at what is counted of a person and add to it. Without the key: visits and
    shifts that refer to a membership are stored meanwhile."""
    rows = StewardMember.objects.select_for_update(no_key=True, of=("self",)).filter(person=person_id)
    list(rows.order_by("pk").values_list("pk"))


def _spans_of(person_id: int, begin: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    rows = HoursEntry.objects.filter(member__person=person_id, begins_at__lt=end, ends_at__gt=begin)
    return list(rows.values_list("begins_at", "ends_at"))


def minutes_left(begin: datetime, end: datetime, counted: Iterable[tuple[datetime, datetime]]) -> int:
    """Return the minutes from ``begin`` to ``end``, rounded, that lie in none of the spans ``counted``."""
    left, reached = timedelta(0), begin
    for first, last in sorted(counted):
        if first > reached:
            left += min(first, end) - reached
        reached = max(reached, min(last, end))
    left += max(timedelta(0), end - reached)
    return round(left / timedelta(minutes=1))


def _told(line: HoursEntry) -> dict:
    return {"member": line.member_id, "team": line.team.code, "kind": line.kind, "date": f"{line.date}",
            "minutes": line.minutes}  # fmt: skip


def hours_correct(member: StewardMember, *, actor: User, date: date, minutes: int, reason: str,
                  at: datetime | None = None) -> HoursEntry:  # fmt: skip
    """Add minutes to a day of a member, or take some away (negative), with a reason.

    Raises NotPermitted for who does not manage the team, or corrects the own time; Invalid for no minutes or reason,
    a day outside the membership or to come, or more taken away than the day has.
    """
    at = at or timezone.now()
    with atomically():
        _lock_person(member.person_id)
        member = StewardMember.objects.select_related("team__area", "person").get(pk=member.pk)
        line = HoursEntry(
            member=member, team=member.team, area=member.team.area, kind=HoursKind.CORRECTION, date=date,
            minutes=minutes, reason=reason.strip(), by=actor, counted_at=at,
        )  # fmt: skip
        grant = grant_for(MANAGES, line, actor)
        if grant is None or member.person_id == actor.pk:
            raise NotPermitted(_("Who leads the team corrects the time of others."))
        _judge(line, at)
        line.save(force_insert=True)
        events.record("steward.hours_corrected", line, actor=actor, grant=grant, payload=_told(line), occurred_at=at)
    return line


def _judge(line: HoursEntry, at: datetime) -> None:
    if not line.minutes or abs(line.minutes) > MOST_MINUTES:
        raise Invalid(_("A correction adds or takes away minutes, at most a day."), field="minutes", code="zero")
    if not line.reason:
        raise Invalid(_("Say why."), field="reason", code="required")
    if not line.member.holds_on(line.date) or line.date > timezone.localdate(at):
        raise Invalid(_("On this day the person was not in the team."), field="date", code="out_of_range")
    known = HoursEntry.objects.filter(member=line.member, date=line.date).aggregate(all=Sum("minutes"))["all"] or 0
    if not 0 <= known + line.minutes <= MOST_MINUTES:
        raise Invalid(_("This day has %(minutes)s minutes.") % {"minutes": known}, field="minutes", code="too_many")


@on("patrol.finished")
def patrol_counted(event, patrol: Patrol) -> None:
    """Count the round of a steward within its window: to the finish, or where that came after the window (forgotten,
    and done by the clock a day later), to the last check-in."""
    if patrol.role != Role.STEWARD or patrol.worker_id is None:
        return
    of_route = StewardRoute.objects.filter(route=patrol.route_id).values("team_id")
    members = StewardMember.objects.in_force(patrol.date).filter(person=patrol.worker_id, team__in=of_route)
    member = members.select_related("team__area").first()
    if member is None:
        return
    begin, end = max(patrol.started_at, patrol.starts_at), patrol.finished_at
    if end > patrol.ends_at:
        end = patrol.check_ins.filter(worker=patrol.worker_id, at__lte=patrol.ends_at).aggregate(last=Max("at"))["last"]
    hours_count(member, kind=HoursKind.PATROL, date=patrol.date, begin=begin, end=end or begin, at=event.occurred_at,
                patrol=patrol)  # fmt: skip


@dataclass
class MonthOf:
    """A member's month: minutes by kind, and how often somebody did not come."""

    member: StewardMember
    by_kind: dict[str, int] = field(default_factory=lambda: dict.fromkeys(HoursKind.values, 0))
    no_shows: int = 0

    @property
    def minutes(self) -> int:
        """All minutes, corrections taken in."""
        return sum(self.by_kind.values())

    @property
    def hours(self) -> str:
        """The minutes as people read them: 3 h 05."""
        return duration(self.minutes)

    @property
    def cells(self) -> list[str]:
        """The kinds in their order, as people read them."""
        return [duration(self.by_kind[kind]) for kind in HoursKind.values]


def duration(minutes: int) -> str:
    """Return minutes as hours and minutes: 3:05, -0:30."""
    sign = "-" if minutes < 0 else ""
    return f"{sign}{abs(minutes) // 60}:{abs(minutes) % 60:02d}"


def months_of(user, first: date) -> list[MonthOf]:
    """Return the month of every member whose time ``user`` may see."""
    duties = ShiftDuty.objects.accounted_to(user).filter(shift__date__gte=first, shift__date__lt=month_after(first))
    return month_told(HoursEntry.objects.visible_to(user).of_month(first), duties)


def month_told(lines, duties) -> list[MonthOf]:
    """Return the month of each member: ``lines`` and ``duties`` are those of the month that the reader may see.

    Three statements for any number of members.
    """
    found: dict[int, MonthOf] = {}
    kinds = defaultdict(dict)
    rows = lines.order_by().values("member_id", "kind").annotate(all=Sum("minutes"))
    for row in rows:
        kinds[row["member_id"]][row["kind"]] = row["all"]
    missed: dict[int, int] = defaultdict(int)
    for member_id in duties.filter(state="no_show").order_by().values_list("member_id", flat=True):
        missed[member_id] += 1
    people = StewardMember.objects.filter(pk__in={*kinds, *missed}).select_related("team", "person")
    for member in people.order_by("team__code", "person__name", "pk"):
        month = found[member.pk] = MonthOf(member, no_shows=missed[member.pk])
        month.by_kind |= kinds[member.pk]
    return list(found.values())


def month_paper(months: list[MonthOf], first: date) -> Paper:
    """Return the sheet of a month as a paper for Excel or Word."""
    kinds = [str(label) for label in HoursKind.labels]
    header = [_("Team"), _("Name"), _("joins as"), *kinds, _("Hours altogether"), _("Did not come")]
    rows = [
        [row.member.team.name, str(row.member.person), row.member.get_kind_display(), *row.cells, row.hours,
         str(row.no_shows)]
        for row in months
    ]  # fmt: skip
    title = _("Hours of the stewards %(month)s") % {"month": f"{first:%Y-%m}"}
    whole = duration(sum(row.minutes for row in months))
    return Paper(title, [(_("Hours altogether"), whole)], [Table(_("By member"), header, rows)])
