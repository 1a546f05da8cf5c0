"""What notices may say about an object: its variables for templates, and who has a part in it. Apps register here."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from django.db import models
from django.utils.translation import gettext_lazy as _

# Every notice about an event has these; ``url`` is the whole address of the object's page.
ALWAYS = {"event": _("what happened"), "at": _("when it happened"), "url": _("address of the page")}


@dataclass(frozen=True)
class Parties:
    """Who has a part in an object: ids of units by part (lead, assisting, supervising), and who reported it."""

    units: Mapping[str, Collection[int]] = field(default_factory=dict)
    reporter: int | None = None


@dataclass(frozen=True)
class Context:
    """Registered with ``notice_context``; ``variables`` are name and translated meaning, ``ALWAYS`` included."""

    name: str
    variables: Mapping[str, str]
    words: Callable[..., dict]
    rows: Callable[[], models.QuerySet]
    parties: Callable[[models.Model], Parties]


_contexts: dict[str, Context] = {}


def notice_context(
    name: str,
    *,
    variables: Mapping[str, str],
    rows: Callable[[], models.QuerySet],
    parties: Callable[[models.Model], Parties] = lambda obj: Parties(),
):
    """Register the decorated ``function(object, *, public) -> {variable: text}`` for a model (``cases.case``).

    It runs in the reader's language. Give nothing a reader of the object may not see: codes, states, times, names of
    areas and units; never names, phones or words of a person. ``public``: for somebody who does not work here. The key
    ``url`` is the path of the object's page for that reader. Variables that the function leaves out are for ``notify``.
    ``rows`` loads objects with what the function and the model's visibility rule read.
    """

    def remember(function):
        if name in _contexts:
            raise ValueError(f"the notice context {name} is registered twice")
        _contexts[name] = Context(name, ALWAYS | dict(variables), function, rows, parties)
        return function

    return remember


def context_of(name: str) -> Context | None:
    """Return a registered context."""
    return _contexts.get(name)


def registered() -> dict[str, Context]:
    """Return all contexts by name."""
    return dict(_contexts)
