"""Credit files in the fictional city: a formula in force, facts told, an answer, an open appeal, a list to decide on.

Told through the services. Needs the partners (``demo_recruiting``) and what they did (``demo_earning``); whoever is not
there is left out.
"""

from datetime import datetime, time, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from governance.clock import SHANGHAI
from governance.models import Area, User
from governance.workflow import act
from partners.credit.appeals import note_appeal
from partners.credit.lists import Criteria, list_draw
from partners.credit.nightly import files_compute
from partners.credit.notes import note_record
from partners.models import CreditFormula, CreditNote, CreditProfile, Partner

AREA, FORMULA = "990102001002", "credit-2026"
MANAGER, STAFF, ADMINISTRATOR = "partners.liudi", "community.liudi", "admin"
DAY = timedelta(days=1)
# Whose, recorded by, which line, days ago, what happened.
NOTES = [
    ("partner.gym", MANAGER, "unpunctual", 6, "公益八段锦课程迟到25分钟，到场居民已等候"),
    ("partner.lawyer", STAFF, "absent", 4, "约定的法律咨询时段未到场，两名预约居民空等"),
]
ANSWER = "教练途中车辆故障，已在群内说明，下次提前半小时到场。"
GROUNDS = "当日上午已电话告知社区值班人员改到次日，次日咨询照常完成，附通话记录。"


def load_credit(*, now: datetime | None = None) -> int:
    """Write the story; returns how many credit files there are."""
    story = _Story(now or timezone.now())
    with transaction.atomic():
        story.begin()
        notes = story.tell()
        files_compute()
        story.answer(notes)
        story.draw()
    return CreditProfile.objects.count()


class _Story:
    def __init__(self, now: datetime):
        self.now, self.today = now, now.astimezone(SHANGHAI).date()
        self.area = Area.objects.get(code=AREA)
        names = {MANAGER, STAFF, ADMINISTRATOR, *(row[0] for row in NOTES)}
        self.people = {user.username: user for user in User.objects.filter(username__in=names)}

    def at(self, days: int, hour: int) -> datetime:
        return datetime.combine(self.today - days * DAY, time(hour), SHANGHAI)

    def partner(self, username: str) -> Partner | None:
        """The active partner that somebody is, or acts for by appointment."""
        user = self.people[username]
        rows = Partner.objects.active().filter(area=self.area).with_rows()
        units = user.appointments.filter(role="partner").values("unit")
        return rows.filter(person=user).first() or rows.filter(unit__in=units).first()

    def begin(self) -> None:
        """The city's formula is put in force for the year."""
        formula = CreditFormula.objects.get(code=FORMULA)
        act(formula, "put_in_force", actor=self.people[ADMINISTRATOR], occurred_at=self.at(60, 9))

    def tell(self) -> dict[str, CreditNote]:
        """Record what lowers; the partners are told."""
        made = {}
        for username, by, line, days, what in NOTES:
            if partner := self.partner(username):
                made[username] = note_record(
                    actor=self.people[by], partner=partner, line=line, happened_on=self.today - days * DAY, what=what
                )
        return made

    def answer(self, notes: dict[str, CreditNote]) -> None:
        """One partner answers, the other one appeals."""
        if (note := notes.get("partner.gym")) is not None:
            act(note, "answer", actor=self.people["partner.gym"], reason=ANSWER)
        if (note := notes.get("partner.lawyer")) is not None:
            note_appeal(note, actor=self.people["partner.lawyer"], grounds=GROUNDS)

    def draw(self) -> None:
        """Draw up the list of the year; the partner manager has decided on one."""
        made = list_draw(actor=self.people[MANAGER], area=self.area, purpose="outstanding", year=self.today.year,
                         title=f"{self.today.year}年度优秀合伙人候选名单",
                         wanted=Criteria(least_score=Decimal(55), least_activities=2))  # fmt: skip
        first = made.candidates.with_rows().order_by("-computation__score").first()
        if first is not None:
            act(first, "choose", actor=self.people[MANAGER], reason="全年服务次数多，居民评价好，合伙人会议一致同意")
