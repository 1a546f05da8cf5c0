"""A community that looks for partners: its page, its terms, people who apply, and partners brought into each state."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from conftest import PASSWORD, SINCE, City
from governance.clock import SHANGHAI
from governance.models import Appointment, Role, User
from governance.photos import Upload
from governance.scoping import forget_grants
from governance.workflow import act
from partners.models import (
    AgreementTerms,
    Offer,
    OfferSlot,
    Partner,
    Profession,
    Qualification,
    QualificationKind,
    Recruitment,
)
from partners.recruiting.agreements import agreement_make
from partners.recruiting.credit_code import check_character
from partners.recruiting.joining import partner_apply
from partners.recruiting.offering import Plan, offer_make
from partners.recruiting.qualifications import qualification_submit
from partners.recruiting.slots import slots_make

PDF = Upload("document", "application/pdf", None, None, b"%PDF-1.4 licence")
NAMES = ("banker", "clerk", "lawyer", "student", "stranger", "gymnast")
STAFF = (
    ("partner_manager", "committee", "community"),
    ("outside_partner_manager", "other_committee", "other_community"),
)
DAY = timedelta(days=1)


def credit_code(number: int) -> str:
    """Return the code of a fictional organisation: code 9901 is no division's."""
    first = f"91990102MA{number:07d}"
    return first + check_character(first)


@dataclass
class Desk:
    """``banker`` applies for a bank, ``lawyer`` as a professional with a licence, ``student`` as a volunteer."""

    city: City
    terms: AgreementTerms
    licence: QualificationKind
    law: Profession
    teaching: Profession
    people: dict[str, User] = field(default_factory=dict)
    numbers: count = field(default_factory=lambda: count(1))

    def user(self, name: str) -> User:
        """Return a person who remembers no roles of an earlier step."""
        if name not in self.people:
            return self.city._anew(name)
        forget_grants(self.people[name])
        return self.people[name]

    @property
    def manager(self) -> User:
        return self.user("partner_manager")

    @property
    def area(self):
        return self.city.area("community")

    def apply(self, name: str = "student", /, **given) -> Partner:
        """Let one of the people apply."""
        usual = {
            "banker": {"kind": "resource", "name": "云川农商银行", "credit_code": credit_code(next(self.numbers))},
            "gymnast": {"kind": "resource", "name": "跃动健身", "credit_code": credit_code(next(self.numbers))},
            "lawyer": {"kind": "professional", "profession": self.law},
        }.get(name, {"kind": "volunteer"})
        return partner_apply(actor=self.user(name), **({"area": self.area} | usual | given))

    def step(self, obj, step_name: str, /, *, by: str = "partner_manager", **given):
        """Carry a step out as the partner manager, or whoever ``by`` is."""
        return act(obj, step_name, actor=self.user(by), **given)

    def approved(self, name: str = "student", /, **given) -> Partner:
        return self.step(self.apply(name, **given), "approve")

    def sign(self, partner: Partner, name: str, at: datetime | None = None):
        """Let both sides sign the agreement that waits."""
        row = partner.agreements.get(state="open")
        row = self.step(row, "sign", by=name, occurred_at=at)
        return self.step(row, "countersign", occurred_at=at)

    def licensed(self, partner: Partner, name: str = "lawyer", **given) -> Qualification:
        """Hand in a licence and verify it."""
        usual = {"kind": self.licence, "number": f"1990120{next(self.numbers)}", "documents": [PDF],
                 "valid_from": date(2020, 1, 1)}  # fmt: skip
        row = qualification_submit(partner, actor=self.user(name), **(usual | given))
        return self.step(row, "verify")

    def active(self, name: str = "student", /, **given) -> Partner:
        """Return an active partner."""
        partner = self.approved(name, **given)
        if name == "lawyer":
            self.licensed(partner)
        self.sign(partner, name)
        return self.step(partner, "activate")

    def in_state(self, state: str, name: str = "student") -> Partner:
        """Return a partner in a state."""
        if state in ("applied", "declined", "withdrawn"):
            partner = self.apply(name)
            ways = {"declined": ("decline", {"reason": "资料不实"}), "withdrawn": ("withdraw", {"by": name})}
            if state in ways:
                step, given = ways[state]
                partner = self.step(partner, step, **given)
            return partner
        if state == "approved":
            return self.approved(name)
        partner = self.active(name)
        if state == "suspended":
            return self.step(partner, "suspend", reason="核查")
        if state == "left":
            return self.step(partner, "leave", by=name)
        return partner

    def offer(self, partner: Partner, by: str = "partner_manager", **given) -> Offer:
        """Return an offer: of the manager's on view, of the partner's own to be read."""
        usual = {"kind": "service", "title": "金融知识讲座", "place": "社区活动室", "capacity": 2}
        return offer_make(partner, actor=self.user(by), plan=Plan(**(usual | given)))

    def slot(self, offer: Offer, *, days: int = 3, by: str = "partner_manager", **given) -> OfferSlot:
        """Return a date of an offer, at ten o'clock so many days from now."""
        starts_at = datetime.combine(timezone.localdate() + days * DAY, time(10), SHANGHAI)
        given = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=1)} | given
        return slots_make(offer, actor=self.user(by), **given)[0]

    def agreement(self, partner: Partner, **given):
        """Make out one more agreement."""
        given = {"terms": self.terms, "valid_from": timezone.localdate()} | given
        return agreement_make(partner, actor=self.manager, **given)


def build_desk(city: City) -> Desk:
    """Open the page and add people, none of whom is a partner yet."""
    terms = AgreementTerms.objects.create(
        code="terms-2026", title="社区合伙人协议", text="一、自愿。\n二、诚信。", valid_from=date(2026, 1, 1)
    )
    licence = QualificationKind.objects.create(code="lawyer-licence", name="律师执业证", remind_days=30)
    made = Desk(
        city, terms, licence,
        law=Profession.objects.create(code="lawyer", name="律师", licence=licence),
        teaching=Profession.objects.create(code="teacher", name="退休教师"),
    )  # fmt: skip
    Recruitment.objects.create(area=city.area("community"), terms=terms, intro="欢迎加入")
    password = make_password(PASSWORD)
    users = [User(username=f"r-{name}", name=f"{name}民", password=password) for name in NAMES]
    made.people = dict(zip(NAMES, User.objects.bulk_create(users), strict=True))
    for key, unit, area in STAFF:
        city.people[key] = User.objects.create(username=key, name=f"{key}员", is_staff=True, password=password)
        Appointment.objects.create(
            user=city.people[key], unit=city.unit(unit), role=Role.PARTNER_MANAGER, area=city.area(area),
            valid_from=SINCE,
        )  # fmt: skip
    return made
