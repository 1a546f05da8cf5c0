"""Kinds of events that come in storms: what happens in one area at nearly the same time is told as one update.

The relay hands on such events at most four times a second for each area (``GAP``); what came together is then one
message that says how many and leads to the list. The table has every event, and a client that comes back by its cursor
gets each of them.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from django.utils import translation

from governance import events as registry
from governance.live.journal import Occurrence

GAP = 0.25  # seconds between two updates of an area
Group = tuple[str, int]  # label of the model, area
Tell = Callable[[Collection[int]], Mapping[int, dict]]

_kinds: dict[str, Tell] = {}


def coalesce(label: str, *, tell: Tell) -> None:
    """Tell events of the model ``label`` by area. ``tell(area ids) -> {area id: {"area": name, "url": its list}}``."""
    if label in _kinds:
        raise ValueError(f"{label} is coalesced twice")
    _kinds[label] = tell


def group_of(event: Occurrence) -> Group | None:
    """Return with what an event is told together; None for those told singly."""
    if event.area is None or event.subject_type not in _kinds:
        return None
    return event.subject_type, event.area


def groups_of(events: Iterable[Occurrence]) -> set[Group]:
    """Return the groups of some events."""
    return {group for event in events if (group := group_of(event)) is not None}


def places(events: Iterable[Occurrence]) -> dict[Group, dict]:
    """Return what is told of the areas in which several of the events happened; a statement for each kind."""
    several = [group for group, number in Counter(map(group_of, events)).items() if group and number > 1]
    found = {}
    for label in {label for label, _area in several}:
        told = _kinds[label]([area for kind, area in several if kind == label])
        found |= {(label, area): place for area, place in told.items()}
    return found


def parted(events: Sequence[Occurrence], known: Collection[Group]) -> tuple[dict[Group, list], list[Occurrence]]:
    """Part events into those told together, at least two of a group, and those told singly."""
    groups: dict[Group, list[Occurrence]] = {}
    for event in events:
        group = group_of(event)
        if group in known:
            groups.setdefault(group, []).append(event)
    together = {group: rows for group, rows in groups.items() if len(rows) > 1}
    return together, [event for event in events if group_of(event) not in together]


def update(group: Group, events: Sequence[Occurrence], place: dict, language: str) -> dict:
    """Return the message for events of one group: how many, of what, where, and the list to look at.

    ``ids`` are the events', ``subjects`` those of what they happened to. It has no cursor: other events of the same
    batch follow.
    """
    names = Counter(event.name for event in events)
    with translation.override(language):
        labels = [f"{registry.label_of(name)} × {number}" for name, number in names.most_common()]
    return {
        "type": "update",
        "count": len(events),
        "names": dict(names),
        "label": " · ".join(labels),
        "at": events[-1].at,
        "subject": {"type": group[0], "area": group[1]},
        "ids": [event.id for event in events],
        "subjects": sorted({event.subject_id for event in events}),
        **place,
    }
