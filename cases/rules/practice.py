"""Dispatch rules in a practice package: those of a whole city; they arrive as drafts and are tried there first."""

from cases.models import DispatchRule
from cases.practice import role_as_unit, unit_as_role
from governance.practice import Children, Part, practice_part
from governance.practice.places import in_own_city, whole_cities

practice_part(
    Part(
        key="dispatch_rules",
        model=DispatchRule,
        fields=(
            "code", "name", "priority", "standard", "sources", "words", "device_profile", "weekdays", "from_time",
            "to_time", "valid_from", "valid_to", "limit_amount", "limit_unit",
        ),
        children=(
            Children(related="categories", fields=("category",)),
            Children(
                related="units",
                fields=("part", "unit", "role_name", "position"),
                identity=("part", "unit", "role_name"),
                outgoing=unit_as_role,
                incoming=role_as_unit,
            ),
        ),
        chosen=whole_cities,
        here=in_own_city,
        order=45,
    )
)  # fmt: skip
