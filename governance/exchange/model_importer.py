"""Imports of configuration rows: cells cleaned by a django-import-export resource, rows saved by our own service.

The library's own import writes past permissions, scope and history; only its fields and widgets are used here. A line
is saved while it is read, inside the transaction of the engine, which takes a mere check back: so a check finds
everything the run would, a line may refer to one above it, and each row has its Event.
"""

from collections.abc import Callable, Mapping
from copy import copy

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export.fields import Field
from import_export.resources import ModelResource, modelresource_factory

from governance.configuration import (
    configuration_grant,
    configuration_lock,
    configuration_rows_save,
    configuration_save,
)
from governance.errors import Refused
from governance.exchange.importers import Column, Importer, Planned, RowError
from governance.exchange.line_by_line import blamed
from governance.exchange.widgets import ByKey, Choice, Clock, Day, Figure, Names, YesNo

# A cell with only this empties what is stored; an empty cell leaves it.
EMPTIED = ("-", "—", "－")
WIDGETS = {"BooleanField": YesNo, "DateField": Day, "FloatField": Figure, "JSONField": Names, "TimeField": Clock}


class ModelImporter(Importer):
    """Rows of one configuration model. Made by ``model_importer``.

    An empty cell leaves a stored value as it is, and a new row with the default; a dash empties what may be empty.
    """

    most_lines = 5_000
    advice = gettext_lazy("An empty cell leaves what is stored; a dash (-) empties it.")
    row_model: type[models.Model]
    by: tuple[str, ...]
    # What stays as it is once the row is stored.
    fixed: tuple[str, ...] = ()
    # The field that names the row this one is a part of: saved and recorded as a change of that.
    part_of: tuple[str, str] | None = None
    foreign: Mapping[str, Callable[[], ByKey]]
    # Columns that are no fields of the model: they narrow where a relation is found, or ``complete`` reads them.
    beside: tuple[Column, ...] = ()
    # Columns that no sheet shows, though it may bring them.
    unseen: tuple[str, ...] = ()
    # Relations, beside those of the columns, that ``beside_of`` reads.
    read_with: tuple[str, ...] = ()

    def prepare(self, actor):
        others = {column.name for column in self.beside}
        names = [column.name for column in self.columns if column.name not in others]
        custom = {name: Field(attribute=name, column_name=name, widget=self._widget(name)) for name in names}
        resource = modelresource_factory(
            self.row_model, meta_options={"fields": names, "import_id_fields": self.by}, custom_fields=custom
        )()
        self.fields = {name: resource.fields[name] for name in names}

    def _widget(self, name: str):
        field = self.row_model._meta.get_field(name)
        if name in self.foreign:
            return self.foreign[name]()
        if field.flatchoices:
            return Choice(field.flatchoices)
        special = WIDGETS.get(field.get_internal_type())
        return special() if special else ModelResource.widget_from_django_field(field)()

    def read(self, row):
        key, values = self.meant(row)
        stored = self.stored(key)
        obj, changed = self.told(stored, values, row)
        if stored is not None and changed and self.part_of is None:
            # Whoever held the row just now may have written on it: only what the line says is to change.
            obj, changed = self.told(self.locked(stored), values, row)
        action = "add" if stored is None else "change" if changed else "same"
        self._saved(obj, action, changed)
        if self._finished(obj, row) and action == "same":
            action = "change"
        return self.planned(key, action, obj)

    def meant(self, row) -> tuple[dict, dict]:
        """Return the key of a line, and the values of its filled cells, the key's among them, by field."""
        values = {name: self._cleaned(name, row) for name in self.fields if row[name]}
        return {name: values[name] for name in self.by}, values

    def told(self, stored: models.Model | None, values: dict, row) -> tuple[models.Model, list[str]]:
        """Set what a line says on a copy of the stored row, or on a new one; return it and the fields that changed."""
        obj = copy(stored) or self.new(values)
        changed = [name for name, value in values.items() if stored is None or getattr(obj, name) != value]
        for name in changed:
            if stored is not None and name in self.fixed:
                raise RowError(name, _("This cannot be changed any more."))
            setattr(obj, name, values[name])
        return obj, changed + self.complete(obj, row)

    def planned(self, key: dict, action: str, obj: models.Model, **values) -> Planned:
        """Return what the engine counts of a line."""
        return Planned(tuple(getattr(part, "pk", part) for part in key.values()), action, values, title=str(obj))

    def stored(self, key: dict) -> models.Model | None:
        """Return the row that a line's key means here."""
        return self.row_model._base_manager.filter(**key).first()

    def locked(self, stored: models.Model) -> models.Model:
        """Return a stored row read anew and locked, before it is changed."""
        return configuration_lock(stored)

    def new(self, values: dict) -> models.Model:
        """Return a new row before its values are set."""
        return self.row_model()

    def complete(self, obj: models.Model, row: Mapping) -> list[str]:
        """Set what no field's cell says, before the row is saved; return the names of what changed."""
        return []

    def finish(self, obj: models.Model, row: Mapping) -> bool:
        """Write what belongs to the row, after it was saved; tell whether anything changed."""
        return False

    def _finished(self, obj: models.Model, row: Mapping) -> bool:
        try:
            return self.finish(obj, row)
        except Refused as error:
            raise blamed(self, error, {}) from error

    def filled(self, rows):
        self.prepare(self.actor)
        relations = [name for name, field in self.fields.items() if isinstance(field.widget, ByKey)]
        for obj in rows.select_related(*relations, *self.read_with):
            seen = [name for name in self.fields if name not in self.unseen]
            yield {name: self._shown(name, getattr(obj, name)) for name in seen} | self.beside_of(obj)

    def _shown(self, name: str, value):
        widget = self.fields[name].widget
        return widget.shown(value) if hasattr(widget, "shown") else value

    def beside_of(self, obj: models.Model) -> dict:
        """Return the cells of the columns ``beside`` for a stored row."""
        return {}

    def _cleaned(self, name: str, row):
        try:
            if row[name] in EMPTIED:
                return self._nothing(name)
            return self.fields[name].clean(row)
        except ValidationError as error:
            raise RowError(name, error.messages[0]) from error
        except (ValueError, ArithmeticError) as error:
            raise RowError(name, str(error)) from error

    def _nothing(self, name: str):
        """Return what an emptied field holds. Raises RowError where it must not be empty."""
        field = self.row_model._meta.get_field(name)
        if field.null:
            return None
        if not field.blank:
            raise RowError(name, _("A value is needed here."))
        return field.get_default()

    def _saved(self, obj, action: str, changed: list[str]) -> None:
        try:
            if action != "same":
                self._save(obj, changed)
            else:
                self.ask(obj)
        except Refused as error:
            raise blamed(self, error, {}) from error

    def ask(self, obj) -> None:
        """Refuse a line that changes nothing of what the actor may not change."""
        if configuration_grant(self._ruled(obj), "change", self.actor) is None:
            raise RowError("", _("You may not change this: it is not yours or lies outside your area."))

    def _save(self, obj, changed: list[str]) -> None:
        if self.part_of is None:
            configuration_save(obj, actor=self.actor, changed=changed)
            return
        try:
            obj.full_clean()
        except ValidationError as error:
            field, messages = next(iter(error.message_dict.items()))
            raise RowError("" if field == NON_FIELD_ERRORS else field, messages[0]) from error
        configuration_rows_save(self._ruled(obj), actor=self.actor, name=self.part_of[1], saved=[obj], removed=[])

    def _ruled(self, obj) -> models.Model:
        """Return the row whose permissions hold: the one itself, or what it is a part of."""
        return getattr(obj, self.part_of[0]) if self.part_of else obj

    def save(self, planned):
        """Rows are saved as they are read."""


