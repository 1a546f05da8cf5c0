"""Admin of mediation; each topic in its own file."""

from mediation.admin import helpers, joint, joint_work, sittings

__all__ = ["helpers", "joint", "joint_work", "sittings"]
