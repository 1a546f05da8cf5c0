"""What the hub answers: a plan, or why there is none."""

from dataclasses import dataclass, field
from decimal import Decimal

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import DispatchRule, FilingStandard, StageLimit
from cases.models.catalogue import LimitUnit
from cases.models.record import Stage
from governance.clock import Span
from governance.models import OrgUnit

# Why a case waits for a dispatcher (``Case.review_reason``).
REVIEW_REASONS = {
    "no_category": gettext_lazy("No category was given."),
    "no_standard": gettext_lazy("No filing standard fits."),
    "lead_unresolved": gettext_lazy("The standard names a role that no unit here fills."),
    "lead_inactive": gettext_lazy("The lead unit of the standard is no longer in use."),
    "recalled": gettext_lazy("The dispatch was recalled."),
    "returned": gettext_lazy("The unit returned it."),
    "reopened": gettext_lazy("It was reopened."),
    "arbitration": gettext_lazy("Units disagree whose it is: the operations centre decides."),
}
LONGEST_REASON = 500  # characters of Dispatch.reason


@dataclass(frozen=True)
class Plan:
    """A dispatch that is called for. ``method`` is one of ``DispatchMethod``; ``reason`` is stored with it and shown.

    ``confidence``: 0 to 1, of the text model where it decided. ``runner_up``: as ``Dispatch.runner_up``.
    """

    lead: OrgUnit
    assisting: tuple[OrgUnit, ...]
    supervising: tuple[OrgUnit, ...]
    span: Span
    standard: FilingStandard | None
    reason: str
    method: str
    rule: DispatchRule | None = None
    confidence: Decimal | None = None
    runner_up: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Unresolved:
    """Why there is no plan: a key of ``REVIEW_REASONS``."""

    code: str


def default_span() -> Span | None:
    """Return the limit of handling where no standard and no rule gives one, or None where none is set."""
    row = StageLimit.objects.filter(stage=Stage.HANDLING).first()
    return Span(row.limit_amount, row.limit_unit) if row else None


def span_text(span: Span) -> str:
    """Return a limit as people read it: 2 urgent hours."""
    amount = f"{span.amount.normalize():f}"  # 10, not 1E+1
    return f"{amount} {LimitUnit(span.unit).label}"


def stored(say) -> str:
    """Return what ``say()`` says in the product's language, whoever is at work: the text is kept and shown to all."""
    with translation.override(settings.LANGUAGE_CODE):
        text = say()
    return text if len(text) <= LONGEST_REASON else f"{text[: LONGEST_REASON - 1]}…"


def percent(confidence) -> str:
    """Return a confidence as people read it: 93 %."""
    return _("%(share)s %%") % {"share": round(100 * confidence)}


def runner_up(unit: OrgUnit | None, label: str, method: str, confidence=None) -> dict:
    """Return who else came into question, as ``Dispatch.runner_up`` keeps it."""
    share = None if confidence is None else round(float(confidence), 3)
    return {"unit": unit.code if unit else None, "label": label, "method": str(method), "confidence": share}
