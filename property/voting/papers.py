"""Paper ballots: each read by two people on their own; where they read differently, somebody looks again."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import REASON_NEEDED, Conflict, Invalid
from governance.models import User
from governance.transactions import atomically
from property.models import Ballot, BallotReading, BallotStage, Channel, Resolution, RollEntry
from property.voting.ballots import hold_open, locked_entry, record_ballot, reopen_decision
from property.voting.numbers import check_reader
from property.voting.resolutions import grant_to_run
from property.voting.secrecy import said, words


def ballot_read(resolution: Resolution, *, actor: User, number: int, choice: str, another: bool = False,
                occurred_at: datetime | None = None) -> Ballot:  # fmt: skip
    """Enter what ``actor`` reads on the paper with ballot ``number``: the first reading, or another person's second.

    ``another``: a second paper was found for the same dwelling. Two readings that agree complete the ballot. Raises
    NotPermitted; Conflict (no vote under way, this person read it already, read twice already, knows whose the numbers
    are); Invalid (no paper ballots, number, choice).
    """
    grant = grant_to_run(resolution, actor)
    if not resolution.takes_paper:
        raise Invalid(_("This vote takes no ballots on paper."), field="number", code="not_allowed")
    at = occurred_at or timezone.now()
    with atomically():
        hold_open(resolution)
        check_reader(resolution, actor)
        entry = _entry_numbered(resolution, number)
        given = words(resolution, entry, choice)
        ballot = None if another else _waiting(entry, actor, choice)
        ordinal = 1 if ballot is None else 2
        if ballot is None:
            ballot = _new_sheet(entry, at)
        BallotReading.objects.create(ballot=ballot, ordinal=ordinal, read_by=actor, read_at=at, **given)
        if ordinal == 2:
            _compare(resolution, ballot, choice)
        record_ballot("ballot.read", ballot, actor=actor, grant=grant, occurred_at=at, reading=ordinal)
    return ballot


def ballots_read(resolution: Resolution, *, actor: User, typed: Iterable[tuple[int, str]],
                 another: bool = False) -> list[Ballot]:  # fmt: skip
    """Enter several papers at once, (ballot number, choice) each: all or none. Raises as ``ballot_read``."""
    with atomically():
        return [
            ballot_read(resolution, actor=actor, number=number, choice=choice, another=another)
            for number, choice in typed
        ]


def _entry_numbered(resolution: Resolution, number: int) -> RollEntry:
    pk = RollEntry.objects.filter(roll=resolution.roll_id, number=number).values_list("pk", flat=True).first()
    if pk is None:
        text = _("There is no ballot number %(number)s on the roll.") % {"number": number}
        raise Invalid(text, field="number", code="does_not_exist")
    return locked_entry(pk)


def _waiting(entry: RollEntry, actor: User, choice: str) -> Ballot | None:
    """Return the paper that this is the second reading of; None when it is the first paper of the dwelling."""
    papers = list(Ballot.objects.filter(entry=entry, channel=Channel.PAPER).order_by("sheet"))
    if not papers:
        return None
    readings = {row.ballot_id: row for row in BallotReading.objects.filter(ballot__in=papers, ordinal=1)}
    once = [row for row in papers if row.stage == BallotStage.READ_ONCE]
    if not once:
        text = _("Ballot %(number)s was read twice already. Is this another paper of the same dwelling?")
        raise Conflict(text % {"number": entry.number}, field="number", code="read_twice")
    others = [row for row in once if readings[row.pk].read_by_id != actor.pk]
    if not others:
        text = _("You read ballot %(number)s already; somebody else has to read it a second time.")
        raise Conflict(text % {"number": entry.number}, field="number", code="same_reader")
    alike = [row for row in others if said(readings[row.pk], entry.pk) == choice]
    found = (alike or others)[0]
    found.entry = entry
    return found


def _new_sheet(entry: RollEntry, at: datetime) -> Ballot:
    sheet = Ballot.objects.filter(entry=entry, channel=Channel.PAPER).count() + 1
    return Ballot.objects.create(
        entry=entry, channel=Channel.PAPER, sheet=sheet, stage=BallotStage.READ_ONCE, cast_at=at
    )


def _compare(resolution: Resolution, ballot: Ballot, choice: str) -> None:
    first = BallotReading.objects.get(ballot=ballot, ordinal=1)
    if said(first, ballot.entry_id) == choice:
        _complete(resolution, ballot, choice)
    else:
        ballot.stage = BallotStage.DIFFERS
        ballot.save(update_fields=["stage"])


def _complete(resolution: Resolution, ballot: Ballot, choice: str) -> None:
    given = words(resolution, ballot.entry, choice)
    ballot.stage, ballot.choice, ballot.sealed = BallotStage.COMPLETE, given["choice"], given["sealed"]
    ballot.save()
    reopen_decision(ballot.entry)


def ballot_settle(resolution: Resolution, ballot: Ballot, *, actor: User, choice: str, reason: str) -> Ballot:
    """Settle what a paper says that two people read differently; a third has looked at the paper: neither reader alone
    can make a vote out of a difference.

    Raises NotPermitted, Conflict (no vote under way, nothing differs, by one who read it), Invalid (reason, choice).
    """
    grant = grant_to_run(resolution, actor)
    if not reason.strip():
        raise Invalid(REASON_NEEDED, field="reason", code="required")
    with atomically():
        hold_open(resolution)
        check_reader(resolution, actor)
        entry = locked_entry(ballot.entry_id)
        fresh = Ballot.objects.select_for_update().get(pk=ballot.pk)
        fresh.entry = entry
        if entry.roll_id != resolution.roll_id or fresh.stage != BallotStage.DIFFERS:
            raise Conflict(_("The readings of this ballot do not differ."), code="no_difference")
        if BallotReading.objects.filter(ballot=fresh, read_by=actor).exists():
            raise Conflict(_("You read this ballot yourself; somebody else has to settle it."), code="same_reader")
        fresh.settled_by, fresh.settled_at = actor, timezone.now()
        _complete(resolution, fresh, choice)
        record_ballot("ballot.settled", fresh, actor=actor, grant=grant, text=reason.strip())
    return fresh
