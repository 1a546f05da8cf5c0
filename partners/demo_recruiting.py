"""Partners of a community in the fictional city: two organisations, three professionals, two students, one who waits.

Told through the services, at the times at which it would have happened. Needs the fixtures of the city loaded.
"""

import io
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone
from PIL import Image, ImageDraw

from governance.clock import SHANGHAI
from governance.models import Area, OrgUnit, User
from governance.photos import Upload, inspect_upload
from governance.workflow import act
from partners.models import Offer, Partner, Profession
from partners.recruiting.credit_code import check_character
from partners.recruiting.joining import partner_apply
from partners.recruiting.offering import Plan, offer_make
from partners.recruiting.qualifications import qualification_submit
from partners.recruiting.slots import place_take, slots_make

DAY = timedelta(days=1)
AREA = "990102001002"
MANAGER = "partners.liudi"
ORGANISATIONS = [  # user name, name, unit, digits of its code, what it offers
    ("partner.bank", "云川农商银行柳堤支行", "partner-bank", "0000501", "网点会议室；金融知识讲座；反诈宣传。"),
    ("partner.gym", "云川跃动健身有限公司", "partner-gym", "0000502", "每周一节免费体验课；社区运动会场地。"),
]
PROFESSIONALS = [  # user name, profession, number of the licence, its last day in days from now, what is offered
    ("partner.lawyer", "lawyer", "19901201510000501", 400, "每月两个下午免费法律咨询。"),
    ("partner.doctor", "doctor", "110990100000502", 21, "每月一次义诊，量血压、测血糖。"),
    ("partner.teacher", "teacher", "19829901000503", None, "退休语文教师，课后辅导与书法。"),
]
VOLUNTEERS = [
    ("partner.student.1", "周末协助老年人使用智能手机。"),
    ("partner.student.2", "社区花园养护、活动摄影。"),
]


def load_recruiting(*, now: datetime | None = None) -> int:
    """Write how the partners joined, and what they offer in the next weeks; returns how many partners there are."""
    desk = _Desk(now or timezone.now())
    with transaction.atomic():
        found = desk.join()
        desk.offer(found)
        desk.waiting()
    return Partner.objects.count()


def _person(username: str) -> User:
    return User.objects.get(username=username)


def _licence() -> Upload:
    """Return a drawn card that stands for a scanned licence."""
    image = Image.new("RGB", (480, 300), (226, 220, 204))
    draw = ImageDraw.Draw(image)
    draw.rectangle([16, 16, 463, 283], outline=(140, 40, 40), width=4)
    draw.rectangle([40, 60, 150, 200], fill=(190, 196, 200))
    for top in range(70, 210, 34):
        draw.rectangle([180, top, 430, top + 8], fill=(120, 116, 108))
    file = io.BytesIO()
    image.save(file, "JPEG")
    return inspect_upload(file.getvalue())


