"""Some decisions of the fictional city, in different states, made by the real services around the first start.

What is decided comes from ``fixtures/demo/votes.json``: days count from now, ``votes`` holds one key for each dwelling
by code (+ for, - against, * abstain, blank none).
"""

import json
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from governance.models import Building, Entrance, Estate, User
from governance.timers import fire_past
from governance.workflow import act
from property.models import Resolution, RuleSet
from property.voting.papers import ballot_read
from property.voting.resolutions import PUBLICITY_ENDS, VOTE_BEGINS, VOTE_ENDS, resolution_propose
from property.voting.rolls import roll_draw

KEYS = {"+": "for", "-": "against", "*": "abstain"}


def load_votes(*, now: datetime | None = None) -> int:
    """Write the decisions; returns how many there are. Needs the fixtures of the city loaded."""
    now = now or timezone.now()
    told = json.loads((settings.BASE_DIR / "fixtures" / "demo" / "votes.json").read_text())
    with transaction.atomic():
        for row in told:
            Played(row, now).play()
    return len(told)


class Played:
    """One row of the file, played through as far as it says."""

    def __init__(self, row: dict, now: datetime):
        self.row, self.now = row, now
        people = User.objects.in_bulk([row["who"], row["second"]], field_name="username")
        self.actor, self.second = people[row["who"]], people[row["second"]]

    def at(self, name: str) -> datetime:
        """Return the moment of a step: its day at nine in the morning, or at the end at six."""
        day = timezone.localtime(self.now) + timedelta(days=self.row[name])
        return day.replace(hour=18 if name == "ends" else 9, minute=0, second=0, microsecond=0)

    def play(self) -> None:
        """Propose, deliberate, announce, vote, count, publicise: each where the row has a day for it."""
        resolution = act(self._proposed(), "deliberate", actor=self.actor, occurred_at=self.at("deliberated"))
        if "announced" not in self.row:
            return
        roll_draw(resolution, actor=self.actor, occurred_at=self.at("deliberated"))
        resolution = act(
            resolution, "announce", actor=self.actor, occurred_at=self.at("announced"), voting_from=self.at("begins"),
            voting_until=self.at("ends"),
        )  # fmt: skip
        fire_past(f"{VOTE_BEGINS}:{resolution.pk}", self.now)
        self._read(resolution)
        fire_past(f"{VOTE_ENDS}:{resolution.pk}", self.now)
        if "counted" in self.row:
            self._after(act(resolution, "count", actor=self.actor, occurred_at=self.at("counted")))

    def _proposed(self) -> Resolution:
        row, estate = self.row, Estate.objects.select_related("area").get(code=self.row["estate"])
        building = Building.objects.get(estate=estate, number=row["building"]) if "building" in row else None
        entrance = Entrance.objects.get(building=building, number=row["entrance"]) if "entrance" in row else None
        return resolution_propose(
            actor=self.actor, title=row["title"], text=row["text"], rule_set=RuleSet.objects.get(code=row["rule"]),
            estate=estate, building=building, entrance=entrance, secrecy=row.get("secrecy", "open"),
            occurred_at=self.at("proposed"),
        )  # fmt: skip

    def _read(self, resolution: Resolution) -> None:
        """Let two people read the papers, on the days after the vote began; a lone second reading is left to do."""
        entries = resolution.roll.entries.order_by("dwelling__code") if self.row.get("votes") else ()
        for place, (entry, key) in enumerate(zip(entries, self.row.get("votes", ""), strict=False)):
            if key not in KEYS:
                continue
            moment = min(self.at("begins") + timedelta(hours=5 * place + 2), self.now)
            for clerk in (self.actor, self.second):
                ballot_read(resolution, actor=clerk, number=entry.number, choice=KEYS[key], occurred_at=moment)

    def _after(self, resolution: Resolution) -> None:
        if "publicised" not in self.row:
            return
        act(resolution, "publicise", actor=self.actor, occurred_at=self.at("publicised"))
        act(
            resolution, "record_official", actor=self.second, occurred_at=self.at("official"),
            official_outcome=resolution.outcome, official_on=self.at("official").date(),
            official_number=self.row["document"],
        )  # fmt: skip
        fire_past(f"{PUBLICITY_ENDS}:{resolution.pk}", self.now)
