"""Admin of mediation; each topic in its own file."""

from mediation.admin import (
    warning,
)

__all__ = [
    "warning",
]
