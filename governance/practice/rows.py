"""Between rows of the database and the values of a package."""

from decimal import Decimal

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import models
from django.utils.translation import gettext as _

from governance.practice.registry import Children, Part


class PracticeError(ValueError):
    """A package, or a row of it, cannot be used; the text says which and why."""


def values_of(row: models.Model, fields: tuple[str, ...]) -> dict:
    """Return the named fields of a row as JSON values; relations as natural keys."""
    return {name: _outgoing(row, row._meta.get_field(name)) for name in fields}


def _outgoing(row: models.Model, field: models.Field):
    if field.is_relation:
        related = getattr(row, field.name)
        return None if related is None else list(related.natural_key())
    value = field.value_from_object(row)
    if value is None or isinstance(value, bool | int | float | str | list | dict) and not isinstance(value, Decimal):
        return value
    return field.value_to_string(row)


def children_of(row: models.Model, children: Children) -> list[dict]:
    """Return the rows under a parent, as they travel, in a fixed order."""
    rows = [children.outgoing(values_of(child, children.fields)) for child in getattr(row, children.related).all()]
    return sorted(rows, key=lambda values: [str(value) for value in values.values()])


def arguments(model: type[models.Model], fields: tuple[str, ...], values: dict) -> dict:
    """Return the arguments of a row of ``model`` for values of a package. Raises PracticeError."""
    if not isinstance(values, dict) or set(values) - set(fields):
        raise PracticeError(_("fields that are not known here: %(fields)s") % {"fields": _unknown(values, fields)})
    return {name: _incoming(model._meta.get_field(name), value) for name, value in values.items()}


def _unknown(values, fields: tuple[str, ...]) -> str:
    return ", ".join(sorted(set(values) - set(fields))) if isinstance(values, dict) else str(type(values).__name__)


def _incoming(field: models.Field, value):
    if field.is_relation:
        return None if value is None else _related(field, value)
    try:
        return field.to_python(value)
    except (ValidationError, TypeError, ValueError) as error:
        raise PracticeError(f"{field.verbose_name}: {value!r}") from error


def _related(field: models.Field, key) -> models.Model:
    try:
        return field.remote_field.model._default_manager.get_by_natural_key(*key)
    except (ObjectDoesNotExist, TypeError, ValueError) as error:
        words = {"field": field.verbose_name, "key": key}
        raise PracticeError(_("%(field)s: there is no %(key)s here") % words) from error


def stored(part: Part, key: list) -> models.Model | None:
    """Return the row with this natural key, or None. Raises PracticeError for what cannot be a key."""
    try:
        return part.versions.find(key) if part.versions else part.model._default_manager.get_by_natural_key(*key)
    except ObjectDoesNotExist:
        return None
    except (TypeError, ValueError) as error:
        raise PracticeError(_("%(key)s is no key of “%(part)s”") % {"key": key, "part": part.label}) from error
