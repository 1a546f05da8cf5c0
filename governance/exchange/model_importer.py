"""Imports of configuration rows: cells cleaned by a django-import-export resource, rows saved by our own service.

The library's own import writes past permissions, scope and history; only its fields and widgets are used here. A line
is saved while it is read, inside the transaction of the engine, which takes a mere check back: so a check finds
everything the run would, a line may refer to one above it, and each row has its Event.
"""

from collections.abc import Callable, Mapping

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export import widgets
from import_export.fields import Field
from import_export.resources import ModelResource, modelresource_factory

from governance.configuration import configuration_grant, configuration_save
from governance.errors import Refused
from governance.exchange.files import HEADER_LANGUAGES
from governance.exchange.importers import Column, Importer, Planned, RowError

YES, NO = ("1", "yes", "y", "true", "是"), ("0", "no", "n", "false", "否")
DAYS = ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日"]


class ByKey(widgets.ForeignKeyWidget):
    """Another row by its key; ``within(row)`` narrows where it may be found."""

    def __init__(self, model, field="code", within: Callable[[Mapping], dict] | None = None):
        super().__init__(model, field)
        self.within = within
        self.found: dict[tuple, models.Model] = {}

    def clean(self, value, row=None, **kwargs):
        where = self.within(row) if self.within else {}
        key = (value, *where.values())
        if key not in self.found:
            other = self.model._base_manager.filter(**{self.field: value}, **where).first()
            if other is None:
                names = {"kind": self.model._meta.verbose_name, "key": value}
                raise ValueError(_("There is no %(kind)s “%(key)s”.") % names)
            self.found[key] = other
        return self.found[key]


class Choice(widgets.CharWidget):
    """One of a field's choices, by value or label."""

    def __init__(self, choices):
        super().__init__()
        self.choices = list(choices)

    def clean(self, value, row=None, **kwargs):
        known = {}
        for language in HEADER_LANGUAGES:
            with translation.override(language):
                known |= {str(label).casefold(): stored for stored, label in self.choices}
        known |= {str(stored).casefold(): stored for stored, _label in self.choices}
        if str(value).casefold() not in known:
            labels = "、".join(str(label) for _stored, label in self.choices)
            raise ValueError(_("“%(value)s” is none of: %(labels)s.") % {"value": value, "labels": labels})
        return known[str(value).casefold()]


class YesNo(widgets.BooleanWidget):
    """Yes or no; the library would take every other word for no."""

    def clean(self, value, row=None, **kwargs):
        word = str(value).casefold()
        if word not in (*YES, *NO):
            raise ValueError(_("Say yes or no."))
        return word in YES


class Day(widgets.DateWidget):
    """A day of the calendar."""

    def __init__(self):
        super().__init__()
        self.formats = DAYS

    def clean(self, value, row=None, **kwargs):
        try:
            return super().clean(value, row, **kwargs)
        except ValueError as error:
            raise ValueError(_("A day such as 2026-11-23 is needed.")) from error


class ModelImporter(Importer):
    """Rows of one configuration model. Made by ``model_importer``.

    An empty cell leaves a stored value as it is, and a new row with the default. ``parts`` are columns that become
    rows under the row (the categories of a scene); a base that has some stores them in ``save_parts``.
    """

    most_lines = 5_000
    row_model: type[models.Model]
    by: tuple[str, ...]
    foreign: Mapping[str, Callable[[], widgets.Widget]]
    parts: tuple[Column, ...] = ()

    def prepare(self, actor):
        names = [column.name for column in self.columns if column not in self.parts]
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
        special = {"BooleanField": YesNo, "DateField": Day}.get(field.get_internal_type())
        if special:
            return special()
        return ModelResource.widget_from_django_field(field)()

    def read(self, row):
        values = {name: self._cleaned(name, row) for name in self.fields if row[name]}
        key = tuple(values[name] for name in self.by)
        stored = self.row_model._base_manager.filter(**dict(zip(self.by, key, strict=True))).first()
        obj = stored or self.new(values)
        changed = [name for name, value in values.items() if stored is None or getattr(obj, name) != value]
        for name in changed:
            setattr(obj, name, values[name])
        action = "add" if stored is None else "change" if changed else "same"
        self._saved(obj, action, changed)
        if self._parts_saved(obj, row) and action == "same":
            action = "change"
        return Planned(tuple(getattr(part, "pk", part) for part in key), action, title=str(obj))

    def new(self, values: dict) -> models.Model:
        """Return a new row before its values are set."""
        return self.row_model()

    def save_parts(self, obj: models.Model, row: dict[str, str]) -> bool:
        """Store what the columns ``parts`` say; tell whether anything changed. Raises RowError or Refused."""
        raise NotImplementedError  # pragma: no cover - each base with parts stores its own

    def _parts_saved(self, obj: models.Model, row: dict[str, str]) -> bool:
        if not any(row[column.name] for column in self.parts):
            return False
        try:
            return self.save_parts(obj, row)
        except Refused as error:
            raise RowError("", str(error.detail)) from error

    def _cleaned(self, name: str, row):
        try:
            return self.fields[name].clean(row)
        except ValidationError as error:
            raise RowError(name, error.messages[0]) from error
        except (ValueError, ArithmeticError) as error:
            raise RowError(name, str(error)) from error

    def _saved(self, obj, action: str, changed: list[str]) -> None:
        try:
            if action != "same":
                configuration_save(obj, actor=self.actor, changed=changed)
            elif configuration_grant(obj, "change", self.actor) is None:
                raise RowError("", _("You may not change this: it is not yours or lies outside your area."))
        except Refused as error:
            field = error.field if error.field and error.field != NON_FIELD_ERRORS else ""
            raise RowError(field, str(error.detail)) from error

    def save(self, planned):
        """Rows are saved as they are read."""


def model_importer(
    model: type[models.Model], *, by: tuple[str, ...], fields: tuple[str, ...], foreign: Mapping | None = None,
    helps: Mapping[str, str] | None = None, base: type[ModelImporter] = ModelImporter,
) -> type[ModelImporter]:  # fmt: skip
    """Make the importer of a model: ``by`` are the fields that tell rows apart, ``foreign`` the widgets of relations
    and lists.

    Who may add rows may import them. Register what this returns with ``importer``.
    """
    meta = model._meta
    return type(
        f"{model.__name__}Importer",
        (base,),
        {
            "key": meta.label_lower,
            "label": meta.verbose_name_plural,
            "permission": f"{meta.app_label}.add_{meta.model_name}",
            "columns": (*(_column(model, name, by, foreign or {}, helps or {}) for name in fields), *base.parts),
            "row_model": model,
            "by": by,
            "foreign": foreign or {},
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
        told = {"BooleanField": gettext_lazy("yes or no"), "DateField": "2026-01-31"}.get(field.get_internal_type(), "")
    return Column(name, field.verbose_name, required=name in by or not optional, help=told)


class Listed:
    """The labels of choices as one text, in the language of whoever reads it."""

    def __init__(self, choices):
        self.choices = choices

    def __str__(self):
        return "、".join(str(label) for _stored, label in self.choices)
