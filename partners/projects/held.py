"""What fitting asks of partners and projects, loaded for many at once: as many statements for one as for hundreds."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db.models import Count

from governance.clock import SHANGHAI
from governance.models import Booking
from partners.models import Claim, Offer, OfferKind, OfferSlot, Partner, Project, ProjectTask, Qualification

DAY = timedelta(days=1)
Span = tuple[datetime, datetime]


@dataclass
class Held:
    """What one partner has: when it is busy (tasks with their project), verified papers (kind, from, to), how many
    offers of services or hours on view, how many projects brought to an end."""

    tasks: list[tuple[int, Span]] = field(default_factory=list)
    dates: list[Span] = field(default_factory=list)
    papers: list[tuple[int, date | None, date | None]] = field(default_factory=list)
    offers: int = 0
    past: int = 0

    def busy(self, project: Project, spans: Sequence[Span]) -> int:
        """Return how many other things touch the spans of a project."""
        mine = [span for pk, span in self.tasks if pk != project.pk] + self.dates
        return sum(any(begins < last and ends > first for first, last in spans) for begins, ends in mine)

    def holds(self, kind: int, first: date, last: date) -> bool:
        """Tell whether one paper of a kind is in force on both days."""
        return any(
            pk == kind and (begins is None or begins <= first) and (ends is None or ends >= last)
            for pk, begins, ends in self.papers
        )


def spans_of(projects: Collection[Project]) -> dict[int, list[Span]]:
    """Return, by project, when it takes a partner's time: its dated tasks, or all its days where it has none."""
    rows = ProjectTask.objects.filter(project__in=[row.pk for row in projects], starts_at__isnull=False)
    found = defaultdict(list)
    for pk, begins, ends in rows.order_by("starts_at").values_list("project_id", "starts_at", "ends_at"):
        found[pk].append((begins, ends))
    return {row.pk: found[row.pk] or [_all_days(row)] for row in projects}


def _all_days(project: Project) -> Span:
    first = datetime.combine(project.starts_on, time(0), SHANGHAI)
    return first, datetime.combine(project.ends_on + DAY, time(0), SHANGHAI)


def held_by(partners: Collection[Partner], spans: Collection[Span]) -> dict[int, Held]:
    """Return what each partner has, its calendar as far as it lies within ``spans``; six statements."""
    found = {row.pk: Held() for row in partners}
    if not found or not spans:
        return found
    first, last = min(begins for begins, _ends in spans), max(ends for _begins, ends in spans)
    _calendars(found, partners, first, last)
    papers = Qualification.objects.filter(partner__in=found, state="verified").order_by()
    for pk, *paper in papers.values_list("partner_id", "kind_id", "valid_from", "valid_to"):
        found[pk].papers.append(tuple(paper))
    offers = Offer.objects.on_view().filter(partner__in=found, kind__in=[OfferKind.SERVICE, OfferKind.HOURS])
    for pk, count in offers.order_by().values_list("partner_id").annotate(Count("pk")):
        found[pk].offers = count
    past = Claim.objects.filter(partner__in=found, state="delivered", project__state="closed")
    for pk, count in past.order_by().values_list("partner_id").annotate(Count("pk")):
        found[pk].past = count
    return found


def _calendars(found: dict[int, Held], partners: Collection[Partner], first: datetime, last: datetime) -> None:
    near = {"starts_at__lt": last, "ends_at__gt": first}
    claims = Claim.objects.filter(partner__in=found, state="awarded").order_by()
    of: dict[int, list[int]] = defaultdict(list)
    for partner, project in claims.values_list("partner_id", "project_id"):
        of[project].append(partner)
    tasks = ProjectTask.objects.filter(project__in=of, **near).order_by()
    for project, *span in tasks.values_list("project_id", "starts_at", "ends_at"):
        for partner in of[project]:
            found[partner].tasks.append((project, tuple(span)))
    slots = OfferSlot.objects.filter(partner__in=found, state="planned", **near).order_by()
    for partner, *span in slots.values_list("partner_id", "starts_at", "ends_at"):
        found[partner].dates.append(tuple(span))
    _bookings(found, partners, first, last)


def _bookings(found: dict[int, Held], partners: Collection[Partner], first: datetime, last: datetime) -> None:
    """Rooms that a person, or an organisation, has booked."""
    people, units = defaultdict(list), defaultdict(list)
    for row in partners:
        whose, key = (people, row.person_id) if row.person_id else (units, row.unit_id)
        whose[key].append(row.pk)
    near = Booking.objects.filter(state="booked", period__overlap=(first, last)).order_by()
    for whose, column in ((people, "booked_by"), (units, "unit")):
        rows = near.filter(**{f"{column}__in": list(whose)}).values_list(f"{column}_id", "period") if whose else ()
        for key, period in rows:
            for partner in whose[key]:
                found[partner].dates.append((period.lower, period.upper))
