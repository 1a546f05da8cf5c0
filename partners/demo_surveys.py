"""Questionnaires in the fictional city: one open with answers of some dozen dwellings, an earlier one with published
results, and a draft.

Told through the services, at the times at which it would have happened. Needs the fixtures of the city loaded.
"""

from datetime import datetime, time, timedelta
from random import Random

from django.db import transaction
from django.utils import timezone

from governance.clock import SHANGHAI
from governance.models import Area, Dwelling, Estate, Notice, User
from governance.workflow import act
from partners.models import SheetWay, Survey, SurveyTemplate
from partners.surveys.answering import form_token, sheet_enter, sheet_submit
from partners.surveys.building import survey_make
from partners.surveys.homes import dwellings_asked, dwellings_of

DAY = timedelta(days=1)
MAKER, ASKERS = "partners.liudi", ("steward.liudi", "community.liudi")
AREA, ESTATE = "990102001002", "GZY"
ONLINE = ("resident", *(f"neighbour.{number}" for number in range(1, 7)))
ELDER_NEEDS = ["meals", "care", "phone", "doctor", "chat", "repair"]
WHY = ["楼道灯经常坏，报修后要等好几天", "电动车充电太少，晚上抢不到", "活动通知看不到，老人不会用手机"]
WISHES = [
    "希望开办社区食堂，老人吃饭方便", "寒暑假孩子没人带，能不能办托管班", "中心花园杂草多，邻居们愿意一起种花",
    "多教老人用手机挂号、缴费", "周末有法律咨询就好了", "健身器材坏了两件", "",
]  # fmt: skip
ROLL = 36  # dwellings that have answered the open one


def load_surveys(*, now: datetime | None = None) -> int:
    """Write the questionnaires; returns how many there are."""
    now = now or timezone.now()
    with transaction.atomic():
        _earlier(now)
        _open(now)
        _draft(now)
    return Survey.objects.count()


def _person(username: str) -> User:
    return User.objects.get(username=username)


def _at(now: datetime, days: int, hour: int) -> datetime:
    return datetime.combine(now.astimezone(SHANGHAI).date() + days * DAY, time(hour), SHANGHAI)


def _make(template: str, at: datetime, **given) -> Survey:
    return survey_make(
        actor=_person(MAKER), area=Area.objects.get(code=AREA), template=SurveyTemplate.objects.get(code=template),
        occurred_at=at, **given,
    )  # fmt: skip


def _step(survey: Survey, name: str, at: datetime) -> Survey:
    return act(survey, name, actor=_person(MAKER), occurred_at=at)


def _open(now: datetime) -> None:
    """Asked for five days: online, at the door by the steward, on paper in the community's box."""
    opens, random = _at(now, -5, 9), Random(2026)
    survey = _make("needs", opens - DAY, title="2026年居民需求调查", closes_at=_at(now, 9, 18))
    survey = _step(survey, "open", opens)
    for number, username in enumerate(ONLINE):
        person = _person(username)
        home = dwellings_of(person, survey).first()
        if home is not None:
            at = min(opens + number // 2 * DAY + timedelta(hours=3 + 7 * (number % 2)), now)
            sheet_submit(survey, actor=person, answers=_needs(random), dwelling=home, occurred_at=at)
    left = dwellings_asked(survey).exclude(pk__in=survey.sheets.values("dwelling_id"))
    for number, home in enumerate(left[: ROLL - survey.sheets.count()]):
        _asked(
            survey, home, min(opens + number // 7 * DAY + timedelta(hours=1 + number % 7), now), number, _needs(random)
        )


def _asked(survey: Survey, home: Dwelling, at: datetime, number: int, answers: dict) -> None:
    way = SheetWay.DOOR if number % 3 else SheetWay.PAPER
    asker = _person(ASKERS[way == SheetWay.PAPER])
    sheet_enter(survey, actor=asker, answers=answers, way=way, dwelling=home, occurred_at=at)


def _needs(random: Random) -> dict:
    """Return what a household of the old estate says: many have elders, some children."""
    who = [key for key, share in (("elder", 0.6), ("child", 0.35), ("baby", 0.15)) if random.random() < share]
    content = random.choices([1, 2, 3, 4, 5], [1, 3, 8, 12, 6])[0]
    places = random.sample(["garden", "sport", "parking", "lift"], 4)
    answers = {
        "who": {"choices": who or ["adult"]}, "content": {"number": content}, "places": {"choices": places},
        "hours": {"choices": [random.choices(["yes", "sometimes", "no"], [4, 5, 3])[0]]},
        "wish": {"text": random.choice(WISHES)}, "why": {"text": random.choice(WHY)},
        "elder_needs": {"choices": random.sample(ELDER_NEEDS[:4], 2)},
        "child_needs": {"choices": [random.choices(["holiday", "after", "reading"], [5, 3, 2])[0]]},
    }  # fmt: skip
    if random.random() < 0.1:
        answers["elder_needs"] = {"choices": ["other"], "other": "理发上门"}
    return answers


def _earlier(now: datetime) -> None:
    """Anonymous, after the dumplings of the neighbours; closed by itself and published."""
    opens, random = _at(now, -60, 9), Random(2025)
    survey = _make("after_event", opens - DAY, title="中秋邻里活动满意度调查", closes_at=_at(now, -50, 18),
                   estate=Estate.objects.get(code=ESTATE))  # fmt: skip
    survey = _step(survey, "open", opens)
    for number in range(27):
        good = ["good", "good", "fair", "good", "bad"]
        cells = {"cells": {row: random.choice(good) for row in ("time", "place", "content")}}
        answers = {"content": {"number": random.choice([3, 4, 4, 5, 5])}, "parts": cells,
                   "again": {"number": random.choice([6, 7, 8, 8, 9, 10])},
                   "words": {"text": "希望多办几次" if number % 6 == 0 else ""}}  # fmt: skip
        at = opens + number // 3 * DAY + timedelta(hours=1 + 4 * (number % 3))
        sheet_submit(
            survey, actor=User.objects.system("public"), answers=answers, form=form_token(survey), occurred_at=at
        )
    survey = _step(survey, "close", survey.closes_at)
    survey = _step(survey, "publish", survey.closes_at + 2 * DAY)
    # what residents were told then they have read long ago
    Notice.objects.filter(url__contains=survey.code).delete()


def _draft(now: datetime) -> None:
    """Begun yesterday, for the estate alone."""
    _make("charging", now - DAY, title="桂子苑电动车充电需求调查", estate=Estate.objects.get(code=ESTATE))
