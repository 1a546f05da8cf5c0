"""A year of hotline records in the fictional district, and a week in which one estate complains again and again.

Written as an import leaves them; the watch of the last night and the grouping of hot issues then find what is there, so
the pages of early warning have something to judge.
"""

import json
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random

from django.conf import settings
from django.utils import timezone

from governance.clock import SHANGHAI
from governance.models import Area
from governance.surveillance.usual import NEEDED
from mediation.models import DisputeType, Signal, SignalChannel
from mediation.warning.issues import issues_work_out
from mediation.warning.watching import watch_all

FILE = Path(settings.BASE_DIR) / "fixtures" / "demo" / "signals.json"
PER_DAY = 1.5
WATCHED = "990102"


def load_warning(*, now: datetime | None = None, seed: int = 990108) -> int:
    """Write the records and let the night look; returns how many there are."""
    today = (now or timezone.now()).astimezone(SHANGHAI).date()
    told, random = json.loads(FILE.read_text()), Random(seed)
    types = {kind.code: kind for kind in DisputeType.objects.all()}
    grids = list(Area.objects.filter(code__startswith=WATCHED, kind="grid").order_by("code"))
    rows = [*_usual(told["usual"], types, grids, today, random), *_issue(told["issue"], types, today, random)]
    Signal.objects.bulk_create(rows)
    watch_all(today - timedelta(days=1))
    issues_work_out(today - timedelta(days=1))
    return len(rows)


def _usual(told: dict, types: dict, grids: list[Area], today: date, random: Random) -> Iterator[Signal]:
    for back in range(NEEDED + 10, 0, -1):
        for _number in range(int(random.expovariate(1 / PER_DAY) + 0.5)):
            code = random.choice(list(told))
            yield _row(types[code], random.choice(grids), today - timedelta(days=back), random.choice(told[code]),
                       random)  # fmt: skip


def _issue(told: dict, types: dict, today: date, random: Random) -> Iterator[Signal]:
    area = Area.objects.get(code=told["area"])
    for back, text in told["tellings"]:
        yield _row(types[told["type"]], area, today - timedelta(days=back), text, random)


def _row(kind: DisputeType, area: Area, day: date, text: str, random: Random) -> Signal:
    channel = random.choices(SignalChannel.values, [8, 1, 1])[0]
    return Signal(
        channel=channel, area=area, type=kind, event_date=day, text=text,
        received_at=datetime.combine(day, time(random.randrange(8, 22), random.randrange(60)), SHANGHAI),
        complainant=sha256(f"demo{random.random()}".encode()).hexdigest(),
    )  # fmt: skip
