"""What the tests of prevention share: hazards of the small county in every state, and who may decide about them."""

from datetime import date, timedelta

from django.utils import timezone

from governance.models import Role
from governance.workflow import act
from mediation.models import Hazard, HazardState
from mediation.prevention.reporting import hazard_report
from mediation.tests.county import County

H = HazardState
WORDS = "两户人家为宅基地边界的一棵树吵了起来，差点动手"
REWORDED = "两户人家为宅基地边界的一堵墙吵了起来，差点动手"
# How a hazard comes into each state, from reported.
WAYS = {
    H.REPORTED: [], H.ASSESSED: ["assess"], H.WATCHED: ["assess", "watch"], H.EXCLUDED: ["assess", "exclude"],
    H.CONVERTED: ["assess", "convert"],
}  # fmt: skip
# Each step people do, with a state it is possible in.
STEPS = {"assess": H.REPORTED, "reassess": H.WATCHED, "reword": H.WATCHED, "watch": H.ASSESSED, "look": H.WATCHED,
         "exclude": H.WATCHED, "convert": H.ASSESSED, "reconsider": H.EXCLUDED, "move": H.REPORTED}  # fmt: skip
KEEPERS = {"village_mediator", "colleague"}
# What the files of a hotline say.
HOTLINE = {
    "fields": {
        "external_id": {"path": "工单编号"}, "text": {"path": "诉求内容"}, "area": {"path": "所属社区"},
        "received_at": {"path": "受理时间"}, "event_date": {"path": "发生日期"}, "complainant": {"path": "来电号码"},
        "type": {"path": "诉求类别", "values": {"邻里矛盾": "neighbours", "欠薪": "migrant_wages", "*": ""}},
    }
}  # fmt: skip


def hazard(county: County, **given) -> Hazard:
    """Let the grid worker report one in the grid."""
    given = {"actor": county.user(Role.GRID_WORKER), "words": WORDS, "area": county.area("grid")} | given
    return hazard_report(**given)


def usual(county: County, name: str) -> dict:
    """What the form of a step usually gives."""
    return {
        "assess": {"type": county.type("houses_homesteads"), "people": 4},
        "reassess": {"type": county.type(), "people": 3, "reason": "类型选错了"},
        "reword": {"words": REWORDED, "reason": "语音听错了"},
        "move": {"area": county.area("other_community"), "reason": "不在本村"},
        "watch": {"watch_until": timezone.localdate() + timedelta(days=14)},
        "look": {"reason": "去看过，双方没有再吵"}, "exclude": {"reason": "双方已自行和好"},
        "reconsider": {"reason": "又吵起来了"}, "convert": {"title": "宅基地边界纠纷", "domestic_violence": False},
    }[name]  # fmt: skip


def posted(name: str) -> dict:
    """The same as a browser posts it."""
    return {
        "assess": {"type": "houses_homesteads", "people": "4", "urgency": "normal"},
        "reassess": {"type": "neighbours", "people": "3", "urgency": "normal", "reason": "类型选错了"},
        "reword": {"words": REWORDED, "reason": "语音听错了"},
        "move": {"area": "990102002001", "reason": "不在本村"},
        "watch": {"watch_until": str(timezone.localdate() + timedelta(days=14))},
        "look": {"reason": "去看过，双方没有再吵"}, "exclude": {"reason": "双方已自行和好"},
        "reconsider": {"reason": "又吵起来了"},
        "convert": {"type": "houses_homesteads", "title": "宅基地边界纠纷", "facts": WORDS,
                    "domestic_violence": "false"},
    }[name]  # fmt: skip


def step(county: County, found: Hazard, name: str, /, *, by=None, **given) -> Hazard:
    return act(found, name, actor=by or county.mediator, **(usual(county, name) | given))


def in_state(county: County, state: str, **given) -> Hazard:
    found = hazard(county, **given)
    for name in WAYS[state]:
        found = step(county, found, name)
    return found


def day(number: int) -> date:
    """A day of 2026, from 1 January."""
    return date(2025, 12, 31) + timedelta(days=number)
