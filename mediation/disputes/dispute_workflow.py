"""Transitions of a dispute. Nothing here reads or writes data.

registered → awaiting consent → accepted → mediating → agreed | terminated → closed → archived; declined, referred,
reopened (domain/mediation.md, "State machines"). An end by mistake leads back to where it was. What needs the parties'
answers is checked by the services (``accepting.py``, ``ending.py``), which carry the steps out.
"""

from datetime import date, datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.workflow import step
from mediation.disputes.querysets import APPOINTS, HANDLES, KEEPS, SYSTEM
from mediation.disputes.states import FOLLOWED_UP, OPEN, DisputeState

S = DisputeState
UNTIL_ENDED = OPEN
STILL_OURS = (*OPEN, S.AGREED, S.TERMINATED)


def has_mediator(dispute) -> bool:
    """Whether somebody mediates it."""
    return dispute.mediator_id is not None


# What a reopening takes off, and taking it back puts there again.
DAYS = ("ended_at", "closed_at", "archived_at")
KEPT = ("ended_ground", "referred_where", "referred_to_id")
# From where it is terminated, from where declined: whereto a mistaken end is taken back, until the dispute is closed.
TERMINABLE = (S.ACCEPTED, S.MEDIATING, S.REOPENED)
DECLINABLE = (S.REGISTERED, S.AWAITING_CONSENT)
REOPENABLE = (S.AGREED, S.TERMINATED, S.CLOSED, S.ARCHIVED, S.DECLINED, S.REFERRED)


def back_to(state: str):
    """Return the step that takes a reopening by mistake back, to the state the dispute was in."""

    def was_so(dispute) -> bool:
        """Whether it was in this state before it was reopened."""
        return bool(dispute.before_reopening) and dispute.before_reopening["state"] == state

    def take_back(self):
        """As if it had not been reopened; in measures it was not."""
        kept, self.before_reopening = self.before_reopening, None
        for name in DAYS:
            setattr(self, name, datetime.fromisoformat(kept[name]) if kept[name] else None)
        for name in KEPT:
            setattr(self, name, kept[name])
        self.term_until = date.fromisoformat(kept["term_until"]) if kept["term_until"] else None
        self.reopened -= 1

    take_back.__name__ = take_back_name(state)
    return step(label=_("Take back the reopening: it was a mistake"), source=[S.REOPENED], target=state,
                allow=KEEPS | SYSTEM, event="dispute.reopening_taken_back", backward=True,
                guards=[was_so])(take_back)  # fmt: skip


def end_taken_back(ended: str, state: str):
    """Return the step that takes an end by mistake back, to the state the dispute was in."""

    def was_so(dispute) -> bool:
        """Whether it was in this state before it ended."""
        return bool(dispute.before_end) and dispute.before_end["state"] == state

    def take_back(self):
        """As if it had not ended: it is the same round, with its term and its answers."""
        kept = self.before_end
        self.before_reopening, self.before_end = kept["before_reopening"], kept["before_end"]
        self.ended_ground, self.ended_at = "", None
        self.ends_taken_back += 1

    take_back.__name__ = end_back_name(state)
    label = _("Take back the termination: it was a mistake")
    if ended == S.DECLINED:
        label = _("Take back the declining: it was a mistake")
    return step(label=label, source=[ended], target=state, allow=KEEPS, event="dispute.end_taken_back", backward=True,
                guards=[was_so])(take_back)  # fmt: skip


def end_back_name(state: str) -> str:
    """Return the name of the step that leads from a mistaken end back to a state."""
    return f"end_back_to_{state}"


def take_back_name(state: str) -> str:
    """Return the name of the step that leads from reopened back to a state."""
    return f"take_back_to_{state}"


