"""Some weeks of neighbours' events in the fictional city: held and settled, called off, a festival to come.

Told through the services, at the times at which it would have happened. Needs the fixtures of the city loaded.
"""

from datetime import datetime, time, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from governance.clock import SHANGHAI
from governance.models import Area, Estate, User
from governance.workflow import act
from property.gatherings.attendance import event_check_in
from property.gatherings.check_in import code_of
from property.gatherings.feedback import feedback_give
from property.gatherings.planning import event_plan
from property.gatherings.signing import sign_up
from property.gatherings.skills import match_propose, skill_add
from property.gatherings.volunteers import volunteer
from property.models import NeighbourEvent, PartyOrganisation, SignUp, SkillCategory, Volunteering

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ORGANISER = "organiser.liudi"
AREA, ESTATE, BRANCH = "990102001002", "GZY", "LD-GZY"
SHOW = [
    ("合唱《家在桂子苑》", "桂子苑合唱队", 6),
    ("八段锦表演", "晨练队", 8),
    ("少儿快板《垃圾分类》", "小区儿童", 5),
]
SPENT = [
    ("面粉、肉馅", "286.50", "subsidy", "社区邻里节专项补贴"),
    ("一次性餐具", "38.00", "sponsor", "和顺粮油店赞助"),
    ("场地布置", "60.00", "public_income", "2026年公共收益，业委会已登记"),
]
SKILLS = [  # user name, side, category, what, days
    ("resident", "offer", "handicraft", "教编中国结", [5]),
    ("neighbour.1", "want", "handicraft", "想学编中国结", [5, 6]),
    ("neighbour.2", "offer", "repair", "磨刀、换灯具", []),
    ("neighbour.3", "want", "phone", "请人教手机挂号", [0, 2]),
    ("neighbour.4", "offer", "phone", "教老人用手机挂号", [2]),
    ("neighbour.5", "want", "repair", "厨房灯具不亮", [6]),
]  # fmt: skip


def load_gatherings(*, now: datetime | None = None) -> int:
    """Write the events of the last weeks and of those to come; returns how many there are."""
    now = now or timezone.now()
    with transaction.atomic():
        _dumplings(_Day(now, -21))
        _talk(_Day(now, -5))
        _festival(now)
        _skills(now)
    return NeighbourEvent.objects.count()


def _person(username: str) -> User:
    return User.objects.get(username=username)


class _Day:
    """Half past two on a day so many days from now."""

    def __init__(self, now: datetime, days: int):
        self.now = now
        self.begins = datetime.combine(now.astimezone(SHANGHAI).date() + days * DAY, time(14, 30), SHANGHAI)

    def plan(self, title: str, *, at: datetime, **given) -> NeighbourEvent:
        """Draft an event of two hours for the estate and publish it."""
        given = {"place": "小区中心花园", "estate": Estate.objects.get(code=ESTATE)} | given
        event = event_plan(
            actor=_person(ORGANISER), title=title, area=Area.objects.get(code=AREA), starts_at=self.begins,
            ends_at=self.begins + 2 * HOUR, unit=_person(ORGANISER).appointments.get().unit, occurred_at=at,
            organisation=PartyOrganisation.objects.get(code=BRANCH), **given,
        )  # fmt: skip
        return step(event, "publish", at)


def step(obj, step_name: str, at: datetime, *, by: str = ORGANISER, **given):
    """Carry a step out at its time."""
    return act(obj, step_name, actor=_person(by), occurred_at=at, **given)


