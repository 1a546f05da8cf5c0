"""Colours of the states of rewards and redemptions, for every door."""

from partners.rewards.workflow import RedemptionState, RewardState

REWARD_TONES = {
    RewardState.DRAFT: "grey", RewardState.OFFERED: "green", RewardState.PAUSED: "amber", RewardState.ENDED: "grey",
}  # fmt: skip
REDEMPTION_TONES = {
    RedemptionState.HELD: "blue", RedemptionState.FULFILLED: "green", RedemptionState.CANCELLED: "grey",
    RedemptionState.TIMED_OUT: "amber", RedemptionState.RETURNED: "red",
}  # fmt: skip
