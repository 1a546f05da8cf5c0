"""A cluster in the fictional city: within three days people report the same trouble again and again round one estate.

Told through the services like the rest of the history, each case dealt with by itself, and found by the watch of the
night after: so the hot-spot pages have something to decide.
"""

import json
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from random import Random

from django.utils import timezone

from cases.demo_history import play
from cases.demo_lives import Life
from cases.demo_material import FOLDER, Cast, Material, Place
from cases.hotspots.watch import watch_all
from cases.models import HotSpotSignal
from governance.clock import SHANGHAI
from governance.models import Area


def load_hotspots(*, now: datetime | None = None, seed: int = 990104) -> int:
    """Write the cluster and let the watch look; returns how many signals there are."""
    now = now or timezone.now()
    told = json.loads((FOLDER / "hotspots.json").read_text())
    play(list(_lives(told, Random(seed), now)), now)
    latest = min(telling["days_ago"] for telling in told["tellings"])
    watch_all(now.astimezone(SHANGHAI).date() - timedelta(days=latest))
    return HotSpotSignal.objects.count()


def _lives(told: dict, rng: Random, now: datetime) -> Iterator[Life]:
    material, cast = Material.load(), Cast(rng)
    area = Area.objects.get(code=told["grid"])
    category, condition = told["standard"]
    story = next(
        story
        for story in material.stories
        if (story["standard"].category.code, story["standard"].condition_code) == (category, condition)
    )
    for telling in told["tellings"]:
        longitude, latitude = told["longitude"] + rng.uniform(-4e-4, 4e-4), told["latitude"] + rng.uniform(-3e-4, 3e-4)
        place = Place(area, telling["address"], round(longitude, 6), round(latitude, 6))
        day = now.astimezone(SHANGHAI).date() - timedelta(days=telling["days_ago"])
        began = datetime.combine(day, time(telling["hour"], rng.randrange(60)), SHANGHAI)
        subject = material.subject(story, place, telling["source"], telling["text"])
        yield Life(subject, "closed", cast, rng, began=began, now=now)
