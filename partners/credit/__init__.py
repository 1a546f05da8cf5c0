"""Credit files of partners (信用档案): explained line by line, open to appeal, deciding nothing alone.

docs/decisions/0038-credit-files.md. Order of locks: the partner, then the row with the state.
"""
