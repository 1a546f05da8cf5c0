"""Score formulas in practice packages: they travel with their weights and what they leave out."""

from cases.models import ScoreFormula
from governance.practice import Children, Part, practice_part

practice_part(
    Part(
        key="score_formulas",
        model=ScoreFormula,
        fields=("key", "version", "name", "scale", "minimum_sample", "valid_from", "is_active", "source"),
        children=(
            Children(related="weights", fields=("indicator", "weight", "inverse", "position"), identity=("indicator",)),
            Children(related="exclusions", fields=("source", "category")),
        ),
        order=60,
    )
)
