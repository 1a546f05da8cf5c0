"""A party with an account in the fictional city, links made for parties, and a glass that was broken.

Through the services; needs the disputes of the city loaded (``demo_disputes``).
"""

from datetime import datetime

from django.db import transaction

from governance.models import User
from mediation.disputes.parties import PartyDraft, party_add
from mediation.disputes.states import OPEN
from mediation.glass import breakable, glass_break
from mediation.models import Dispute, PartyLink
from mediation.papers.links import digits_of, link_make

COMMITTEE_AREA, MEDIATOR, PARTY, SUPERIOR = "990102001002", "mediator.liudi", "resident", "township.lanqiao"
LINKS = 3


def load_papers(*, now: datetime | None = None) -> int:
    """Make them, as of this moment; returns how many links there are. Without the people of the demo none is made."""
    people = {user.username: user for user in User.objects.filter(username__in=[MEDIATOR, PARTY, SUPERIOR])}
    if len(people) < 3:
        return PartyLink.objects.count()
    with transaction.atomic():
        mine = Dispute.objects.visible_to(people[MEDIATOR]).handled_by(people[MEDIATOR]).filter(
            area__code=COMMITTEE_AREA, state__in=OPEN
        ).order_by("-id")  # fmt: skip
        asked = mine.filter(state__in=["registered", "awaiting_consent"]).first()
        if asked is not None:
            draft = PartyDraft(side="third", name=people[PARTY].get_full_name() or "住户", phone="13900008199",
                               user=people[PARTY])  # fmt: skip
            party_add(asked, draft, actor=people[MEDIATOR])
        for dispute in mine.filter(domestic_violence=False)[:LINKS]:
            party = next((row for row in dispute.parties.order_by("id") if len(digits_of(row)) == 4), None)
            if party is not None:
                link_make(party, actor=people[MEDIATOR])
        hidden = breakable(people[SUPERIOR]).order_by("-id").first()
        if hidden is not None:
            glass_break(hidden, actor=people[SUPERIOR], reason="群众来电称双方可能动手，需立即了解调解进展。")
    return PartyLink.objects.count()
