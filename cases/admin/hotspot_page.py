"""What the hot-spot page shows: every figure with the address of the list of its cases."""

import json
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.admin.my_work import list_url
from cases.hotspots.asking import Question
from cases.hotspots.listing import NOWHERE
from cases.hotspots.places import AreaCount, CellCount, Counted, Sums, by_area, by_cell, level_below
from cases.hotspots.repeats import LONGEST, RepeatPlace, repeat_places
from cases.hotspots.spans import DAY, Window
from cases.hotspots.trend import trend
from cases.hotspots.types import TypeCount, frequent_types
from cases.models import CaseCategory, HotSpotSignal, SignalState, TallyState
from cases.scenes.querysets import in_scene
from governance.models import Area

SHOWN, TYPES_SHOWN, REPEATS_SHOWN, SIGNALS_SHOWN = 30, 20, 10, 20


@dataclass(frozen=True)
class Links:
    """Addresses of lists of the cases that a question counts."""

    question: Question

    def cases(self, window: Window | None = None, *, counted="cases", **more) -> str:
        """Return the address of the cases of a window (default: the question's); ``more`` replaces filters."""
        window = window or self.question.window
        scope, category = self.question.scope, self.question.category
        filters = {
            "counted": counted, "reported_at_from": window.first.isoformat(), "reported_at_to": window.last.isoformat(),
        }  # fmt: skip
        if category is not None:
            filters["category"] = category.pk
        if self.question.scene is not None:
            filters["scene"] = self.question.scene.pk
        if not scope.everywhere and len(scope.tops) == 1:
            filters["area"] = scope.tops[0].pk
        return list_url(**(filters | more))

    def both(self, **more) -> dict:
        """Return the addresses of what was counted in the window and before it."""
        return {"url": self.cases(**more), "before_url": self.cases(self.question.window.before, **more)}


def change(counted: Counted) -> dict:
    """Say how much more or fewer cases there are than before: text, tone, and whether it can be chance."""
    text = _("new") if counted.cases else "—"
    if counted.ratio is not None:
        text = f"{round((counted.ratio - 1) * 100):+d} %"
    tone, why = {
        1: ("red", _("More than chance explains")),
        -1: ("green", _("Fewer than chance explains")),
        0: ("grey", _("Within what chance explains")),
    }[counted.changed]
    return {"text": text, "tone": tone, "why": f"{why} (p = {counted.p_value:.2g})"}


def context_of(form, user) -> dict:
    """Return what the page's template shows for a valid form."""
    question = form.question()
    links = Links(question)
    if form.by_area:
        places, sums = by_area(question, level_below(question))
        rows = [_area_row(found, links) for found in places[:SHOWN]]
        shapes = _area_shapes(places, links)
    else:
        places, sums = by_cell(question, int(form.cleaned_data["by"]))
        rows = [_cell_row(found, links) for found in places[:SHOWN]]
        shapes = _cell_shapes(places, links)
    repeats = _repeats(question)
    signals = _signals(question, user)
    return {
        "question": question, "rows": rows, "by_area": form.by_area, "sums": _sums(sums, links),
        "types": [_type_row(found, links) for found in frequent_types(question)[:TYPES_SHOWN]],
        "repeats": _repeat_rows(*repeats), "repeat_days": repeats[1].window.days,
        "signals": signals, "chart": _chart(question, links), "counted_at": _counted_at(),
        "map_data": {
            "shapes": shapes + [shape for signal in signals for shape in _signal_shapes(signal)],
            "marks": [_mark(found, place + 1) for place, found in enumerate(repeats[0]) if found.cells],
            "tiles": settings.MAP_TILES,
        },
    }  # fmt: skip


def _counted_at():
    return TallyState.objects.values_list("counted_at", flat=True).first()


def _sums(sums: Sums, links: Links) -> dict:
    unplaced = links.cases(at=NOWHERE)
    return {
        "counted": sums.counted, "change": change(sums.counted), "unplaced": sums.unplaced, "places": sums.places,
        "unplaced_url": unplaced, "reports_url": links.cases(counted="reports"), **links.both(),
    }  # fmt: skip


def _cell_row(found: CellCount, links: Links) -> dict:
    return {
        "name": str(found.area), "note": "", "counted": found.counted, "change": change(found.counted),
        **links.both(at=found.cell),
    }  # fmt: skip


def _area_row(found: AreaCount, links: Links) -> dict:
    return {
        "name": str(found.area), "note": "", "counted": found.counted, "change": change(found.counted),
        "per_1000": found.per_1000_dwellings, **links.both(area=found.area.pk),
    }  # fmt: skip


def _type_row(found: TypeCount, links: Links) -> dict:
    return {
        "name": str(found.category), "note": str(found.category.parent or ""), "counted": found.counted,
        "share": found.share, "change": change(found.counted), **links.both(category=found.category.pk),
    }  # fmt: skip


def _text(name: str, counted: Counted) -> str:
    return _("%(name)s: %(cases)s cases, %(before)s before") % {
        "name": name, "cases": counted.cases, "before": counted.before,
    }  # fmt: skip


