"""A resolution proposed out of a topic of the agenda: the vote that comes of it, tied both ways from the start."""

from datetime import datetime

from django.utils.translation import gettext as _

from governance.errors import Conflict
from governance.models import User
from governance.transactions import atomically
from governance.workflow import carries_out
from property.assembly.acting import carry
from property.models import AgendaItem, ResolutionState, RuleSet, Secrecy
from property.voting.resolutions import resolution_propose

FAILED = (ResolutionState.REJECTED, ResolutionState.NO_QUORUM)


def may_have_one(topic: AgendaItem) -> bool:
    """Tell whether nothing is decided on this topic yet, or what was did not pass (as it stands) or is revoked."""
    made = topic.resolution
    if made is None or made.state == ResolutionState.REVOKED:
        return True
    return (made.official_outcome or made.state) in FAILED


@carries_out("property.agendaitem", "propose")
def topic_propose_resolution(topic: AgendaItem, *, actor: User, title: str, text: str, rule_set: RuleSet,
                             secrecy: str = Secrecy.OPEN, takes_paper: bool = True, takes_online: bool = True,
                             occurred_at: datetime | None = None, **given) -> AgendaItem:  # fmt: skip
    """Propose a resolution for the place of the topic's assembly (its estate, else its area) and tie it to the topic.

    Raises Conflict for a topic with a resolution that may still pass, or did; otherwise as ``resolution_propose``.
    """
    with atomically():
        locked = AgendaItem.objects.lock(topic.pk)
        if not may_have_one(locked):
            raise Conflict(_("A resolution came of this topic already."), code="has_resolution")
        estate = locked.assembly.estate
        made = resolution_propose(
            actor=actor, title=title, text=text, rule_set=rule_set, estate=estate,
            area=None if estate else locked.assembly.area, secrecy=secrecy, takes_paper=takes_paper,
            takes_online=takes_online, occurred_at=occurred_at,
        )  # fmt: skip
        return carry(locked, "propose", actor=actor, occurred_at=occurred_at, payload={"resolution": made.pk},
                     resolution=made, **given)  # fmt: skip
