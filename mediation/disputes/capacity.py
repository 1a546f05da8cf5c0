"""A party without full capacity answers through the legal agent (民法典 20-23, 34-35), who is named, with a paper.

Who cannot weigh what mediation means agrees to nothing alone, ends nothing for the others, and joins no application to
the court. A "no" is taken from anybody: nobody is mediated against the own will (人民调解法 3).
"""

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid
from mediation.models import AgentAuthorisation, AuthorisationScope, Party


def legal_paper_of(party: Party, on: date | None = None) -> AgentAuthorisation | None:
    """Return the paper of the legal agent who is named for the party, of a day up to ``on`` (default today)."""
    if not party.agent:
        return None
    rows = AgentAuthorisation.objects.standing().filter(party=party, agent=party.agent, scope=AuthorisationScope.LEGAL)
    return rows.filter(signed_on__lte=on or timezone.localdate()).order_by("-signed_on", "-id").first()


def answer_paper(party: Party, on: date, *, binds: bool, alone: bool = False) -> AgentAuthorisation | None:
    """Return by which paper somebody answers for a party without full capacity; None for all others.

    ``binds``: the answer takes effect (agreed, withdrawn, asked for), so it needs the paper; ``alone``: it comes from
    the party's own account. The row is read anew. Raises Invalid naming ``party``, Conflict (``struck``).
    """
    party = Party.everyone.get(pk=party.pk)
    if party.struck_at is not None:
        raise Conflict(_("This party has been struck already."), code="struck")
    if not party.without_capacity:
        return None
    found = legal_paper_of(party, on)
    if binds and alone:
        raise Invalid(_("This party answers through the legal agent, not alone (Civil Code 20-23)."), field="party",
                      code="agent_needed")  # fmt: skip
    if binds and not party.agent:
        text = _("%(party)s has no full capacity and answers through the legal agent: name the agent first "
                 "(Civil Code 20-23).")  # fmt: skip
        raise Invalid(text % {"party": party.masked}, field="party", code="agent_needed")
    if binds and found is None:
        text = _("Record first by which paper the legal agent acts for %(party)s: number and day.")
        raise Invalid(text % {"party": party.masked}, field="party", code="no_authorisation")
    return found


def through_agent(party: Party, *, by_account: bool) -> bool:
    """Whether nobody answers for the party on the own page: the mediator hears the legal agent instead. The page behind
    the link is the agent's once the paper is recorded; the party's account never is."""
    return party.without_capacity and (by_account or legal_paper_of(party) is None)
