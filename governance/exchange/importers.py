"""What an import is made of: columns, rows judged, and the importers that apps register.

An importer says what a line of a file means; reading the file, errors by line, one transaction, progress, cancelling
and the record of the run are the engine's (``governance.exchange.engine``).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from governance.configuration import covers_city, grants_giving
from governance.scoping import Grant, grants_of

Action = Literal["add", "change", "same"]


@dataclass(frozen=True)
class Column:
    """One column of a file. Its header may be the ``name``, the English or the Chinese ``label`` (any case).

    ``required``: the file must have the column and every line a value in it. ``help`` is shown to who fills it in.
    """

    name: str
    label: str
    required: bool = False
    help: str = ""


@dataclass(frozen=True)
class Planned:
    """What one line will do: ``key`` tells the row apart within the file, ``title`` shows it to people.

    ``values`` is whatever the importer's own ``save`` needs.
    """

    key: tuple
    action: Action
    values: dict = field(default_factory=dict)
    title: str = ""


class RowError(Exception):
    """A line that cannot be stored, and why; ``field`` is the column to blame ("" = the whole line)."""

    def __init__(self, field: str, message: str):
        super().__init__(field, message)
        self.field, self.message = field, message


class Importer:
    """Base of importers. One object serves one check or one run.

    ``permission``: who holds it may use the importer; with ``whole_city`` only those who hold it for a whole city.
    Whether a line lies within the reach of ``self.actor`` is for ``read`` to judge. ``options`` are asked beside the
    file and arrive in ``self.options`` by name. The engine sets ``self.actor`` before ``prepare``.
    """

    key: ClassVar[str]
    label: ClassVar[str]
    permission: ClassVar[str]
    columns: ClassVar[tuple[Column, ...]]
    options: ClassVar[tuple[Column, ...]] = ()
    whole_city: ClassVar[bool] = False
    # What whoever fills in the file should know besides its columns.
    advice: ClassVar[str] = ""
    # The model whose list offers this import (``governance.estate``); by default that of the permission.
    model: ClassVar[str] = ""
    # The model whose rows fill the sheet that can be had to change and bring back; by default there is none.
    filled_from: ClassVar[str] = ""
    # The field of such a row that names what it is a part of, where the row has no list of its own.
    filled_within: ClassVar[str] = ""
    # Narrows the stored rows that fill a sheet to change.
    filled_only: ClassVar[Callable] = staticmethod(lambda rows: rows)
    # Lines of one file; more are refused before any is read.
    most_lines: ClassVar[int] = 100_000
    # Whether a file may have columns that nobody declared; ``row`` holds them by their own headers.
    other_columns: bool = False

    def __init__(self, options: dict[str, str] | None = None):
        self.given = {option.name: (options or {}).get(option.name, "").strip() for option in self.options}
        self.actor = None

    @classmethod
    def option_choices(cls, name: str, user) -> list[tuple[str, str]] | None:
        """Return what ``user`` may choose for an option, as (value, label); None: it is typed."""
        return None

    def columns_hint(self) -> str:
        """Return what to try where a file's columns are not those that are read; added to the refusal."""
        return ""

    def prepare(self, actor) -> None:
        """Load what ``read`` looks up, once; runs inside the engine's transaction."""

    def foresee(self, rows: Sequence[dict[str, str]]) -> None:
        """Look up in few statements what all lines refer to; called once, after ``prepare``, before any is read."""

    def read(self, row: dict[str, str]) -> Planned:
        """Judge one line: every column is in ``row``, stripped, "" where empty. Raises RowError.

        Lines come in the order of the file (or of ``order``), so a line may build on an earlier one.
        """
        raise NotImplementedError  # pragma: no cover - each importer reads its own

    def order(self, row: dict[str, str]):
        """Return by what the lines of all files are sorted before they are read; all the same: as they come."""
        return 0

    def lock(self, planned: Sequence[Planned]) -> None:
        """Lock what ``save`` is going to change; called once with all rows that are not ``same``, before any is stored.

        Raises Refused where that is no longer as ``read`` found it: nothing is stored then.
        """

    def save(self, planned: list[Planned]) -> None:
        """Store rows that are not ``same``; called with consecutive parts of the plan, never after an error.

        Several calls make up one run: keep what a later part refers to. Everything is inside one transaction.
        """
        raise NotImplementedError  # pragma: no cover - each importer saves its own

    def filled(self, rows) -> Iterator[dict]:
        """Yield what stored rows (a queryset of ``filled_from``) look like as lines: cells by column.

        Brought back unchanged they change nothing. A column that is left out is empty: so are secrets, and what the
        list shows of nobody.
        """
        raise NotImplementedError  # pragma: no cover - only of importers that say ``filled_from``

    def notes(self) -> Sequence[str]:
        """Return what people should know though it is no error (texts nobody resolves ...), after all lines."""
        return ()

    def stored_notes(self) -> Sequence[str] | None:
        """Return what people should know instead once all is stored, where a check may not tell it; None: the same."""
        return None


_importers: dict[str, type[Importer]] = {}


def importer(cls: type[Importer]) -> type[Importer]:
    """Register an importer under its ``key``. Raises ValueError when the key is taken."""
    if _importers.setdefault(cls.key, cls) is not cls:
        raise ValueError(f"importer {cls.key} is registered twice")
    return cls


def importers() -> dict[str, type[Importer]]:
    """Return all importers by key."""
    return dict(_importers)


def importer_named(key: str) -> type[Importer] | None:
    """Return the importer with this key, or None."""
    return _importers.get(key)


def model_of(cls: type[Importer]) -> str:
    """Return the label of the model that an importer fills (``governance.estate``)."""
    if cls.model:
        return cls.model
    app, permission = cls.permission.split(".")
    return f"{app}.{permission.partition('_')[2]}"


def grant_to_import(cls: type[Importer], user) -> Grant | None:
    """Return the grant with which ``user`` may use an importer, the widest first, or None.

    A process (system actor) is started by who rules the machine: it may use every importer.
    """
    if user.is_authenticated and user.is_system:
        return grants_of(user)[0]
    grants = grants_giving(cls.permission, user)
    if cls.whole_city:
        grants = [grant for grant in grants if covers_city(grant)]
    return min(grants, key=lambda grant: grant.area_path.count("/"), default=None)


def importers_for(user) -> list[type[Importer]]:
    """Return the importers a person may use, by label."""
    return sorted(
        (cls for cls in _importers.values() if grant_to_import(cls, user) is not None), key=lambda cls: str(cls.label)
    )
