"""The cost of an event: lines that are never changed, and the settlement that residents read.

Money of the owners (public income) is only named here: what is spent of it is booked in the estate's books by whoever
keeps them, with its document (``property.costs``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.attachments import attach
from governance.errors import Invalid
from governance.models import AttachmentPurpose, User
from governance.photos import Upload
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from property.gatherings.acting import carry, figures_of
from property.models import CostStage, EventCostLine, EventMoney, NeighbourEvent

EVENT = "property.neighbourevent"
MOST = Decimal("1000000")


@dataclass(frozen=True)
class Settlement:
    """Lines and sums in yuan; ``by_source`` are the actual sums by what they are paid from."""

    lines: Sequence[EventCostLine]
    planned: Decimal
    actual: Decimal
    by_source: Sequence[tuple[str, Decimal]]


@carries_out(EVENT, "add_cost")
def cost_add(event: NeighbourEvent, *, actor: User, stage: str, title: str, amount: Decimal, source: str,
             source_text: str, photos: Sequence[Upload] = (), occurred_at: datetime | None = None,
             **given) -> NeighbourEvent:  # fmt: skip
    """Add a line with its receipts. Raises Invalid naming ``amount`` or ``source_text``."""
    _amount_check(amount)
    if amount <= 0:
        raise Invalid(_("The amount must be above 0."), field="amount", code="out_of_range")
    if not source_text.strip():
        raise Invalid(_("Say exactly what it is paid from."), field="source_text", code="required")
    with atomically():
        locked = NeighbourEvent.objects.lock(event.pk)
        line = EventCostLine(stage=stage, title=title.strip(), amount=amount, source=source,
                             source_text=source_text.strip())  # fmt: skip
        return _written(locked, line, "add_cost", actor, photos, occurred_at or timezone.now(), given)


@carries_out(EVENT, "correct_cost")
def cost_correct(event: NeighbourEvent, *, actor: User, line: int, amount: Decimal, photos: Sequence[Upload] = (),
                 occurred_at: datetime | None = None, **given) -> NeighbourEvent:  # fmt: skip
    """Add a line that corrects number ``line`` by ``amount`` yuan (below 0: it was less). Raises Invalid naming
    ``line`` or ``amount``: together they are never below 0."""
    _amount_check(amount)
    with atomically():
        locked = NeighbourEvent.objects.lock(event.pk)
        wrong = EventCostLine.objects.filter(event=locked, ordinal=line, corrects=None).first()
        if wrong is None:
            raise Invalid(_("There is no such line to correct."), field="line", code="does_not_exist")
        so_far = wrong.amount + sum((one.amount for one in wrong.corrections.all()), Decimal(0))
        if amount == 0 or so_far + amount < 0:
            text = _("The line stands at %(amount)s yuan.") % {"amount": so_far}
            raise Invalid(text, field="amount", code="out_of_range")
        new = EventCostLine(stage=wrong.stage, title=wrong.title, amount=amount, source=wrong.source,
                            source_text=wrong.source_text, corrects=wrong)  # fmt: skip
        return _written(locked, new, "correct_cost", actor, photos, occurred_at or timezone.now(), given)


def _amount_check(amount: Decimal) -> None:
    if not amount.is_finite() or abs(amount) >= MOST:
        raise Invalid(_("An amount below 1000000 yuan is needed."), field="amount", code="out_of_range")
    if amount != amount.quantize(Decimal("0.01")):
        raise Invalid(_("Amounts are exact to the fen."), field="amount", code="fen")


def _written(event: NeighbourEvent, line: EventCostLine, name: str, actor: User, photos: Sequence[Upload],
             at: datetime, given: dict) -> NeighbourEvent:  # fmt: skip
    last = EventCostLine.objects.filter(event=event).aggregate(last=Max("ordinal"))["last"] or 0
    line.event, line.area, line.ordinal, line.made_by, line.made_at = event, event.area, last + 1, actor, at
    line.save(force_insert=True)
    payload = figures_of(event) | {"line": line.ordinal, "stage": line.stage, "amount": str(line.amount),
                                   "source": line.source}  # fmt: skip
    fresh, recorded = perform(event, name, actor=actor, payload=payload, occurred_at=at, **given)
    if photos:
        attach(event, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=recorded)
    return fresh


def _settles(name: str) -> None:
    def event_settle(event: NeighbourEvent, *, actor: User, occurred_at: datetime | None = None, **given):
        """Publish the cost to the residents of the place."""
        at = occurred_at or timezone.now()
        with atomically():
            locked = NeighbourEvent.objects.lock(event.pk)
            payload = {"actual": str(settlement_of(locked).actual)}
            return carry(locked, name, actor=actor, occurred_at=at, settled_at=at, payload=payload, **given)

    carries_out(EVENT, name)(event_settle)


_settles("settle")
_settles("settle_cancelled")


def settlement_of(event: NeighbourEvent) -> Settlement:
    """Return the lines and sums of an event's cost; corrections count."""
    lines = list(EventCostLine.objects.filter(event=event).select_related("corrects", "made_by").order_by("ordinal"))
    sums = {stage: Decimal(0) for stage in CostStage.values}
    sources: dict[str, Decimal] = {}
    for line in lines:
        sums[line.stage] += line.amount
        if line.stage == CostStage.ACTUAL:
            sources[line.source] = sources.get(line.source, Decimal(0)) + line.amount
    by_source = [(str(EventMoney(source).label), amount) for source, amount in sources.items()]
    return Settlement(lines, sums[CostStage.PLANNED], sums[CostStage.ACTUAL], by_source)
