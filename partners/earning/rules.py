"""Setting rules and rates: what is in force is never edited, a new one begins later (the database says so too)."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.configuration import guards
from governance.errors import Conflict, Invalid
from partners.models import EarningRule, SettlementRate

KEPT = ("kind_id", "area_id", "points", "per", "day_cap", "month_cap", "approve_above", "months", "valid_from")


def rule_guard(rule: EarningRule, stored: EarningRule | None, actor) -> None:
    """Judge a rule that is saved: one in force may only end, a new one begins today or later and ends the one before.

    Where none was in force a rule may begin earlier: what was rendered before the product came can then be entered.
    """
    today = timezone.localdate()
    if stored is not None:
        if stored.valid_from <= today:
            if any(getattr(stored, name) != getattr(rule, name) for name in KEPT):
                raise Conflict(_("A rule in force is never edited: let it end, and set a new one from a later day."))
            if rule.valid_to != stored.valid_to and rule.valid_to is not None and rule.valid_to < today:
                raise Invalid(_("A rule in force ends today or later."), field="valid_to", code="past")
        elif rule.valid_from < today:
            raise Invalid(_("A new rule begins today or later."), field="valid_from", code="past")
        return
    before = EarningRule.objects.filter(kind=rule.kind_id, area=rule.area_id, valid_from__lt=rule.valid_from)
    if rule.valid_from < today:
        held = EarningRule.objects.filter(kind=rule.kind_id).in_force(rule.valid_from).for_area(rule.area)
        if held.exists():
            raise Invalid(_("A new rule begins today or later."), field="valid_from", code="past")
    elif last := before.filter(valid_to__isnull=True).select_for_update().first():
        last.valid_to = rule.valid_from - timedelta(days=1)
        last.save(update_fields=["valid_to"])


def rate_guard(rate: SettlementRate, stored: SettlementRate | None, actor) -> None:
    """Judge a rate that is saved: one that has begun stays, so does what was settled by it."""
    today = timezone.localdate()
    if stored is not None and stored.valid_from <= today:
        raise Conflict(_("A rate in force is never edited: set a new one from a later day."))
    others = SettlementRate.objects.filter(area=rate.area_id, valid_from__lte=rate.valid_from)
    if rate.valid_from < today and others.exists():
        raise Invalid(_("A new rate begins today or later."), field="valid_from", code="past")


guards("partners.earningrule", rule_guard)
guards("partners.settlementrate", rate_guard)
