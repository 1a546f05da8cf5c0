"""Two months of partners' services, donations and points in the fictional city, up to a settlement with a merchant.

Told through the services, at the times at which it would have happened. Needs the partners (``demo_recruiting``);
whoever of them is not there is left out.
"""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import partial
from heapq import heappop, heappush
from itertools import count
from random import Random

from django.db import transaction
from django.utils import timezone

from governance.clock import SHANGHAI
from governance.models import Area, User
from governance.workflow import act
from partners.earning.donations import donation_receive
from partners.earning.hours import certificate_issue
from partners.earning.records import record_submit
from partners.ledger.adjustments import adjustment_approve, adjustment_propose
from partners.models import Partner, ServiceKind, ServiceRecord, VolunteerHours

AREA = "990102001002"
MANAGER, STAFF = "partners.liudi", "community.liudi"
DAY = timedelta(days=1)
# Who, which kind, first day ago, every so many days, hour, hours, people, place, what was done.
SERVICES = [
    ("partner.lawyer", "consultation", 48, 4, 14, None, 1, "柳堤社区党群服务中心", "婚姻家事与邻里纠纷咨询"),
    ("partner.gym", "fitness-class", 60, 7, 9, "1.5", 22, "桂子苑小区广场", "公益八段锦与体能课"),
    ("partner.bank", "lecture", 62, 14, 15, "2", 35, "柳堤社区多功能厅", "防范电信诈骗金融知识讲座"),
    ("resident", "volunteer-hour", 30, 6, 9, "2.5", 8, "桂子苑小区", "助老代购与楼道清扫"),
    ("partner.student.1", "volunteer-hour", 35, 7, 10, "3", 12, "柳堤社区", "教老年人使用智能手机"),
]
GIFTS = [  # who, goods or money, what, how many, value in yuan, days ago, how it went
    ("partner.bank", "goods", "大米、食用油各30份（重阳节慰问）", 60, "3600.00", 41, "approve"),
    ("partner.gym", "goods", "瑜伽垫、弹力带各20套", 40, "1800.00", 27, "approve"),
    ("partner.bank", "money", "社区儿童图书角购书款", 1, "2000.00", 12, "approve"),
    ("partner.gym", "goods", "旧跑步机2台", 2, "2600.00", 20, "give_back"),
    ("partner.bank", "goods", "防诈宣传雨伞100把", 100, "1500.00", 1, ""),
]


def load_earning(*, now: datetime | None = None, seed: int = 33) -> int:
    """Write services, donations, hours and an adjustment; returns how many services were reported."""
    story = _Story(now or timezone.now(), Random(seed))
    with transaction.atomic():
        story.serve()
        story.give()
        story.tell()
        story.correct()
        story.certify()
    return ServiceRecord.objects.count()


