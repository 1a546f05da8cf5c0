"""Three projects of a community in the fictional city: one closed with points, one under way, one open to be claimed.

Told through the services, at the times at which it would have happened. Needs the needs and partners of the demo.
"""

from datetime import datetime, time, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from governance.clock import SHANGHAI
from governance.models import Area, User
from governance.workflow import act
from partners.models import Claim, EvaluationItem, Need, NeedState, Partner, Project, ServiceKind
from partners.projects.claiming import claim_submit
from partners.projects.evaluating import evaluation_answer, evaluator_invite
from partners.projects.planning import ProjectPlan, project_make, project_publish
from partners.projects.running import CODES, project_sign_in, project_sign_out
from partners.projects.tasks import line_add, log_add, task_add, task_done

AREA = "990102001002"
MANAGER, STAFF, JUDGE = "partners.liudi", "community.liudi", "evaluator"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
GOOD = {"five": 5, "hundred": 92}
FAIR = {"five": 4, "hundred": 85}


def load_projects(*, now: datetime | None = None) -> int:
    """Write the three projects; returns how many there are."""
    story = _Story(now or timezone.now())
    with transaction.atomic():
        story.phones()
        story.garden()
        story.holidays()
    return Project.objects.count()


class _Story:
    """``at(-40, 10)`` is ten o'clock forty days ago."""

    def __init__(self, now: datetime):
        self.now, self.today = now, now.astimezone(SHANGHAI).date()
        self.area = Area.objects.get(code=AREA)
        self.kinds = {kind.code: kind for kind in ServiceKind.objects.all()}

    def at(self, days: int, hour: int = 10, minute: int = 0) -> datetime:
        return datetime.combine(self.today + days * DAY, time(hour, minute), SHANGHAI)

    def person(self, username: str) -> User:
        return User.objects.get(username=username)

    def partner(self, username: str) -> Partner:
        person = self.person(username)
        units = person.appointments.filter(role="partner").values("unit_id")
        rows = Partner.objects.filter(area=self.area, state="active")
        return rows.filter(person=person).first() or rows.get(unit__in=units)

    def step(self, obj, name: str, at: datetime, by: str = MANAGER, **given):
        return act(obj, name, actor=self.person(by), occurred_at=at, **given)

    def project(self, title: str, at: datetime, need: str, until: datetime, **plan) -> Project:
        """Plan and publish a project of the adopted need of this title, where there is one."""
        needs = Need.objects.filter(area__path__startswith=self.area.path, title=need, state=NeedState.ADOPTED)
        plan = ProjectPlan(title=title, needs=list(needs[:1]), **plan)
        made = project_make(actor=self.person(MANAGER), area=self.area, plan=plan, occurred_at=at)
        return project_publish(made, actor=self.person(MANAGER), claim_until=until, occurred_at=at + HOUR)

    def claim(self, project: Project, by: str, at: datetime, plan: str, people: int) -> Claim:
        return claim_submit(project, actor=self.person(by), partner=self.partner(by), plan=plan, people=people,
                            occurred_at=at)  # fmt: skip

    def sign(self, project: Project, username: str, at: datetime, hours: int = 2) -> None:
        person = self.person(username)
        row = project_sign_in(actor=person, code=CODES.code_of(project.pk, at), occurred_at=at)
        project_sign_out(row, actor=person, occurred_at=at + hours * HOUR)

    def phones(self) -> None:
        """A course for elders: claimed by a bank and a gym, carried out by the bank, evaluated, closed."""
        project = self.project(
            "长者智能手机培训", self.at(-18), "教老人用智能手机", self.at(-15, 18), group="elders",
            about="面向60岁以上居民，分四期教手机挂号、打车、支付和防诈骗，一对一辅导。",
            goals="60位长者能独立完成手机挂号和付款；满意度90分以上。", place="柳堤社区多功能厅",
            starts_on=self.today - 14 * DAY, ends_on=self.today - 4 * DAY, kind=self.kinds["project"],
            help_kind=self.kinds["volunteer-hour"],
        )  # fmt: skip
        mine = self.claim(project, "partner.bank", self.at(-17), "网点6名员工分四期授课，自备教学手机与讲义。", 6)
        self.claim(project, "partner.gym", self.at(-16), "周末由2名教练协助教学。", 2)
        manager = self.person(MANAGER)
        for days, title in ((-12, "第一期：手机挂号"), (-9, "第二期：打车与导航"), (-6, "第三期：支付与防诈")):
            task_add(project, actor=manager, title=title, starts_at=self.at(days, 9), ends_at=self.at(days, 11),
                     place="柳堤社区多功能厅", hands=4, occurred_at=self.at(-16))  # fmt: skip
        for title, amount in (("讲义印制", "300.00"), ("茶水", "200.00")):
            line_add(project, actor=manager, sort="planned", title=title, amount=Decimal(amount),
                     occurred_at=self.at(-16))  # fmt: skip
        mine = self.step(mine, "award", self.at(-15))
        project = self.step(project, "begin", self.at(-13))
        for days in (-12, -9, -6):
            self.sign(project, "partner.bank", self.at(days, 9))
            self.sign(project, "resident", self.at(days, 9, 5))
            task = project.tasks.filter(done_at=None).order_by("starts_at").first()
            task_done(task, actor=self.person("partner.bank"), claim=mine, occurred_at=self.at(days, 11))
        log_add(project, actor=manager, text="第一期到场22位长者，人人学会手机挂号。", open=True,
                occurred_at=self.at(-12, 12))  # fmt: skip
        line_add(project, actor=manager, sort="actual", title="讲义印制", amount=Decimal("286.50"),
                 day=self.today - 12 * DAY, occurred_at=self.at(-12, 13))  # fmt: skip
        self.step(mine, "deliver", self.at(-5), by="partner.bank", served=64, sessions=3,
                  report="共办三期，64人次参加，58位长者能独立挂号付款；发放防诈手册60份。")  # fmt: skip
        self.evaluated(project)

    def evaluated(self, project: Project) -> None:
        manager = self.person(MANAGER)
        for party, username, marks in (("residents", "resident", GOOD), ("staff", STAFF, FAIR),
                                       ("third", JUDGE, FAIR)):  # fmt: skip
            person = self.person(username)
            row = evaluator_invite(project, actor=manager, party=party, person=person, occurred_at=self.at(-5, 11))
            items = EvaluationItem.objects.filter(form=row.form_id, party=party)
            evaluation_answer(row, actor=person, marks={item.pk: marks[item.scale] for item in items},
                              occurred_at=self.at(-4))  # fmt: skip
        project = self.step(project, "evaluate", self.at(-3))
        self.step(project, "close", self.at(-2))

    def garden(self) -> None:
        """A garden made together: shared by the gym and a student, under way."""
        project = self.project(
            "社区花园共建", self.at(-14), "社区花园共建", self.at(-9, 18), about="三号楼后荒地改花园，居民认领花池。",
            goals="建成8个花池，形成日常养护小组。", place="桂子苑三号楼后", starts_on=self.today - 8 * DAY,
            ends_on=self.today + 30 * DAY, exclusive=False, most_claims=3, kind=self.kinds["project"],
        )  # fmt: skip
        gym = self.claim(project, "partner.gym", self.at(-13), "出工具与8名志愿者，负责整地。", 8)
        student = self.claim(project, "partner.student.2", self.at(-12), "每周末养护并拍摄记录。", 1)
        for days, title in ((-7, "整地翻土"), (2, "砌花池"), (9, "种植与挂牌")):
            task_add(project, actor=self.person(MANAGER), title=title, starts_at=self.at(days, 9),
                     ends_at=self.at(days, 12), place="桂子苑三号楼后", hands=10, occurred_at=self.at(-12))  # fmt: skip
        for row in (gym, student):
            self.step(row, "award", self.at(-9))
        project = self.step(project, "conclude", self.at(-9, 11))
        project = self.step(project, "begin", self.at(-8))
        for username in ("partner.gym", "partner.student.2", "neighbour.1", "resident"):
            self.sign(project, username, self.at(-7, 9), 3)
        task = project.tasks.order_by("starts_at").first()
        task_done(task, actor=self.person("partner.gym"), claim=gym, occurred_at=self.at(-7, 12))
        log_add(project, actor=self.person("partner.gym"), claim=gym, text="清走建筑垃圾两车，翻土约120平方米。",
                occurred_at=self.at(-7, 13))  # fmt: skip

    def holidays(self) -> None:
        """Care for children in the holidays: open, with two claims to choose from."""
        project = self.project(
            "儿童暑期托管", self.at(-6), "儿童暑期托管", self.at(8, 18), group="children",
            about="寒暑假工作日为双职工家庭小学生提供托管、作业辅导与体育活动；本期先办寒假班。",
            goals="每日托管30名学生，安全零事故。", place="柳堤社区党群服务中心", starts_on=self.today + 45 * DAY,
            ends_on=self.today + 70 * DAY, partner_kinds=["resource", "professional"], kind=self.kinds["project"],
            quantity=2,
        )  # fmt: skip
        self.claim(project, "partner.gym", self.at(-4), "提供场馆与4名教练，上午作业、下午体能。", 4)
        self.claim(project, "partner.teacher", self.at(-3), "退休教师3人，负责作业辅导与书法课。", 3)
