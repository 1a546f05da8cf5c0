"""How mediations end in which respected locals helped, by type. Counts only; cells under five are not told."""

from dataclasses import dataclass

from django.db.models import Count, Q

from governance.models import Role, User
from governance.scoping import InArea, visible_q
from mediation.disputes.querysets import MEDIATING_ROLES
from mediation.measures.suppressing import SMALL, Cell
from mediation.models import Dispute, HelperInvitation

COUNTS = dict.fromkeys([*MEDIATING_ROLES, Role.ADMINISTRATOR, Role.OPERATIONS_CENTRE], InArea())
AGREED = ("agreed", "closed", "archived")


@dataclass(frozen=True)
class TypeFigures:
    """Of one type of dispute: how many ended with a helper's help, how many of these with an agreement (None: too few
    to tell), and the share in per cent."""

    code: str
    name: str
    ended: int | None
    agreed: int | None

    @property
    def share(self) -> int | None:
        """Agreements among what ended, in whole per cent."""
        return None if not self.ended or self.agreed is None else round(100 * self.agreed / self.ended)


def helper_figures(user: User) -> list[TypeFigures]:
    """Return the figures of the person's areas, by type in order. Raises nothing; who counts nothing gets nothing."""
    found = visible_q(COUNTS, user)
    if found is None:
        return []
    helped = HelperInvitation.objects.filter(no_conflict_at__isnull=False).values("dispute_id")
    ended = Q(state__in=["agreed", "terminated", "closed", "archived"])
    agreed = Q(state__in=AGREED, ended_ground="")
    rows = Dispute.objects.filter(found, pk__in=helped).order_by("type__order", "type__code")
    counted = rows.values("type__code", "type__name").annotate(
        ended=Count("pk", filter=ended), agreed=Count("pk", filter=agreed)
    )
    return [TypeFigures(row["type__code"], row["type__name"], *_told(row["ended"], row["agreed"])) for row in counted]


def _told(ended: int, agreed: int) -> tuple[int | None, int | None]:
    """Suppress small cells: a total under five tells nothing; a part under five (or its rest) is left out."""
    if ended < SMALL:
        return None, None
    return ended, None if Cell(ended, agreed).small else agreed
