"""A community with partners that claim projects, residents, staff and a third party that evaluate, and a form."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from conftest import PASSWORD, SINCE, City
from governance.models import Appointment, OrgUnit, Role, User
from governance.workflow import act
from partners.earning.tests.house import House, build_house
from partners.models import (
    Claim,
    EvaluationForm,
    EvaluationGrade,
    EvaluationItem,
    Need,
    NeedCategory,
    NeedLimit,
    Project,
    ProjectAttendance,
)
from partners.needs.registering import need_register
from partners.projects.claiming import claim_submit
from partners.projects.evaluating import evaluation_answer, evaluator_invite
from partners.projects.planning import ProjectPlan, project_make, project_publish
from partners.projects.running import CODES, project_sign_in

DAY = timedelta(days=1)
PEOPLE = ("resident1", "resident2", "judge", "looker")


@dataclass
class Works:
    """``house``: partners ``lawyer`` and ``bakery`` (people lawyer, baker, baker2), managers and staff. ``judge``
    evaluates for a third party; ``resident1`` and ``resident2`` take part."""

    house: House
    form: EvaluationForm
    category: NeedCategory

    def user(self, name: str) -> User:
        return self.house.user(name)

    @property
    def area(self):
        return self.house.area

    def plan(self, **given) -> ProjectPlan:
        today = timezone.localdate()
        usual = {"title": "长者智能手机培训", "starts_on": today, "ends_on": today + 20 * DAY,
                 "kind": self.house.kinds["outcome"]}  # fmt: skip
        return ProjectPlan(**(usual | given))

    def planned(self, *, by: str = "manager", **given) -> Project:
        return project_make(actor=self.user(by), area=self.area, plan=self.plan(**given))

    def step(self, obj, name: str, /, *, by: str = "manager", **given):
        return act(obj, name, actor=self.user(by), **given)

    def claiming(self, **given) -> Project:
        until = timezone.now() + 5 * DAY
        return project_publish(self.planned(**given), actor=self.user("manager"), claim_until=until)

    def claim(self, project: Project, by: str = "lawyer", partner: str = "", **given) -> Claim:
        partner = partner or {"baker": "bakery", "baker2": "bakery"}.get(by, by)
        given = {"plan": "每周六上午一对一教学"} | given
        return claim_submit(project, actor=self.user(by), partner=self.house.partners[partner], **given)

    def awarded(self, by: str = "lawyer", **given) -> Claim:
        return self.fresh(self.step(self.claim(self.claiming(**given), by), "award"))

    def under_way(self, by: str = "lawyer", **given) -> Claim:
        claim = self.awarded(by, **given)
        self.step(claim.project, "begin")
        return self.fresh(claim)

    def sign_in(self, project: Project, by: str, at: datetime | None = None) -> ProjectAttendance:
        at = at or timezone.now()
        return project_sign_in(actor=self.user(by), code=CODES.code_of(project.pk, at), occurred_at=at)

    def delivered(self, by: str = "lawyer", **given) -> Claim:
        claim = self.under_way(by, **given)
        self.sign_in(claim.project, "resident1")
        self.step(claim, "deliver", by=by, report="办了六期，教会六十位老人", served=60, sessions=6)
        return self.fresh(claim)

    def invite(self, project: Project, party: str, person: str, by: str = "manager"):
        return evaluator_invite(project, actor=self.user(by), party=party, person=self.user(person))

    def answer(self, row, person: str, mark: int = 5):
        items = EvaluationItem.objects.filter(form=row.form, party=row.party)
        marks = {item.pk: mark if item.scale == "five" else mark * 20 for item in items}
        return evaluation_answer(row, actor=self.user(person), marks=marks, remarks="不错")

    def asked(self, project: Project, mark: int = 5) -> None:
        for party, person in (("residents", "resident1"), ("staff", "manager2"), ("third", "judge")):
            self.answer(self.invite(project, party, person), person, mark)

    def evaluated(self, mark: int = 5, **given) -> Claim:
        claim = self.delivered(**given)
        self.asked(claim.project, mark)
        self.step(claim.project, "evaluate")
        return self.fresh(claim)

    def closed(self, mark: int = 5, **given) -> Claim:
        claim = self.evaluated(mark, **given)
        self.step(claim.project, "close")
        return self.fresh(claim)

    def in_state(self, state: str) -> Project:
        """Return a project in a state."""
        if state == "planned":
            return self.planned()
        if state == "published":
            at = timezone.now()
            return project_publish(self.planned(), actor=self.user("manager"), claim_from=at + DAY,
                                   claim_until=at + 3 * DAY)  # fmt: skip
        if state == "claiming":
            return self.claiming()
        if state == "unclaimed":
            claim = self.awarded()
            self.step(claim, "quit", by="lawyer", reason="人手不足")
            return self.fresh(claim.project)
        if state == "terminated":
            return self.step(self.planned(), "terminate", reason="经费取消")
        makers = {"awarded": self.awarded, "under_way": self.under_way, "delivered": self.delivered,
                  "evaluated": self.evaluated, "closed": self.closed}  # fmt: skip
        return self.fresh(makers[state]().project)

    def need(self, **given) -> Need:
        """Return an adopted need."""
        need = need_register(actor=self.user("manager"), source="phone", area=self.area,
                             title="想学用手机", category=self.category, **given)  # fmt: skip
        for name in ("verify", "adopt"):
            need = self.step(need, name)
        return need

    def fresh(self, row):
        return type(row).objects.with_rows().get(pk=row.pk)


def build_works(city: City) -> Works:
    """Add those who evaluate, the form, and what needs ask for."""
    house = build_house(city)
    house.rule("outcome", points=50)
    password = make_password(PASSWORD)
    rows = User.objects.bulk_create(User(username=f"w-{name}", name=f"{name}民", password=password) for name in PEOPLE)
    house.people |= dict(zip(PEOPLE, rows, strict=True))
    house.people["administrator"] = city.user("administrator")
    ngo = OrgUnit.objects.create(code="ngo", name="云川社会评估中心", kind="other", area=house.area)
    city.units["ngo"] = ngo
    Appointment.objects.create(
        user=house.people["judge"], unit=ngo, role=Role.EVALUATOR, area=house.area, valid_from=SINCE
    )
    form = EvaluationForm.objects.create(
        code="v1", title="社区项目评估表", valid_from=SINCE, residents=40, staff=30, third=30
    )
    EvaluationItem.objects.bulk_create(
        EvaluationItem(form=form, party=party, position=position, text=text, scale=scale, weight=weight)
        for party in ("residents", "staff", "third")
        for position, text, scale, weight in ((1, "目标完成", "five", 2), (2, "群众满意", "hundred", 1))
    )
    for name, score, share in (("优秀", 85, 100), ("良好", 70, 80), ("合格", 60, 60), ("不合格", 0, 0)):
        EvaluationGrade.objects.create(form=form, name=name, from_score=score, share=share)
    NeedLimit.objects.create(valid_from=SINCE, verify_days=5, call_back_days=7)
    return Works(house, form, NeedCategory.objects.create(code="elders", name="为老服务"))
