"""Opening, closing and publishing questionnaires. Doors call these through ``governance.workflow.act``."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid
from governance.models import User
from governance.scoping import grant_for
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from partners.models import Survey, SurveyState
from partners.surveys.building import SURVEY, figures_of, reach_check
from partners.surveys.checking import problems
from partners.surveys.deadlines import closing_timers, opening_timer, timers_stop
from partners.surveys.querysets import RUNS, SYSTEM


def ready_check(survey: Survey, at: datetime) -> None:
    """Raise Conflict where questions are not in order, Invalid where the times are not."""
    questions = list(survey.questions.all())
    found = problems([question.asked for question in questions])
    if found:
        numbers = {question.key: question.position for question in questions}
        first = found[0]
        told = f"{numbers[first.key]}. {first.detail}" if first.key else first.detail
        raise Conflict(told, field="questions", code=first.code)
    if survey.closes_at is None:
        raise Invalid(_("Say when it closes."), field="closes_at", code="required")
    if survey.closes_at <= at:
        raise Invalid(_("This time has passed."), field="closes_at", code="past")


def _ready(survey: Survey, actor: User, at: datetime) -> None:
    """Judge a draft that this actor may open; of others ``perform`` says why not."""
    locked = Survey.objects.lock(survey.pk)
    if locked.state in (SurveyState.DRAFT, SurveyState.SCHEDULED) and grant_for(RUNS | SYSTEM, locked, actor):
        ready_check(locked, at)


@carries_out(SURVEY, "schedule")
def survey_schedule(survey: Survey, *, actor: User, occurred_at: datetime | None = None, photos=(), **given) -> Survey:
    """Finish a draft: it opens by itself at its time. Raises NotPermitted, Conflict, Invalid."""
    at = occurred_at or timezone.now()
    with atomically():
        _ready(survey, actor, at)
        fresh = perform(survey, "schedule", actor=actor, occurred_at=at, payload=figures_of(survey), **given)[0]
        if fresh.opens_at is None or fresh.opens_at <= at:
            raise Invalid(_("Say when it opens, or open it now."), field="opens_at", code="required")
        opening_timer(fresh)
    return fresh


@carries_out(SURVEY, "recall")
def survey_recall(survey: Survey, *, actor: User, photos=(), **given) -> Survey:
    """Back to the draft. Raises NotPermitted, Conflict, Invalid."""
    with atomically():
        fresh = perform(survey, "recall", actor=actor, payload=figures_of(survey), **given)[0]
        timers_stop(fresh)
    return fresh


@carries_out(SURVEY, "open")
def survey_open(survey: Survey, *, actor: User, occurred_at: datetime | None = None, photos=(), **given) -> Survey:
    """Open it now: residents of its place are told. Raises NotPermitted, Conflict (a question is wrong), Invalid."""
    at = occurred_at or timezone.now()
    with atomically():
        _ready(survey, actor, at)
        fresh = perform(survey, "open", actor=actor, occurred_at=at, payload=figures_of(survey), opened_at=at, **given)[
            0
        ]
        timers_stop(fresh)
        closing_timers(fresh, at)
    return fresh


@carries_out(SURVEY, "extend")
def survey_extend(survey: Survey, *, actor: User, closes_at: datetime, occurred_at: datetime | None = None, photos=(),
                  **given) -> Survey:  # fmt: skip
    """Let it close at another time to come. Raises NotPermitted, Conflict, Invalid."""
    at = occurred_at or timezone.now()
    reach_check(closes_at, at, "closes_at")
    if closes_at <= at:
        raise Invalid(_("This time has passed."), field="closes_at", code="past")
    with atomically():
        payload = figures_of(survey) | {"closes": closes_at.isoformat()}
        fresh = perform(survey, "extend", actor=actor, occurred_at=at, payload=payload, closes_at=closes_at, **given)[0]
        closing_timers(fresh, at)
    return fresh


@carries_out(SURVEY, "close")
def survey_close(survey: Survey, *, actor: User, occurred_at: datetime | None = None, photos=(), **given) -> Survey:
    """End it: nothing more is answered; papers can still be entered. Raises NotPermitted, Conflict, Invalid."""
    at = occurred_at or timezone.now()
    with atomically():
        locked = Survey.objects.lock(survey.pk)
        payload = figures_of(locked) | {"answers": locked.sheets.count()}
        fresh = perform(survey, "close", actor=actor, occurred_at=at, payload=payload, closed_at=at, **given)[0]
        timers_stop(fresh)
    return fresh


@carries_out(SURVEY, "publish")
def survey_publish(survey: Survey, *, actor: User, occurred_at: datetime | None = None, photos=(), **given) -> Survey:
    """Let residents read the figures; no more papers are entered. Raises NotPermitted, Conflict, Invalid."""
    at = occurred_at or timezone.now()
    payload = figures_of(survey) | {"answers": survey.sheets.count()}
    return perform(survey, "publish", actor=actor, occurred_at=at, payload=payload, published_at=at, **given)[0]


@carries_out(SURVEY, "withdraw")
def survey_withdraw(survey: Survey, *, actor: User, photos=(), **given) -> Survey:
    """Take it back. Raises NotPermitted, Conflict, Invalid (a reason is needed)."""
    with atomically():
        fresh = perform(survey, "withdraw", actor=actor, payload=figures_of(survey), **given)[0]
        timers_stop(fresh)
    return fresh
