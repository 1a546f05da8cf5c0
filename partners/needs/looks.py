"""Colours of needs, for every door."""

from partners.models import Need, NeedState, NeedUrgency

NEED_TONES = {
    NeedState.REGISTERED: "amber", NeedState.VERIFIED: "blue", NeedState.MERGED: "grey",
    NeedState.TRANSFERRED: "violet", NeedState.ADOPTED: "violet", NeedState.DECLINED: "grey",
    NeedState.SOLVED: "green", NeedState.CALLED_BACK: "green",
}  # fmt: skip
URGENCY_TONES = {NeedUrgency.LOW: "grey", NeedUrgency.NORMAL: "blue", NeedUrgency.URGENT: "red"}


def need_tone(need: Need) -> str:
    """Return the colour of a need: red once it is overdue, or somebody said it is not solved."""
    unhappy = need.state == NeedState.CALLED_BACK and need.satisfied is False
    return "red" if need.overdue or unhappy else NEED_TONES[need.state]
