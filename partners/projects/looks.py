"""Colours of the states of projects, for every door."""

from partners.projects.workflow import ClaimState, EvaluationState, ProjectState

PROJECT_TONES = {
    ProjectState.PLANNED: "grey", ProjectState.PUBLISHED: "blue", ProjectState.CLAIMING: "amber",
    ProjectState.UNCLAIMED: "red", ProjectState.AWARDED: "blue", ProjectState.UNDER_WAY: "blue",
    ProjectState.DELIVERED: "amber", ProjectState.EVALUATED: "amber", ProjectState.CLOSED: "green",
    ProjectState.TERMINATED: "grey",
}  # fmt: skip
CLAIM_TONES = {
    ClaimState.SUBMITTED: "amber", ClaimState.AWARDED: "blue", ClaimState.DELIVERED: "green",
    ClaimState.DECLINED: "grey", ClaimState.WITHDRAWN: "grey", ClaimState.QUIT: "red", ClaimState.DISMISSED: "red",
}  # fmt: skip
EVALUATION_TONES = {
    EvaluationState.INVITED: "amber", EvaluationState.ANSWERED: "green", EvaluationState.REVOKED: "grey",
}  # fmt: skip
