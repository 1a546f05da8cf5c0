"""What the demo history is made of: stories, places and the people who act (``fixtures/demo``)."""

import json
from collections import defaultdict
from dataclasses import dataclass
from random import Random

from django.conf import settings

from cases.models import CaseCategory, FilingStandard
from governance.models import Appointment, Area, OrgUnit, Role, User

FOLDER = settings.BASE_DIR / "fixtures" / "demo"
IN_TURN = ("resident", "grid_worker", "hotline", "patrol", "video", "department", "grid_worker")
CITIZENS = ("resident", "hotline")


@dataclass(frozen=True)
class Place:
    """A known spot in a grid; WGS-84 degrees. ``device`` is the code of what stands there, if anything."""

    area: Area
    address: str
    longitude: float
    latitude: float
    device: str | None = None

    def given(self) -> dict:
        """Return the place as the services take it."""
        return {"area": self.area, "address": self.address, "longitude": self.longitude, "latitude": self.latitude}


@dataclass(frozen=True)
class Subject:
    """What one case is about: where, told by whom, in which words, and how it was put right."""

    place: Place
    source: str
    text: str
    results: list[str]
    category: CaseCategory | None = None
    standard: FilingStandard | None = None
    reject_reason: str = ""
    by_night: bool = False


@dataclass
class Material:
    """The stories and places of the demo city, and the choice among them."""

    stories: list[dict]
    no_standard: dict
    unresolved: dict
    rejected: list[dict]
    spots: list[Place]
    devices: dict[str, list[Place]]
    other: CaseCategory
    weights: list[float]
    _turns: int = 0

    @classmethod
    def load(cls) -> "Material":
        """Read the files and the rows they name. Raises KeyError where a story names a standard that is not there."""
        told = json.loads((FOLDER / "history.json").read_text())
        areas = {area.code: area for area in Area.objects.defer("boundary")}
        spots, devices = [], defaultdict(list)
        for row in json.loads((FOLDER / "places.json").read_text()):
            place = Place(areas[row["grid"]], row["address"], row["longitude"], row["latitude"], row["device"])
            if place.device is None:
                spots.append(place)
            else:
                devices[place.device.split("-")[0]].append(place)
        standards = {
            (row.category.code, row.condition_code): row for row in FilingStandard.objects.select_related("category")
        }
        stories = [story | {"standard": standards[tuple(story["standard"])]} for story in told["stories"]]
        other = CaseCategory.objects.get(
            code=told["no_standard"]["category"], scheme=stories[0]["standard"].category.scheme
        )
        # Some spots have more trouble than others.
        weights = [1 + 5 / (1 + number % 9) for number in range(len(spots))]
        asked = {name: told[name] for name in ("no_standard", "unresolved", "rejected")}
        return cls(stories, **asked, spots=spots, devices=dict(devices), other=other, weights=weights)

    def ended(self, rng: Random, fate: str) -> Subject:
        """Return the subject of a case that has ended as ``fate``."""
        if fate == "rejected":
            return self._refused(rng)
        if fate == "unplaced":
            return self._for_a_dispatcher(rng)
        if fate == "sensed":
            return self._sensed(rng)
        if fate == "closed":
            self._turns += 1
            return self._usual(rng, self._told(), sources=(IN_TURN[self._turns % len(IN_TURN)],))
        return self._usual(rng, self._told(), sources=CITIZENS if fate == "rated" else ())

    def under_way(self, rng: Random, fate: str) -> Subject:
        """Return the subject of a case that stands as ``fate`` today; no sensor's, as no device is in alarm."""
        if fate == "now_rejected":
            return self._refused(rng)
        if fate == "now_accepted":
            return self._for_a_dispatcher(rng)
        if fate == "now_verified":
            return self._usual(rng, self._told(), sources=CITIZENS)
        urgent = [story for story in self._told() if story["standard"].limit_unit == "urgent_hour"]
        usual = [story for story in self._told() if story not in urgent]
        return self._usual(rng, urgent if fate == "now_overdue" or rng.random() < 0.15 else usual)

    def _told(self) -> list[dict]:
        return [story for story in self.stories if story["tellings"]]

    def _place(self, rng: Random) -> Place:
        return rng.choices(self.spots, self.weights)[0]

    def _usual(self, rng: Random, stories: list[dict], sources: tuple[str, ...] = ()) -> Subject:
        """Return one of the stories somewhere, told by one of ``sources`` where they are given."""
        while True:
            story = rng.choices(stories, [story["weight"] for story in stories])[0]
            telling = rng.choice(story["tellings"])
            if not sources or telling["source"] in sources:
                return self.subject(story, self._place(rng), **telling)

    def _sensed(self, rng: Random) -> Subject:
        stories = [story for story in self.stories if "device_prefix" in story]
        story = rng.choices(stories, [story["weight"] for story in stories])[0]
        # The first device of each kind is left alone: guides and tests begin with it.
        place = rng.choice(self.devices[story["device_prefix"]][1:])
        return self.subject(story, place, "sensor", story["sensor_text"])

    def subject(self, story: dict, place: Place, source: str, text: str) -> Subject:
        """Return one of ``stories`` as it happens at ``place``."""
        standard = story["standard"]
        return Subject(
            place, source, text.format(at=place.address), story["results"], standard.category, standard,
            by_night=story.get("by_night", False),
        )  # fmt: skip

    def _for_a_dispatcher(self, rng: Random) -> Subject:
        """Return something no standard fits, or whose lead is a role nobody fills in that place."""
        self._turns += 1
        if self._turns % 2:
            place = self._place(rng)
            text = rng.choice(self.no_standard["texts"]).format(at=place.address)
            return Subject(place, rng.choice(CITIZENS), text, self.no_standard["results"], self.other)
        filled = set(
            Area.objects.filter(unit_aliases__role_name=self.unresolved["role"]).values_list("path", flat=True)
        )
        unfilled = [place for place in self.spots if not any(place.area.path.startswith(path) for path in filled)]
        story = next(story for story in self.stories if story["standard"].category.code == self.unresolved["category"])
        return self.subject(story, rng.choice(unfilled), **rng.choice(story["tellings"]))

    def _refused(self, rng: Random) -> Subject:
        told, place = rng.choice(self.rejected), self._place(rng)
        text = told["text"].format(at=place.address)
        return Subject(place, rng.choice(CITIZENS), text, [], reject_reason=told["reason"])


