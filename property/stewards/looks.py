"""The tones of states, as pages of the desk and of the phone both show them."""

from property.models import DisputeUrgency, DutyState, RequestState, ShiftState, SightingState

SHIFT_TONES = {ShiftState.PLANNED: "violet", ShiftState.CALLED_OFF: "grey"}
DUTY_TONES = {
    DutyState.TAKEN: "violet", DutyState.UNDER_WAY: "blue", DutyState.DONE: "green", DutyState.NO_SHOW: "red",
    DutyState.EXCUSED: "grey", DutyState.GIVEN_UP: "grey", DutyState.CALLED_OFF: "grey",
}  # fmt: skip
REQUEST_TONES = {
    RequestState.ASKED: "amber", RequestState.ACCEPTED: "green", RequestState.DECLINED: "grey",
    RequestState.WITHDRAWN: "grey",
}  # fmt: skip
SIGHTING_TONES = {
    SightingState.HANDED_OVER: "amber", SightingState.TAKEN: "blue", SightingState.DISMISSED: "grey",
    SightingState.BECAME_CASE: "green",
}  # fmt: skip
URGENCY_TONES = {DisputeUrgency.URGENT: "red", DisputeUrgency.NORMAL: "grey"}
