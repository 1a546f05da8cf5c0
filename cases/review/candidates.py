"""Who comes into question for a case that a person must decide about, and why; nothing is written here.

Sources, each with the figure that stands for it: the unit that had a reopened case, the filed standard, the text
model's readings, the standards of the category, and which unit closed such cases in the same street. The same unit
found twice is one candidate. A unit that has just given the case back is left out.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.translation import gettext as _

from cases.dispatch.by_standard import plan_by_standard, standard_label
from cases.dispatch.by_text import THOUSANDTH, readings_of
from cases.dispatch.plans import LONGEST_REASON, Plan, default_span, stored
from cases.dispatch.units import RoleTable, load_units
from cases.models import Case, CaseState, DispatchProposal, FilingStandard, ProposalMethod, UnitPart
from governance.clock import Span
from governance.models import OrgUnit

MOST = 3  # proposals kept for a case: as many as there are keys to accept them
# How much is made of sources that have no figure, beside shares and confidences of 0 to 1 [J].
HAD_IT, FILED, ONE_STANDARD, SOME_STANDARD = 1.2, 1.1, 0.5, 0.3
STANDARDS_LOOKED_AT = 12
# History: newest closed cases of the category that are looked at, and the least that say anything [J].
CASES_LOOKED_AT, FEWEST = 300, 5
STREET_DEPTH = 3  # city, district, street: units of streets and communities differ from street to street


@dataclass(frozen=True)
class Candidate:
    """A unit with what speaks for it; ``weight`` orders candidates."""

    unit: OrgUnit
    method: str
    span: Span
    reason: str
    weight: float
    parts: dict
    standard: FilingStandard | None = None
    confidence: Decimal | None = None
    model_version: str = ""
    backed: frozenset[str] = frozenset()  # other methods that found the unit as well


def dispatch_proposals(case: Case) -> list[DispatchProposal]:
    """Return up to ``MOST`` unsaved proposals for a dispatcher, the best first."""
    avoided = _gave_it_back(case)
    found: dict[int, Candidate] = {}
    for candidate in sorted(_candidates(case), key=lambda one: -one.weight):
        if candidate.unit.pk in avoided or not candidate.unit.is_active:
            continue
        known = found.get(candidate.unit.pk)
        found[candidate.unit.pk] = _joined(known, candidate) if known else candidate
    return [_proposal(case, rank, one) for rank, one in enumerate(list(found.values())[:MOST], start=1)]


def _gave_it_back(case: Case) -> set[int]:
    """Return the unit that has just returned the case, or from which it was recalled."""
    if case.review_reason not in ("returned", "recalled"):
        return set()
    return set(case.dispatches.order_by("-id").values_list("lead_unit_id", flat=True)[:1])


def _candidates(case: Case) -> Iterator[Candidate]:
    span = _span(case)
    if case.state == CaseState.REOPENED and span is not None:
        yield from _had_it(case, span)
    yield from _by_standards(case)
    for reading in readings_of(case):
        if reading.plan is not None:
            yield _of_plan(reading.plan, ProposalMethod.CLASSIFIER, float(reading.said.confidence),
                           confidence=reading.confidence, model_version=reading.said.model_version)  # fmt: skip
    if span is not None and case.category_id is not None:
        yield from _by_history(case, span)


def _span(case: Case) -> Span | None:
    standard = case.standard
    return Span(standard.limit_amount, standard.limit_unit) if standard else default_span()


def _had_it(case: Case, span: Span) -> Iterator[Candidate]:
    last = case.dispatches.select_related("lead_unit").order_by("-id").first()
    if last is not None:
        reason = stored(lambda: _("It handled this case before it was reopened."))
        yield Candidate(last.lead_unit, ProposalMethod.HISTORY, span, reason, HAD_IT, {}, case.standard)


def _by_standards(case: Case) -> Iterator[Candidate]:
    """The standard the case is filed under, else those of its category, the nearest in words first."""
    if case.standard is not None:
        plan = plan_by_standard(case, case.standard)
        if isinstance(plan, Plan):
            yield _of_plan(plan, ProposalMethod.STANDARD, FILED)
        return
    rows = FilingStandard.objects.filter(category=case.category_id, is_active=True).select_related("category")
    standards = list(rows.order_by("condition_code")[:STANDARDS_LOOKED_AT])
    load_units(standards)
    roles = {row.role_name for standard in standards for row in standard.units.all() if row.role_name}
    table = RoleTable(roles, case.area.lineage)
    weight = ONE_STANDARD if len(standards) == 1 else SOME_STANDARD
    for standard in standards:
        plan = plan_by_standard(case, standard, table)
        if isinstance(plan, Plan):
            reason = stored(lambda plan=plan: _if_standard(plan))
            yield _of_plan(plan, ProposalMethod.STANDARD, weight + _likeness(case, standard), reason=reason)


def _if_standard(plan: Plan) -> str:
    return _("If it is “%(standard)s”: %(lead)s") % {
        "standard": standard_label(plan.standard),
        "lead": plan.lead.name,
    }


def _likeness(case: Case, standard: FilingStandard) -> float:
    """Return how many pairs of characters of the condition stand in the case's text: 0 to 0.1, for ordering only."""
    pairs = _pairs(standard.condition)
    return 0.1 * len(pairs & _pairs(case.description)) / len(pairs) if pairs else 0.0