def model_importer(
    model: type[models.Model], /, *, by: tuple[str, ...], fields: tuple[str, ...], foreign: Mapping | None = None,
    helps: Mapping[str, str] | None = None, base: type[ModelImporter] = ModelImporter, **more,
) -> type[ModelImporter]:  # fmt: skip
    """Make the importer of a model: ``by`` are the fields that tell rows apart, ``foreign`` the widgets of relations.

    ``more`` sets other attributes of the class, such as ``fixed``, ``part_of`` (its field, and how the parent calls its
    rows), ``beside``, ``permission`` or ``model`` (whose list offers the import). Who may add rows may import them.
    Register what this returns with ``importer``.
    """
    meta = model._meta
    beside = more.get("beside", base.beside)
    return type(
        f"{model.__name__}Importer",
        (base,),
        {
            "key": meta.label_lower,
            "label": meta.verbose_name_plural,
            "permission": f"{meta.app_label}.add_{meta.model_name}",
            "columns": (*(_column(model, name, by, foreign or {}, helps or {}) for name in fields), *beside),
            "row_model": model,
            "filled_from": meta.label_lower,
            "filled_within": more["part_of"][0] if more.get("part_of") else "",
            "by": by,
            "foreign": foreign or {},
            **more,
        },
    )


def _column(model, name: str, by, foreign, helps) -> Column:
    field = model._meta.get_field(name)
    optional = field.blank or field.null or field.has_default() or field.get_internal_type() == "BooleanField"
    if name in helps:
        told = helps[name]
    elif name in foreign:
        told = gettext_lazy("by its code")
    elif field.flatchoices:
        told = Listed(field.flatchoices)
    else:
        examples = {"BooleanField": gettext_lazy("yes or no"), "DateField": "2026-01-31", "TimeField": "08:30"}
        told = examples.get(field.get_internal_type(), "")
    return Column(name, field.verbose_name, required=name in by or not optional, help=told)


class Listed:
    """The labels of choices as one text, in the language of whoever reads it."""

    def __init__(self, choices):
        self.choices = choices

    def __str__(self):
        return "、".join(str(label) for _stored, label in self.choices)
