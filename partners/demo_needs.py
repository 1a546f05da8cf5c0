"""Some weeks of needs in the fictional city: raised in every way, in every state, with similar ones, and visits.

Told through the services, at the times at which it would have happened. Needs the fixtures of the city loaded.
"""

import json
from datetime import datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from cases.demo_material import FOLDER
from governance.clock import SHANGHAI
from governance.models import Area, Dwelling, Estate, OrgUnit, User
from governance.workflow import act
from partners.models import Need, NeedCategory
from partners.needs.registering import Raiser, need_register, resident_raise
from partners.needs.visits import Heard, visit_log

MANAGER, STAFF, UNIT = "partners.liudi", "community.liudi", "community-001002"
AREA, ESTATE = "990102001002", "GZY"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def load_needs(*, now: datetime | None = None) -> int:
    """Write the needs and visits of the last weeks; returns how many needs there are."""
    now = now or timezone.now()
    told = json.loads((FOLDER / "needs.json").read_text())
    with transaction.atomic():
        kinds = {row.code: row for row in NeedCategory.objects.all()}
        for row in told["told"]:
            _told(row, kinds, _at(now, row["days_ago"]), told["words"], now)
        for row in told["own"]:
            _own(row, kinds, _at(now, row["days_ago"]), told["words"], now)
        for row in told["visits"]:
            _visit(row, kinds, _at(now, row["days_ago"]), now)
        _merged(now)
    return Need.objects.count()


def _person(username: str) -> User:
    return User.objects.get(username=username)


def _at(now: datetime, days: int) -> datetime:
    """Return ten in the morning so many days ago."""
    return datetime.combine(now.astimezone(SHANGHAI).date() - days * DAY, time(10), SHANGHAI)


def _told(row: dict, kinds: dict, at: datetime, words: dict, now: datetime) -> None:
    caller = [Raiser(name=f"{row['title'][:1]}女士", phone=f"+9990000{9000 + row['days_ago']}")]
    need = need_register(
        actor=_person(MANAGER), source=row["source"], title=row["title"], description=row["description"],
        category=kinds[row["category"]], group=row["group"], people=row["people"], area=Area.objects.get(code=AREA),
        estate=Estate.objects.get(code=ESTATE), raisers=caller if row["source"] == "phone" else [],
        urgency="urgent" if row["category"] == "safety" else "normal", occurred_at=at,
    )  # fmt: skip
    _go(need, row["steps"], at, words, now)


def _own(row: dict, kinds: dict, at: datetime, words: dict, now: datetime) -> None:
    need = resident_raise(
        actor=_person(row["username"]), title=row["title"], description=row["description"],
        category=kinds[row["category"]], anonymous=row["anonymous"], occurred_at=at,
    )  # fmt: skip
    _go(need, row["steps"], at, words, now)


def _go(need: Need, steps: str, at: datetime, words: dict, now: datetime) -> None:
    """Carry steps out, each a good day after the other, none later than now."""
    for name in steps.split():
        at = min(at + DAY + 3 * HOUR, now)
        given = dict(words.get(name, {}))
        if name == "transfer":
            given["unit"] = OrgUnit.objects.get(code=UNIT)
        need = act(need, name, actor=_person(MANAGER), occurred_at=at, **given)


def _visit(row: dict, kinds: dict, at: datetime, now: datetime) -> None:
    homes = Dwelling.objects.select_related("area", "building__estate__area", "building__area")
    heard = [Heard(title=title, category=kinds[kind], group=kind) for kind, title in row["needs"]]
    visit_log(actor=_person(row["username"]), at=at, minutes=20, dwelling=homes.get(code=row["dwelling"]),
              with_whom=row["with_whom"], words=row["words"], needs=heard, now=now)  # fmt: skip


def _merged(now: datetime) -> None:
    """One of the similar ones was merged by hand; the others wait for somebody to look."""
    into = Need.objects.get(title="社区花园共建")
    need = Need.objects.get(title="空地改成小花园")
    act(need, "merge", actor=_person(STAFF), into=into, occurred_at=now - 2 * DAY)
