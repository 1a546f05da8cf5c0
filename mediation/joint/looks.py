"""Colours of joint work, for every door."""

TONES = {
    "requested": "amber", "accepted": "blue", "carried_out": "green", "declined": "grey", "withdrawn": "grey",
    "invited": "amber", "working": "violet", "result": "green", "asked": "amber", "overdue": "red",
    "answered": "blue", "closed": "grey", "planned": "amber", "held": "green", "cancelled": "grey",
    "active": "green", "suspended": "amber", "left": "grey", "proposed": "amber", "expired": "grey",
    "thanked": "green", "ended": "grey", "given_up": "grey",
}  # fmt: skip


def tone_of(row) -> str:
    """Return the colour of the state of a row."""
    return TONES.get(row.state, "grey")
