"""Joint work in the fictional city: a general dispute with a respected local, a complex one with three tracks under one
lead, a major one with tasks of departments, and one for which a higher tier is suggested.

Told through the services, at the times at which it would have happened. Needs the fixtures of the city loaded.
"""

from datetime import datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from governance.clock import SHANGHAI
from governance.errors import Refused
from governance.models import Area, OrgUnit, User, Venue
from governance.workflow import act
from mediation.demo_files import page_drawn
from mediation.disputes.consents import consent_record
from mediation.disputes.parties import PartyDraft
from mediation.disputes.registering import dispute_register
from mediation.disputes.states import ConsentTo
from mediation.joint.invitations import invitation_propose
from mediation.joint.notes import note_write
from mediation.joint.respected_helpers import helper_register
from mediation.joint.sittings import sitting_plan
from mediation.joint.tasks import tasks_ask
from mediation.joint.tiers import tier_escalate
from mediation.joint.tracks import track_invite
from mediation.models import Dispute, DisputeType

AREA, VILLAGE, TOWNSHIP, COUNTY = "990102001002", "mediator.liudi", "township.lanqiao", "county.linjiang"
HOUR = timedelta(hours=1)


def load_joint(*, now: datetime | None = None) -> int:
    """Write the joint work of the last weeks; returns how many disputes it is about."""
    now = now or timezone.now()
    with transaction.atomic():
        _with_helper(now)
        _with_tracks(now)
        _with_tasks(now)
        _suggested(now)
    return 4


def _person(username: str) -> User:
    return User.objects.get(username=username)


def _at(now: datetime, days: int, hour: int = 10) -> datetime:
    """Return so many days before today, at an hour."""
    return datetime.combine(now.astimezone(SHANGHAI).date() - timedelta(days=days), time(hour), SHANGHAI)


def _mediating(now: datetime, days: int, kind: str, parties: list[str], **given) -> Dispute:
    """Register a dispute at the village committee so many days ago and bring it into mediation."""
    village, at = _person(VILLAGE), _at(now, days)
    drafts = [
        PartyDraft(
            side="respondent" if number else "applicant",
            name=name,
            phone=f"+999000{number}{days:02d}08",
            kind="organisation" if name.endswith(("物业", "队")) else "person",
        )  # fmt: skip
        for number, name in enumerate(parties)
    ]
    dispute = dispute_register(
        actor=village, area=Area.objects.get(code=AREA), type=DisputeType.objects.get(code=kind), source="application",
        parties=drafts, occurred_at=at, **given,
    )  # fmt: skip
    dispute = act(dispute, "submit_for_consent", actor=village, occurred_at=at)
    _agree(dispute, village, ConsentTo.MEDIATION, None, at)
    dispute = act(dispute, "accept", actor=village, occurred_at=at + HOUR)
    return act(dispute, "begin", actor=village, occurred_at=at + 2 * HOUR)


def _agree(dispute: Dispute, actor: User, what: str, about: User | None, at: datetime) -> None:
    for party in dispute.parties.order_by("pk"):
        consent_record(actor=actor, party=party, what=what, answer="agreed", how="oral", about=about, at=at)


def _raised(dispute: Dispute, tier: str, mediator: str, reason: str, at: datetime) -> Dispute:
    """Let the unit of a higher tier take a dispute over."""
    village, upper = _person(VILLAGE), _person(mediator)
    request = tier_escalate(dispute, actor=village, reason=reason, to_tier=tier, occurred_at=at)
    request = act(request, "accept", actor=upper, mediator=upper, occurred_at=at + HOUR)
    _agree(dispute, village, ConsentTo.MEDIATOR, upper, at + 2 * HOUR)
    act(request, "take_over", actor=upper, occurred_at=at + 3 * HOUR)
    return Dispute.objects.get(pk=dispute.pk)


def _with_helper(now: datetime) -> None:
    village, cai = _person(VILLAGE), _person("helper.cai")
    dispute = _mediating(
        now, 9, "neighbours", ["闻秋菊", "卓立本"], title="楼道堆放杂物堵住通道",
        facts="三单元四楼楼道长期堆放纸箱和旧家具,对门出入不便,双方多次争吵。", claim="清走杂物,今后不再堆放。",
    )  # fmt: skip
    helper = helper_register(
        actor=village, user=cai, area=dispute.area, standing="teacher", about="原柳堤小学校长,教过几代街坊",
        fields=DisputeType.objects.filter(code__in=["neighbours", "marriage_family"]), languages=["普通话", "云川话"],
        interests="儿子经营五金店,涉及建材买卖的不邀请", occurred_at=_at(now, 60),
    )  # fmt: skip
    at = _at(now, 7)
    invitation = invitation_propose(
        dispute, actor=village, helper=helper, summary="同一层两户邻居为楼道堆物不和,都还念旧情,想请您从中说和。",
        until=now.astimezone(SHANGHAI).date() + timedelta(days=20), occurred_at=at,
    )  # fmt: skip
    _agree(dispute, village, ConsentTo.HELPER, cai, at + HOUR)
    invitation = act(invitation, "send", actor=village, occurred_at=at + 2 * HOUR)
    act(invitation, "accept", actor=cai, no_conflict=True, occurred_at=at + 5 * HOUR)
    held = _at(now, 5, 15)
    sitting = sitting_plan(dispute, actor=village, kind="on_site", starts_at=held, ends_at=held + HOUR,
                           place="桂子苑三单元四楼", occurred_at=_at(now, 6))  # fmt: skip
    act(sitting, "hold", actor=village, present=list(dispute.parties.all()), occurred_at=held + HOUR)
    note_write(dispute, actor=village, kind="record", sitting=sitting, occurred_at=held + HOUR,
               text="双方到场。申请人要求一周内清走杂物;被申请人同意清走大部分,旧柜子请求宽限十天。")  # fmt: skip
    note_write(dispute, actor=village, kind="caucus", party=dispute.parties.last(), occurred_at=held + HOUR,
               text="单独谈话:愿意连旧柜子一并处理,希望对方先道一声歉。")  # fmt: skip
    _next_sitting(dispute, village, now)


