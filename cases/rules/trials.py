"""Dry runs: what a rule would have done to past cases; cases are read, never touched.

Looked at are the cases reported within the last days that were dispatched, the newest first and at most
``MOST_CASES``. Each is judged as it is filed now, at the moment it was dispatched; the days within which the rule is
meant to hold are left out, since those may lie ahead.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cases.dispatch.matching import Facts, applies, in_order, plain, rank
from cases.dispatch.units import RoleTable
from cases.models import Case, DispatchRule, UnitPart

MOST_CASES = 20_000
MOST_LISTED = 200  # cases that would have gone elsewhere, kept with the trial
COLUMNS = (
    "pk", "area__path", "category_id", "category__parent_id", "standard_id", "source", "description", "origin",
    "dispatched_at", "lead_unit_id",
)  # fmt: skip


@dataclass
class Findings:
    """What a trial found; as ``RuleTrial``, ``differing`` as (case id, unit it has, unit of the rule)."""

    considered: int = 0
    cut: bool = False
    counts: Counter = field(default_factory=Counter)
    differing: list[tuple[int, int, int]] = field(default_factory=list)


def try_out(rule: DispatchRule, *, days: int, now: datetime) -> Findings:
    """Return what ``rule`` (read ``with_conditions`` and ``with_rows``) would have done; four statements."""
    others = list(
        DispatchRule.objects.deciding()
        .exclude(pk=rule.pk)
        .with_conditions()
        .select_related("area")
        .defer("area__boundary")
    )
    reads_text = any(one.words for one in (rule, *others))
    rows = Case.objects.filter(
        reported_at__gte=now - timedelta(days=days), reported_at__lte=now, dispatched_at__isnull=False,
        area__path__startswith=rule.area.path,
    )  # fmt: skip
    columns = [name for name in COLUMNS if name != "description" or reads_text]
    found = rows.order_by("-reported_at").values(*columns)[: MOST_CASES + 1]
    judge = _Judge(rule, others)
    findings = Findings()
    for row in found.iterator(chunk_size=2_000):
        if findings.considered == MOST_CASES:
            findings.cut = True
            break
        findings.considered += 1
        judge.look_at(row, findings)
    return findings


class _Judge:
    """Judges one case after the other; keeps what all of them need."""

    def __init__(self, rule: DispatchRule, others: list[DispatchRule]):
        self.rule, self.others = rule, others
        self.lead = next(row for row in rule.units.all() if row.part == UnitPart.LEAD)
        self.roles = RoleTable([self.lead.role_name] if self.lead.role_name else [])

    def look_at(self, row: dict, findings: Findings) -> None:
        facts = _facts(row)
        if not applies(self.rule, facts, dates=False):
            return
        findings.counts["matched"] += 1
        findings.counts["earlier"] += self._decided_before(facts)
        unit = self._unit(row["area__path"])
        has = row["lead_unit_id"]
        if unit is None:
            findings.counts["unresolved"] += 1
        elif has is None:
            findings.counts["unled"] += 1
        elif unit == has:
            findings.counts["same"] += 1
        else:
            findings.counts["other"] += 1
            if len(findings.differing) < MOST_LISTED:
                findings.differing.append((row["pk"], has, unit))

    def _unit(self, path: str) -> int | None:
        unit = self.lead.unit or self.roles.unit(
            self.lead.role_name, [int(part) for part in path.strip("/").split("/")]
        )
        return unit.pk if unit is not None and unit.is_active else None

    def _decided_before(self, facts: Facts) -> bool:
        first = next(iter(in_order(self.others, facts)), None)
        return first is not None and rank(first, facts) < rank(self.rule, facts)


def _facts(row: dict) -> Facts:
    return Facts(
        area_path=row["area__path"],
        category=row["category_id"],
        above=row["category__parent_id"],
        standard=row["standard_id"],
        source=row["source"],
        text=plain(row.get("description", "")),
        device_profile=str(row["origin"].get("profile", "")),
        at=row["dispatched_at"],
    )
