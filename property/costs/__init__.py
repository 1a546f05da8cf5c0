"""Shared costs (成本共担): an estate's books, maintenance fund, cost periods, charges, payments and public income."""