class Cast:
    """Who acts: people by the roles they hold today, and the words they use."""

    def __init__(self, rng: Random):
        told = json.loads((FOLDER / "history.json").read_text())
        self.reasons, self.comments, self.callers = told["reasons"], told["comments"], told["callers"]
        self._rng = rng
        self._people: dict[int, User] = {}
        rows = Appointment.objects.in_force().select_related("user", "area").defer("area__boundary").order_by("id")
        self._rows = [(row, self._people.setdefault(row.user_id, row.user)) for row in rows]
        self.residents = list(User.objects.filter(appointments=None, is_system=False).order_by("username"))

    def who(self, role: Role, area: Area, unit_id: int | None = None) -> User | None:
        """Return somebody who holds ``role`` for ``area`` (and in that unit), or None; one object per person."""
        found = [
            user
            for row, user in self._rows
            if row.role == role and area.path.startswith(row.area.path) and unit_id in (None, row.unit_id)
        ]
        return self._rng.choice(found) if found else None

    def system(self, name: str) -> User:
        """Return a system actor."""
        return User.objects.system(name)

    def because(self, deed: str) -> str:
        """Return a reason somebody may give for ``deed``."""
        return self._rng.choice(self.reasons[deed])

    def caller(self) -> dict:
        """Return name and telephone number of somebody without an account; +999 is no country's code."""
        return {
            "reporter_name": self._rng.choice(self.callers),
            "reporter_phone": f"+9990001{self._rng.randrange(10_000):04d}",
        }

    def street_office(self, area: Area) -> OrgUnit:
        """Return the street office in whose area the place lies."""
        offices = OrgUnit.objects.filter(kind="street_office").select_related("area").defer("area__boundary")
        return next(office for office in offices if area.path.startswith(office.area.path))
