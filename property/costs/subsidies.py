"""Subsidy after a period was settled: what came or went back, and what of it was recorded by mistake."""

from datetime import date
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.attachments import attach
from governance.errors import Conflict
from governance.models import AttachmentPurpose
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from property.costs.ledger import books_locked, check_amount, check_day
from property.costs.statements import subsidy_figures
from property.models.costs import CostPeriod, SubsidyDirection, SubsidyLine

PERIOD = "property.costperiod"


@carries_out(PERIOD, "record_subsidy")
def subsidy_record(period: CostPeriod, *, actor, direction: str, amount: Decimal, booked_on: date, photos=(),
                   **given) -> CostPeriod:  # fmt: skip
    """Record subsidy that came (``claimed``) or was given back (``returned``) after settlement, as a line of its own.

    ``made`` of the period returned is the line. Raises Invalid, Conflict for more than is to be claimed or returned.
    """
    check_amount(amount)
    check_day(booked_on, "booked_on")
    with atomically():
        books_locked(period.books_id)
        payload = {"direction": direction, "amount": str(amount)}
        fresh, event = perform(period, "record_subsidy", actor=actor, payload=payload, **given)
        figures = subsidy_figures(fresh)
        most = Decimal(figures["to_claim" if direction == SubsidyDirection.CLAIMED else "to_return"])
        if amount > most:
            raise Conflict(
                _("Only %(most)s yuan of subsidy are open this way.") % {"most": most}, field="amount", code="too_much"
            )
        signed = amount if direction == SubsidyDirection.CLAIMED else -amount
        line = SubsidyLine.objects.create(period=fresh, amount=signed, booked_on=booked_on, made_by=actor)
        attach(line, photos, purpose=AttachmentPurpose.EVIDENCE, actor=actor, event=event)
    fresh.made = line
    return fresh


@carries_out(PERIOD, "reverse_subsidy")
def subsidy_reverse(period: CostPeriod, *, actor, line: SubsidyLine, **given) -> CostPeriod:
    """Undo a line that was recorded by mistake, by one with the opposite sign; ``made`` is that line.

    Raises Conflict when it was reversed already, or is a reversal itself.
    """
    with atomically():
        books_locked(period.books_id)
        line = SubsidyLine.objects.get(pk=line.pk, period=period)
        if line.reverses_id is not None or SubsidyLine.objects.filter(reverses=line).exists():
            raise Conflict(_("This was reversed already, or is a reversal itself."), field="line", code="reversed")
        payload = {"line": line.pk, "amount": str(-line.amount)}
        fresh, _event = perform(period, "reverse_subsidy", actor=actor, payload=payload, **given)
        made = SubsidyLine.objects.create(
            period=fresh, amount=-line.amount, booked_on=timezone.localdate(), reverses=line, made_by=actor
        )
    fresh.made = made
    return fresh
