"""What else a resident finds on the own page; apps above add their pages.

An app registers ``function(user) -> iterable of ResidentLink`` with ``resident_links``. Every list must be bounded.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class ResidentLink:
    """The way to a page of the person's own."""

    title: str
    url: str


LinkSource = Callable[..., Iterable[ResidentLink]]
_links: list[LinkSource] = []


def resident_links(source: LinkSource) -> LinkSource:
    """Ask ``source(user)`` for links whenever the own page is shown."""
    if source not in _links:
        _links.append(source)
    return source


def links_of(user) -> list[ResidentLink]:
    """Return the links of a person."""
    return [link for source in _links for link in source(user)]
