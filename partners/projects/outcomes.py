"""What a partner's projects came to, as dated facts for its credit file."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q
from django.utils import timezone

from partners.models import Claim, Partner
from partners.projects.workflow import ClaimState


@dataclass(frozen=True)
class OutcomeFact:
    """One project of a partner on the day of its end for this partner.

    ``code``: ``closed`` (evaluated and closed: ``score``, ``share``), ``quit`` (given up by the partner, with a
    reason), ``dismissed`` (ended by the community; the partner was told why). ``late``: reported after the last day.
    """

    claim: int
    project: int
    number: str
    title: str
    day: date
    code: str
    score: Decimal | None = None
    share: int | None = None
    late: bool = False

    @property
    def punctual(self) -> bool:
        """Delivered by the project's last day."""
        return self.code == "closed" and not self.late


def outcomes_of(partner: Partner, first: date, last: date) -> list[OutcomeFact]:
    """Return what the projects of a partner came to from ``first`` to ``last``, in the order of days; two statements.

    A closing that was undone is no fact. A claim ended because its whole project was terminated is none either.
    """
    closed = Q(state=ClaimState.DELIVERED, project__state="closed")
    early = Q(state=ClaimState.QUIT) | (Q(state=ClaimState.DISMISSED) & ~Q(project__state="terminated"))
    rows = Claim.objects.filter(closed | early, partner=partner).select_related("project").prefetch_related("outcomes")
    found = [fact for claim in rows if first <= (fact := _fact(claim)).day <= last]
    return sorted(found, key=lambda fact: (fact.day, fact.claim))


def _fact(claim: Claim) -> OutcomeFact:
    project = claim.project
    ended = claim.state != ClaimState.DELIVERED
    stood = next((row for row in claim.outcomes.all() if row.taken_back_at is None), None)
    return OutcomeFact(
        claim=claim.pk, project=project.pk, number=project.number, title=project.title,
        day=timezone.localdate(claim.ended_at if ended else project.closed_at),
        code=claim.state if ended else "closed", late=claim.late and not ended,
        score=stood.score if stood else None, share=stood.share if stood else None,
    )  # fmt: skip