def _dumplings(day: _Day) -> None:
    """Held, settled and rated: five came, one stayed away, the first of the waiting list moved up."""
    told = day.begins - 12 * DAY
    event = day.plan("邻里包饺子", at=told, kind="cooking", places=6, companions_most=1,
                     about="带上围裙，面粉馅料由社区准备，包好的饺子送给小区高龄老人。")  # fmt: skip
    step(event, "add_task", told, title="布置场地", wanted=2, about="提前一小时到")
    for username in ("resident", *(f"neighbour.{number}" for number in range(1, 7))):
        sign_up(event, actor=_person(username), occurred_at=told + HOUR)
    for username in ("neighbour.1", "neighbour.2"):
        volunteer(event.tasks.get(), actor=_person(username), occurred_at=told + DAY)
    gone = SignUp.objects.get(event=event, person__username="neighbour.5")
    step(gone, "cancel", told + 2 * DAY, by="neighbour.5")
    moved = SignUp.objects.get(event=event, person__username="neighbour.6")
    step(moved, "take", told + 2 * DAY + HOUR, by="neighbour.6")
    step(event, "add_cost", told, stage="planned", title="材料与布置", amount=Decimal("400"), source="subsidy",
         source_text="社区邻里节专项补贴")  # fmt: skip
    event = step(event, "begin", day.begins - HOUR / 2)
    for row in Volunteering.objects.filter(event=event):
        step(row, "check_in", day.begins - HOUR / 2)
    for username in ("resident", "neighbour.1", "neighbour.2", "neighbour.3", "neighbour.6"):
        at = day.begins + timedelta(minutes=5)
        event_check_in(actor=_person(username), code=code_of(event, at), occurred_at=at)
    event = step(event, "finish", day.begins + 2 * HOUR)
    for title, amount, source, text in SPENT:
        step(event, "add_cost", day.begins + DAY, stage="actual", title=title, amount=Decimal(amount), source=source,
             source_text=text)  # fmt: skip
    for username, stars, words in (("resident", 5, "认识了楼上的邻居"), ("neighbour.1", 5, ""),
                                   ("neighbour.3", 4, "希望多准备些素馅")):  # fmt: skip
        feedback_give(event, actor=_person(username), stars=stars, words=words, occurred_at=day.begins + DAY)
    event = step(event, "settle", day.begins + 3 * DAY)
    step(event, "correct_cost", day.begins + 4 * DAY, line=3, amount=Decimal("-2.00"), reason="餐具收据金额为36元")


def _talk(day: _Day) -> None:
    """Called off for the weather: everybody signed up was told."""
    told = day.begins - 8 * DAY
    event = day.plan("露天电影之夜", at=told, kind="other", places=0, about="放映老电影，自带小板凳。")
    step(event, "cancel", day.begins - 5 * HOUR, reason="大雨预警，室外活动取消")


def _festival(now: datetime) -> None:
    """A festival to come with its events: one full with a waiting list, one with free places."""
    day = _Day(now, 9)
    whole = day.plan("桂子苑邻里节", at=now - 3 * DAY, kind="festival", places=0, about="一起包饺子、看演出、换技能。")
    show = day.plan(
        "邻里节文艺汇演", at=now - 3 * DAY, kind="performance", places=40, companions_most=3, parent=whole,
        place="柳堤社区文体活动室门前广场", sign_up_until=day.begins - DAY,
    )  # fmt: skip
    for title, performers, minutes in SHOW:
        show = step(show, "add_item", now - 2 * DAY, title=title, performers=performers, minutes=minutes)
    step(show, "add_task", now - 2 * DAY, title="引导入座", wanted=3)
    for username in ("resident", "neighbour.1", "neighbour.4"):
        sign_up(show, actor=_person(username), companions=1, occurred_at=now - 2 * DAY)
    later = _Day(now, 10)
    full = later.plan("包饺子比赛", at=now - 3 * DAY, kind="cooking", counts_by="households", places=4, parent=whole)
    for number in range(1, 7):
        sign_up(full, actor=_person(f"neighbour.{number}"), occurred_at=now - 2 * DAY + number * HOUR / 4)
    _Day(now, 11).plan("技能交换日", at=now - 3 * DAY, kind="skills", places=0, parent=whole)


def _skills(now: datetime) -> None:
    """Offers and wants: one exchange done by both, one proposed, others waiting to be found."""
    at, made = now - 10 * DAY, {}
    for username, side, category, title, weekdays in SKILLS:
        made[username] = skill_add(
            actor=_person(username), side=side, category=SkillCategory.objects.get(code=category), title=title,
            weekdays=weekdays, occurred_at=at,
        )  # fmt: skip
    match = match_propose(actor=_person("neighbour.3"), offer=made["neighbour.4"], want=made["neighbour.3"],
                          occurred_at=at + HOUR)  # fmt: skip
    match = step(match, "confirm", at + DAY, by="neighbour.4")
    match = step(match, "report", at + 4 * DAY, by="neighbour.3")
    match = step(match, "report", at + 4 * DAY, by="neighbour.4")
    step(match, "rate", at + 5 * DAY, by="neighbour.3", stars=5, words="耐心细致")
    match_propose(actor=_person("neighbour.1"), offer=made["resident"], want=made["neighbour.1"], occurred_at=now - DAY)
