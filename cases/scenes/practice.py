"""Scenes in a practice package: those of a whole city with their categories; the units that lead them are local."""

from cases.models import Scene
from governance.practice import Children, Part, practice_part
from governance.practice.places import in_own_city, whole_cities

practice_part(
    Part(
        key="scenes",
        model=Scene,
        fields=("code", "name", "description", "is_active", "position"),
        children=(Children(related="categories", fields=("category",)),),
        chosen=whole_cities,
        here=in_own_city,
        order=35,
    )
)
