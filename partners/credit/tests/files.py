"""A community with partners, a formula in force and the templates of notices, for tests of credit files."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings
from django.utils import timezone

from conftest import City
from governance.models import NoticeTemplate
from governance.workflow import act
from partners.credit.appeals import note_appeal
from partners.credit.computing import profile_compute
from partners.credit.lists import list_draw
from partners.credit.notes import note_record
from partners.earning.records import record_approve
from partners.earning.tests.house import House, build_house
from partners.models import CreditFormula, CreditLevel, CreditWeight

WEIGHTS = {"points": ("0.1", 30), "activities": ("1", 20), "evaluations": ("0.2", 20), "punctuality": ("0.5", 10),
           "cancelled": ("-3", 15), "absent": ("-5", 20), "unpunctual": ("-2", 10), "standing": ("-5", 20)}  # fmt: skip
LEVELS = [("A", "优秀", 85), ("B", "良好", 70), ("C", "一般", 50), ("D", "待改进", 0)]


def make_formula(area, code: str = "credit-1", **given) -> CreditFormula:
    """Return a draft with lines and levels."""
    given = {"name": "信用分", "valid_from": date(2026, 1, 1), "base": 50} | given
    made = CreditFormula.objects.create(code=code, area=area, **given)
    for line, (weight, cap) in WEIGHTS.items():
        CreditWeight.objects.create(formula=made, line=line, weight=weight, cap=cap)
    for level, name, least in LEVELS:
        CreditLevel.objects.create(formula=made, code=level, name=name, least=least)
    return made


@dataclass
class Files:
    """``house`` with its people; the formula ``formula`` is in force for the street."""

    house: House
    formula: CreditFormula

    def user(self, name: str):
        return self.house.user(name)

    def partner(self, name: str = "lawyer"):
        return self.house.fresh(self.house.partners[name])

    @property
    def year(self) -> int:
        return timezone.localdate().year

    def note(self, *, by: str = "manager", partner: str = "lawyer", line: str = "absent", **given):
        """Record a fact of today."""
        given = {"happened_on": timezone.localdate(), "what": "约定的咨询未到场"} | given
        return note_record(actor=self.user(by), partner=self.partner(partner), line=line, **given)

    def untold(self, **given):
        """Record a fact that nobody can be told of."""
        rows = list(NoticeTemplate.objects.filter(key="credit_note_told"))
        NoticeTemplate.objects.filter(key="credit_note_told").delete()
        made = self.note(**given)
        NoticeTemplate.objects.bulk_create(rows)
        return made

    def profile(self, name: str = "lawyer", by: str = "manager"):
        return profile_compute(self.partner(name), self.year, actor=self.user(by))

    def work(self, count: int = 1, **given) -> None:
        """Let the lawyer render services that are approved, ten points each."""
        for _number in range(count):
            record_approve(self.house.record(**given), actor=self.user("manager2"))

    def appeal(self, note=None, *, by: str = "lawyer", **given):
        note = note or self.note()
        return note_appeal(note, actor=self.user(by), grounds="当日已电话改期", **given)

    def list(self, **given):
        given = {"area": self.house.area, "purpose": "outstanding", "year": self.year} | given
        return list_draw(actor=self.user("manager"), **given)

    def value(self, profile, line: str) -> Decimal:
        return profile.current.lines.get(line=line).value


def load_templates() -> None:
    """Load the shipped texts of notices about credit files."""
    rows = json.loads((settings.BASE_DIR / "fixtures/0009_credit_notices.json").read_text())
    NoticeTemplate.objects.bulk_create(
        NoticeTemplate(**row["fields"]) for row in rows if row["model"] == "governance.noticetemplate"
    )


def build_files(city: City) -> Files:
    """Add the formula, the templates and a tariff to the house of earning."""
    house = build_house(city)
    load_templates()
    house.rule()
    formula = act(make_formula(city.area("street")), "put_in_force", actor=city.user("administrator"))
    return Files(house, formula)


YESTERDAY = timedelta(days=1)
