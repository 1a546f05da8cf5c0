"""What a fact of a case counts for, by each dimension, said in plain Python: the oracle's part of it."""

from cases.models import CaseCategory, Scene, SceneCategory
from governance.models import Area

LEVELS = ("district", "street", "community", "grid")
DIMENSIONS = ("unit", *LEVELS, "category", "scene", "whole")


def keys_by(dimension: str):
    """Return ``keys_of(history, unit)``: the keys of a case's facts; ``unit`` is whose performance is asked for."""
    areas, categories = Area.objects.in_bulk(), CaseCategory.objects.in_bulk()

    def above(row, rows) -> list:
        found = []
        while row is not None:
            found.append(row)
            row = rows.get(row.parent_id)
        return found

    def at_level(history, _unit):
        return [next((area.pk for area in above(history.case.area, areas) if area.kind == dimension), None)]

    def class_of(history, _unit):
        line = above(categories.get(history.case.category_id), categories)
        return [line[-1].pk if line else None]

    def scenes_of(history, _unit):
        found = []
        for scene in scenes:
            grouped = {part.category_id for part in parts if part.scene_id == scene.pk}
            own = {category.pk for category in above(categories.get(history.case.category_id), categories)}
            if scene.is_active and grouped & own and scene.area_id in {a.pk for a in above(history.case.area, areas)}:
                found.append(scene.pk)
        return found or [None]

    scenes, parts = list(Scene.objects.all()), list(SceneCategory.objects.all())
    return {
        "unit": lambda _history, unit: [unit], "category": class_of, "scene": scenes_of,
        "whole": lambda _history, _unit: [None],
    }.get(dimension, at_level)  # fmt: skip