class _Desk:
    """The partner manager's desk; ``at(-40, 10)`` is ten o'clock forty days ago."""

    def __init__(self, now: datetime):
        self.now, self.today = now, now.astimezone(SHANGHAI).date()
        self.area = Area.objects.get(code=AREA)

    def at(self, days: int, hour: int = 10, minute: int = 0) -> datetime:
        return datetime.combine(self.today + days * DAY, time(hour, minute), SHANGHAI)

    def step(self, obj, name: str, at: datetime, *, by: str = MANAGER, **given):
        return act(obj, name, actor=_person(by), occurred_at=at, **given)

    def apply(self, username: str, days: int, **given) -> Partner:
        return partner_apply(actor=_person(username), area=self.area, occurred_at=self.at(days), **given)

    def join(self) -> dict[str, Partner]:
        """Let everybody apply, be approved, sign and become active, one a day."""
        found = {}
        for days, (username, name, unit, digits, about) in enumerate(ORGANISATIONS, start=-75):
            first = f"91990102MA{digits}"
            applied = self.apply(username, days, kind="resource", name=name, about=about,
                                 credit_code=first + check_character(first))  # fmt: skip
            approved = self.step(applied, "approve", self.at(days + 3), unit=OrgUnit.objects.get(code=unit))
            found[username] = self.signed(approved, username, days + 5)
        for days, (username, work, number, left, about) in enumerate(PROFESSIONALS, start=-60):
            profession = Profession.objects.get(code=work)
            applied = self.apply(username, days, kind="professional", profession=profession, about=about)
            self.qualify(applied, username, number, left, days)
            approved = self.step(applied, "approve", self.at(days + 4))
            found[username] = self.signed(approved, username, days + 6)
        for days, (username, about) in enumerate(VOLUNTEERS, start=-45):
            applied = self.apply(username, days, kind="volunteer", about=about)
            found[username] = self.signed(self.step(applied, "approve", self.at(days + 2)), username, days + 3)
        return found

    def qualify(self, partner: Partner, username: str, number: str, left: int | None, days: int) -> None:
        last = None if left is None else self.today + left * DAY
        row = qualification_submit(
            partner, actor=_person(username), kind=partner.licence, number=number, documents=[_licence()],
            valid_from=date(2019, 7, 1), valid_to=last, occurred_at=self.at(days, 11),
        )  # fmt: skip
        self.step(row, "verify", self.at(days + 2))

    def signed(self, partner: Partner, username: str, days: int) -> Partner:
        row = partner.agreements.get()
        row = self.step(row, "sign", self.at(days, 9), by=username)
        self.step(row, "countersign", self.at(days, 14))
        return self.step(partner, "activate", self.at(days, 15))

    def offer(self, found: dict[str, Partner]) -> None:
        """Write down what they offer, with dates to come and residents who have places."""
        hall = "柳堤社区文体活动室"
        talk = self.on_view(found["partner.bank"], "partner.bank", kind="service", title="金融知识讲座：守住养老钱",
                            about="识别非法集资和电信诈骗，现场答疑，不推销产品。", target_group="中老年居民",
                            place=hall, capacity=30)  # fmt: skip
        self.dates(talk, "partner.bank", 6, (14, 30), 90, repeat=2, taken=("resident", "neighbour.1", "neighbour.2"))
        self.on_view(found["partner.bank"], "partner.bank", kind="venue", title="网点会议室", extent="可容纳20人",
                     access="request", place="农商行柳堤支行二楼", weekdays=[1, 3], starts=time(15),
                     ends=time(17))  # fmt: skip
        yoga = self.on_view(found["partner.gym"], "partner.gym", kind="service", title="免费体验课：颈肩放松",
                            about="请穿运动服，自带毛巾。", place="跃动健身二楼操房", capacity=12)  # fmt: skip
        self.dates(yoga, "partner.gym", 3, (19, 0), 60, repeat=4, taken=("neighbour.3", "neighbour.4"))
        self.on_view(found["partner.gym"], "partner.gym", kind="goods", title="活动用瑜伽垫", extent="40张，可借用",
                     access="request")  # fmt: skip
        law = self.on_view(found["partner.lawyer"], "partner.lawyer", kind="service", title="法律咨询",
                           about="婚姻家庭、继承、劳动、物业纠纷，一人约20分钟。", place="社区服务中心",
                           capacity=6)  # fmt: skip
        self.dates(law, "partner.lawyer", 9, (14, 0), 120, repeat=2, taken=("resident",))
        clinic = self.on_view(found["partner.doctor"], "partner.doctor", kind="service", title="义诊：血压血糖",
                              target_group="60岁以上居民优先", place=hall)  # fmt: skip
        self.dates(clinic, "partner.doctor", 12, (9, 0), 120, repeat=1, taken=())
        self.on_view(found["partner.teacher"], "partner.teacher", kind="service", title="课后作业辅导",
                     target_group="小学生", place=hall, weekdays=[0, 2, 4], starts=time(16, 30),
                     ends=time(18))  # fmt: skip
        self.on_view(found["partner.student.1"], "partner.student.1", kind="hours", title="手机使用一对一辅导",
                     target_group="老年居民", extent="每周4小时", place=hall, weekdays=[5], starts=time(9),
                     ends=time(11))  # fmt: skip
        # one that the community has not read yet
        self.plan(found["partner.student.2"], "partner.student.2", -1, kind="hours", title="社区花园养护",
                  extent="每周3小时", place="桂子苑南门花园")  # fmt: skip

    def plan(self, partner: Partner, username: str, days: int, **given) -> Offer:
        return offer_make(partner, actor=_person(username), plan=Plan(**given), occurred_at=self.at(days))

    def on_view(self, partner: Partner, username: str, **given) -> Offer:
        given = {"valid_from": self.today - 30 * DAY} | given
        return self.step(self.plan(partner, username, -30, **given), "publish", self.at(-29))

    def dates(self, offer: Offer, username: str, days: int, begins: tuple[int, int], minutes: int, *, repeat: int,
              taken: tuple[str, ...]) -> None:  # fmt: skip
        starts_at = self.at(days, *begins)
        slots = slots_make(offer, actor=_person(username), starts_at=starts_at, repeat=repeat,
                           ends_at=starts_at + timedelta(minutes=minutes), occurred_at=self.at(-14))  # fmt: skip
        for number, name in enumerate(taken):
            place_take(slots[0], actor=_person(name), occurred_at=self.at(-3, 9, number))

    def waiting(self) -> None:
        """One application that the partner manager has still to read."""
        first = "91990102MA0000506"
        self.apply("partner.bakery", -1, kind="resource", name="云川麦香食品有限公司", about="每月捐赠面包200个。",
                   credit_code=first + check_character(first), contact_name="麦穗香")  # fmt: skip
