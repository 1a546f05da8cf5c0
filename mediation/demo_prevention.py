"""Some weeks of prevention in the fictional city: hazards in every state, and records of the hotline.

Told through the services, at the times at which it would have happened. Needs the fixtures of the city loaded.
"""

from datetime import datetime, time, timedelta
from random import Random

from django.db import transaction
from django.utils import timezone

from governance.clock import SHANGHAI
from governance.models import Area, User
from governance.workflow import act
from mediation.models import DisputeType, Hazard, Signal, SignalSource
from mediation.prevention.receiving import records_receive
from mediation.prevention.reporting import hazard_report

MEDIATOR, CENTRE = "mediator.liudi", "county.linjiang"
DAY = timedelta(days=1)
HAZARDS = [  # who, grid, place, words, between whom, persons, type, days ago, steps
    ("grid.04", "990102001002001", "桂子苑2栋楼下", "楼上晾衣滴水，楼下两次上门争吵，话越说越重", "2栋301与401", 4,
     "neighbours", 20, ["assess", "exclude"]),
    ("grid.05", "990102001002002", "柳堤路菜场东侧", "两家摊主为摊位界线推搡，旁人劝开", "", 2,
     "business", 12, ["assess", "watch"]),
    ("grid.04", "990102001002001", "桂子苑北门", "业主与物业为电动车充电收费争执，十几人围在门岗", "", 12,
     "property_management", 9, ["assess", "convert"]),
    ("grid.06", "990102001002003", "老渡口平房区", "兄弟二人为老宅翻建的界墙争吵", "张家两兄弟", 2,
     "houses_homesteads", 3, ["assess"]),
    ("grid.07", "990102001002004", "堤顶路小吃店", "店员说老板拖欠两个月工资，准备去堵门", "", 6,
     "migrant_wages", 0, []),
]  # fmt: skip
FOUND, SETTLED = "已上门了解，情况属实", "双方已和好，加装了接水槽"
RECORDS = [  # what the hotline hears, and its category there
    ("楼上装修噪音扰民，与邻居多次争吵", "邻里矛盾"), ("物业收费不服务，业主拒交物业费", "物业管理"),
    ("包工头拖欠农民工工资", "欠薪"), ("商家售假不肯退款", "消费维权"), ("隔壁餐馆油烟直排，协商多次未果", "环境污染"),
    ("宅基地边界被邻居占用", "宅基地"), ("公交线路什么时候恢复", "咨询"), ("小区停车位被占，双方争执", "物业管理"),
]  # fmt: skip
PLACES = ("990102001001", "990102001002", "990102002002")
DAYS_BACK, A_DAY = 90, 1.2


def load_prevention(*, now: datetime | None = None, seed: int = 9904) -> int:
    """Write hazards and signals of the last weeks; returns how many there are of both."""
    now = now or timezone.now()
    with transaction.atomic():
        for row in HAZARDS:
            _hazard(row, now)
        _signals(now, Random(seed))
    return Hazard.objects.count() + Signal.objects.count()


def _at(now: datetime, days: int, hour: int = 10) -> datetime:
    at = datetime.combine(now.astimezone(SHANGHAI).date() - days * DAY, time(hour), SHANGHAI)
    return min(at, now - timedelta(minutes=20))


def _hazard(row: tuple, now: datetime) -> None:
    who, grid, place, words, parties, people, kind, days, steps = row
    at = _at(now, days)
    hazard = hazard_report(
        actor=User.objects.get(username=who), words=words, area=Area.objects.get(code=grid), place=place,
        parties=parties, people=people, occurred_at=at,
    )  # fmt: skip
    mediator = User.objects.get(username=MEDIATOR)
    for number, name in enumerate(steps, start=1):
        given = {
            "assess": {"type": DisputeType.objects.get(code=kind), "people": people, "finding": FOUND},
            "watch": {"watch_until": now.astimezone(SHANGHAI).date() + 5 * DAY},
            "exclude": {"reason": SETTLED}, "convert": {"title": words[:40]},
        }[name]  # fmt: skip
        hazard = act(hazard, name, actor=mediator, occurred_at=min(at + number * timedelta(hours=5), now), **given)


def _signals(now: datetime, rng: Random) -> None:
    """Records of three months, as their systems write them; some callers call again."""
    hotline = SignalSource.objects.select_related("area").get(code="hotline-12345")
    rows = []
    for days in range(DAYS_BACK, 0, -1):
        for _record in range(int(rng.random() * 2 * A_DAY + 0.5)):
            text, category = rng.choice(RECORDS)
            at = _at(now, days, rng.randint(8, 17))
            rows.append({
                "工单编号": f"{at:%Y%m%d}{len(rows):04d}", "诉求标题": category, "诉求内容": text,
                "所属社区": rng.choice(PLACES), "地址": "", "受理时间": f"{at:%Y-%m-%d %H:%M}",
                "来电号码": f"+9990000{rng.randint(1000, 1060)}", "诉求类别": category,
            })  # fmt: skip
    records_receive(rows, actor=User.objects.get(username=CENTRE), source=hotline)
