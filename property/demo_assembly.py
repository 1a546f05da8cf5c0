"""Some months of the assemblies of the fictional city: sessions held, one month missed, items done, open and overdue.

Told through the services, at the times at which it would have happened. Needs the fixtures of the city loaded.
"""

from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from governance.clock import SHANGHAI
from governance.models import OrgUnit, User
from governance.workflow import act
from property.assembly.dates import month_of, months_after
from property.assembly.making import sessions_make_ahead
from property.assembly.topics import topic_propose
from property.models import AgendaItem, Assembly, AssemblySession, FollowUpItem, Invitation

DAY = timedelta(days=1)
FIRST = [  # title, agreed, what is done about it, by whom
    (
        "小区地面停车位重新划线",
        "同意由物业按消防要求重新划线，先登记后排号，公示排号结果。",
        "重新划设地面停车位并公示排号",
        "property-anlan",
    ),
    (
        "3栋加装电梯意见征集",
        "由业委会入户征集3栋业主意见，提交下次会议协商；表决依法另行组织。",
        "入户征集3栋加装电梯意见",
        "owners-gzy",
    ),
]
SECOND = [
    (
        "2栋楼道堆物清理",
        "物业发出清理通知，一周后集中清理；仍有堆物的转街道处理。",
        "集中清理2栋楼道堆物",
        "property-anlan",
    ),
]
THIRD = [
    (
        "1栋楼道照明更换",
        "物业更换为声控灯，费用按公共收益列支程序办理。",
        "更换1栋楼道照明",
        "property-anlan",
    ),
]
ELSEWHERE = [("地下车库照明维修", "和园物业两周内更换损坏灯具。", "更换地下车库损坏灯具", "property-heyuan")]
TEXT = "会议由社区党组织主持。与会各方就以下事项充分协商，意见如上。协商意见不代替业主依法共同决定。"


def load_assemblies(*, now: datetime | None = None) -> int:
    """Write the sessions of the last months and of those to come; returns how many there are."""
    now = now or timezone.now()
    today = now.astimezone(SHANGHAI).date()
    with transaction.atomic():
        estate = _met_since(Assembly.objects.get(code="gzy"), months_after(month_of(today), -3))
        community = _met_since(Assembly.objects.get(code="ssx"), months_after(month_of(today), -1))
        for months in (-3, -1):  # as the nightly job would have done then
            day = months_after(month_of(today), months)
            sessions_make_ahead(day, now=datetime.combine(day, time(0, 5), SHANGHAI), assemblies=[estate, community])
        sessions_make_ahead(today, now=now)
        liudi = _Hands("liudi", "gzy", "resident")
        liudi.hold(_of(estate, today, -3), FIRST, until="archive")
        _finish(FollowUpItem.objects.get(title=FIRST[0][2]), "manager.anlan", "organiser.liudi")
        liudi.hold(_of(estate, today, -1), SECOND, until="publish")
        _as_case(FollowUpItem.objects.get(title=SECOND[0][2]))
        liudi.hold_if_past(_of(estate, today, 0), THIRD, now)
        _Hands("shushengxiang", "ylhy", "resident.2").hold(_of(community, today, -1), ELSEWHERE, until="write")
        _to_come(estate, now)
    return AssemblySession.objects.count()


def _met_since(assembly: Assembly, first: date) -> Assembly:
    """The fixture cannot know when the demo is first started."""
    assembly.valid_from = first
    assembly.save(update_fields=["valid_from"])
    return assembly


def _of(assembly: Assembly, today: date, months: int) -> AssemblySession | None:
    month = months_after(month_of(today), months)
    return AssemblySession.objects.filter(assembly=assembly, month=month, is_regular=True).first()


def _person(username: str) -> User:
    return User.objects.get(username=username)


