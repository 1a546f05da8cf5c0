"""Figures of the operations centre, each with the lists of the cases it counts: a page and an address of the API."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from cases.models import Scene
from governance.models import Area


@dataclass(frozen=True)
class Figure:
    """A count with what it is called. ``page`` and ``api`` lead to exactly what was counted; ``of``, where a share is
    meant, is the count it is a share of."""

    key: str
    label: str
    count: int
    page: str
    api: str
    urgent: bool = False
    of: int | None = None

    @property
    def share(self) -> int | None:
        """The share in per cent; None without anything to have a share of."""
        return round(100 * self.count / self.of) if self.of else None


@dataclass(frozen=True)
class Where:
    """The part of the cases that figures are about: a scene, an area, both or neither."""

    scene: Scene | None = None
    area: Area | None = None

    def figure(self, key: str, label: str, count: int, *, urgent=False, of: int | None = None, **what) -> Figure:
        """Return a figure of this part. ``what``: queue, state, reported_from, closed_from, promise (see below)."""
        return Figure(key, label, count, self.page(**what), self.api(**what), urgent and count > 0, of)

    def page(self, *, queue="", state=(), reported_from: datetime | None = None, closed_from: datetime | None = None,
             promise: bool | None = None) -> str:  # fmt: skip
        """Return the address of the list in the admin. ``queue``: open, overdue or review; times are midnights."""
        given = {
            "scene": self.scene.pk if self.scene else None,
            "area": self.area.pk if self.area else None,
            "queue": queue,
            "state": list(state),
            "reported_at_from": _day(reported_from),
            "closed_at_from": _day(closed_from),
            "promise": {True: "kept", False: "broken"}.get(promise),
        }
        return _address(reverse("admin:cases_case_changelist"), given)

    def api(self, *, queue="", state=(), reported_from: datetime | None = None, closed_from: datetime | None = None,
            promise: bool | None = None) -> str:  # fmt: skip
        """Return the address of the same list in the API."""
        given = {
            "scene": self.scene.code if self.scene else None,
            "area": self.area.code if self.area else None,
            queue: "true" if queue else None,
            "state": list(state),
            "reported_after": reported_from.isoformat() if reported_from else None,
            "closed_after": closed_from.isoformat() if closed_from else None,
            "promise_kept": {True: "true", False: "false"}.get(promise),
        }
        return _address(reverse("case-list"), given)


def _day(at: datetime | None) -> str | None:
    return timezone.localtime(at).date().isoformat() if at else None


def _address(path: str, given: dict) -> str:
    chosen = {name: value for name, value in given.items() if name and value not in (None, "", [])}
    return f"{path}?{urlencode(chosen, doseq=True)}" if chosen else path


Provider = Callable[..., dict[int, list[Figure]]]
_providers: list[Provider] = []


def provides_scene_figures(provider: Provider) -> Provider:
    """Ask ``provider(user, scenes) -> {scene id: [Figure]}`` for figures of other apps beside those of the cases."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


def other_figures(user, scenes: Sequence[Scene]) -> dict[int, list[Figure]]:
    """Return what other apps count in each scene."""
    found: dict[int, list[Figure]] = {scene.pk: [] for scene in scenes}
    for provider in _providers:
        for scene, figures in provider(user, scenes).items():
            found[scene] += figures
    return found
