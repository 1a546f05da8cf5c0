"""Earning points (赚取积分): rules by kind of service, evidence, hours of volunteering, settlement with merchants.

docs/decisions/0033-earning-points.md. Order of locks, everywhere: the partner, then the row with the state, then the
points account.
"""