class _Hands:
    """The people of one place who run, attend and confirm."""

    def __init__(self, place: str, owners: str, resident: str):
        self.organiser, self.secretary = _person(f"organiser.{place}"), _person(f"secretary.{place}")
        self.owners = _person(f"owners.{owners}")
        self.resident = _person(resident)
        self.manager = _person("manager.anlan" if place == "liudi" else "manager.heyuan")

    def hold(self, session: AssemblySession, topics, *, until: str) -> None:
        """Let a session take its way, from collecting topics to ``until`` (close, write, publish or archive)."""
        starts = session.starts_at
        session = self._step(session, "collect", starts - 15 * DAY)
        for title, *_rest in topics:
            self._step(session, "add_item", starts - 10 * DAY, title=title)
        session = self._step(session, "notice", starts - 5 * DAY)
        for row in Invitation.objects.filter(session=session).exclude(role="guest").order_by("id"):
            self._step(row, "sign_in", starts - timedelta(minutes=12 - row.pk % 10))
        session = self._step(session, "open", starts)
        self._decide(session, topics, starts)
        session = self._step(session, "close", session.ends_at)
        if until == "close":
            return
        session = self._step(session, "write", session.ends_at + DAY, text=TEXT)
        if until == "write":
            self._step(session, "approve", session.ends_at + 2 * DAY, by=self.secretary)
            return
        for person in (self.secretary, self.manager, self.owners, self.resident):
            session = self._step(session, "approve", session.ends_at + 2 * DAY, by=person)
        session = self._step(session, "publish", session.ends_at + 3 * DAY)
        if until == "archive":
            self._step(session, "archive", session.ends_at + 20 * DAY)

    def hold_if_past(self, session: AssemblySession | None, topics, now: datetime) -> None:
        """Let this month's session be held where its day has passed, as far as its papers can be by now."""
        if session is not None and session.ends_at < now:
            self.hold(session, topics, until="publish" if session.ends_at + 4 * DAY < now else "close")

    def _decide(self, session: AssemblySession, topics, starts: datetime) -> None:
        told = {title: rest for title, *rest in topics}
        for number, topic in enumerate(AgendaItem.objects.filter(session=session).order_by("position"), start=1):
            at = starts + timedelta(minutes=20 * number)
            if topic.title not in told:
                self._step(topic, "discuss", at, discussion="承办单位说明进展，议定继续推进，下次会议汇报。")
                continue
            agreed, what, unit = told[topic.title]
            topic = self._step(topic, "decide", at, outcome=agreed)
            due_on = (session.starts_at + 25 * DAY).date()
            unit = OrgUnit.objects.get(code=unit)
            self._step(topic, "follow_up_with", at, title=what, owner_unit=unit, due_on=due_on)

    def _step(self, obj, name: str, at: datetime, *, by: User | None = None, **given):
        return act(obj, name, actor=by or self.organiser, occurred_at=at, **given)


def _finish(item: FollowUpItem, owner: str, acceptor: str) -> None:
    at = item.made_at
    for days, name, who, given in ((1, "accept", owner, {}), (4, "start", owner, {}),
                                   (15, "submit", owner, {"result": "已完成划线，排号结果已在公告栏公示。"}),
                                   (17, "close", acceptor, {})):  # fmt: skip
        item = act(item, name, actor=_person(who), occurred_at=at + days * DAY, **given)


def _as_case(item: FollowUpItem) -> None:
    at = item.made_at + DAY
    item = act(item, "accept", actor=_person("manager.anlan"), occurred_at=at)
    act(item, "open_case", actor=_person("community.liudi"), occurred_at=at + 2 * DAY)


def _to_come(assembly: Assembly, now: datetime) -> None:
    """The next session collects topics: one waits for an answer, one was taken on, one turned down."""
    session = AssemblySession.objects.filter(assembly=assembly, starts_at__gt=now).order_by("starts_at").first()
    organiser = _person("organiser.liudi")
    if session is not None and session.state == "draft":
        session = act(session, "collect", actor=organiser, occurred_at=now - 2 * DAY)
    titles = ("增设电动自行车充电桩", "小区东门夜间噪音", "与邻居的合同纠纷")
    asked = [
        topic_propose(actor=_person("resident"), assembly=assembly, title=title, occurred_at=now - DAY)
        for title in titles
    ]
    act(asked[1], "accept", actor=organiser, session=None, occurred_at=now - timedelta(hours=12))
    why = "属于个人之间的合同纠纷，建议向社区人民调解委员会申请调解，不列入议程。"
    act(asked[2], "reject", actor=organiser, reason=why, occurred_at=now - timedelta(hours=11))
