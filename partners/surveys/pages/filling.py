"""The pages on which a questionnaire is filled in: one question after the other, or all at once."""

import json
from collections.abc import Callable
from http import HTTPStatus

from django.shortcuts import render

from governance.errors import Invalid
from partners.models import Survey, SurveyMode
from partners.surveys.answering import form_token
from partners.surveys.answers import judge, judged
from partners.surveys.branching import next_key, path
from partners.surveys.content import questions_told
from partners.surveys.filling import Field, carried_of, raw_of, raws_of
from partners.surveys.homes import dwellings_of


class Filling:
    """One request of somebody who fills a questionnaire in. ``send``: the address it is sent to; ``trial``: a try."""

    def __init__(self, request, survey: Survey, *, send: str, trial: bool = False):
        self.request, self.survey, self.send, self.trial = request, survey, send, trial
        self.questions = list(survey.questions.all())
        self.asked = [question.asked for question in self.questions]

    def answer(self, sent: Callable[[dict], object]):
        """Answer the request; ``sent(answers)`` is called with those of somebody who has come to the end."""
        post = self.request.POST
        if self.request.method != "POST":
            return self._all({}) if "all" in self.request.GET else self._one(None, {})
        if "all" in post:
            return sent(raws_of(self.questions, post))
        return self._on(sent, carried_of(self.questions, post.get("carried", "")), post.get("at", ""))

    def _on(self, sent, carried: dict, at: str):
        question = next((one for one in self.questions if one.key == at), None)
        if question is None:
            return self._one(None, carried)
        raw = raw_of(question, self.request.POST)
        carried = {key: value for key, value in carried.items() if key != at} | ({at: raw} if raw else {})
        if "back" in self.request.POST:
            return self._one(self._before(carried, at), carried)
        try:
            judge(question.asked, raw)
        except Invalid as refusal:
            return self._one(at, carried, error=str(refusal.detail), status=HTTPStatus.BAD_REQUEST)
        following = next_key(self.asked, judged(self.asked, carried).answers, at)
        return sent(carried) if following is None else self._one(following, carried)

    def _before(self, carried: dict, at: str) -> str | None:
        way = path(self.asked, judged(self.asked, carried).answers)
        place = way.index(at) if at in way else 0
        return way[place - 1] if place else None

    def wrong(self, refusal: Invalid, answers: dict):
        """Show what is wrong where it was answered."""
        status = HTTPStatus.BAD_REQUEST
        if "all" in self.request.POST:
            return self._all(answers, refusal=refusal, status=status)
        known = refusal.field in {one.key for one in self.questions}
        return self._one(refusal.field if known else None, answers, error=str(refusal.detail), status=status)

    def _common(self) -> dict:
        homes = []
        if self.survey.mode == SurveyMode.DWELLING and not self.trial and self.request.user.is_authenticated:
            homes = list(dwellings_of(self.request.user, self.survey))
        return {
            "survey": self.survey, "send": self.send, "trial": self.trial, "homes": homes,
            "dwelling": self.request.POST.get("dwelling", ""),
            "form": self.request.POST.get("form") or form_token(self.survey),
        }  # fmt: skip

    def _one(self, key: str | None, carried: dict, *, error: str = "", status: int = HTTPStatus.OK):
        way = path(self.asked, judged(self.asked, carried).answers)
        key = key or (way[0] if way else None)
        question = next((one for one in self.questions if one.key == key), None)
        place = way.index(key) + 1 if key in way else 1
        context = self._common() | {
            "field": Field(question, carried.get(key, {}), error) if question else None,
            "carried": json.dumps(carried, ensure_ascii=False), "place": place, "of": len(way), "first": place == 1,
            "last": place == len(way),
        }  # fmt: skip
        return render(self.request, "partners/surveys/residents/one.html", context, status=status)

    def _all(self, answers: dict, *, refusal: Invalid | None = None, status: int = HTTPStatus.OK):
        found = judged(self.asked, answers) if answers else None
        wrong = {key: str(one.detail) for key, one in found.wrong.items()} if found else {}
        way = path(self.asked, found.answers if found else {})
        fields = [Field(one, answers.get(one.key, {}), wrong.get(one.key, "")) for one in self.questions]
        context = self._common() | {
            "fields": [(field, field.question.key in way) for field in fields],
            "refusal": "" if refusal is None or refusal.field in wrong else str(refusal.detail),
            "told": questions_told(self.questions),
        }  # fmt: skip
        return render(self.request, "partners/surveys/residents/all.html", context, status=status)
