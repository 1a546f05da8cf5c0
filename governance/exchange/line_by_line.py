"""Importers whose lines are carried out by a service while they are read.

Everything is inside the transaction of the engine, which takes a mere check back: so a check finds everything the run
would, and each line is judged against what the lines above it did.
"""

from collections.abc import Mapping

from django.db import transaction

from governance.errors import Refused
from governance.exchange.importers import Importer, RowError


class LineByLine(Importer):
    """Base of such importers: ``read`` calls ``carried_out``, and there is nothing left to save."""

    def carried_out(self, service, *about, names: Mapping[str, str] | None = None, **given):
        """Call a service as the actor and return what it does.

        Under a savepoint, so that the lines after a refused one can be judged. ``names``: the columns for the fields of
        the service where they differ. Raises RowError.
        """
        try:
            with transaction.atomic():
                return service(*about, actor=self.actor, **given)
        except Refused as refusal:
            raise blamed(self, refusal, names or {}) from refusal

    def save(self, planned):
        """Rows are stored as they are read."""


def blamed(importer: Importer, refusal: Refused, names: Mapping[str, str]) -> RowError:
    """Turn a refusal into the error of a line, at the column of the field it names, where there is one."""
    name = names.get(refusal.field, refusal.field)
    known = {column.name for column in importer.columns}
    return RowError(name if name in known else "", str(refusal.detail))
