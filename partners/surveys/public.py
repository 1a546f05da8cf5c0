"""What residents read of questionnaires: those of their place, the questions, and the published figures."""

from collections.abc import Sequence

from django.db.models import Q
from django.utils import timezone

from governance.models import User
from partners.models import Survey, SurveyAnswerSheet, SurveyMode, SurveyState
from partners.surveys.branching import plain
from partners.surveys.content import questions_told
from partners.surveys.homes import dwellings_of, homes_of_person
from partners.surveys.results import QuestionResult, Results, published, results_of


def is_open(survey: Survey) -> bool:
    """Tell whether it is answered now."""
    return survey.state == SurveyState.OPEN and timezone.now() < survey.closes_at


def survey_line(survey: Survey) -> dict:
    """Return a questionnaire as residents' lists show it."""
    return {
        "code": survey.code, "title": survey.title, "state": survey.state, "state_label": survey.get_state_display(),
        "for_whom": survey.for_text, "unit": survey.unit.name, "mode": survey.mode,
        "mode_label": survey.get_mode_display(), "closes_at": survey.closes_at, "open": is_open(survey),
    }  # fmt: skip


def survey_told(survey: Survey, user: User) -> dict:
    """Return a questionnaire with its questions, for filling in: about five statements."""
    homes = homes_told(survey, user)
    return survey_line(survey) | {
        "introduction": survey.introduction, "replaceable": survey.replaceable, "questions": questions_told(
            survey.questions.all()
        ),
        "homes": homes, "answered": answered_by(survey, user, homes),
    }  # fmt: skip


def homes_told(survey: Survey, user: User) -> list[dict]:
    """Return the dwellings for which somebody may answer, with whether there is an answer."""
    if survey.mode != SurveyMode.DWELLING or not user.is_authenticated:
        return []
    rows = list(dwellings_of(user, survey))
    there = set(survey.sheets.filter(dwelling__in=rows).values_list("dwelling_id", flat=True))
    return [{"code": row.code, "address": row.address, "answered": row.pk in there} for row in rows]


def answered_by(survey: Survey, user: User, homes: list[dict]) -> bool | None:
    """Tell whether everything somebody can answer is answered; None where it is anonymous: nobody knows."""
    if survey.mode == SurveyMode.ANONYMOUS or not user.is_authenticated:
        return None
    if survey.mode == SurveyMode.PERSON:
        return survey.sheets.filter(person=user).exists()
    return bool(homes) and all(home["answered"] for home in homes)


def answered_of(surveys: Sequence[Survey], user: User) -> dict[int, bool | None]:
    """Return ``answered_by`` of many questionnaires by their ids; two statements for any number."""
    homes = {row["pk"]: row for row in homes_of_person(user).values("pk", "building__estate", "area__path")}
    mine = Q(person=user) | Q(dwelling__in=homes)
    rows = SurveyAnswerSheet.objects.filter(mine, survey__in=surveys).order_by()
    there = set(rows.values_list("survey_id", "dwelling_id"))
    found: dict[int, bool | None] = {}
    for one in surveys:
        if one.mode == SurveyMode.DWELLING:
            asked = [pk for pk, home in homes.items() if _lies_in(home, one)]
            found[one.pk] = bool(asked) and all((one.pk, pk) in there for pk in asked)
        else:
            found[one.pk] = (one.pk, None) in there if one.mode == SurveyMode.PERSON else None
    return found


def _lies_in(home: dict, survey: Survey) -> bool:
    if survey.estate_id is not None:
        return home["building__estate"] == survey.estate_id
    return home["area__path"].startswith(survey.area.path)


def results_told(survey: Survey) -> dict:
    """Return the figures as residents read them."""
    return figures_told(published(results_of(survey)))


def figures_told(results: Results) -> dict:
    """Return figures as JSON."""
    return {
        "sheets": results.sheets, "asked": results.asked, "share": results.share, "ways": results.ways,
        "questions": [_question_told(one) for one in results.questions],
    }  # fmt: skip


def _question_told(result: QuestionResult) -> dict:
    question = result.question
    cells = [vars(cell) for cell in result.cells]
    rows = [{"label": label, "cells": [vars(cell) for cell in row]} for label, row in result.rows]
    return {
        "key": question.key, "kind": question.kind, "kind_label": question.get_kind_display(), "text": question.text,
        "unit": question.unit, "answered": result.answered, "cells": cells, "rows": rows, "mean": result.mean,
        "least": None if result.least is None else plain(result.least),
        "most": None if result.most is None else plain(result.most),
    }  # fmt: skip
