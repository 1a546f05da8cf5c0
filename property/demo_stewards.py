"""Two weeks of red stewards of the fictional city: shifts stood and missed, visits, disputes seen, hours.

Told through the services, at the times at which it would have happened. Rounds are told with the other patrols.
"""

from datetime import datetime, timedelta
from random import Random

from django.utils import timezone

from governance.models import Building, Dwelling, User
from governance.timers import fire_past
from governance.workflow import act
from property.models import HoursEntry, ShiftState, StewardMember, StewardShift, StewardTeam
from property.stewards.hours import hours_correct
from property.stewards.members import join_ask
from property.stewards.outreach import outreach_log, outreach_pass_on
from property.stewards.shifts import DAYS_AHEAD, LAPSED, OVER, REMIND, duty_take, shifts_make, timer_key
from property.stewards.sightings import sighting_report

DAYS_BACK = 14
MISSED_SHARE = 0.1  # [J]
VISITS = [  # who, at which dwelling, about what, how it went, what was asked, days ago
    ("steward.liudi", "GZY-1-1-301", "城乡居民医保缴费", "explained", "", 5),
    (
        "party.gzy.4",
        "GZY-2-1-301",
        "电动自行车充电安全",
        "questions",
        "老人总把电瓶拎上楼，能不能加装充电桩？",
        4,
    ),
    ("steward.liudi", "GZY-2-2-301", "反电信诈骗", "explained", "", 2),
    ("resident.3", "GZY-1-1-501", "垃圾分类投放", "not_met", "", 1),
]
PASSED_ON = "居民希望在2栋附近加装电动自行车集中充电桩"


def load_stewards(*, now: datetime | None = None, seed: int = 9902) -> int:
    """Write shifts, visits, disputes and a request to join; returns how many lines of time were counted."""
    now, rng = now or timezone.now(), Random(seed)
    people = {user.username: user for user in User.objects.filter(is_system=False)}
    team = StewardTeam.objects.get(code="GZY-HGJ")
    today = timezone.localdate(now)
    since = now - timedelta(days=DAYS_BACK)
    shifts_make(timezone.localdate(since), today + timedelta(days=DAYS_AHEAD), now=since)
    for shift in StewardShift.objects.filter(state=ShiftState.PLANNED).order_by("starts_at", "pk"):
        _stand(StewardShift.objects.lock(shift.pk), now, rng)
    _visits(team, people, now)
    _disputes(team, people, now)
    lead, member = people["steward.liudi"], StewardMember.objects.get(team=team, person=people["party.gzy.4"])
    hours_correct(member, actor=lead, date=today - timedelta(days=3), minutes=30, reason="协助搬运防汛沙袋，未登记班次",
                  at=now - timedelta(days=2))  # fmt: skip
    words = "退休教师，可以周末值守、教老人用手机"
    join_ask(actor=people["resident"], team=team, words=words, at=now - timedelta(hours=30))
    return HoursEntry.objects.count()


def _stand(shift: StewardShift, now: datetime, rng: Random) -> None:
    """Let members take a shift and, where it is over, stand it; some forget to end it, some do not come."""
    members = list(StewardMember.objects.in_force(shift.date).filter(team=shift.team_id).select_related("person"))
    taken_at = min(shift.starts_at - timedelta(days=2), now - timedelta(minutes=1))
    ahead = shift.starts_at > now
    wanted = max(1, shift.wanted - 1) if ahead else shift.wanted
    duties = [duty_take(shift, actor=one.person, at=taken_at) for one in rng.sample(members, min(wanted, len(members)))]
    fire_past(timer_key(REMIND, shift), now)
    for duty in duties:
        begin = shift.starts_at + timedelta(minutes=rng.randint(-10, 8))
        if begin > now or rng.random() < MISSED_SHARE:
            continue
        person = duty.member.person
        begun = act(duty, "start", actor=person, occurred_at=begin)
        end = shift.ends_at + timedelta(minutes=rng.randint(-20, 10))
        if end < now:
            act(begun, "end", actor=person, occurred_at=end)
    for kind in (OVER, LAPSED):
        fire_past(timer_key(kind, shift), now)


def _visits(team: StewardTeam, people: dict[str, User], now: datetime) -> None:
    for username, home, topic, result, asked, days in VISITS:
        at = now - timedelta(days=days, hours=3)
        dwelling = Dwelling.objects.with_address().select_related("area").get(code=home)
        visit = outreach_log(
            actor=people[username], team=team, topic=topic, result=result, questions=asked, dwelling=dwelling, at=at,
            minutes=20, now=at + timedelta(minutes=25),
        )  # fmt: skip
        if asked:
            outreach_pass_on(visit, actor=people["steward.liudi"], description=PASSED_ON, at=at + timedelta(hours=1))


def _disputes(team: StewardTeam, people: dict[str, User], now: datetime) -> None:
    """One settled, one taken on, and one of this hour that waits for the community staff."""
    lead, staff = people["steward.liudi"], people["community.liudi"]
    first, second = Building.objects.filter(estate__code="GZY", number__in=["1", "2"]).order_by("number")
    old = sighting_report(
        actor=lead, team=team, kind="noise", building=second, place="2单元", at=now - timedelta(days=6),
        words="楼上装修超过规定时段，与楼下住户在楼道争吵，已劝离。",
    )  # fmt: skip
    act(old, "take", actor=staff, occurred_at=now - timedelta(days=6) + timedelta(hours=2))
    act(old, "dismiss", actor=staff, occurred_at=now - timedelta(days=3), reason="双方已约定装修时段，握手言和。")
    taken = sighting_report(
        actor=people["party.gzy.4"], team=team, kind="parking", place="地面车位", at=now - timedelta(days=2),
        words="两户因私装地锁占用公共车位发生口角。",
    )  # fmt: skip
    act(taken, "take", actor=staff, occurred_at=now - timedelta(days=2) + timedelta(hours=1))
    sighting_report(
        actor=lead, team=team, kind="leak", building=first, place="1单元", at=now - timedelta(minutes=20),
        words="楼上漏水泡坏楼下天花板，双方对维修费用争执不下。",
    )  # fmt: skip