def _next_sitting(dispute: Dispute, actor: User, now: datetime) -> None:
    """Plan the next sitting in the community's room, on the first day on which it is free."""
    room = Venue.objects.get(code="liudi-activity")
    for ahead in range(1, 8):
        starts = _at(now, -ahead, 15)
        try:
            with transaction.atomic():
                sitting_plan(dispute, actor=actor, kind="centre", venue=room, starts_at=starts, ends_at=starts + HOUR)
            return
        except Refused:
            continue  # closed or taken on that day


def _with_tracks(now: datetime) -> None:
    dispute = _mediating(
        now, 16, "houses_homesteads", ["杭德顺", "全友仁"], title="翻建院墙越界", people=4, amount="18000.00",
        facts="被申请人翻建院墙,申请人认为越过界址约三十厘米,双方家人数次口角。", claim="恢复原界址,赔偿受损的排水沟。",
    )  # fmt: skip
    dispute = _raised(
        dispute, "complex", TOWNSHIP, "界址说法不一,村里三次调解未果,需要住建和法院一起看。", _at(now, 12)
    )
    township, housing = _person(TOWNSHIP), _person("joint.housing")
    told = "两户为院墙界址争执,请核对宅基地登记的四至并说明翻建手续。"
    at = _at(now, 11)
    for kind, unit, basis in (
        ("people", "medcom-liudi", "《人民调解法》"), ("administrative", "housing", "《土地管理法》第十四条"),
        ("judicial", "court-linjiang", "《民事诉讼法》第一百二十五条"),
    ):  # fmt: skip
        track_invite(dispute, actor=township, kind=kind, organ=OrgUnit.objects.get(code=unit), briefing=told,
                     legal_basis=basis, occurred_at=at)  # fmt: skip
    tracks = {track.kind: track for track in dispute.tracks.all()}
    village, clerk = _person(VILLAGE), _person("clerk.linjiang")
    act(tracks["people"], "accept", actor=village, legal_basis="", occurred_at=at + HOUR)
    track = act(tracks["administrative"], "accept", actor=housing, legal_basis="", occurred_at=at + 2 * HOUR)
    track = act(track, "begin", actor=housing, occurred_at=_at(now, 10))
    act(track, "hand_in", actor=housing, result="经核对,登记四至以老墙外沿为界,新墙越界二十六厘米。",
        document="界址核对说明〔2026〕17号", photos=[page_drawn()], occurred_at=_at(now, 6))  # fmt: skip
    act(tracks["judicial"], "accept", actor=clerk, legal_basis="", occurred_at=_at(now, 10))


def _with_tasks(now: datetime) -> None:
    dispute = _mediating(
        now, 14, "property_management", ["戚美珍", "临江安居物业"], title="物业交接期间车位收费", people=36,
        facts="新旧物业交接期间重复收取车位费,三十余户联名要求退还,曾堵过小区大门。", claim="退还重复收取的车位费。",
    )  # fmt: skip
    dispute = _raised(dispute, "major", COUNTY, "涉及三十余户,曾有聚集,需多部门协同。", _at(now, 10))
    county = _person(COUNTY)
    day = now.astimezone(SHANGHAI).date()
    units = list(OrgUnit.objects.filter(code__in=["housing", "police"]).order_by("code"))
    tasks = tasks_ask(
        dispute, actor=county, units=units, facts="某小区新旧物业交接,九月、十月车位费重复收取,三十六户要求退还。",
        question="请按职责说明处理意见和可以采取的措施。", answer_by=day + timedelta(days=3), occurred_at=_at(now, 8),
    )  # fmt: skip
    housing = next(task for task in tasks if task.unit.code == "housing")
    act(housing, "answer", actor=_person("joint.housing"), occurred_at=_at(now, 4),
        answer="两家物业交接手续不全,已约谈双方,要求十五日内对账并退还重复部分。")  # fmt: skip


def _suggested(now: datetime) -> None:
    _mediating(
        now, 22, "migrant_wages", ["石满仓", "鑫顺装修队"], title="拖欠装修工资", people=7, amount="43200.00",
        facts="七名工人反映装修队拖欠两个月工资,负责人称业主尚未付清尾款。", claim="结清工资四万三千二百元。",
    )  # fmt: skip
