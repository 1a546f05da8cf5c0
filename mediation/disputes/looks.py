"""Colours of disputes, for every door."""

from mediation.models import Dispute, DisputeState, DisputeTier

S = DisputeState
DISPUTE_TONES = {
    S.REGISTERED: "amber", S.AWAITING_CONSENT: "amber", S.ACCEPTED: "blue", S.MEDIATING: "blue", S.AGREED: "green",
    S.TERMINATED: "red", S.CLOSED: "grey", S.ARCHIVED: "grey", S.DECLINED: "grey", S.REFERRED: "violet",
    S.REOPENED: "red",
}  # fmt: skip
TIER_TONES = {DisputeTier.GENERAL: "grey", DisputeTier.COMPLEX: "amber", DisputeTier.MAJOR: "red"}
ANSWER_TONES = {"agreed": "green", "refused": "red", "withdrawn": "red"}
RECUSAL_TONES = {"asked": "amber", "upheld": "red", "rejected": "grey", "withdrawn": "grey"}


def dispute_tone(dispute: Dispute) -> str:
    """Return the colour of a dispute: red once its term is over."""
    return "red" if dispute.term_over else DISPUTE_TONES[dispute.state]
