"""The paper that lets an agent sign or apply for a party: recorded before the agent does, asked for in the file.

To settle for somebody an agent needs a special authorisation, as in court (Civil Procedure Law, on agents; by analogy
[J]); the legal agent of a party without full capacity shows that they are one (Civil Code 20-23).
"""

from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid
from governance.models import User
from governance.transactions import atomically
from mediation.agreements.acting import day_check
from mediation.agreements.states import AuthorisationScope
from mediation.disputes.acting import grant_or_refuse, tell, words_check
from mediation.disputes.querysets import HANDLES
from mediation.disputes.states import DisputeState
from mediation.models import AgentAuthorisation, Dispute, Party

# The proof of a guardian may be as old as the child [J].
OLDEST_PAPER = timedelta(days=366 * 18)
LONGEST_NUMBER = 60
# With these an agent settles for the party.
SETTLES = (AuthorisationScope.SPECIAL, AuthorisationScope.LEGAL)


def authorisation_record(party: Party, *, actor: User, number: str, signed_on: date, scope: str,
                         occurred_at: datetime | None = None) -> AgentAuthorisation:  # fmt: skip
    """Record the paper of the party's agent, until the file is archived.

    Raises NotPermitted, Conflict (``archived``), Invalid naming ``party``, ``number``, ``signed_on`` or ``scope``.
    """
    at = occurred_at or timezone.now()
    with atomically():
        held = Dispute.objects.lock(party.dispute_id)
        grant = grant_or_refuse(HANDLES, held, actor)
        if held.state == DisputeState.ARCHIVED:
            raise Conflict(_("The file is archived."), code="archived")
        fresh = Party.objects.get(pk=party.pk)
        _judge(fresh, number, scope)
        day = day_check(signed_on, "signed_on", earliest=timezone.localdate() - OLDEST_PAPER)
        made = AgentAuthorisation.objects.create(
            dispute=held, party=fresh, agent=fresh.agent, number=number.strip(), signed_on=day, scope=scope,
            recorded_by=actor, at=at,
        )  # fmt: skip
        tell("dispute.agent_authorised", held, actor=actor, grant=grant, at=at, party=fresh.pk, authorisation=made.pk,
             scope=scope)  # fmt: skip
    return made


def _judge(party: Party, number: str, scope: str) -> None:
    if not party.agent:
        raise Invalid(_("No agent of this party is recorded."), field="party", code="no_agent")
    words_check(number=number, longest=LONGEST_NUMBER)
    if not number.strip():
        raise Invalid(_("Enter the number of the paper."), field="number", code="required")
    if scope not in AuthorisationScope.values:
        raise Invalid(_("Choose one of the values."), field="scope", code="invalid_choice")
    if (scope == AuthorisationScope.LEGAL) != party.without_capacity:
        raise Invalid(_("A legal agent acts for a party without full capacity, and nobody else does."), field="scope",
                      code="legal")  # fmt: skip


def authorisation_of(party: Party, on: date) -> AgentAuthorisation | None:
    """Return the paper by which the party's agent may settle for them on a day; None where none is recorded."""
    rows = AgentAuthorisation.objects.filter(party=party, agent=party.agent, scope__in=SETTLES, signed_on__lte=on)
    return rows.order_by("-signed_on", "-id").first() if party.agent else None


def authorisation_needed(party: Party, on: date, field: str) -> AgentAuthorisation:
    """Return the paper of the party's agent. Raises Invalid naming ``field`` where it is not recorded."""
    found = authorisation_of(party, on)
    if found is None:
        raise Invalid(_("Record first by which paper the agent settles for this party: number, day and scope."),
                      field=field, code="no_authorisation")  # fmt: skip
    return found
