"""Answers that become needs: an answer in words, or an option that many chose."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.errors import Conflict, Invalid
from governance.models import User
from governance.transactions import atomically
from governance.workflow import carries_out, perform
from partners.models import QuestionKind, Survey, SurveyAnswer, SurveyMark, SurveyQuestion
from partners.surveys.branching import OTHER
from partners.surveys.building import SURVEY, figures_of, question_of
from partners.surveys.needs_link import Candidate, need_make
from partners.surveys.signals import answers_marked

LONGEST_TITLE, LONGEST_TEXT = 80, 2000
IN_WORDS = (QuestionKind.SHORT, QuestionKind.LONG)


def _of_words(survey: Survey, row: SurveyAnswer, title: str, text: str) -> Candidate:
    return Candidate(
        title=title[:LONGEST_TITLE], text=text, area_id=survey.area_id, estate_id=survey.estate_id,
        question=row.question.key, sheet=row.sheet_id, person_id=row.sheet.person_id, dwelling_id=row.sheet.dwelling_id,
    )  # fmt: skip


@carries_out(SURVEY, "make_need")
def answer_make_need(survey: Survey, *, actor: User, question: str, title: str, text: str = "", sheet: str | UUID = "",
                     option: str = "", occurred_at: datetime | None = None, photos=(), **given) -> Survey:  # fmt: skip
    """Make an answer a need: of the question with that key, in words (``sheet``) or an ``option`` people chose.

    ``title`` and ``text`` are what the need says; without a text it is what was answered. An anonymous answer yields no
    person. Raises NotPermitted; Conflict (nobody keeps needs; made one already); Invalid.
    """
    at = occurred_at or timezone.now()
    kept = {name: given[name] for name in ("version", "reason") if name in given}
    with atomically():
        fresh = perform(survey, "make_need", actor=actor, occurred_at=at,
                        payload=figures_of(survey) | {"question": question, "option": option}, **kept)[0]  # fmt: skip
        asked = question_of(fresh, question)
        candidate = _candidate(fresh, asked, title.strip(), text.strip(), sheet, option)
        mark = SurveyMark(survey=fresh, area_id=fresh.area_id, question=asked, sheet_id=candidate.sheet, option=option,
                          title=candidate.title, text=candidate.text, made_by=actor, made_at=at)  # fmt: skip
        try:
            with transaction.atomic():
                mark.save(force_insert=True)
        except IntegrityError as error:
            raise Conflict(_("This was made a need already."), code="made") from error
        need = need_make(candidate, actor=actor, survey=fresh)
        mark.need, mark.need_label = getattr(need, "pk", None), str(need or "")[:120]
        mark.save(update_fields=["need", "need_label"])
        answers_marked.send(SurveyMark, mark=mark, candidate=candidate, actor=actor)
    return fresh


def _candidate(survey: Survey, asked: SurveyQuestion, title: str, text: str, sheet, option: str) -> Candidate:
    if not title or len(title) > LONGEST_TITLE or "\0" in title:
        raise Invalid(_("A title of at most %(most)d characters is needed.") % {"most": LONGEST_TITLE}, field="title")
    if len(text) > LONGEST_TEXT or "\0" in text:
        raise Invalid(_("At most %(most)d characters.") % {"most": LONGEST_TEXT}, field="text")
    if option:
        return _of_option(survey, asked, title, text, option)
    row = (
        SurveyAnswer.objects.filter(question=asked, sheet=_uuid(sheet)).exclude(text="").select_related("sheet").first()
    )
    if row is None:
        raise Invalid(_("There is no such answer in words."), field="sheet", code="does_not_exist")
    row.question = asked
    return _of_words(survey, row, title, text or row.text)


def _of_option(survey: Survey, asked: SurveyQuestion, title: str, text: str, option: str) -> Candidate:
    known = {one["key"] for one in asked.options} | ({OTHER} if asked.other else set())
    count = SurveyAnswer.objects.filter(question=asked, choices__contains=[option]).count() if option in known else 0
    if not count:
        raise Invalid(_("Nobody chose this option."), field="option", code="does_not_exist")
    return Candidate(
        title=title, text=text or f"{asked.text} {asked.text_of(option)}", area_id=survey.area_id,
        estate_id=survey.estate_id, question=asked.key, option=option, count=count,
    )  # fmt: skip


def _uuid(value: str | UUID) -> UUID | None:
    try:
        return value if isinstance(value, UUID) else UUID(value)
    except ValueError:
        return None
