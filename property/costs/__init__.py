"""Shared costs (成本共担): the books of an estate, its maintenance fund, cost periods, charges, payments, public income."""
