"""Kinds of events that come in storms: what happens in one area at nearly the same time is told as one message.

The relay hands on what happens to such things at most four times a second for each area (``GAP``), all kinds of them
together: alarms and the cases they open are one storm. What came meanwhile is then one message: the events as they are
where they are few, an update that says how many and leads to their list where they are many. The table has every
event, and a client that comes back by its cursor gets each of them.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.apps import apps
from django.urls import reverse
from django.utils import translation

from governance import events as registry
from governance.live.journal import Occurrence
from governance.models import Area

GAP = 0.26  # seconds between two messages about an area: a little over a quarter, so that no second has five
WHOLE = 10  # events of an area that are told as they are; of more it is told how many they are
Place = tuple[str, int]  # label of a model, area
Tell = Callable[[Collection[int]], Mapping[int, dict]]


@dataclass(frozen=True)
class Kind:
    """How events of a model are told by area: as they are for so many things at a time (``whole``), else together."""

    tell: Tell
    whole: int


_kinds: dict[str, Kind] = {}


def coalesce(label: str, *, tell: Tell, whole: int = 1) -> None:
    """Tell events of the model ``label`` by area. ``tell(area ids) -> {area id: {"area": name, "url": its list}}``.

    Events of up to ``whole`` things in one area at a time keep all that ``describe`` adds to them.
    """
    if label in _kinds:
        raise ValueError(f"{label} is coalesced twice")
    _kinds[label] = Kind(tell, whole)


def list_by_area(page: str) -> Tell:
    """Return what ``coalesce`` takes as ``tell``: the name of each area and the named page, asked for ``area``."""

    def tell(areas: Collection[int]) -> dict[int, dict]:
        rows = Area.objects.filter(pk__in=areas).only("name")
        return {row.pk: {"area": row.name, "url": f"{reverse(page)}?{urlencode({'area': row.pk})}"} for row in rows}

    return tell


def area_of(event: Occurrence) -> int | None:
    """Return the area with whose events it is told; None for those told singly."""
    return event.area if event.subject_type in _kinds else None


def areas_of(events: Iterable[Occurrence]) -> set[int]:
    """Return the areas in which something happened that may be a storm."""
    return {area for event in events if (area := area_of(event)) is not None}


def _by_area(events: Iterable[Occurrence]) -> dict[int, list[Occurrence]]:
    found = defaultdict(list)
    for event in events:
        if (area := area_of(event)) is not None:
            found[area].append(event)
    return found


def _about(events: Iterable[Occurrence]) -> dict[str, set[int]]:
    """Return what events happened to, by kind; the kind with most things first."""
    found = defaultdict(set)
    for event in events:
        found[event.subject_type].add(event.subject_id)
    return dict(sorted(found.items(), key=lambda kind: (-len(kind[1]), kind[0])))


def _is_storm(events: Sequence[Occurrence]) -> bool:
    """Tell whether events of one area are too many to be told as they are."""
    return len(events) > WHOLE or any(len(ids) > _kinds[label].whole for label, ids in _about(events).items())


def places(events: Iterable[Occurrence]) -> dict[Place, dict]:
    """Return what is told of the areas in which much happened, for each kind there; a statement for each kind."""
    areas = defaultdict(set)
    for area, those in _by_area(events).items():
        if _is_storm(those):
            for label in _about(those):
                areas[label].add(area)
    return {
        (label, area): place for label, ids in areas.items() for area, place in _kinds[label].tell(ids).items()
    }  # fmt: skip


def parted(events: Sequence[Occurrence], known: Collection[Place]) -> tuple[dict[Place, list], list[Occurrence]]:
    """Part events into those told together and those told as they are.

    The former by area, each with the kind of which most things are concerned.
    """
    together = {}
    for area, those in _by_area(events).items():
        place = next(iter(_about(those))), area
        if _is_storm(those) and place in known:
            together[place] = those
    areas = {area for _label, area in together}
    return together, [event for event in events if area_of(event) not in areas]


def crowded(events: Sequence[Occurrence]) -> bool:
    """Tell whether several of these events are of one area: they share a message then."""
    return any(len(those) > 1 for those in _by_area(events).values())


def update(place: Place, events: Sequence[Occurrence], told: dict, language: str) -> dict:
    """Return the message for events of one area: how many, of what, where, and the list to look at.

    ``ids`` are the events', ``subjects`` those of what most of them happened to, ``about`` of all that anything
    happened to. It has no cursor: other events of the same batch follow.
    """
    label, area = place
    about = {kind: sorted(ids) for kind, ids in _about(events).items()}
    return {
        "type": "update",
        "count": len(events),
        "names": _counted(event.name for event in events),
        "label": _label(label, events, about, language),
        "at": events[-1].at,
        "subject": {"type": label, "area": area},
        "ids": [event.id for event in events],
        "subjects": about[label],
        "about": about,
        **told,
    }


def _label(label: str, events: Sequence[Occurrence], about: dict[str, list[int]], language: str) -> str:
    """Return what happened to the things that matter most here, and how many others are concerned."""
    names = _counted(event.name for event in events if event.subject_type == label)
    with translation.override(language):
        words = [(str(registry.label_of(name)), number) for name, number in names.items()]
        others = [(apps.get_model(kind)._meta.verbose_name, len(ids)) for kind, ids in about.items() if kind != label]
        return " · ".join(f"{word} × {number}" for word, number in [*words, *others])


def _counted(names: Iterable[str]) -> dict[str, int]:
    found = defaultdict(int)
    for name in names:
        found[name] += 1
    return dict(sorted(found.items(), key=lambda one: -one[1]))
