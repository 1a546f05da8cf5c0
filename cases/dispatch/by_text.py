"""Third step of the hub: what the report says, as read by the text model (``cases.classifier``).

The model names a category, or the field whose unit is responsible (a role text of ``UnitAlias``). It acts by itself
only where its figures reach the precision asked of it, and never against what a registrar filed; otherwise what it
says is a proposal.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Protocol

from django.utils.translation import gettext as _

from cases.dispatch.by_standard import plan_by_standard, standard_label
from cases.dispatch.plans import Plan, default_span, percent, runner_up, span_text, stored
from cases.dispatch.units import RoleTable
from cases.models import Case, CaseCategory, CaseSource, DispatchMethod, FilingStandard

Target = Literal["category", "field"]
# What machines write says nothing that their profile does not say better.
WRITTEN_BY_MACHINES = {CaseSource.SENSOR, CaseSource.VIDEO}
THOUSANDTH = Decimal("0.001")


class TextProposal(Protocol):
    """What the text model says of a text; confidences are 0 to 1."""

    label: str
    confidence: float
    runner_up: str
    runner_up_confidence: float
    passes: bool
    acts_alone: bool
    model_version: str


Propose = Callable[..., TextProposal | None]
_models: list[Propose] = []


def reads_text(propose: Propose) -> Propose:
    """Ask ``propose(text, *, target)`` about texts from now on."""
    _models[:] = [propose]
    return propose


@dataclass(frozen=True)
class Reading:
    """What the model says about a case, resolved where the case lies.

    ``category``: of a category label. ``plan``: what would be done, None where no one unit follows from the label.
    ``alone``: the hub may do it without asking.
    """

    target: Target
    said: TextProposal
    category: CaseCategory | None = None
    plan: Plan | None = None
    alone: bool = False

    @property
    def confidence(self) -> Decimal:
        """Confidence as it is stored."""
        return Decimal(self.said.confidence).quantize(THOUSANDTH)


def reads(case: Case) -> bool:
    """Tell whether the model is asked about a case at all."""
    return bool(_models) and case.source not in WRITTEN_BY_MACHINES


def readings_of(case: Case) -> list[Reading]:
    """Return what the model says about a case: its category, then the responsible field."""
    found = [_by_category(case), _by_field(case)] if reads(case) else []
    return [reading for reading in found if reading is not None]


def plan_by_text(readings: list[Reading]) -> Plan | None:
    """Return the plan of the first reading that may act alone."""
    return next((reading.plan for reading in readings if reading.alone and reading.plan), None)


def said_about(case: Case, target: Target) -> TextProposal | None:
    """Return what the model says, unless it is too unsure to say it to people."""
    said = _models[0](case.description, target=target) if reads(case) else None
    return said if said is not None and said.passes else None


def _by_category(case: Case) -> Reading | None:
    said = said_about(case, "category")
    category = category_coded(said.label, case.category) if said else None
    if category is None:
        return None
    standard = only_standard(category)
    plan = plan_by_standard(case, standard) if standard else None
    agreed = case.category_id in (None, category.pk)
    if not isinstance(plan, Plan):
        return Reading("category", said, category)
    reason = stored(lambda: _why_category(said, standard, plan))
    return Reading("category", said, category, _told(plan, said, reason), said.acts_alone and agreed)


def category_coded(code: str, near: CaseCategory | None) -> CaseCategory | None:
    """Return the one category in use with this code; of several schemes, that of ``near``."""
    rows = CaseCategory.objects.filter(code=code, is_active=True).select_related("parent")
    found = list(rows)
    same = [row for row in found if near and (row.scheme, row.scheme_version) == (near.scheme, near.scheme_version)]
    return next(iter(same or found), None) if len(same or found) == 1 else None


def only_standard(category: CaseCategory) -> FilingStandard | None:
    """Return the standard of a category that has exactly one in use."""
    found = list(FilingStandard.objects.filter(category=category, is_active=True).select_related("category")[:2])
    return found[0] if len(found) == 1 else None


def _by_field(case: Case) -> Reading | None:
    said = said_about(case, "field")
    if said is None:
        return None
    lineage = case.area.lineage
    table = RoleTable([said.label, said.runner_up], lineage)
    lead, span = table.unit(said.label, lineage), default_span()
    if lead is None or span is None:
        return None
    reason = stored(lambda: _why_field(said, lead, case, span))
    second = table.unit(said.runner_up, lineage)
    beside = runner_up(second, said.runner_up, DispatchMethod.CLASSIFIER, said.runner_up_confidence)
    plan = Plan(
        lead=lead, assisting=(), supervising=(), span=span, standard=case.standard, reason=reason,
        method=DispatchMethod.CLASSIFIER, confidence=Decimal(said.confidence).quantize(THOUSANDTH),
        runner_up=beside if said.runner_up else {},
    )  # fmt: skip
    return Reading("field", said, None, plan, said.acts_alone)


def _told(plan: Plan, said: TextProposal, reason: str) -> Plan:
    beside = runner_up(None, said.runner_up, DispatchMethod.CLASSIFIER, said.runner_up_confidence)
    return Plan(
        lead=plan.lead, assisting=plan.assisting, supervising=plan.supervising, span=plan.span, standard=plan.standard,
        reason=reason, method=DispatchMethod.CLASSIFIER, confidence=Decimal(said.confidence).quantize(THOUSANDTH),
        runner_up=beside if said.runner_up else {},
    )  # fmt: skip


def _why_category(said: TextProposal, standard: FilingStandard, plan: Plan) -> str:
    return _("By its text “%(label)s” (%(share)s): filing standard “%(standard)s” → %(lead)s, within %(limit)s") % {
        "label": standard.category.name,
        "share": percent(said.confidence),
        "standard": standard_label(standard),
        "lead": plan.lead.name,
        "limit": span_text(plan.span),
    }


def _why_field(said: TextProposal, lead, case: Case, span) -> str:
    return _("By its text “%(label)s” (%(share)s) → %(lead)s in %(area)s, within %(limit)s") % {
        "label": said.label,
        "share": percent(said.confidence),
        "lead": lead.name,
        "area": case.area.name,
        "limit": span_text(span),
    }
