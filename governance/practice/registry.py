"""What a practice package may hold. Only the fields named here leave the place; none of them may be a person's."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import models


def _as_it_is(values: dict) -> dict:
    return values


def _nothing_more(row: models.Model, actor) -> None:
    """Leave a new row as the package has it."""


@dataclass(frozen=True)
class Children:
    """Rows that are part of their parent: replaced as a whole with it.

    ``related``: the parent's name for them. ``identity``: fields by which a row is the same row (it keeps its key);
    empty: all its fields. ``outgoing`` and ``incoming`` change a row's values on the way out and in (a unit of this
    place becomes the name of its role); ``incoming`` raises ``governance.practice.package.PracticeError``.
    """

    related: str
    fields: tuple[str, ...]
    identity: tuple[str, ...] = ()
    outgoing: Callable[[dict], dict] = _as_it_is
    incoming: Callable[[dict], dict] = _as_it_is


@dataclass(frozen=True)
class Versions:
    """How rows are moved that change only as drafts of a next version.

    ``find(key)`` returns the row that what arrives is compared with, or None; ``key(row)`` its key in packages.
    ``opened(row, actor)`` returns the row that may be changed in its place; ``done(row, actor)`` is told of one that
    was added, with all under it.
    """

    find: Callable[[list], models.Model | None]
    key: Callable[[models.Model], list]
    opened: Callable[[models.Model, models.Model], models.Model]
    done: Callable[[models.Model, models.Model], None]


@dataclass(frozen=True)
class Part:
    """One kind of configured row. Its model has a natural key and a manager with ``get_by_natural_key``.

    ``fields`` travel; relations as natural keys of their rows, which must travel in an earlier part or be there
    already. ``chosen`` narrows the rows that travel. ``here(row, actor)`` gives a new row what does not travel: the
    area it holds for. ``order``: parts are applied in this order. ``versions``: rows that change as drafts.
    """

    key: str
    model: type[models.Model]
    fields: tuple[str, ...]
    children: tuple[Children, ...] = field(default=())
    chosen: Callable[[models.QuerySet], models.QuerySet] = lambda rows: rows
    here: Callable[[models.Model, models.Model], None] = _nothing_more
    order: int = 50
    versions: Versions | None = None

    def key_of(self, row: models.Model) -> list:
        """Return the key of a row in packages."""
        return self.versions.key(row) if self.versions else list(row.natural_key())

    @property
    def label(self) -> str:
        """Return what people call these rows."""
        return str(self.model._meta.verbose_name_plural)


_parts: dict[str, Part] = {}


def practice_part(part: Part) -> Part:
    """Register a kind of row; once each, from a module its app imports in ``ready``."""
    if part.key in _parts:
        raise ValueError(f"{part.key} is registered already")
    _parts[part.key] = part
    return part


def parts() -> list[Part]:
    """Return all parts in the order in which they are applied."""
    return sorted(_parts.values(), key=lambda part: (part.order, part.key))
