"""The paper that lets an agent sign or apply for a party: recorded before the agent does, asked for in the file.

To settle for somebody an agent needs a special authorisation, as in court (Civil Procedure Law, on agents; by analogy
[J]); the legal agent of a party without full capacity shows that they are one (Civil Code 20-23).
"""

from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.errors import Conflict, Invalid
from governance.models import User
from governance.transactions import atomically
from mediation.agreements.acting import day_check
from mediation.agreements.states import AuthorisationScope
from mediation.disputes.acting import grant_or_refuse, tell, words_check
from mediation.disputes.querysets import HANDLES
from mediation.disputes.states import DisputeState
from mediation.models import (
    AgentAuthorisation,
    AgreementSignature,
    AgreementState,
    ConfirmationConsent,
    Consent,
    Dispute,
    Party,
)

# The proof of a guardian may be as old as the child [J].
OLDEST_PAPER = timedelta(days=366 * 18)
LONGEST_NUMBER, LONGEST_REASON = 60, 500
STRIKE_LEAD = gettext_lazy("Only what was recorded wrongly: the row and the reason are kept, and it counts no longer. "
                           "Not once somebody has signed, answered or applied by it.")  # fmt: skip
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


def authorisation_strike(authorisation: AgentAuthorisation, *, actor: User, reason: str) -> AgentAuthorisation:
    """Strike what was recorded wrongly, for a reason, until the file is archived: the row is kept and counts no longer.

    Raises NotPermitted, Conflict (``archived``, ``struck``, ``rests``: somebody signed, answered or applied by it),
    Invalid naming ``reason``.
    """
    words_check(reason=reason, longest=LONGEST_REASON)
    with atomically():
        held = Dispute.objects.lock(authorisation.dispute_id)
        grant = grant_or_refuse(HANDLES, held, actor)
        if not reason.strip():
            raise Invalid(_("Say why this authorisation is struck."), field="reason", code="required")
        if held.state == DisputeState.ARCHIVED:
            raise Conflict(_("The file is archived."), code="archived")
        fresh = AgentAuthorisation.objects.select_for_update().get(pk=authorisation.pk)
        if fresh.struck_at is not None:
            raise Conflict(_("This authorisation has been struck already."), code="struck")
        if fresh.pk not in strikable_of(held):
            raise Conflict(_("Somebody signed, answered or applied by this paper: it is not struck any more."),
                           code="rests")  # fmt: skip
        fresh.struck_at = timezone.now()
        fresh.save(update_fields=["struck_at"])
        tell("dispute.authorisation_struck", held, actor=actor, grant=grant, at=fresh.struck_at, text=reason.strip(),
             party=fresh.party_id, authorisation=fresh.pk, scope=fresh.scope)  # fmt: skip
    return fresh


def strikable_of(dispute: Dispute) -> set[int]:
    """Return the ids of those authorisations by which nobody signed (a discarded draft aside), answered or applied."""
    if dispute.state == DisputeState.ARCHIVED:
        return set()
    signed = AgreementSignature.objects.exclude(agreement__state=AgreementState.DISCARDED)
    rests = [rows.filter(authorisation=OuterRef("pk")) for rows in
             (signed, Consent.objects.all(), ConfirmationConsent.objects.all())]  # fmt: skip
    rows = AgentAuthorisation.objects.standing().filter(dispute=dispute)
    return set(rows.exclude(reduce(or_, map(Exists, rests))).values_list("pk", flat=True))


def authorisation_of(party: Party, on: date) -> AgentAuthorisation | None:
    """Return the paper by which the party's agent may settle for them on a day; None where none is recorded, or the
    newest that stands does not go so far. For a party without full capacity a legal agent's counts, and no other."""
    rows = AgentAuthorisation.objects.standing().filter(party=party, agent=party.agent, signed_on__lte=on)
    legal = Q(scope=AuthorisationScope.LEGAL)
    newest = rows.filter(legal if party.without_capacity else ~legal).order_by("-signed_on", "-id").first()
    return newest if party.agent and newest is not None and newest.scope in SETTLES else None


def authorisation_needed(party: Party, on: date, field: str) -> AgentAuthorisation:
    """Return the paper of the party's agent. Raises Invalid naming ``field`` where it is not recorded."""
    found = authorisation_of(party, on)
    if found is None:
        raise Invalid(_("Record first by which paper the agent settles for this party: number, day and scope."),
                      field=field, code="no_authorisation")  # fmt: skip
    return found
