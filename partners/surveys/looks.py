"""Colours of the states of questionnaires, for every door."""

from partners.surveys.workflow import SurveyState

SURVEY_TONES = {
    SurveyState.DRAFT: "grey", SurveyState.SCHEDULED: "violet", SurveyState.OPEN: "blue", SurveyState.CLOSED: "amber",
    SurveyState.PUBLISHED: "green", SurveyState.WITHDRAWN: "red",
}  # fmt: skip
