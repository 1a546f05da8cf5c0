"""An end by mistake is taken back: the dispute is where it was, in the same round, with its term and its answers.

What the end stopped comes back where it is nobody's to decide: visits (``followup``), organs at work (``joint``). What
others had been told of as over (sittings, requests, tasks, invitations, drafts) stays ended and is begun anew.
"""

from functools import partial

from django.utils.translation import gettext as _

from governance.errors import Conflict
from governance.models import Event, User
from governance.transactions import atomically
from governance.workflow import carries_out
from mediation.disputes.acting import DISPUTE, carry, may
from mediation.disputes.consents import answers_of
from mediation.disputes.dispute_workflow import DECLINABLE, TERMINABLE, end_back_name
from mediation.disputes.states import ConsentAnswer, ConsentTo
from mediation.disputes.term import RUNNING, TERM_OVER, term_timer
from mediation.models import Consent, Dispute

ENDS, TAKEN_BACK = ("dispute.terminated", "dispute.declined"), "dispute.end_taken_back"


def dispute_end_take_back(dispute: Dispute, state: str, *, actor: User, **given) -> Dispute:
    """Take back a termination, or a declining, by mistake, to ``state``; the reason is compulsory. Raises Conflict
    (``withdrawn``) where a party said no: nobody is kept in a mediation; as ``perform``."""
    name = end_back_name(state)
    with atomically():
        held = Dispute.objects.lock(dispute.pk)
        if may(held, name, actor) and _ended_by_a_no(held, state):
            raise Conflict(
                _("A party does not want to be mediated: nobody is kept in it. Reopen it once they want it again."),
                code="withdrawn",
            )  # fmt: skip
        payload = {"ground": held.ended_ground}
        fresh = carry(held, name, actor=actor, payload=payload, **given)
        if fresh.state in RUNNING and not _told_over(fresh):
            term_timer(fresh)
    return fresh


def _ended_by_a_no(dispute: Dispute, state: str) -> bool:
    """Whether a party has withdrawn, or has refused after they agreed: by that it ended, or would end again."""
    answers = answers_of(dispute, ConsentTo.MEDIATION).values()
    if any(row.answer == ConsentAnswer.WITHDRAWN for row in answers):
        return True
    refused = [row.party_id for row in answers if row.answer == ConsentAnswer.REFUSED]
    agreed = Consent.objects.filter(party__in=refused, what=ConsentTo.MEDIATION, answer=ConsentAnswer.AGREED)
    return state in TERMINABLE and agreed.filter(round=dispute.reopened).exists()


def _told_over(dispute: Dispute) -> bool:
    """Whether it was told already that this term is over."""
    told = Event.objects.filter(subject_type=DISPUTE, subject_id=dispute.pk, name=TERM_OVER)
    return told.filter(payload__term_until=dispute.term_until.isoformat()).exists()


def last_end(dispute: Dispute) -> int:
    """Return the key of the event of the end that was taken back just now: what came after it came of it."""
    told = Event.objects.filter(subject_type=DISPUTE, subject_id=dispute.pk, name__in=[*ENDS, TAKEN_BACK])
    standing, last = [], 0
    for pk, name in told.order_by("id").values_list("id", "name"):
        if name in ENDS:
            standing.append(pk)
        elif standing:
            last = standing.pop()
    return last


for _state in (*TERMINABLE, *DECLINABLE):
    carries_out(DISPUTE, end_back_name(_state))(partial(dispute_end_take_back, state=_state))
