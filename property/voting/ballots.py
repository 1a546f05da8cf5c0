"""What both kinds of ballots have in common: who holds the vote open, conflicts, and what is still to be done."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.errors import REASON_NEEDED, Conflict, Invalid, NotPermitted
from governance.models import User
from governance.scoping import Grant, grant_for
from governance.transactions import atomically
from property.models import Ballot, BallotDecision, BallotStage, Channel, Resolution, ResolutionState, RollEntry
from property.voting.engine import INVALID, SET_ASIDE, Cast, standing_of
from property.voting.secrecy import said
from property.voting.workflow import LEADS, RUNS

HOLD = "SELECT state, closed_at FROM property_resolution WHERE id = %s FOR SHARE"


@dataclass
class Held:
    """The ballots of one dwelling, and what was decided about them.

    Of several ballots in a secret vote one is decided for even where they say the same: else the question itself would
    tell who entered a made-up paper whether the voter said the same.
    """

    is_secret: bool = False
    ballots: list[Ballot] = field(default_factory=list)
    decision: BallotDecision | None = None

    @property
    def standing(self) -> str:
        """Where the dwelling stands; ballots that are not complete say nothing yet."""
        complete = self._complete
        if self.is_secret and self.decision is not None:
            if self.decision.ballot_id is None:
                return INVALID
            complete = [row for row in complete if row.pk == self.decision.ballot_id]
        casts = [Cast(row.pk, said(row, row.entry_id)) for row in complete]
        if self.decision is None or self.is_secret:
            return standing_of(casts)
        return standing_of(casts, self.decision.ballot_id, is_decided=True)

    @property
    def _complete(self) -> list[Ballot]:
        return [row for row in self.ballots if row.stage == BallotStage.COMPLETE]

    @property
    def is_read(self) -> bool:
        """Whether no paper waits for a second reading or a settlement."""
        return len(self._complete) == len(self.ballots)

    @property
    def may_be_decided(self) -> bool:
        """Whether there is something to decide, or to decide otherwise."""
        return self.is_read and (len(self.ballots) > 1 if self.is_secret else self.standing == SET_ASIDE)

    @property
    def is_unfinished(self) -> bool:
        """Whether a paper needs a second reading or a settlement, or a conflict a decision."""
        return not self.is_read or (self.decision is None and self.may_be_decided)


def ballots_by_entry(resolution: Resolution) -> dict[int, Held]:
    """Return what was cast for each entry of the roll (entries without a ballot are left out); two statements."""
    found: dict[int, Held] = defaultdict(lambda: Held(resolution.is_secret))
    for ballot in Ballot.objects.filter(entry__roll=resolution.roll_id).order_by("entry_id", "sheet"):
        found[ballot.entry_id].ballots.append(ballot)
    for decision in BallotDecision.objects.filter(entry__roll=resolution.roll_id):
        found[decision.entry_id].decision = decision
    return found


def unfinished(resolution: Resolution) -> list[int]:
    """Return the ballot numbers that cannot be counted yet."""
    entries = [pk for pk, held in ballots_by_entry(resolution).items() if held.is_unfinished]
    return list(RollEntry.objects.filter(pk__in=entries).order_by("number").values_list("number", flat=True))


def hold_open(resolution: Resolution) -> bool:
    """Hold the vote open until the end of the transaction: a count waits, ballots do not wait for each other.

    Returns whether its time is over (papers may still be read). Raises Conflict when no vote is under way.
    """
    with connection.cursor() as cursor:
        cursor.execute(HOLD, [resolution.pk])
        state, closed_at = cursor.fetchone()
    if state != ResolutionState.VOTING:
        raise Conflict(_("No vote is under way."), code="not_voting")
    return closed_at is not None


def locked_entry(pk: int) -> RollEntry:
    """Return an entry of the roll, locked: ballots of one dwelling take turns."""
    return RollEntry.objects.select_for_update(of=("self",)).select_related("roll__area", "roll__resolution").get(pk=pk)


def record_ballot(name: str, ballot: Ballot, *, actor: User, grant: Grant, text: str = "",
                  occurred_at: datetime | None = None, **payload) -> None:  # fmt: skip
    """Record what happened to a ballot; never what it says, nor in a secret vote whose number a voter's is."""
    told = {"channel": ballot.channel, "sheet": ballot.sheet, "stage": ballot.stage}
    if ballot.channel == Channel.PAPER or not ballot.entry.roll.resolution.is_secret:
        told["ballot_number"] = ballot.entry.number
    events.record(
        name, ballot, actor=actor, grant=grant, payload=told | payload, text=text, occurred_at=occurred_at
    )  # fmt: skip


def reopen_decision(entry: RollEntry) -> None:
    """Drop a decision about the entry's conflict: a ballot came or changed since, it is to be decided anew."""
    BallotDecision.objects.filter(entry=entry).delete()


def conflict_decide(resolution: Resolution, entry: RollEntry, *, actor: User, ballot: Ballot | None,
                    reason: str) -> BallotDecision:  # fmt: skip
    """Decide which of the contradicting ballots of a dwelling counts; with None none does (an invalid vote).

    In a secret vote it is decided by channel and sheet alone: nobody is shown what they say. Raises NotPermitted,
    Conflict (no vote, nothing to decide, a reading missing), Invalid (reason; a ballot of another dwelling).
    """
    if not reason.strip():
        raise Invalid(REASON_NEEDED, field="reason", code="required")
    grant = grant_for(LEADS | RUNS, resolution, actor)
    if grant is None or entry.roll_id != resolution.roll_id:
        raise NotPermitted(_("You may not decide about these ballots."))
    with atomically():
        hold_open(resolution)
        locked = locked_entry(entry.pk)
        held = Held(resolution.is_secret, list(Ballot.objects.filter(entry=locked).order_by("sheet")))
        if not held.may_be_decided:
            raise Conflict(
                _("These ballots do not contradict each other, or are not read completely."), code="no_conflict"
            )
        if ballot is not None and ballot.entry_id != locked.pk:
            raise Invalid(_("This ballot is another dwelling's."), field="ballot", code="mismatch")
        decided = {"ballot": ballot, "reason": reason.strip(), "decided_by": actor, "decided_at": timezone.now()}
        decision, _is_new = BallotDecision.objects.update_or_create(entry=locked, defaults=decided)
        first = held.ballots[0]
        first.entry = locked
        record_ballot(
            "ballot.conflict_decided", first, actor=actor, grant=grant, text=reason.strip(),
            counts=ballot.sheet if ballot else None,
        )  # fmt: skip
    return decision
