"""Redemption (兑换): rewards for points, their stock, redemptions and the codes by which they are fulfilled.

docs/decisions/0034-redemption.md. Order of locks, everywhere: the member's account (the ledger's first lock), the hold,
the venue, the redemption, the reward's stock.
"""
