"""What happens to a resolution when its hour has come: the vote opens, the vote ends, what was passed takes effect."""

from governance.models import User
from governance.timers import fires
from governance.workflow import perform
from property.models import Resolution, ResolutionState
from property.voting.resolutions import PUBLICITY_ENDS, VOTE_BEGINS, VOTE_ENDS


@fires(VOTE_BEGINS)
def vote_begins(timer) -> None:
    """Open the vote at the hour announced."""
    resolution = Resolution.objects.lock(timer.subject_id)
    if resolution.state == ResolutionState.DELIBERATING:
        _by_the_clock(resolution, "open", timer.due_at)


@fires(VOTE_ENDS)
def vote_ends(timer) -> None:
    """End the vote; one that did not open yet (the timers stood still) is opened first."""
    resolution = Resolution.objects.lock(timer.subject_id)
    if resolution.state == ResolutionState.DELIBERATING:
        resolution = _by_the_clock(resolution, "open", resolution.voting_from)
    if resolution.state == ResolutionState.VOTING and resolution.closed_at is None:
        _by_the_clock(resolution, "close", timer.due_at, closed_at=timer.due_at)


@fires(PUBLICITY_ENDS)
def publicity_ends(timer) -> None:
    """Let what was passed take effect; not what was officially declared otherwise."""
    resolution = Resolution.objects.lock(timer.subject_id)
    if resolution.state == ResolutionState.PUBLICISED and resolution.stands == ResolutionState.PASSED:
        _by_the_clock(resolution, "take_effect", timer.due_at, effective_from=timer.due_at)


def _by_the_clock(resolution: Resolution, name: str, at, **data) -> Resolution:
    payload = {"number": resolution.number}
    clock = User.objects.system("timers")
    return perform(resolution, name, actor=clock, occurred_at=at, payload=payload, **data)[0]
