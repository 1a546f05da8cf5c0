"""The points bank (积分银行): a double-entry ledger of whole points, by community. docs/decisions/0031-points-bank.md.

Every service is one transaction and two exchanges with the database (``posting``): the first names the wish, locks the
accounts and reads what is needed, the second writes entries, draws and the event. Order of locks, everywhere: accounts
by id, then the hold or the adjustment. Only expiry, whose amount is not known before, locks before it names the wish.
"""
