"""Template filters of shared costs: yuan as people read them."""

from decimal import Decimal

from django import template

from property.costs.papers import Table

register = template.Library()


@register.filter
def yuan(amount) -> str:
    """Show yuan with two places and thousands; a dash for none."""
    return "—" if amount is None else f"{amount:,.2f}"


@register.filter
def is_money(cell) -> bool:
    """Tell whether a cell of a paper is yuan."""
    return isinstance(cell, Decimal)


@register.filter
def money_column(table: Table, place: int) -> bool:
    """Tell whether the last row of a table has yuan in this column."""
    return bool(table.rows) and is_money(table.rows[-1][place])
