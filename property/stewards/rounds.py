"""What the rounds of a team found: the rounds themselves are those of ``cases``."""

from cases.models import PatrolFinding
from governance.models import Role
from property.models import StewardTeam


def findings_of(team: StewardTeam):
    """Return what was found on a team's rounds, the newest first."""
    rows = PatrolFinding.objects.filter(patrol__role=Role.STEWARD, patrol__route__steward_route__team=team)
    return rows.select_related("case", "point", "patrol").order_by("-id")
