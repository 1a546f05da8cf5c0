"""Online ballots: cast by the voter of the dwelling as the frozen roll names them."""

from collections.abc import Mapping

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Role, User
from governance.scoping import Grant
from governance.transactions import atomically
from property.models import Ballot, BallotStage, Channel, Choice, Resolution, RollEntry
from property.voting.ballots import hold_open, locked_entry, record_ballot, reopen_decision
from property.voting.secrecy import words

ONLINE_CHOICES = (Choice.FOR, Choice.AGAINST, Choice.ABSTAIN)


def votes_of(resolution: Resolution, user: User):
    """Return the entries of the frozen roll that ``user`` votes for, by ballot number."""
    rows = RollEntry.objects.of_voter(user).filter(roll=resolution.roll_id, counts=True)
    return rows.select_related("dwelling__building__estate", "dwelling__entrance").order_by("number")


def ballots_cast(resolution: Resolution, *, actor: User, choices: Mapping[int, str]) -> list[Ballot]:
    """Cast ``choices`` (entry id → for, against, abstain) for dwellings that ``actor`` votes for; all or none.

    A ballot cast before is changed where the rule allows it. Raises NotPermitted (not this person's vote), Conflict (no
    vote under way, its time over, voted already), Invalid (choice; nothing chosen; no online ballots).
    """
    if not choices:
        raise Invalid(_("Choose for at least one dwelling."), field="choices", code="required")
    if not resolution.takes_online:
        raise Invalid(_("This vote takes no ballots online."), field="choices", code="not_allowed")
    if set(choices.values()) - set(ONLINE_CHOICES):
        raise Invalid(_("There is no such choice."), field="choices", code="invalid_choice")
    with atomically():
        if hold_open(resolution) or timezone.now() >= resolution.voting_until:
            raise Conflict(_("The time to vote is over."), code="too_late")
        own = set(votes_of(resolution, actor).values_list("pk", flat=True))
        if not set(choices) <= own:
            raise NotPermitted(_("You do not vote for this dwelling."))
        return [_cast(resolution, pk, choices[pk], actor) for pk in sorted(choices)]


def _cast(resolution: Resolution, pk: int, choice: str, actor: User) -> Ballot:
    entry = locked_entry(pk)
    given = words(resolution, entry, choice)
    ballot = Ballot.objects.filter(entry=entry, channel=Channel.ONLINE).first()
    if ballot is not None and not resolution.rule_set.online_may_change:
        raise Conflict(_("You voted already; under this rule a ballot is not changed."), code="voted")
    name = "ballot.changed" if ballot else "ballot.cast"
    ballot = ballot or Ballot(entry=entry, channel=Channel.ONLINE, sheet=0)
    ballot.entry, ballot.stage, ballot.cast_by, ballot.cast_at = entry, BallotStage.COMPLETE, actor, timezone.now()
    ballot.choice, ballot.sealed = given["choice"], given["sealed"]
    ballot.save()
    reopen_decision(entry)
    record_ballot(name, ballot, actor=actor, grant=Grant(Role.RESIDENT))
    return ballot
