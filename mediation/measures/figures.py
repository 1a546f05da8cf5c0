"""Measures that are hard to game, by tier, unit and type (domain/mediation.md, "What mediators ... complain of").

Each counts what happened, not what was reported as a success:

* ``performance``: of agreements in effect, those of which every obligation that was due is performed; one without
  obligations needs a visit that found it performed. What nobody proved counts as not performed.
* ``relapse``: of agreements in effect, those that broke out again within 90 days (a visit says so, or the dispute was
  reopened).
* ``confirmation``: of agreements whose term to apply is over, those that were brought before the court.
* ``reopened``: of disputes that ended, those opened again.
* ``days``: median of days from acceptance to the first agreement.

A cohort is a calendar quarter: of the day of effect, or (``reopened``) of the acceptance. It is looked at as things
stood ``LAG`` days after the quarter's end and never again later: two looks at one quarter do not differ by one dispute
that changed meanwhile, and quarters do not overlap. Analysts see nothing of a quarter before that day.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median

from django.db.models import Q, QuerySet
from django.utils import timezone

from governance.models import Event
from mediation.confirmation.states import AT_COURT
from mediation.measures.suppressing import Cell, hidden_of
from mediation.models import Agreement, Dispute, FollowUpVisit, JudicialConfirmation, Obligation, VisitPerformed

RELAPSE_DAYS = 90
MEASURES = ("performance", "relapse", "confirmation", "reopened", "days")
# Days after the quarter's end on which it is looked at: until a relapse in 90 days and the term to apply are over [J].
LAG = {"performance": 90, "relapse": 90, "confirmation": 45, "reopened": 90, "days": 0}
SHARES = ("performance", "relapse", "confirmation", "reopened")
GROUPS = ("tier", "unit", "type")


@dataclass(frozen=True)
class Quarter:
    """A calendar quarter, 1 to 4."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> "Quarter":
        return cls(day.year, (day.month + 2) // 3)

    @property
    def first(self) -> date:
        return date(self.year, self.number * 3 - 2, 1)

    @property
    def last(self) -> date:
        following = date(self.year + self.number // 4, self.number % 4 * 3 + 1, 1)
        return following - timedelta(days=1)

    @property
    def before(self) -> "Quarter":
        return Quarter.of(self.first - timedelta(days=1))

    def __str__(self):
        return f"{self.year}Q{self.number}"


@dataclass
class Row:
    """One agreement or dispute of a cohort: its groups, and whether (or how many days) the measure counts it."""

    tier: str
    unit: int
    type: str
    value: int


@dataclass
class Table:
    """One measure: its total and its groups. None where a cell is hidden, or (``ready`` False) it is too early."""

    measure: str
    ready: bool
    ready_on: date
    total: dict | None = None
    groups: dict[str, dict] = field(default_factory=dict)


def measures_of(disputes: QuerySet[Dispute], quarter: Quarter, *, suppressed: bool = True) -> list[Table]:
    """Return the measures of the given disputes in a quarter. Not ``suppressed``: for who reads each of them anyway."""
    return [_table(measure, disputes, quarter, suppressed) for measure in MEASURES]


def _table(measure: str, disputes, quarter: Quarter, suppressed: bool) -> Table:
    seen_on = quarter.last + timedelta(days=LAG[measure])
    today = timezone.localdate()
    found = Table(measure, today > seen_on, seen_on + timedelta(days=1))
    if not found.ready and suppressed:
        return found
    rows = COUNTED[measure](disputes, quarter, min(seen_on, today))
    hidden = suppressed and _cell(measure, rows).small
    found.total = None if hidden else _figure(measure, rows)
    for group in GROUPS:
        parts = defaultdict(list)
        for row in rows:
            parts[getattr(row, group)].append(row)
        kept_back = hidden_of({key: _cell(measure, part) for key, part in parts.items()}) if suppressed else set()
        found.groups[group] = {
            key: None if key in kept_back else _figure(measure, part)
            for key, part in sorted(parts.items(), key=lambda item: str(item[0]))
        }  # fmt: skip
    return found


def _cell(measure: str, rows: list[Row]) -> Cell:
    return Cell(len(rows), sum(row.value for row in rows) if measure in SHARES else 0)


def _figure(measure: str, rows: list[Row]) -> dict:
    """Return what is shown of a cell: how many, and the share in percent or the median."""
    count = len(rows)
    if measure not in SHARES:
        return {"count": count, "value": median(row.value for row in rows) if rows else None}
    share = round(100 * sum(row.value for row in rows) / count) if count else None
    return {"count": count, "value": share}


def _row(dispute: Dispute, value) -> Row:
    return Row(tier=dispute.tier, unit=dispute.unit_id, type=dispute.type.code, value=int(value))


def _agreements(disputes, quarter: Quarter) -> list[Agreement]:
    rows = Agreement.objects.in_effect().filter(dispute__in=disputes, effective_on__range=(quarter.first, quarter.last))
    return list(rows.select_related("dispute__type").order_by("pk"))


def _performance(disputes, quarter: Quarter, day: date) -> list[Row]:
    agreements = _agreements(disputes, quarter)
    owed = defaultdict(list)
    for row in Obligation.objects.filter(agreement__in=agreements, due_on__lte=day):
        owed[row.agreement_id].append(row.performed_on is not None and row.performed_on <= day)
    said = {}
    for visit in _visits(agreements, day).order_by("visited_on", "pk"):
        said[visit.agreement_id] = visit.performed
    ahead = set(Obligation.objects.filter(agreement__in=agreements, due_on__gt=day).values_list("agreement", flat=True))
    found = []
    for row in agreements:
        if row.pk not in owed and row.pk in ahead:
            continue  # nothing was due yet
        proved = all(owed[row.pk]) if row.pk in owed else said.get(row.pk) == VisitPerformed.YES
        found.append(_row(row.dispute, proved and said.get(row.pk) != VisitPerformed.NO))
    return found


def _visits(agreements: list[Agreement], day: date) -> QuerySet[FollowUpVisit]:
    return FollowUpVisit.objects.filter(agreement__in=agreements, state="done", visited_on__lte=day)


def _relapse(disputes, quarter: Quarter, day: date) -> list[Row]:
    agreements = _agreements(disputes, quarter)
    broke_out = defaultdict(list)
    for visit in _visits(agreements, day).filter(relapse=True):
        broke_out[visit.dispute_id].append(visit.visited_on)
    for dispute, on in _reopenings([row.dispute_id for row in agreements], day):
        broke_out[dispute].append(on)
    within = timedelta(days=RELAPSE_DAYS)
    return [
        _row(row.dispute, any(row.effective_on <= on <= row.effective_on + within
                              for on in broke_out[row.dispute_id]))
        for row in agreements
    ]  # fmt: skip


def _reopenings(disputes: list[int], day: date) -> list[tuple[int, date]]:
    rows = Event.objects.filter(name="dispute.reopened", subject_type="mediation.dispute", subject_id__in=disputes)
    found = [(pk, timezone.localdate(at)) for pk, at in rows.values_list("subject_id", "occurred_at")]
    return [(pk, on) for pk, on in found if on <= day]


def _confirmation(disputes, quarter: Quarter, day: date) -> list[Row]:
    rows = JudicialConfirmation.objects.filter(agreement__in=_agreements(disputes, quarter))
    rows = rows.filter(Q(last_day__lte=day) | Q(applied_on__lte=day))
    rows = rows.exclude(concerns_identity=True).exclude(concerns_title=True)
    return [
        _row(row.dispute, row.state in AT_COURT and row.applied_on <= day)
        for row in rows.select_related("dispute__type").order_by("pk")
    ]  # fmt: skip


def _reopened(disputes, quarter: Quarter, day: date) -> list[Row]:
    rows = Dispute.objects.filter(pk__in=disputes.values("pk")).select_related("type")
    rows = list(rows.filter(accepted_at__date__range=(quarter.first, quarter.last)).order_by("pk"))
    keys = [row.pk for row in rows]
    again = {pk for pk, _on in _reopenings(keys, day)}
    ended = Event.objects.filter(name__in=["dispute.agreed", "dispute.terminated"], occurred_at__date__lte=day)
    ended = ended.filter(subject_type="mediation.dispute", subject_id__in=keys)
    over = set(ended.values_list("subject_id", flat=True))
    return [_row(row, row.pk in again) for row in rows if row.pk in over]


def _days(disputes, quarter: Quarter, day: date) -> list[Row]:
    rows = _agreements(disputes, quarter)
    earlier = Agreement.objects.in_effect().filter(dispute_id__in=[row.dispute_id for row in rows])
    first: dict[int, int] = {}
    for dispute, pk in earlier.order_by("-pk").values_list("dispute_id", "pk"):
        first[dispute] = pk
    return [
        _row(row.dispute, max((row.effective_on - timezone.localdate(row.dispute.accepted_at)).days, 0))
        for row in rows if first[row.dispute_id] == row.pk
    ]  # fmt: skip


COUNTED = {"performance": _performance, "relapse": _relapse, "confirmation": _confirmation, "reopened": _reopened,
           "days": _days}  # fmt: skip
