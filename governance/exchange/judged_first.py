"""Imports of rows that machines write on too: judged without any lock, stored together at the end.

A check of such rows locks and writes nothing, however many there are. A run works everything out first, then locks all
rows that change by one statement in the order of their keys, asks whether they still are as they were judged, and
writes the changed fields only. So it holds them for as long as a few statements take, and what was written on the
others' fields meanwhile stays. It stores everything or nothing, like every import.
"""

from django.db import models
from django.utils.translation import gettext as _

from governance.configuration import Judged, configuration_judge, configuration_save_many
from governance.errors import Conflict, Refused
from governance.exchange.line_by_line import blamed
from governance.exchange.model_importer import ModelImporter


class JudgedFirst(ModelImporter):
    """Base of such importers, for ``model_importer``.

    No line may refer to one above it, ``part_of`` and ``finish`` are not for them, and ``complete`` changes nothing of
    a stored row.
    """

    def foresee(self, rows):
        """Read the stored rows, by the one field of their key."""
        (name,) = self.by
        relations = [field.name for field in self._kept() if field.is_relation]
        found = self.row_model._base_manager.select_related(*relations)
        self.known = {
            getattr(row, name): row for row in found.filter(**{f"{name}__in": {row[name] for row in rows}})
        }  # fmt: skip

    def _kept(self) -> list[models.Field]:
        """Return the fields that a line may change of a stored row."""
        names = [name for name in self.fields if name not in (*self.by, *self.fixed)]
        return [self.row_model._meta.get_field(name) for name in names]

    def stored(self, key):
        (value,) = key.values()
        return self.known.get(value) or super().stored(key)

    def read(self, row):
        key, values = self.meant(row)
        stored = self.stored(key)
        obj, changed = self.told(stored, values, row)
        if stored is not None and not changed:
            self.ask(obj)
            return self.planned(key, "same", obj)
        try:
            grant = configuration_judge(obj, stored, actor=self.actor)
        except Refused as error:
            raise blamed(self, error, {}) from error
        judged = Judged(obj, grant, tuple(changed))
        return self.planned(key, "change" if stored else "add", obj, judged=judged, before=self._before(stored))

    def _before(self, stored: models.Model | None) -> tuple | None:
        return stored and tuple(getattr(stored, field.attname) for field in self._kept())

    def lock(self, planned):
        """Lock what changes. Raises Conflict where somebody changed it since it was judged."""
        known = {row.values["judged"].row.pk: row for row in planned if row.action == "change"}
        rows = self.row_model._base_manager.select_for_update(no_key=True).filter(pk__in=known).order_by("pk")
        names = [field.attname for field in self._kept()]
        found = {pk: tuple(now) for pk, *now in rows.values_list("pk", *names)}
        for pk, row in known.items():
            if found.get(pk) != row.values["before"]:
                raise self.changed_meanwhile(row.title)

    def changed_meanwhile(self, title: str) -> Conflict:
        """Return the refusal of what is no longer as it was judged."""
        told = _("“%(row)s” was changed by somebody else meanwhile: bring the file again.")
        return Conflict(told % {"row": title}, code="changed_meanwhile")

    def save(self, planned):
        configuration_save_many([row.values["judged"] for row in planned], actor=self.actor)