def _weight(counted: Counted, most: int) -> float:
    """How strongly a place is coloured: the square root, so that fewer cases can still be told apart."""
    return round((counted.cases / most) ** 0.5, 3) if most else 0


def _cell_shapes(places: list[CellCount], links: Links) -> list[dict]:
    most = places[0].counted.cases if places else 0
    return [
        {
            "geometry": {"type": "Polygon", "coordinates": [found.outline]},
            "weight": _weight(found.counted, most),
            "text": _text(str(found.area), found.counted),
            "url": links.cases(at=found.cell),
        }
        for found in places
        if found.counted.cases
    ]


def _area_shapes(places: list[AreaCount], links: Links) -> list[dict]:
    most = places[0].counted.cases if places else 0
    keys = [found.area.pk for found in places]
    boundaries = dict(Area.objects.filter(pk__in=keys, boundary__isnull=False).values_list("pk", "boundary"))
    return [
        {
            "geometry": boundaries[found.area.pk],
            "weight": _weight(found.counted, most),
            "text": _text(str(found.area), found.counted),
            "url": links.cases(area=found.area.pk),
        }
        for found in places
        if found.area.pk in boundaries
    ]


def _repeats(question: Question) -> tuple[list[RepeatPlace], Question]:
    window = Window.ending(question.window.last, min(question.window.days, LONGEST))
    asked = replace(question, window=window)
    return repeat_places(asked, most=REPEATS_SHOWN), asked


def _repeat_rows(places: list[RepeatPlace], asked: Question) -> list[dict]:
    keys = {key for found in places for key in found.categories}
    names = dict(CaseCategory.objects.filter(pk__in=keys).values_list("pk", "name"))
    links = Links(asked)
    return [
        {
            "place": found,
            "what": "、".join(names[key] for key in found.categories if key in names),
            "url": links.cases(at=found.key),
        }
        for found in places
    ]


def _mark(found: RepeatPlace, rank: int) -> dict:
    text = _("Repeat place %(rank)s: %(cases)s cases") % {"rank": rank, "cases": found.cases}
    return {"at": [found.longitude, found.latitude], "text": f"{text} {found.address}".strip(), "tone": "amber"}


def _signals(question: Question, user) -> list[HotSpotSignal]:
    rows = HotSpotSignal.objects.visible_to(user).with_rows().filter(state=SignalState.NEW)
    if not question.scope.everywhere:
        rows = rows.filter(area_id__in=question.scope.ids)
    if question.category is not None:
        rows = rows.filter(Q(category=question.category) | Q(category__parent=question.category))
    if question.scene is not None:
        rows = in_scene(rows, question.scene)
    return list(rows.order_by("p_value", "-observed")[:SIGNALS_SHOWN])


def signal_url(signal: HotSpotSignal) -> str:
    """Return the address of a signal's page."""
    return reverse("admin:cases_hotspotsignal_change", args=[signal.pk])


def _signal_shapes(signal: HotSpotSignal) -> list[dict]:
    return [shape | {"url": signal_url(signal)} for shape in outlines(signal)]


def outlines(signal: HotSpotSignal) -> list[dict]:
    """Return the hexagons of a signal as shapes of a map."""
    text = _("%(signal)s: %(observed)s cases, %(expected).1f expected") % {
        "signal": signal, "observed": signal.observed, "expected": signal.expected,
    }  # fmt: skip
    return [
        {"geometry": {"type": "Polygon", "coordinates": [ring]}, "tone": "red", "dashed": True, "text": text}
        for ring in signal.outlines
    ]


def cases_of_signal(signal: HotSpotSignal) -> str:
    """Return the address of the list of the cases a signal counts."""
    filters = {
        "counted": "cases", "at": ",".join(signal.cells), "reported_at_from": signal.first_day.isoformat(),
        "reported_at_to": signal.last_day.isoformat(),
    }  # fmt: skip
    if signal.category_id:
        filters["category"] = signal.category_id
    if signal.rule.area.parent_id:
        filters["area"] = signal.rule.area_id
    return list_url(**filters)


def _chart(question: Question, links: Links) -> dict:
    points = trend(question)
    options = {
        "animation": False, "responsive": True, "maintainAspectRatio": False, "plugins": {"legend": {"display": False}},
        "scales": {
            "y": {"beginAtZero": True, "ticks": {"precision": 0}, "grid": {}},
            "x": {"grid": {"display": False}, "ticks": {"maxRotation": 0, "autoSkipPadding": 12}},
        },
    }  # fmt: skip
    style = {"data": [point.cases for point in points], "backgroundColor": "#3d79b8", "maxBarThickness": 28}
    return {
        "data": json.dumps({"labels": [_label(point.first) for point in points], "datasets": [style]}),
        "urls": json.dumps(
            [links.cases(Window(point.first, point.first + (point.days - 1) * DAY)) for point in points]
        ),
        "options": json.dumps(options),
        "weekly": bool(points) and points[0].days > 1,
    }


def _label(day: date) -> str:
    return f"{day:%m-%d}"


def map_url(**given) -> str:
    """Return the address of the hot-spot page."""
    address = reverse("admin:cases_daytally_changelist")
    return f"{address}?{urlencode(given)}" if given else address
