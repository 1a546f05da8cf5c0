"""What of cases a practice package holds: categories, filing standards with their units as roles, stage limits.

Units are this place's own. They travel as role texts by their names; at the other place a unit of that name takes the
part, and otherwise the role text stays, to be resolved by the table of role texts there.
"""

from cases.models import CaseCategory, DuplicateRule, FilingStandard, StageLimit
from governance.models import OrgUnit
from governance.practice import Children, Part, practice_part


def unit_as_role(values: dict) -> dict:
    """Write a unit of this place as its name."""
    unit = values["unit"]
    name = OrgUnit.objects.get_by_natural_key(*unit).name if unit else values["role_name"]
    return {"part": values["part"], "position": values["position"], "role_name": name}


def role_as_unit(values: dict) -> dict:
    """Find the unit of that name here; without one the role text stays."""
    unit = OrgUnit.objects.filter(name=values.get("role_name"), is_active=True).order_by("code").first()
    rest = {name: value for name, value in values.items() if name != "role_name"}
    if unit is None:
        return rest | {"unit": None, "role_name": values.get("role_name")}
    return rest | {"unit": list(unit.natural_key()), "role_name": ""}


practice_part(
    Part(
        key="categories",
        model=CaseCategory,
        fields=("scheme", "scheme_version", "code", "name", "kind", "parent", "on_the_spot", "is_active"),
        order=10,
    )
)
practice_part(
    Part(
        key="standards",
        model=FilingStandard,
        fields=(
            "category", "condition_code", "condition", "closing_condition", "limit_amount", "limit_unit", "limit_note",
            "photo_before", "photo_after", "inspection_share", "is_active",
        ),
        children=(
            Children(
                related="units",
                fields=("part", "unit", "role_name", "position"),
                identity=("part", "unit", "role_name"),
                outgoing=unit_as_role,
                incoming=role_as_unit,
            ),
        ),
        order=20,
    )
)  # fmt: skip
practice_part(
    Part(
        key="stage_limits",
        model=StageLimit,
        fields=("stage", "limit_amount", "limit_unit", "warn_at", "escalate_hours"),
        order=30,
    )
)
practice_part(
    Part(key="duplicate_rules", model=DuplicateRule, fields=("category", "metres", "hours", "text_share"), order=35)
)
