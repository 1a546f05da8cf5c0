"""The registry of places and of who lives in and owns them.

querysets    who sees which estates, dwellings, residencies and ownerships
workflow     states and transitions of a residency and of an ownership
events       names of what happens to them
places       saving estates, buildings and dwellings, and keeping the area of everything inside them
services     claims of residents, entries of staff, and what carries out the transitions
voting       shares of the owners of a dwelling, and the one who votes for them
people       who reads names and phones, and what the others read instead
trail        history and evidence of one row, as its reader may see them
forms        what transitions ask for
permissions  who may view, add and change rows
entries      forms by which staff enter residents and owners
importers    spreadsheets of estates, buildings and dwellings
owner_importer  the spreadsheet of owners
live         what a toast shows

The models are in ``governance.models.place`` and ``governance.models.residency``, the pages in
``governance.admin.places`` and ``governance.admin.residencies``, the REST door in ``governance.api.registry``.
"""
