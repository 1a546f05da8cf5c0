"""The overview of the operations centre, as the reader may see it: figures, scenes, areas, states, the last day."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.hotspots.scope import Place
from cases.models import Case, CaseCategory, CaseState, Scene, SceneCategory
from cases.overview.counting import DAYS, Cells, Counts, Moments, added, by_key, cells_of
from cases.overview.figures import Figure, Where, other_figures
from cases.overview.querysets import open_cases
from cases.scenes.querysets import in_scene
from governance.models import Area, AreaKind
from governance.scoping import EVERYWHERE, grants_of

RECENT_SHOWN = 10
MAPPED = 400  # the most pressing open cases with a point
# Which level of areas an area is shown by.
SHOWN_BY = {
    AreaKind.CITY: AreaKind.STREET,
    AreaKind.DISTRICT: AreaKind.STREET,
    AreaKind.STREET: AreaKind.COMMUNITY,
    AreaKind.COMMUNITY: AreaKind.GRID,
}


@dataclass(frozen=True)
class SceneRow:
    """A scene with its figures."""

    scene: Scene
    figures: list[Figure]


@dataclass(frozen=True)
class AreaRow:
    """An area with its figures."""

    area: Place
    figures: list[Figure]


@dataclass(frozen=True)
class Hour:
    """How many cases were reported and closed in the hour that begins at ``at``."""

    at: datetime
    reported: int
    closed: int


@dataclass(frozen=True)
class Overview:
    """All of it. ``where`` is what was asked about, ``focus`` the area whose parts ``areas`` are (None: several
    cities)."""

    at: datetime
    where: Where
    focus: Area | None
    figures: list[Figure]
    scenes: list[SceneRow]
    areas: list[AreaRow]
    states: list[Figure]
    hours: list[Hour]


def cases_in(user, where: Where) -> QuerySet[Case]:
    """Return the cases of a scene and area that ``user`` may see."""
    rows = Case.objects.visible_to(user)
    if where.area is not None:
        rows = rows.under(where.area)
    return rows if where.scene is None else in_scene(rows, where.scene)


def overview_of(user, where: Where, *, now: datetime | None = None) -> Overview:
    """Return the overview; a fixed number of statements, whose cost follows what is under way."""
    moments = Moments(now or timezone.now())
    focus = where.area or _focus(user)
    kind = _smallest(focus)
    cells = cells_of(Case.objects.visible_to(user), moments, kind)
    areas = _areas_down_to(kind)
    scenes = _scenes(user, where)
    categories = _categories(scenes)
    cells = cells.only(_kept(where, categories, areas))
    reported, closed = by_key(cells.reported.values()), by_key(cells.closed.values())
    return Overview(
        at=moments.now,
        where=where,
        focus=focus,
        figures=figures_of(added(cells.counts.values()), where, moments),
        scenes=_scene_rows(user, categories, cells, areas, where, moments),
        areas=_area_rows(cells, areas, focus, where, moments),
        states=_states(cells, where),
        hours=[Hour(at, reported[place], closed[place]) for place, at in enumerate(moments.hours)],
    )


def figures_of(counts: Counts, where: Where, moments: Moments) -> list[Figure]:
    """Return what is shown of a group of cases."""
    week = {"closed_from": moments.week}
    return [
        where.figure("open", _("Open"), counts.open, queue="open"),
        where.figure("overdue", _("Overdue"), counts.overdue, queue="overdue", urgent=True),
        where.figure("reported", _("Reported today"), counts.reported, reported_from=moments.midnight),
        where.figure(
            "closed", _("Closed today"), counts.closed, closed_from=moments.midnight, state=[CaseState.CLOSED.value]
        ),
        where.figure(
            "kept", _("On time, %(days)s days") % {"days": DAYS}, counts.kept, of=counts.promised, promise=True, **week
        ),
        where.figure("broken", _("Late, %(days)s days") % {"days": DAYS}, counts.promised - counts.kept, promise=False,
                     **week),
    ]  # fmt: skip


def _scenes(user, where: Where) -> list[Scene]:
    if where.scene is not None:
        return [where.scene]
    rows = Scene.objects.visible_to(user).in_use().met_by(grants_of(user))
    return list(rows.select_related("area").defer("area__boundary"))


def _kept(
    where: Where, categories: dict[Scene, set[int]], areas: dict[int, Place]
) -> Callable[[int | None, int], bool]:
    """Return what tells whether a category and zone belong to the part that is looked at."""
    top = where.area.path if where.area else ""
    own = where.scene and categories[where.scene]
    begins = where.scene.area.path if where.scene else ""

    def keep(category: int | None, zone: int) -> bool:
        path = areas[zone].path
        return path.startswith(top) and path.startswith(begins) and (where.scene is None or category in own)

    return keep


def _scene_rows(user, categories, cells: Cells, areas, where: Where, moments: Moments) -> list[SceneRow]:
    totals = {scene.pk: Counts() for scene in categories}
    of_category = defaultdict(list)
    for scene, keys in categories.items():
        for category in keys:
            of_category[category].append(scene)
    for (category, zone), counts in cells.counts.items():
        for scene in of_category.get(category, ()):
            if areas[zone].path.startswith(scene.area.path):
                totals[scene.pk].add(counts)
    others = other_figures(user, list(categories))
    return [
        SceneRow(scene, figures_of(totals[scene.pk], Where(scene, where.area), moments) + others[scene.pk])
        for scene in categories
    ]


def _categories(scenes: Sequence[Scene]) -> dict[Scene, set[int]]:
    """Return the keys of the categories of each scene, sub-classes of a class included; two statements."""
    named = defaultdict(set)
    for scene, category in SceneCategory.objects.filter(scene__in=scenes).values_list("scene_id", "category_id"):
        named[scene].add(category)
    children = defaultdict(set)
    for pk, parent in CaseCategory.objects.order_by().values_list("pk", "parent_id"):
        children[parent].add(pk)
    return {
        scene: named[scene.pk] | {child for category in named[scene.pk] for child in children[category]}
        for scene in scenes
    }


def _smallest(focus: Area | None) -> str:
    """Return the kind of the smallest areas whose figures are needed: the parts of the focus. Scenes are larger."""
    return SHOWN_BY.get(focus.kind, focus.kind) if focus else AreaKind.DISTRICT


def _areas_down_to(kind: str) -> dict[int, Place]:
    """Return all areas of this kind and of larger ones, by key."""
    kinds = AreaKind.values[: AreaKind.values.index(kind) + 1]
    rows = Area.objects.filter(kind__in=kinds).order_by().values_list(*Place._fields)
    return {row[0]: Place(*row) for row in rows}


def _focus(user) -> Area | None:
    """Return the smallest area that holds all areas the person works in; None where that is more than a city."""
    paths = {grant.area_path for grant in grants_of(user) if grant.role != "resident"}
    if EVERYWHERE in paths or not paths:
        cities = list(Area.objects.filter(parent=None).defer("boundary")[:2])
        return cities[0] if len(cities) == 1 else None
    common: list[str] = []
    for parts in zip(*(path.strip("/").split("/") for path in paths), strict=False):
        if len(set(parts)) > 1:
            break
        common.append(parts[0])
    return Area.objects.filter(path=f"/{'/'.join(common)}/").defer("boundary").first()


def _area_rows(cells: Cells, areas, focus: Area | None, where: Where, moments: Moments) -> list[AreaRow]:
    """Return the focus and its parts of the next level, those with most overdue and open cases first."""
    kind = SHOWN_BY.get(focus.kind) if focus else AreaKind.CITY
    parts = {
        area.pk: Counts()
        for area in areas.values()
        if area.kind == kind and (focus is None or area.path.startswith(focus.path))
    }
    above = {zone: [pk for pk in areas[zone].lineage if pk in parts] for _category, zone in cells.counts}
    for (_category, zone), counts in cells.counts.items():
        for pk in above[zone]:
            parts[pk].add(counts)
    rows = sorted(parts.items(), key=lambda item: (-item[1].overdue, -item[1].open, areas[item[0]].code))
    return [
        AreaRow(areas[pk], figures_of(counts, Where(where.scene, areas[pk]), moments))
        for pk, counts in rows
        if counts != Counts()
    ]


def _states(cells: Cells, where: Where) -> list[Figure]:
    labels = dict(CaseState.choices)
    order = {state: place for place, state in enumerate(labels)}
    return [
        where.figure(state, str(labels[state]), count, state=[state])
        for state, count in sorted(by_key(cells.states.values()).items(), key=lambda item: order[item[0]])
    ]


def recent_cases(user, where: Where) -> list[Case]:
    """Return the newest cases with what a row shows; two statements."""
    rows = cases_in(user, where).order_by("-id").with_rows().defer("area__boundary")
    return list(rows[:RECENT_SHOWN])


def pressing_cases(user, where: Where) -> list[Case]:
    """Return the open cases with a point, those with the least time left first, at most ``MAPPED``; two statements.

    Only open cases have a limit that runs, so those are found in order by the index of their ends; where they do not
    fill the map, the others follow.
    """
    rows = cases_in(user, where).filter(longitude__isnull=False).select_related("category")
    rows = rows.only("number", "state", "longitude", "latitude", "due_at", "description", "category__name")
    found = list(rows.filter(due_at__isnull=False).order_by("due_at")[:MAPPED])
    return found + list(open_cases(rows).filter(due_at=None).order_by("-id")[: MAPPED - len(found)])
