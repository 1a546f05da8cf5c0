"""What apps add to the events of their objects, so that a page can show a toast or a row without asking again."""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence

from django.apps import apps
from django.db import models

log = logging.getLogger(__name__)

Describe = Callable[[Sequence[models.Model]], dict[int, dict]]

_describers: dict[str, tuple[Describe, Callable[[], models.QuerySet]]] = {}
_figures: dict[str, frozenset[str]] = {}


def describe(label: str, *, rows: Callable[[], models.QuerySet], figures: Collection[str] | None = None):
    """Register the decorated ``function(objects) -> {primary key: {...}}`` for the model ``label`` (``cases.case``).

    The dictionaries must be ready for JSON; their keys are added to each message about the object, and ``number`` also
    names it under ``subject``. Everybody who may see the object gets them. ``rows`` returns the queryset to load the
    objects from, with what the function and the model's visibility rule read of other rows: both are asked for many
    people and objects, without a statement each. ``figures``: which of what an event holds goes out; None: all of it.
    Name them where somebody sees an object of whose history they are not told all. Register each model once, in a
    module the live server imports.
    """

    def remember(function: Describe) -> Describe:
        if label in _describers:
            raise ValueError(f"{label} is described twice")
        _describers[label] = (function, rows)
        if figures is not None:
            _figures[label] = frozenset(figures)
        return function

    return remember


def scoped_manager(label: str) -> models.Manager | None:
    """Return the manager of a model that says who sees its rows; None for others, whose events nobody gets."""
    try:
        manager = apps.get_model(label)._default_manager
    except LookupError:
        return None  # an app that is no longer installed; its history stays
    return manager if hasattr(manager, "visible_to") else None


def figures_told(label: str, payload: Mapping) -> dict:
    """Return what goes out of the figures of an event about a model."""
    told = _figures.get(label)
    return {name: value for name, value in payload.items() if told is None or name in told}


def load(label: str, ids: Collection[int]) -> list[models.Model]:
    """Return the objects of a described model; none for a model nobody describes."""
    if label not in _describers:
        return []
    _function, rows = _describers[label]
    return list(rows().filter(pk__in=ids))


def described(label: str, objects: Sequence[models.Model]) -> dict[int, dict]:
    """Return what the app adds for each object, in the active language.

    A fault in an app's function is logged and the events go out without its part: it must not stop the live push.
    """
    if not objects:
        return {}
    function, _rows = _describers[label]
    try:
        return function(objects)
    except Exception:
        log.exception("describing %s failed", label)
        return {}
