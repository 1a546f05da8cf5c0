"""Making questionnaires: drafts, their questions, copies. Doors call these through ``governance.workflow.act``."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Area, AreaKind, OrgUnit, User
from governance.scoping import grant_for, grants_of
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from partners.models import Survey, SurveyMode, SurveyQuestion, SurveyTemplate
from partners.surveys.conditions import condition_read, jumps_read
from partners.surveys.content import MOST_QUESTIONS, question_read, question_told, questions_read, questions_told
from partners.surveys.querysets import RUNS

SURVEY = "partners.survey"
# Plans reach so far ahead at most [J].
FURTHEST = timedelta(days=731)
PLAN = ("estate", "title", "introduction", "mode", "replaceable", "opens_at", "closes_at")


def figures_of(survey: Survey) -> dict:
    """Return what every event about a questionnaire tells."""
    return {"mode": survey.mode, "edition": survey.edition}


def unit_for(actor: User, area: Area) -> OrgUnit | None:
    """Return the own unit in whose name somebody asks in ``area``: of the smallest part of the city around it."""
    held = [
        grant for grant in grants_of(actor)
        if grant.role in RUNS and grant.unit_id is not None and area.path.startswith(grant.area_path)
    ]  # fmt: skip
    if not held:
        return None
    return OrgUnit.objects.get(pk=max(held, key=lambda grant: (len(grant.area_path), -grant.unit_id)).unit_id)


def survey_make(*, actor: User, area: Area, title: str, template: SurveyTemplate | None = None,
                occurred_at: datetime | None = None, **plan) -> Survey:  # fmt: skip
    """Draft a questionnaire, empty or with the questions of a template. ``plan``: names of ``PLAN``.

    Raises NotPermitted; Invalid naming a field: nothing is made then.
    """
    if template is not None:
        plan = {"introduction": template.introduction, "mode": template.mode} | plan
    return _made(actor, area, {"title": title, **plan}, template.questions if template else [], at=occurred_at)


def survey_copy(survey: Survey, *, actor: User, occurred_at: datetime | None = None) -> Survey:
    """Draft a new edition of a questionnaire the actor reads, whatever its state; no answers, no times.

    Raises NotPermitted.
    """
    plan = {name: getattr(survey, name) for name in PLAN if name not in ("opens_at", "closes_at")}
    more = {"copied_from": survey, "edition": survey.edition + 1}
    return _made(actor, survey.area, plan, questions_told(survey.questions.all()), at=occurred_at, **more)


def _made(actor: User, area: Area, plan: Mapping, questions: list, *, at: datetime | None, **more) -> Survey:
    at = at or timezone.now()
    unit = unit_for(actor, area)
    made = Survey(area=area, unit=unit, made_by=actor, made_at=at, **plan, **more)
    grant = grant_for(RUNS, made, actor)
    if grant is None or unit is None:
        raise NotPermitted(_("You may not make questionnaires here."))
    plan_check(made, at)
    read = questions_read(questions)
    with atomically():
        made.save(force_insert=True)
        _write(made, read)
        payload = figures_of(made) | {"to": made.state, "questions": len(read), "copied_from": made.copied_from_id}
        events.record("survey.made", made, actor=actor, grant=grant, payload=payload, occurred_at=at)
    return made


def _write(survey: Survey, columns: list[dict]) -> None:
    SurveyQuestion.objects.bulk_create(
        SurveyQuestion(survey=survey, position=place, **one) for place, one in enumerate(columns, 1)
    )


def plan_check(survey: Survey, at: datetime) -> None:
    """Raise Invalid, naming the field, where a plan does not hold together."""
    _words_check(survey)
    if survey.area.kind not in (AreaKind.COMMUNITY, AreaKind.GRID):
        raise Invalid(_("A community is needed."), field="area", code="too_large")
    if survey.estate is not None and not survey.area.contains(survey.estate.area):
        raise Invalid(_("This estate lies elsewhere."), field="estate", code="outside")
    if survey.mode not in SurveyMode.values:
        raise Invalid(_("Say whose answers they are."), field="mode", code="invalid_choice")
    if survey.mode == SurveyMode.ANONYMOUS:
        survey.replaceable = False  # nobody knows which was theirs
    for name in ("opens_at", "closes_at"):
        reach_check(getattr(survey, name), at, name)
    if survey.opens_at and survey.closes_at and survey.closes_at <= survey.opens_at:
        raise Invalid(_("It must close after it opens."), field="closes_at", code="order")


def _words_check(survey: Survey) -> None:
    survey.title = survey.title.strip()
    if not survey.title:
        raise Invalid(_("Say what it is called."), field="title", code="required")
    for name, most in (("title", 80), ("introduction", 2000)):
        if "\0" in getattr(survey, name) or len(getattr(survey, name)) > most:
            raise Invalid(_("At most %(most)d characters.") % {"most": most}, field=name, code="invalid")


def reach_check(moment: datetime | None, at: datetime, field: str) -> None:
    """Raise Invalid naming ``field`` for a time years away from ``at``, on either side."""
    if moment is not None and abs(moment - at) > FURTHEST:
        raise Invalid(_("A time within two years from now is needed."), field=field, code="too_far")


@carries_out(SURVEY, "change")
def survey_change(survey: Survey, *, actor: User, occurred_at: datetime | None = None, version: int | None = None,
                  reason: str = "", photos=(), **plan) -> Survey:  # fmt: skip
    """Change the plan of a draft. ``plan``: names of ``PLAN``. Raises as ``survey_make``."""
    with atomically():
        wanted = Survey.objects.lock(survey.pk)
        for name in PLAN:
            if name in plan:
                setattr(wanted, name, plan[name])
        plan_check(wanted, occurred_at or timezone.now())
        given = {name: getattr(wanted, name) for name in PLAN}
        return perform(survey, "change", actor=actor, version=version, reason=reason, occurred_at=occurred_at,
                       payload=figures_of(wanted), **given)[0]  # fmt: skip


def _step(survey: Survey, name: str, actor: User, given: Mapping, **payload) -> Survey:
    """``perform`` with what every door gives."""
    kept = {one: given[one] for one in ("version", "reason", "occurred_at") if one in given}
    return perform(survey, name, actor=actor, payload=figures_of(survey) | payload, **kept)[0]


@carries_out(SURVEY, "add_question")
def question_add(survey: Survey, *, actor: User, position: int | None = None, question: Mapping | None = None,
                 photos=(), **given) -> Survey:  # fmt: skip
    """Add a question (``content``; its key is found when it has none) at a place, or at the end.

    Raises NotPermitted, Conflict, Invalid.
    """
    with atomically():
        fresh = _step(survey, "add_question", actor, given)
        keys = set(fresh.questions.values_list("key", flat=True))
        if len(keys) >= MOST_QUESTIONS:
            raise Conflict(_("There are as many questions as anybody answers."), code="too_many")
        question = dict(question or {})
        question.setdefault("key", next(f"q{n}" for n in range(1, 1000) if f"q{n}" not in keys))
        columns = question_read(question)
        if columns["key"] in keys:
            raise Invalid(_("Two questions have the same key."), field="key", code="twice")
        made = SurveyQuestion.objects.create(survey=fresh, position=len(keys) + 1, **columns)
        if position is not None:
            _put(fresh, made, position)
    return fresh


def question_of(survey: Survey, key: str) -> SurveyQuestion:
    """Return a question by its key. Raises Invalid naming ``question``."""
    found = survey.questions.filter(key=key).first() if "\0" not in key else None
    if found is None:
        raise Invalid(_("There is no such question."), field="question", code="unknown_question")
    return found


@carries_out(SURVEY, "change_question")
def question_change(survey: Survey, *, actor: User, key: str, question: Mapping, photos=(), **given) -> Survey:
    """Change words, options and bounds of a question; its key and when it is asked stay. Raises as ``question_add``."""
    with atomically():
        fresh = _step(survey, "change_question", actor, given)
        found = question_of(fresh, key)
        kept = {name: question_told(found)[name] for name in ("key", "show_if", "jumps")}
        _set(found, question_read({**question, **kept}))
    return fresh


def _set(question: SurveyQuestion, columns: Mapping) -> None:
    for name, value in columns.items():
        setattr(question, name, value)
    question.save()


@carries_out(SURVEY, "branch_question")
def question_branch(survey: Survey, *, actor: User, key: str, show_if: object, jumps: object, photos=(),
                    **given) -> Survey:  # fmt: skip
    """Set when a question is asked and where it leads. Raises as ``question_add``."""
    with atomically():
        fresh = _step(survey, "branch_question", actor, given)
        found = question_of(fresh, key)
        _set(found, {"show_if": condition_read(show_if), "jumps": jumps_read(jumps)})
    return fresh


@carries_out(SURVEY, "move_question")
def question_move(survey: Survey, *, actor: User, key: str, position: int, photos=(), **given) -> Survey:
    """Put a question at another place, counted from 1. Raises as ``question_add``."""
    with atomically():
        fresh = _step(survey, "move_question", actor, given)
        _put(fresh, question_of(fresh, key), position)
    return fresh


def _put(survey: Survey, question: SurveyQuestion, position: int) -> None:
    rows = [row for row in survey.questions.order_by("position") if row.pk != question.pk]
    rows.insert(max(0, min(position - 1, len(rows))), question)
    for place, row in enumerate(rows, 1):
        row.position = place
    SurveyQuestion.objects.bulk_update(rows, ["position"])


@carries_out(SURVEY, "drop_question")
def question_drop(survey: Survey, *, actor: User, key: str, photos=(), **given) -> Survey:
    """Drop a question; those behind move up. Conditions that asked of it are shown as problems until mended."""
    with atomically():
        fresh = _step(survey, "drop_question", actor, given)
        found = question_of(fresh, key)
        fresh.questions.filter(position__gt=found.position).update(position=F("position") - 1)
        found.delete()
    return fresh


@carries_out(SURVEY, "set_questions")
def questions_set(survey: Survey, *, actor: User, questions: list, photos=(), **given) -> Survey:
    """Replace all questions of a draft by those given as JSON. Raises as ``question_add``."""
    read = questions_read(questions)
    with atomically():
        fresh = _step(survey, "set_questions", actor, given, questions=len(read))
        fresh.questions.all().delete()
        _write(fresh, read)
    return fresh
