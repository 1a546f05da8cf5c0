"""What questionnaires do when a deadline is due."""

from django.db import transaction

from governance import events
from governance.errors import Refused
from governance.models import Role, User
from governance.scoping import Grant
from governance.timers import fires
from partners.models import Survey, SurveyState
from partners.surveys.building import figures_of
from partners.surveys.deadlines import CLOSES, OPENS, REMINDER
from partners.surveys.running import survey_close, survey_open


def _clock() -> User:
    return User.objects.system("timers")


def _tell(name: str, survey: Survey, at, **more) -> None:
    events.record(name, survey, actor=_clock(), grant=Grant(Role.SYSTEM), payload=figures_of(survey) | more,
                  occurred_at=at)  # fmt: skip


@fires(OPENS)
def opens(timer) -> None:
    """Its time has come; when it cannot open after all, its makers are told."""
    survey = Survey.objects.lock(timer.subject_id)
    if survey.state != SurveyState.SCHEDULED:
        return
    try:
        with transaction.atomic():
            survey_open(survey, actor=_clock(), occurred_at=timer.due_at)
    except Refused as refusal:
        _tell("survey.not_opened", survey, timer.due_at, why=refusal.code)


@fires(CLOSES)
def closes(timer) -> None:
    """The time to answer is over."""
    survey = Survey.objects.lock(timer.subject_id)
    if survey.state == SurveyState.OPEN:
        survey_close(survey, actor=_clock(), occurred_at=timer.due_at)


@fires(REMINDER)
def reminder_due(timer) -> None:
    """Call it to the mind of those who have not answered."""
    survey = Survey.objects.lock(timer.subject_id)
    if survey.state == SurveyState.OPEN:
        _tell("survey.reminded", survey, timer.due_at)
