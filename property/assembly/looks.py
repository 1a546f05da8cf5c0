"""Colours of the states of an assembly's objects, for every door."""

from property.assembly.agenda_workflow import AgendaState
from property.assembly.follow_up_workflow import FollowUpState
from property.assembly.invitation_workflow import InvitationState
from property.assembly.months import MonthState
from property.assembly.session_workflow import SessionState

SESSION_TONES = {
    SessionState.DRAFT: "grey",
    SessionState.COLLECTING: "violet",
    SessionState.NOTICED: "blue",
    SessionState.IN_SESSION: "amber",
    SessionState.MINUTING: "amber",
    SessionState.CONFIRMED: "green",
    SessionState.PUBLISHED: "green",
    SessionState.ARCHIVED: "grey",
    SessionState.POSTPONED: "red",
    SessionState.INQUORATE: "red",
    SessionState.CANCELLED: "grey",
}
INVITATION_TONES = {
    InvitationState.INVITED: "grey",
    InvitationState.COMING: "blue",
    InvitationState.DECLINED: "amber",
    InvitationState.ATTENDED: "green",
    InvitationState.LEFT: "amber",
    InvitationState.ABSENT: "red",
    InvitationState.WITHDRAWN: "grey",
}
TOPIC_TONES = {
    AgendaState.PROPOSED: "amber",
    AgendaState.ACCEPTED: "blue",
    AgendaState.REJECTED: "grey",
    AgendaState.WITHDRAWN: "grey",
    AgendaState.DECIDED: "green",
    AgendaState.NOTED: "violet",
    AgendaState.DEFERRED: "amber",
}
FOLLOW_UP_TONES = {
    FollowUpState.ASSIGNED: "violet",
    FollowUpState.ACCEPTED: "blue",
    FollowUpState.IN_PROGRESS: "blue",
    FollowUpState.AWAITING: "amber",
    FollowUpState.CLOSED: "green",
    FollowUpState.RETURNED: "red",
    FollowUpState.ESCALATED: "red",
}
MONTH_TONES = {
    MonthState.HELD: "green",
    MonthState.MISSED: "red",
    MonthState.LATE: "red",
    MonthState.COMING: "blue",
    MonthState.NOT_DUE: "grey",
}
