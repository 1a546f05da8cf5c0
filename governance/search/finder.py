"""Asking every kind of thing for a few words."""

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext as _

from governance.errors import Invalid
from governance.search.registry import Found, Searchable, kinds
from governance.search.text import LONGEST, SHORTEST, newest_first, words_of

EACH = 10  # results of a kind; whoever wants more opens the list with its filters


@dataclass(frozen=True)
class Section:
    """What was found of one kind; ``more``: there are more."""

    kind: str
    label: str
    results: list[Found]
    more: bool


def find(query: str, *, user, only: Collection[str] = (), each: int = EACH) -> list[Section]:
    """Return what ``user`` may see that holds every word of ``query``, by kind, the newest first; no empty sections.

    Raises Invalid for fewer than two characters, for more than sixty, and for a kind that does not exist.
    """
    query = " ".join(query.split())
    if len(query.replace(" ", "")) < SHORTEST:
        raise Invalid(_("Write at least two characters."), field="q", code="too_short")
    if len(query) > LONGEST:
        raise Invalid(_("Write at most %(count)s characters.") % {"count": LONGEST}, field="q", code="too_long")
    if "\x00" in query:
        raise Invalid(_("This cannot be searched for."), field="q", code="invalid")
    known = {kind.kind for kind in kinds()}
    if unknown := set(only) - known:
        raise Invalid(_("There is no kind “%(kind)s”.") % {"kind": min(unknown)}, field="kind", code="invalid_choice")
    wanted = [kind for kind in kinds() if not only or kind.kind in only]
    sections = [_section(kind, query, user, each) for kind in wanted]
    return [section for section in sections if section.results]


def _section(kind: Searchable, query: str, user, each: int) -> Section:
    rows = kind.rows(user)
    named = kind.named(query, user)
    found = list(rows.filter(named).order_by("-pk")[: each + 1]) if named is not None else []
    if not found:  # who wrote a whole number or telephone means that one
        found = newest_first(rows, words_of(query), text=kind.text, wider=kind.wider, limit=each + 1)
    return Section(kind.kind, str(kind.label), [kind.show(row, user) for row in found[:each]], len(found) > each)
