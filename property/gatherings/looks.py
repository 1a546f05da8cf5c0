"""Colours of the states around neighbours' events, for every door."""

from property.gatherings.event_workflow import EventState
from property.gatherings.photo_workflow import ConsentState, PhotoState
from property.gatherings.sign_up_workflow import SignUpState, VolunteeringState
from property.gatherings.skill_workflow import MatchState, SkillState

EVENT_TONES = {
    EventState.DRAFT: "grey", EventState.PUBLISHED: "blue", EventState.CLOSED: "violet", EventState.UNDER_WAY: "amber",
    EventState.HELD: "green", EventState.SETTLED: "green", EventState.POSTPONED: "red", EventState.CANCELLED: "grey",
}  # fmt: skip
SIGN_UP_TONES = {
    SignUpState.WAITING: "amber", SignUpState.OFFERED: "violet", SignUpState.SIGNED_UP: "blue",
    SignUpState.CANCELLED: "grey", SignUpState.LAPSED: "grey", SignUpState.CHECKED_IN: "green",
    SignUpState.NO_SHOW: "grey",
}  # fmt: skip
HAND_TONES = {
    VolunteeringState.SIGNED_UP: "blue", VolunteeringState.HERE: "amber", VolunteeringState.DONE: "green",
    VolunteeringState.CANCELLED: "grey", VolunteeringState.NO_SHOW: "grey",
}  # fmt: skip
PHOTO_TONES = {PhotoState.KEPT: "blue", PhotoState.TAKEN_DOWN: "grey"}
CONSENT_TONES = {ConsentState.ASKED: "amber", ConsentState.CONSENTED: "green", ConsentState.REFUSED: "red"}
SKILL_TONES = {SkillState.OPEN: "blue", SkillState.WITHDRAWN: "grey", SkillState.TAKEN_DOWN: "red"}
MATCH_TONES = {
    MatchState.PROPOSED: "amber", MatchState.CONFIRMED: "blue", MatchState.DONE: "green", MatchState.REFUSED: "grey",
    MatchState.CALLED_OFF: "grey",
}  # fmt: skip
