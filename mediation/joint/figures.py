"""How mediations end in which respected locals helped, by type. Counts only; cells under five are not told.

Village mediators, who read the disputes of their committee anyway, count to this moment. Analysts (as in
``mediation.measures.viewing``) count up to the end of the last quarter, and there only in steps that are no small cells
themselves: what ended since the last step waits until enough has. So no two looks differ by a few disputes.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from governance.models import Role, User
from governance.scoping import InArea, visible_q
from mediation.disputes.permissions import COUNTERS
from mediation.disputes.querysets import MEDIATING_ROLES
from mediation.measures.figures import Quarter
from mediation.measures.standing import last_day_told, steps_told
from mediation.measures.suppressing import SMALL, Cell
from mediation.models import Dispute, DisputeType, HelperInvitation

COUNTS = dict.fromkeys([*MEDIATING_ROLES, Role.ADMINISTRATOR, Role.OPERATIONS_CENTRE], InArea())
ANALYSES = dict.fromkeys(COUNTERS, InArea())
AGREED = ("agreed", "closed", "archived")
ENDED = (*AGREED, "terminated")


@dataclass(frozen=True)
class TypeFigures:
    """Of one type of dispute: how many ended with a helper's help, how many of these with an agreement (None: too few
    to tell), and the share in per cent. ``until``: the last day counted (None: to this moment)."""

    code: str
    name: str
    ended: int | None
    agreed: int | None
    until: date | None = None

    @property
    def share(self) -> int | None:
        """Agreements among what ended, in whole per cent."""
        return None if not self.ended or self.agreed is None else round(100 * self.agreed / self.ended)


def helper_figures(user: User) -> list[TypeFigures]:
    """Return the figures of the person's areas, by type in order. Raises nothing; who counts nothing gets nothing. Who
    counts for an area and mediates too sees the counts of the area."""
    analysed = visible_q(ANALYSES, user)
    if analysed is not None:
        return _given_out(Dispute.objects.filter(analysed), last_day_told())
    found = visible_q(COUNTS, user)
    if found is None:
        return []
    helped = HelperInvitation.objects.filter(no_conflict_at__isnull=False).values("dispute_id")
    ended = Q(state__in=ENDED)
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


@dataclass
class _Steps:
    """What is told of a type so far. ``waiting``: since the last step in which the agreements were told too; ``ended``
    and ``agreed`` (None: not told) as they are told; ``held``: how many ends are told with the next step."""

    ended: int = 0
    agreed: int | None = 0
    known: int = 0
    held: int = 0
    waiting: Cell = Cell(0)

    def end_quarter(self) -> None:
        """Tell what has ended since the last step, where that is no small cell."""
        if self.held < SMALL:
            return
        self.ended, self.held, self.agreed = self.ended + self.held, 0, None
        if not self.waiting.small:
            self.known, self.waiting = self.known + self.waiting.k, Cell(0)
            self.agreed = self.known


def _given_out(disputes: QuerySet[Dispute], until: date) -> list[TypeFigures]:
    """Return the figures up to the end of a quarter. A dispute counts once, in the first quarter at whose end it stood
    as ended with a helper's help, by its type and outcome of then."""
    helped = HelperInvitation.objects.filter(no_conflict_at__date__lte=until, dispute__in=disputes)
    since = dict(helped.values_list("dispute_id").annotate(Min("no_conflict_at")))
    since = {pk: timezone.localdate(at) for pk, at in since.items()}
    told = steps_told(Dispute, since, until)
    types: dict[str, _Steps] = defaultdict(_Steps)
    stands: dict[int, tuple[str, str, str]] = {}  # its type, state and last outcome
    quarter = Quarter.of(told[0][1]) if told else None
    while quarter is not None and quarter.last <= until:
        while told and told[0][1] <= quarter.last:
            pk, _day, payload = told.pop(0)
            state = payload["to"]
            outcome = state if state in ("agreed", "terminated") else stands.get(pk, ("", "", ""))[2]
            stands[pk] = payload["type"], state, outcome
        for pk in [pk for pk, (_type, state, _end) in stands.items() if state in ENDED and since[pk] <= quarter.last]:
            code, _state, outcome = stands.pop(pk)
            del since[pk]
            types[code].held += 1
            types[code].waiting += Cell(1, outcome == "agreed")
        told = [step for step in told if step[0] in since]
        for steps in types.values():
            steps.end_quarter()
        quarter = Quarter.of(date.fromordinal(quarter.last.toordinal() + 1))
    named = DisputeType.objects.filter(code__in=types).order_by("order", "code")
    return [
        TypeFigures(row.code, row.name, types[row.code].ended or None,
                    types[row.code].agreed if types[row.code].ended else None, until)
        for row in named
    ]  # fmt: skip
