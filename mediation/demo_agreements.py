"""Agreements of a community in the fictional city: one confirmed by the court, one before it, one whose term runs, one
that waits for the mediator's signature.

Told through the services, at the times at which it would have happened. Needs the fixtures of the city loaded.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from governance.clock import SHANGHAI
from governance.models import Area, OrgUnit, User
from governance.timers import fire_past
from governance.workflow import act
from mediation.agreements.deadlines import OBLIGATION_DUE
from mediation.agreements.drafting import Owed, Terms, agreement_draft
from mediation.confirmation.reminders import REMIND
from mediation.demo_files import page_drawn
from mediation.disputes.consents import consent_record
from mediation.disputes.parties import PartyDraft
from mediation.disputes.registering import dispute_register
from mediation.files.keeping import file_add
from mediation.models import Agreement, DisputeType, JudicialConfirmation

AREA, MEDIATOR, CLERK, COURT = "990102001002", "mediator.liudi", "clerk.linjiang", "court-linjiang"


@dataclass(frozen=True)
class Story:
    """A dispute that was agreed: ``days`` ago, who against whom, what, and what is owed: what, after days, amount, and
    by whom where it is not the respondent."""

    days: int
    type: str
    title: str
    facts: str
    parties: tuple[tuple[str, str], tuple[str, str]]
    clauses: tuple[str, ...]
    owed: tuple[tuple, ...]


CONFIRMED = Story(
    62, "neighbours", "空调外机噪声与滴水", "七号楼三层住户的空调外机正对楼下卧室窗户，夜间噪声大、滴水打湿晾晒衣物。",
    (("葛文彬", "13900008101"), ("宋桂芳", "13900008102")),
    ("宋桂芳十日内把空调外机移到北侧设备平台，并接好冷凝水管。", "宋桂芳补偿葛文彬误工和清洗费用六百元。",
     "双方今后遇事先找楼栋长协商。"),
    (("移装空调外机并接冷凝水管", 10, None), ("补偿误工和清洗费用", 15, "600.00")),
)  # fmt: skip
AT_COURT = Story(
    16, "damages", "电动自行车碰撞赔偿", "小区东门外两辆电动自行车相撞，一方手腕骨裂，对医疗费和误工费分担有争议。",
    (("罗春生", "13900008103"), ("龚立新", "13900008104")),
    ("龚立新赔偿罗春生医疗费、误工费共八千四百元，分两期付清。", "罗春生收到全部款项后不再就此事提出其他请求。"),
    (("支付第一期赔偿", 7, "4400.00"), ("支付第二期赔偿", 60, "4000.00")),
)  # fmt: skip
RUNNING = Story(
    22, "property_management", "地下车位渗水减免物业费", "地下二层车位长期渗水，业主停交车位管理费，物业公司上门催收。",
    (("史玉兰", "13900008105"), ("江启明", "13900008106")),
    ("江启明代表的物业服务中心三十日内完成车位渗水堵漏。", "史玉兰补交车位管理费九百六十元。"),
    (("完成车位渗水堵漏", 30, None), ("补交车位管理费", 10, "960.00", "applicant")),
)  # fmt: skip
FRESH = Story(
    9, "neighbours", "楼道堆放纸箱堵住通道", "三单元楼道长期堆放纸箱，老人出入不便，双方为此争吵。",
    (("章文举", "13900008109"), ("苗秀琴", "13900008110")),
    ("苗秀琴三十日内清走楼道纸箱，今后不在楼道堆物。", "章文举帮助联系废品回收，并不再就此事争执。"),
    (("清走楼道纸箱", 30, None),),
)  # fmt: skip
SIGNING = Story(
    1, "houses_homesteads", "院墙加高遮挡采光", "一方加高院墙三十公分，另一方认为挡住厨房采光，多次口角。",
    (("任小满", "13900008107"), ("石东来", "13900008108")),
    ("石东来十五日内把院墙恢复原高度。", "任小满承担拆除工料费的三分之一，计四百元。"),
    (("恢复院墙原高度", 15, None), ("承担部分工料费", 20, "400.00", "applicant")),
)  # fmt: skip


def load_agreements(*, now: datetime | None = None) -> int:
    """Write five agreements and what became of them; returns how many agreements there are."""
    desk = _Desk(now or timezone.now())
    with transaction.atomic():
        desk.confirmed()
        desk.at_court()
        desk.running()
        desk.fresh()
        desk.signing()
    return Agreement.objects.count()


def _owed(parties: list, what: str, due_on: date, amount: str | None, side: str = "respondent") -> Owed:
    """Return what one of the two owes the other."""
    creditor, debtor = parties if side == "respondent" else reversed(parties)
    return Owed(debtor, what, due_on, creditor, Decimal(amount) if amount else None)


class _Desk:
    """The mediator's desk; ``at(-40, 10)`` is ten o'clock forty days ago."""

    def __init__(self, now: datetime):
        self.now = now.astimezone(SHANGHAI)
        self.mediator, self.clerk = (User.objects.get(username=name) for name in (MEDIATOR, CLERK))
        self.court = OrgUnit.objects.get(code=COURT)

    def at(self, days: int, hour: int, minute: int = 0) -> datetime:
        moment = (self.now + timedelta(days=days)).replace(hour=hour, minute=minute, second=0, microsecond=0)
        return min(moment, self.now)

    def day(self, days: int) -> date:
        return (self.now + timedelta(days=days)).date()

    def step(self, row, name: str, at: datetime, *, by: User | None = None, **given):
        return act(row, name, actor=by or self.mediator, occurred_at=at, **given)

    def signed(self, story: Story) -> Agreement:
        """Bring a story to the parties' signatures."""
        begun = -story.days - 6
        (applicant, phone), (respondent, other_phone) = story.parties
        dispute = dispute_register(
            actor=self.mediator, area=Area.objects.get(code=AREA), source="application", title=story.title,
            type=DisputeType.objects.get(code=story.type), facts=story.facts, claim="请求调解委员会主持调解",
            parties=[PartyDraft(side="applicant", name=applicant, phone=phone),
                     PartyDraft(side="respondent", name=respondent, phone=other_phone)],
            occurred_at=self.at(begun, 9),
        )  # fmt: skip
        dispute = self.step(dispute, "submit_for_consent", self.at(begun, 9, 20))
        dispute = self.step(dispute, "tell_rights", self.at(begun, 9, 30), how="written", on=self.day(begun))
        parties = list(dispute.parties.order_by("id"))
        for party in parties:
            consent_record(actor=self.mediator, party=party, what="mediation", answer="agreed", how="written",
                           at=self.at(begun + 1, 10))  # fmt: skip
        dispute = self.step(dispute, "accept", self.at(begun + 1, 10, 30))
        dispute = self.step(dispute, "begin", self.at(begun + 2, 15))
        terms = Terms(
            subject=story.facts, clauses=story.clauses, made_on=self.day(-story.days),
            obligations=[
                _owed(parties, what, self.day(days - story.days), amount, *side)
                for what, days, amount, *side in story.owed
            ],
        )  # fmt: skip
        agreement = agreement_draft(dispute, actor=self.mediator, terms=terms, occurred_at=self.at(-story.days, 10))
        for number, party in enumerate(parties):
            agreement = self.step(agreement, "sign_party", self.at(-story.days, 10, 20 + number), party=party,
                                  how="fingerprint" if number else "signature")  # fmt: skip
        return agreement

    def effective(self, story: Story) -> JudicialConfirmation:
        """Bring a story to the committee's seal."""
        agreement = self.step(self.signed(story), "sign_mediator", self.at(-story.days, 10, 30))
        agreement = self.step(agreement, "seal", self.at(-story.days, 11))
        return JudicialConfirmation.objects.get(agreement=agreement)

    def reminded(self, row: JudicialConfirmation, story: Story, *days: int) -> JudicialConfirmation:
        for day in days:
            fire_past(f"{REMIND}:{row.pk}:{day}", self.at(day - story.days, 9, 1))
        return JudicialConfirmation.objects.get(pk=row.pk)

    def performed(self, row: JudicialConfirmation, number: int, days: int):
        """The obligation of that number was performed so many days after the agreement was made."""
        owed = row.agreement.obligations.order_by("id")[number]
        on = row.agreement.made_on + timedelta(days=days)
        self.step(owed, "perform_whole", datetime.combine(on, self.now.timetz().replace(hour=9)), on=on)

    def applied(self, row: JudicialConfirmation, ago: int) -> JudicialConfirmation:
        for number, party in enumerate(row.dispute.parties.order_by("id")):
            row = self.step(row, "consent", self.at(-ago - 1, 15, number), party=party, answer="agreed",
                            how="recorded")  # fmt: skip
        return self.step(row, "apply", self.at(-ago, 9, 30), court=self.court, basis="mediation",
                         applied_on=self.day(-ago))  # fmt: skip

    def confirmed(self):
        row = self.reminded(self.effective(CONFIRMED), CONFIRMED, 7)
        file_add(row.dispute, actor=self.mediator, kind="signed_agreement", uploads=[page_drawn()], for_court=True,
                 caption="双方签字捺印的调解协议书", occurred_at=self.at(-61, 9))  # fmt: skip
        self.performed(row, 0, 8)
        self.performed(row, 1, 15)
        number = f"（{self.day(-48).year}）云9902民特8{row.pk}号"
        row = self.applied(row, 52)
        row = self.step(row, "receive", self.at(-51, 10), by=self.clerk, on=self.day(-51))
        row = self.step(row, "admit", self.at(-49, 10), by=self.clerk, on=self.day(-49), number=number)
        self.step(row, "confirm", self.at(-40, 16), by=self.clerk, on=self.day(-40), number=number)

    def at_court(self):
        row = self.reminded(self.effective(AT_COURT), AT_COURT, 7)
        self.performed(row, 0, 6)
        self.applied(row, 2)

    def running(self):
        row = self.reminded(self.effective(RUNNING), RUNNING, 7, 20)
        late = row.agreement.obligations.order_by("id")[1]
        fire_past(f"{OBLIGATION_DUE}:{late.pk}", self.at(-10, 1))

    def fresh(self):
        self.reminded(self.effective(FRESH), FRESH, 7)

    def signing(self):
        self.signed(SIGNING)