class DisputeSteps(models.Model):
    """The transitions; ``Dispute`` inherits them."""

    class Meta:
        abstract = True

    @step(label=_("Correct the dispute"), source=STILL_OURS, target=None, allow=HANDLES, event="dispute.amended")
    def amend(self, **fields):
        """What it is about, how much, how many, how urgent."""
        for name, value in fields.items():
            setattr(self, name, value)

    @step(label=_("Appoint the mediator"), source=(*OPEN, *FOLLOWED_UP), target=None, allow=APPOINTS | SYSTEM,
          event="dispute.assigned")  # fmt: skip
    def assign(self, *, mediator):
        """Who mediates it, and follows up what was agreed."""
        self.mediator = mediator

    @step(label=_("Mark signs of violence"), source=UNTIL_ENDED, target=None, allow=HANDLES,
          event="dispute.violence_marked", reason=True)  # fmt: skip
    def mark_violence(self, *, violence, domestic_violence):
        """Signs of violence, and whether it is within a family: no joint sitting then."""
        self.violence, self.domestic_violence = violence or domestic_violence, domestic_violence

    @step(label=_("Ask the parties' consent"), source=[S.REGISTERED], target=S.AWAITING_CONSENT, allow=HANDLES,
          event="dispute.consent_asked")  # fmt: skip
    def submit_for_consent(self):
        """The parties are asked whether they want to be mediated."""

    @step(label=_("Record that rights were told"), source=(*STILL_OURS, S.CLOSED), target=None, allow=HANDLES,
          event="dispute.rights_told")  # fmt: skip
    def tell_rights(self, *, on):
        """All parties were told of their rights and duties; the notice belongs into the file."""
        self.rights_told_on = on

    @step(label=_("Accept for mediation"), source=[S.AWAITING_CONSENT], target=S.ACCEPTED, allow=HANDLES,
          event="dispute.accepted", guards=[has_mediator])  # fmt: skip
    def accept(self, *, at, term_until):
        """All parties agreed; the term begins."""
        self.accepted_at, self.term_until = at, term_until

    @step(label=_("Begin the mediation"), source=[S.ACCEPTED, S.REOPENED], target=S.MEDIATING, allow=HANDLES,
          event="dispute.begun", guards=[has_mediator])  # fmt: skip
    def begin(self, *, at, term_until):
        """Work with the parties begins; in a reopened one with a term of its own."""
        self.accepted_at, self.term_until = self.accepted_at or at, term_until
        self.ended_ground, self.before_reopening, self.before_end = "", None, None

    @step(label=_("Extend the mediation term"), source=[S.ACCEPTED, S.MEDIATING], target=None, allow=HANDLES | SYSTEM,
          event="dispute.extended")  # fmt: skip
    def extend(self, *, until):
        """Both parties agreed to a longer term."""
        self.term_until = until

    @step(label=_("Record the agreement"), source=[S.MEDIATING], target=S.AGREED, allow=HANDLES | SYSTEM,
          event="dispute.agreed", quiet=True)  # fmt: skip
    def agree(self, *, at):
        """An agreement takes effect; carried out by what keeps agreements."""
        self.ended_at = at

    @step(label=_("Terminate the mediation"), source=list(TERMINABLE), target=S.TERMINATED,
          allow=HANDLES | SYSTEM, event="dispute.terminated")  # fmt: skip
    def terminate(self, *, ground, at):
        """It ends without an agreement; the parties are told of the other routes."""
        earlier = self.before_end if self.before_reopening else None  # of the end that reopening it may yet go back to
        self.before_end = {"state": str(self.state), "before_reopening": self.before_reopening, "before_end": earlier}
        self.ended_ground, self.ended_at, self.before_reopening = ground, at, None

    @step(label=_("Decline the dispute"), source=list(DECLINABLE), target=S.DECLINED,
          allow=KEEPS | SYSTEM, event="dispute.declined", backward=True)  # fmt: skip
    def decline(self, *, ground, at):
        """It is not mediated."""
        self.before_end = {"state": str(self.state), "before_reopening": None, "before_end": None}
        self.ended_ground, self.ended_at = ground, at

    @step(label=_("Refer elsewhere"), source=UNTIL_ENDED, target=S.REFERRED, allow=KEEPS, event="dispute.referred",
          reason=True)  # fmt: skip
    def refer(self, *, where, unit, at):
        """Another route is the right one: police, court, arbitration, an authority."""
        self.referred_where, self.referred_to, self.ended_at = where, unit, at
        self.before_reopening = None

    @step(label=_("Close the dispute"), source=[S.AGREED, S.TERMINATED], target=S.CLOSED, allow=KEEPS,
          event="dispute.closed")  # fmt: skip
    def close(self, *, at):
        """Nothing is left to be mediated."""
        self.closed_at = at

    @step(label=_("Archive the file"), source=[S.CLOSED], target=S.ARCHIVED, allow=KEEPS, event="dispute.archived")
    def archive(self, *, at):
        """The file is complete."""
        self.archived_at = at

    @step(label=_("Reopen the dispute"), source=REOPENABLE, target=S.REOPENED, allow=KEEPS | SYSTEM,
          event="dispute.reopened", backward=True)  # fmt: skip
    def reopen(self, *, visit=None):
        """It broke out again, or was handed back: the parties are asked anew. ``visit``: the visit that found it."""
        days = {name: getattr(self, name) and getattr(self, name).isoformat() for name in (*DAYS, "term_until")}
        kept = {name: getattr(self, name) for name in KEPT}
        self.before_reopening = {"state": str(self.state), "visit": visit} | days | kept
        self.reopened += 1
        self.ended_at = self.closed_at = self.archived_at = self.term_until = self.referred_to = None
        self.ended_ground = self.referred_where = ""

    end_back_to_registered = end_taken_back(S.DECLINED, S.REGISTERED)
    end_back_to_awaiting_consent = end_taken_back(S.DECLINED, S.AWAITING_CONSENT)
    end_back_to_accepted = end_taken_back(S.TERMINATED, S.ACCEPTED)
    end_back_to_mediating = end_taken_back(S.TERMINATED, S.MEDIATING)
    end_back_to_reopened = end_taken_back(S.TERMINATED, S.REOPENED)
    take_back_to_agreed = back_to(S.AGREED)
    take_back_to_terminated = back_to(S.TERMINATED)
    take_back_to_closed = back_to(S.CLOSED)
    take_back_to_archived = back_to(S.ARCHIVED)
    take_back_to_declined = back_to(S.DECLINED)
    take_back_to_referred = back_to(S.REFERRED)