def _pairs(text: str) -> set[str]:
    return {text[place : place + 2] for place in range(len(text) - 1)}


def _by_history(case: Case, span: Span) -> Iterator[Candidate]:
    """The units that closed the newest cases of this category in the same street; in the whole city where few."""
    rows = Case.objects.filter(category=case.category_id, state=CaseState.CLOSED, lead_unit__is_active=True)
    newest = list(rows.order_by("-id").values_list("lead_unit_id", "area__path")[:CASES_LOOKED_AT])
    street = "/".join(case.area.path.split("/")[: STREET_DEPTH + 1]) + "/"
    here = [unit for unit, path in newest if path.startswith(street)]
    counted = here if len(here) >= FEWEST else [unit for unit, _path in newest]
    if len(counted) < FEWEST:
        return
    shares = Counter(counted).most_common(MOST)
    units = OrgUnit.objects.in_bulk([unit for unit, _count in shares])
    for unit, count in shares:
        share = count / len(counted)
        reason = stored(lambda count=count: _closed_such(count, len(counted), here=counted is here))
        yield Candidate(
            units[unit], ProposalMethod.HISTORY, span, reason, share, {}, case.standard,
            Decimal(share).quantize(THOUSANDTH),
        )  # fmt: skip


def _closed_such(count: int, total: int, *, here: bool) -> str:
    text = (
        _("It closed %(count)s of the newest %(total)s such cases of this street.")
        if here
        else _("It closed %(count)s of the newest %(total)s such cases.")
    )
    return text % {"count": count, "total": total}


def _of_plan(plan: Plan, method: str, weight: float, *, reason: str = "", **more) -> Candidate:
    parts = {
        UnitPart.ASSISTING.value: [unit.code for unit in plan.assisting if unit.is_active],
        UnitPart.SUPERVISING.value: [unit.code for unit in plan.supervising if unit.is_active],
    }
    return Candidate(plan.lead, method, plan.span, reason or plan.reason, weight, parts, plan.standard, **more)


def _joined(first: Candidate, second: Candidate) -> Candidate:
    """The better of two about one unit, with the other's reason where it comes from another source.

    History knows no limit of its own: it takes that of the standard which names the unit too.
    """
    if second.method == first.method or second.method in first.backed:
        return first
    reason = f"{first.reason} {second.reason}"
    of = second if first.method == ProposalMethod.HISTORY and not first.backed else first
    return replace(
        first,
        reason=reason if len(reason) <= LONGEST_REASON else first.reason,
        span=of.span,
        parts=of.parts or first.parts,
        standard=of.standard or first.standard,
        confidence=first.confidence if first.confidence is not None else second.confidence,
        model_version=first.model_version or second.model_version,
        backed=first.backed | {second.method},
    )


def _proposal(case: Case, rank: int, one: Candidate) -> DispatchProposal:
    return DispatchProposal(
        case=case, rank=rank, method=one.method, unit=one.unit, standard=one.standard, category=case.category,
        parts=one.parts, limit_amount=one.span.amount, limit_unit=one.span.unit, confidence=one.confidence,
        reason=one.reason, model_version=one.model_version,
    )  # fmt: skip
