"""In a secret vote on paper: who knows which ballot number is whose does not read papers, and who reads does not know.

The numbers are drawn by lot when the roll is frozen (``rolls``). From then on no list, page or answer shows them beside
a dwelling; who hands the papers out takes the list of numbers once, which is written down, and reads none.
"""

from django.utils.translation import gettext as _

from governance import events
from governance.errors import Conflict, Invalid
from governance.models import Event, User
from governance.transactions import atomically
from property.models import BallotReading, OwnersRoll, Resolution, RollEntry
from property.voting.resolutions import grant_to_run

GIVEN = "roll.numbers_given"


def numbers_hidden(roll: OwnersRoll) -> bool:
    """Tell whether the numbers of a roll are not shown beside its dwellings; reads ``roll.resolution``."""
    return roll.frozen_at is not None and roll.resolution.is_secret


def knows_numbers(resolution: Resolution, actor: User) -> bool:
    """Tell whether the person took the list of numbers."""
    rows = Event.objects.filter(subject_type="property.resolution", subject_id=resolution.pk, name=GIVEN)
    return rows.filter(actor=actor).exists()


def check_reader(resolution: Resolution, actor: User) -> None:
    """Refuse to let somebody read papers of a secret vote who knows whose they are; under the hold of the vote."""
    if resolution.is_secret and knows_numbers(resolution, actor):
        raise Conflict(
            _("You took the list of ballot numbers of this secret vote: somebody else reads its papers."),
            code="knows_numbers",
        )


def numbers_give_out(resolution: Resolution, *, actor: User) -> list[RollEntry]:
    """Give ``actor`` the list of ballot numbers to hand papers out by; return the entries by number.

    Raises NotPermitted; Invalid (no secret vote on paper with a frozen roll); Conflict for who has read a paper.
    """
    grant = grant_to_run(resolution, actor)
    with atomically():
        locked = Resolution.objects.lock(resolution.pk)
        frozen = locked.roll is not None and numbers_hidden(locked.roll)
        if not frozen or not locked.takes_paper:
            raise Invalid(
                _("Numbers are given out for a secret vote on paper whose roll is frozen."), code="not_secret"
            )
        if BallotReading.objects.filter(ballot__entry__roll=locked.roll_id, read_by=actor).exists():
            raise Conflict(
                _("You read papers of this secret vote: somebody else takes the list of numbers."), code="reader"
            )
        entries = RollEntry.objects.filter(roll=locked.roll_id).order_by("number")
        rows = list(entries.select_related("dwelling__building__estate", "dwelling__entrance"))
        events.record(GIVEN, locked, actor=actor, grant=grant, payload={"roll": locked.roll_id, "rows": len(rows)})
    return rows
