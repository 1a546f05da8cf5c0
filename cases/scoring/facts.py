"""From Events to facts: reading the history of some cases, folding it, storing what came out. Idempotent."""

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import fields as fields_of

from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL

from cases.models import Case, CaseFact, SpellFact, StageClock
from cases.scoring import names
from cases.scoring.fold import Clock, Happening, Outcome, Report, Spell, fold
from governance.live.cursor import Snapshot
from governance.models import Event, OrgUnit

log = logging.getLogger(__name__)

SUBJECT = "cases.case"
ON_THE_WAY = ("running", "late", "inspected_late")  # what a spell holds only while it is folded
REPORT_FIELDS = tuple(one.name for one in fields_of(Report))
SPELL_FIELDS = tuple(one.name for one in fields_of(Spell) if one.name not in ON_THE_WAY)
OF_CASE = ("area_id", "category_id", "source")
CASE_COLUMNS = (*OF_CASE, "excluded", *REPORT_FIELDS)
SPELL_COLUMNS = (*OF_CASE, "excluded", "contacted_at", *SPELL_FIELDS)
BATCH = 1000


def known_by(position: Snapshot) -> RawSQL:
    """Return the condition on events: held by a snapshot, or written in this very transaction."""
    return RawSQL(
        "(pg_visible_in_snapshot(tx, %s::pg_snapshot) OR tx = pg_current_xact_id_if_assigned())",
        [position.for_database()],
        output_field=BooleanField(),
    )


class Facts:
    """Facts of some cases, not stored: ``cases`` and ``spells`` are rows, ``unreadable`` the keys of those that
    cannot be folded."""

    def __init__(self):
        self.cases: list[CaseFact] = []
        self.spells: list[SpellFact] = []
        self.unreadable: list[int] = []

    def add(self, case: dict, outcome: Outcome) -> None:
        given = {name: case[name] for name in OF_CASE} | {"case_id": case["pk"], "excluded": outcome.excluded}
        report = {name: getattr(outcome.report, name) for name in REPORT_FIELDS}
        self.cases.append(CaseFact(**given, **report))
        for ordinal, spell in enumerate(outcome.spells):
            own = {name: getattr(spell, name) for name in SPELL_FIELDS}
            contacted = outcome.report.contacted_at
            self.spells.append(SpellFact(**given, **own, contacted_at=contacted, ordinal=ordinal))


def read_facts(case_ids: Collection[int], position: Snapshot, *, last_event: int | None = None) -> Facts:
    """Return the facts of cases as their events tell that ``position`` holds; four statements, nothing is stored.

    ``last_event``: no event after it counts. A case without such events has none.
    """
    happenings, clocks = _happenings(case_ids, position, last_event), _clocks(case_ids)
    units = dict(OrgUnit.objects.values_list("code", "pk"))
    facts = Facts()
    for case in Case.objects.filter(pk__in=list(happenings)).order_by("pk").values("pk", *OF_CASE):
        try:
            facts.add(case, fold(happenings[case["pk"]], clocks[case["pk"]], units))
        except (LookupError, TypeError, ValueError):
            log.exception("the events of case %s cannot be read into facts", case["pk"])
            facts.unreadable.append(case["pk"])
    return facts


def _happenings(case_ids, position: Snapshot, last_event: int | None) -> dict[int, list[Happening]]:
    rows = Event.objects.filter(known_by(position), subject_type=SUBJECT, subject_id__in=case_ids)
    if last_event is not None:
        rows = rows.filter(pk__lte=last_event)
    found = defaultdict(list)
    columns = ("subject_id", "name", "occurred_at", "unit_id", "payload")
    for case_id, *event in rows.order_by("subject_id", "id").values_list(*columns):
        found[case_id].append(Happening(*event))
    return {case_id: told for case_id, told in found.items() if told[0].name == names.REPORTED}


def _clocks(case_ids) -> dict[int, list[Clock]]:
    found = defaultdict(list)
    rows = StageClock.objects.filter(case__in=case_ids).order_by("started_at", "id")
    for case_id, *clock in rows.values_list("case_id", "stage", "started_at", "due_at"):
        found[case_id].append(Clock(*clock))
    return found


def store_facts(case_ids: Collection[int], position: Snapshot) -> list[int]:
    """Read the facts of cases and store them; return the cases that cannot be read. Call it inside a transaction."""
    facts = read_facts(case_ids, position)
    CaseFact.objects.bulk_create(
        facts.cases, update_conflicts=True, unique_fields=["case"], update_fields=_names(CASE_COLUMNS)
    )
    SpellFact.objects.bulk_create(
        facts.spells, update_conflicts=True, unique_fields=["case", "ordinal"], update_fields=_names(SPELL_COLUMNS)
    )
    _forget_more(facts.cases, facts.spells)
    return facts.unreadable


def _names(columns: Iterable[str]) -> list[str]:
    return [name.removesuffix("_id") for name in columns]


def _forget_more(cases: Iterable[CaseFact], spells: Iterable[SpellFact]) -> None:
    """Delete turns beyond the last one (only where events were read that no longer count, after a restore)."""
    last = defaultdict(lambda: -1)
    for spell in spells:
        last[spell.case_id] = spell.ordinal
    by_last = defaultdict(list)
    for case in cases:
        by_last[last[case.case_id]].append(case.case_id)
    beyond = Q(pk__in=[])
    for ordinal, ids in by_last.items():
        beyond |= Q(case__in=ids, ordinal__gt=ordinal)
    SpellFact.objects.filter(beyond).delete()
