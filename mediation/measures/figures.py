"""Measures that are hard to game, by tier, unit and type (domain/mediation.md, "What mediators ... complain of").

Each counts what happened, not what was reported as a success:

* ``performance``: of agreements in effect, those of which every obligation that was due is performed; one without
  obligations needs a visit that found it performed. What nobody proved counts as not performed.
* ``relapse``: of agreements in effect, those that broke out again within 90 days (a visit or a party's own reply says
  so, or the dispute was reopened).
* ``confirmation``: of agreements whose term to apply is over, those that were brought before the court.
* ``reopened``: of disputes that ended, those opened again.
* ``days``: median of days from acceptance to the first agreement.

An agreement that a newer one of the same dispute replaced is no failure of its own: nothing is owed by it, so it leaves
``performance``, and ``confirmation`` unless its term was over or the court had it. It stays in ``relapse``: leaving it
out would make every relapse that was settled anew disappear.

A cohort is a calendar quarter: of the day of effect, or (``reopened``) of the acceptance. It is looked at as things
stood ``LAG`` days after the quarter's end and never again later: two looks at one quarter do not differ by one dispute
that changed meanwhile, and quarters do not overlap. Analysts see nothing of a quarter before that day. How things
stood is what had been told by then (the time of the event): a visit or payment written down later with an earlier day
of its own changes nothing. So does a day of effect that is put right later; put right by then, it counts as it is now.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median

from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from governance.models import Event
from mediation.agreements.events import AGREEMENT_DAY_CORRECTED, AGREEMENT_EFFECTIVE
from mediation.measures.suppressing import Cell, hidden_in_all
from mediation.models import (
    Agreement,
    Dispute,
    FollowUpVisit,
    JudicialConfirmation,
    Obligation,
    PartyReply,
    TerminationGround,
    VisitPerformed,
    VisitState,
)

RELAPSE_DAYS = 90
END_TAKEN_BACK = "dispute.end_taken_back"
REOPENED, TAKEN_BACK = "dispute.reopened", "dispute.reopening_taken_back"
LAST_DAYS = ("confirmation.opened", "confirmation.last_day_moved")
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
    today = timezone.localdate()
    tables, rows = [], {}
    for measure in MEASURES:
        seen_on = quarter.last + timedelta(days=LAG[measure])
        tables.append(Table(measure, today > seen_on, seen_on + timedelta(days=1)))
        if tables[-1].ready or not suppressed:
            rows[measure] = COUNTED[measure](disputes, quarter, min(seen_on, today))
    for table in tables:
        if table.measure in rows:
            found = rows[table.measure]
            hidden = suppressed and _cell(table.measure, found).small
            table.total = None if hidden else _figure(table.measure, found)
    for group in GROUPS:
        _fill(tables, group, {measure: _parted(found, group) for measure, found in rows.items()}, suppressed)
    return tables


def _parted(rows: list[Row], group: str) -> dict:
    parts = defaultdict(list)
    for row in rows:
        parts[getattr(row, group)].append(row)
    return parts


def _fill(tables: list[Table], group: str, parts: dict[str, dict], suppressed: bool) -> None:
    """Put in the figures of each part of a group; what one measure keeps back, all keep back."""
    cells = [{key: _cell(measure, rows) for key, rows in part.items()} for measure, part in parts.items()]
    kept_back = hidden_in_all(cells) if suppressed else set()
    for table in tables:
        if table.measure in parts:
            table.groups[group] = {
                key: None if key in kept_back else _figure(table.measure, rows)
                for key, rows in sorted(parts[table.measure].items(), key=lambda item: str(item[0]))
            }  # fmt: skip


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


def _told(model: type[Model], names: Sequence[str], keys: Collection[int],
          day: date) -> list[tuple[int, str, dict, date]]:  # fmt: skip
    """Return (key, name, payload, day) of what had been told of these rows by the end of a day, in that order."""
    rows = Event.objects.filter(subject_type=model._meta.label_lower, subject_id__in=keys, name__in=names)
    rows = rows.filter(occurred_at__date__lte=day).order_by("occurred_at", "id")
    columns = rows.values_list("subject_id", "name", "payload", "occurred_at")
    return [(pk, name, payload, timezone.localdate(at)) for pk, name, payload, at in columns]


def _agreements(disputes, quarter: Quarter, day: date) -> list[Agreement]:
    """Return the agreements that took effect in a quarter and were told by the end of ``day``, with ``effective_on`` as
    told by then, each with ``replaced_on``: the day on which a newer one took its place (None: it did not)."""
    within = (quarter.first, quarter.last)
    put_right = Event.objects.filter(subject_type=Agreement._meta.label_lower, name=AGREEMENT_DAY_CORRECTED)
    rows = Agreement.objects.took_effect().filter(dispute__in=disputes)
    rows = rows.filter(Q(effective_on__range=within) | Q(pk__in=put_right.values("subject_id")))
    rows = list(rows.select_related("dispute__type").order_by("pk"))
    keys = {row.pk for row in rows} | {row.replaced_by_id for row in rows if row.replaced_by_id}
    known, effect = {}, {}
    for pk, name, told, on in _told(Agreement, [AGREEMENT_EFFECTIVE, AGREEMENT_DAY_CORRECTED], keys, day):
        effect[pk] = date.fromisoformat(told["effective_on"])
        if name == AGREEMENT_EFFECTIVE:
            known[pk] = on
    for row in rows:
        row.effective_on, row.replaced_on = effect.get(row.pk, row.effective_on), known.get(row.replaced_by_id)
    return [row for row in rows if row.pk in known and within[0] <= row.effective_on <= within[1]]


def _reopenings(keys: Collection[int], day: date) -> dict[int, list[date]]:
    """Return on which days disputes were reopened, as told by the end of ``day``, without what was taken back as a
    mistake; none of the others."""
    rows = Event.objects.filter(subject_type=Dispute._meta.label_lower, subject_id__in=keys)
    rows = rows.filter(name__in=[REOPENED, TAKEN_BACK], occurred_at__date__lte=day).order_by("id")
    found = defaultdict(list)
    for pk, name, payload, at in rows.values_list("subject_id", "name", "payload", "occurred_at"):
        if name == TAKEN_BACK and found[pk]:
            found[pk].pop()
        elif name == REOPENED and payload.get("told_on", "") <= day.isoformat():  # it may be of an earlier day
            found[pk].append(timezone.localdate(at))
    return {pk: days for pk, days in found.items() if days}


def _performance(disputes, quarter: Quarter, day: date) -> list[Row]:
    agreements = [row for row in _agreements(disputes, quarter, day) if row.replaced_on is None]
    obligations = list(Obligation.objects.filter(agreement__in=agreements))
    names, keys = ["obligation.performed", "obligation.corrected"], [row.pk for row in obligations]
    last = {pk: name for pk, name, *_rest in _told(Obligation, names, keys, day)}
    owed, ahead = defaultdict(list), set()
    for row in obligations:
        if row.due_on > day:
            ahead.add(row.agreement_id)
        else:
            owed[row.agreement_id].append(last.get(row.pk) == "obligation.performed")
    said = {visit.agreement_id: visit.performed for visit in _visits(agreements, day)}
    found = []
    for row in agreements:
        if row.pk not in owed and row.pk in ahead:
            continue  # nothing was due yet
        proved = all(owed[row.pk]) if row.pk in owed else said.get(row.pk) == VisitPerformed.YES
        found.append(_row(row.dispute, proved and said.get(row.pk) != VisitPerformed.NO))
    return found


def _visits(agreements: list[Agreement], day: date) -> list[FollowUpVisit]:
    """Return the visits that had been logged by the end of a day, as it was told by then (also where it was corrected),
    in the order in which they were made."""
    rows = FollowUpVisit.objects.filter(agreement__in=agreements, state=VisitState.DONE)
    rows = {row.pk: row for row in rows}
    known = {}
    for pk, _name, payload, _on in _told(FollowUpVisit, ["followup.done", "followup.corrected"], rows, day):
        row = known[pk] = rows[pk]
        row.performed, row.relapse = payload["performed"], payload["relapse"]
        row.visited_on = date.fromisoformat(payload["on"])
    return sorted(known.values(), key=lambda row: (row.visited_on, row.pk))


def _relapse(disputes, quarter: Quarter, day: date) -> list[Row]:
    agreements = _agreements(disputes, quarter, day)
    keys = [row.dispute_id for row in agreements]
    broke_out = defaultdict(list)
    for visit in _visits(agreements, day):
        if visit.relapse:
            broke_out[visit.dispute_id].append(visit.visited_on)
    for pk, days in _reopenings(keys, day).items():
        broke_out[pk] += days
    replies = PartyReply.objects.counting().filter(dispute__in=keys, relapse=True, at__date__lte=day)
    for pk, at in replies.values_list("dispute_id", "at"):
        broke_out[pk].append(timezone.localdate(at))
    within = timedelta(days=RELAPSE_DAYS)
    return [
        _row(row.dispute, any(row.effective_on <= on <= row.effective_on + within
                              for on in broke_out[row.dispute_id]))
        for row in agreements
    ]  # fmt: skip


def _confirmation(disputes, quarter: Quarter, day: date) -> list[Row]:
    replaced = {row.pk: row.replaced_on for row in _agreements(disputes, quarter, day)}
    rows = JudicialConfirmation.objects.filter(agreement__in=replaced)
    rows = list(rows.select_related("dispute__type").order_by("pk"))
    applied, excluded, last_day = set(), {}, {row.pk: row.last_day for row in rows}
    names = ["confirmation.applied", "confirmation.judged", *LAST_DAYS]
    for pk, name, told, _on in _told(JudicialConfirmation, names, [row.pk for row in rows], day):
        if name == "confirmation.applied":
            applied.add(pk)
        elif name in LAST_DAYS:
            last_day[pk] = date.fromisoformat(told["last_day"])
        else:
            excluded[pk] = told.get("identity") or told.get("title")
    over = {row.pk for row in rows
            if last_day[row.pk] <= day and last_day[row.pk] < (replaced[row.agreement_id] or date.max)}  # fmt: skip
    return [
        _row(row.dispute, row.pk in applied)
        for row in rows if (row.pk in over or row.pk in applied) and not excluded.get(row.pk)
    ]  # fmt: skip


def _reopened(disputes, quarter: Quarter, day: date) -> list[Row]:
    rows = Dispute.objects.filter(pk__in=disputes.values("pk")).select_related("type")
    rows = list(rows.filter(accepted_at__date__range=(quarter.first, quarter.last)).order_by("pk"))
    keys = [row.pk for row in rows]
    again = _reopenings(keys, day)
    over = _over(keys, day)
    return [_row(row, row.pk in again) for row in rows if row.pk in over]


def _over(keys: Collection[int], day: date) -> set[int]:
    """Return the disputes that had ended by the end of ``day``, without ends that were taken back as a mistake."""
    ends = defaultdict(int)
    names = ["dispute.agreed", "dispute.terminated", END_TAKEN_BACK]
    for pk, name, told, _on in _told(Dispute, names, keys, day):
        if name != END_TAKEN_BACK:
            ends[pk] += 1
        elif told["ground"] in TerminationGround.values:  # a declining was no end of a mediation
            ends[pk] -= 1
    return {pk for pk, count in ends.items() if count > 0}


def _days(disputes, quarter: Quarter, day: date) -> list[Row]:
    rows = _agreements(disputes, quarter, day)
    earlier = Agreement.objects.took_effect().filter(dispute_id__in=[row.dispute_id for row in rows])
    first: dict[int, int] = {}
    for dispute, pk in earlier.order_by("-pk").values_list("dispute_id", "pk"):
        first[dispute] = pk
    return [
        _row(row.dispute, max((row.effective_on - timezone.localdate(row.dispute.accepted_at)).days, 0))
        for row in rows if first[row.dispute_id] == row.pk
    ]  # fmt: skip


COUNTED = {"performance": _performance, "relapse": _relapse, "confirmation": _confirmation, "reopened": _reopened,
           "days": _days}  # fmt: skip