class _Story:
    def __init__(self, now: datetime, rng: Random):
        self.now, self.rng, self.today = now, rng, now.astimezone(SHANGHAI).date()
        self.area = Area.objects.get(code=AREA)
        names = {MANAGER, STAFF, "resident", *(row[0] for row in (*SERVICES, *GIFTS))}
        self.people = {user.username: user for user in User.objects.filter(username__in=names)}
        self.kinds = {kind.code: kind for kind in ServiceKind.objects.all()}
        self.partners = {name: found for name in names if (found := self._partner(name))}
        self.to_come: list[tuple[datetime, int, Callable]] = []
        self.turns = count()

    def then(self, at: datetime, happens: Callable) -> None:
        """Let something happen at a moment; ``tell`` does it in the order of time."""
        heappush(self.to_come, (at, next(self.turns), happens))

    def tell(self) -> None:
        """Do what is to come, and what comes of it."""
        while self.to_come:
            at, _turn, happens = heappop(self.to_come)
            happens(at)

    def _partner(self, username: str) -> Partner | None:
        """The active partner that somebody is, or acts for by appointment."""
        user = self.people.get(username)
        rows = Partner.objects.active().filter(area=self.area).select_related("account__area", "area", "unit", "person")
        if user is None:
            return None
        units = user.appointments.filter(role="partner").values("unit")
        return rows.filter(person=user).first() or rows.filter(unit__in=units).first()

    def at(self, days: int, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(self.today - days * DAY, time(hour, minute), SHANGHAI)

    def serve(self) -> None:
        """Let each report what was rendered; most of it is approved a day or two later, the newest waits."""
        for username, kind, first, every, hour, hours, people, place, note in SERVICES:
            partner = self.partners.get(username)
            if partner is None or partner.active_from is None:
                continue
            for days in range(first, 0, -every):
                begun = self.at(days, hour, self.rng.choice((0, 15, 30)))
                if begun.astimezone(SHANGHAI).date() < partner.active_from:
                    continue
                note_ = {"place": place, "note": note, "hours": Decimal(hours) if hours else None}
                served = max(1, people + self.rng.randint(-5, 5))
                report = partial(self.report, username, partner, self.kinds[kind], begun, days, served=served, **note_)
                self.then(min(begun + timedelta(hours=5), self.now), report)

    def report(self, username: str, partner: Partner, kind: ServiceKind, begun: datetime, days: int, at: datetime,
               **given) -> None:  # fmt: skip
        record = record_submit(actor=self.people[username], partner=partner, kind=kind, performed_at=begun,
                               occurred_at=at, **given)  # fmt: skip
        if days > 4:
            self.then(self.at(days - 1, 10, self.rng.randint(0, 50)), partial(self.decide, record))

    def decide(self, record: ServiceRecord, at: datetime) -> None:
        """The partner manager approves; where two must, the community's staff follow; few are declined."""
        manager, staff = self.people[MANAGER], self.people[STAFF]
        if self.rng.random() < 0.06:
            act(record, "decline", actor=manager, reason="与签到表人数不符，请核实后重新上报", occurred_at=at)
            return
        done = act(record, "approve", actor=manager, occurred_at=at)
        if done.state == "checked":
            second = partial(act, done, "approve", actor=staff)
            self.then(at + timedelta(hours=4), lambda later: second(occurred_at=later))

    def give(self) -> None:
        """Receive gifts at the counter; another person approves them, one went back."""
        for username, sort, what, number, value, days, then in GIFTS:
            partner = self.partners.get(username)
            if partner is None or self.today - days * DAY < partner.active_from:
                continue
            given = {
                "sort": sort,
                "description": what,
                "quantity": number,
                "value": Decimal(value),
                "received_on": self.today - days * DAY,
                "kind": self.kinds["goods" if sort == "goods" else "money"],
            }
            self.then(self.at(days, 9, 30), partial(self.receive, partner, days, then, given))

    def receive(self, partner: Partner, days: int, then: str, given: dict, at: datetime) -> None:
        gift, manager = donation_receive(actor=self.people[STAFF], partner=partner, occurred_at=at, **given), MANAGER
        approve = partial(act, gift, "approve", actor=self.people[manager])
        back = partial(act, gift, "give_back", actor=self.people[manager], reason="设备检修不合格，已退回捐赠单位")
        if then:
            self.then(self.at(days, 16), lambda later: approve(occurred_at=later))
        if then == "give_back":
            self.then(self.at(days - 2, 11), lambda later: back(occurred_at=later))

    def correct(self) -> None:
        """A correction by two persons."""
        partner = self.partners.get("partner.gym")
        if partner is not None:
            made = adjustment_propose(partner.account, actor=self.people[MANAGER], amount=5,
                                      reason="系统上线前一次公益课漏记，经合伙人会议确认补记")  # fmt: skip
            adjustment_approve(made, actor=self.people[STAFF])

    def certify(self) -> None:
        """Who has hours asks for a certificate."""
        for person in {line.person for line in VolunteerHours.objects.filter(area=self.area).select_related("person")}:
            if person.username in ("resident", "partner.gym"):
                certificate_issue(actor=person, person=person, area=self.area, first=self.today.replace(month=1, day=1),
                                  last=self.today, occurred_at=self.now)  # fmt: skip
