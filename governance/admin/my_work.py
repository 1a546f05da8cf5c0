"""The first page: what this person must do now. Apps add their lists; the kernel knows none of them.

An app registers ``provider(user) -> iterable of WorkList`` with ``provides_work``. Every list is bounded: at
most ``SHOWN`` rows and a count up to ``COUNTED``.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import models
from django.utils.translation import gettext as _

from governance.admin.paging import capped_count
from governance.models import Appointment

SHOWN = 10
COUNTED = 1000


@dataclass(frozen=True)
class WorkRow:
    """One thing to do: where it leads, what and where it is, its badge, until when; ``warning`` is why it
    needs somebody, ``note`` a calm remark."""

    url: str
    title: str
    text: str = ""
    place: str = ""
    badge: str = ""
    tone: str = ""
    due_at: datetime | None = None
    warning: str = ""
    note: str = ""


@dataclass(frozen=True)
class WorkList:
    """A titled list with its whole count and the address of the full list.

    ``lead`` says in one sentence what to do with the rows; ``urgent`` colours the count while it is above 0. A list
    without rows to show (``rows=()``) is a card with a figure only.
    """

    key: str
    title: str
    url: str
    count: int
    rows: tuple[WorkRow, ...] = ()
    lead: str = ""
    urgent: bool = False
    figure_only: bool = False
    order: int = field(default=50)

    @property
    def count_text(self) -> str:
        """The count as shown: figures above the cap are not exact."""
        return f"{COUNTED}+" if self.count >= COUNTED else str(self.count)


@dataclass(frozen=True)
class WorkLink:
    """Something a person may start from the first page (report a case)."""

    title: str
    url: str


Provider = Callable[..., Iterable[WorkList]]
LinkProvider = Callable[..., Iterable[WorkLink]]
_providers: list[Provider] = []
_link_providers: list[LinkProvider] = []


def provides_work(provider: Provider) -> Provider:
    """Ask ``provider(user)`` for lists whenever the first page is shown."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


def provides_links(provider: LinkProvider) -> LinkProvider:
    """Ask ``provider(user)`` for links at the head of the first page."""
    if provider not in _link_providers:
        _link_providers.append(provider)
    return provider


def work_list(key: str, title: str, rows: models.QuerySet, show: Callable[[models.Model], WorkRow], url: str,
              **options) -> WorkList:  # fmt: skip
    """Build a list from a queryset: two bounded statements, or one when all rows fit."""
    first = list(rows[: SHOWN + 1])
    count = len(first) if len(first) <= SHOWN else capped_count(rows, COUNTED)
    return WorkList(key, title, url, count, tuple(show(row) for row in first[:SHOWN]), **options)


def figure(key: str, title: str, rows: models.QuerySet, url: str, **options) -> WorkList:
    """Build a card that shows only how many rows there are; one bounded statement."""
    return WorkList(key, title, url, capped_count(rows, COUNTED), figure_only=True, **options)


def work_of(user) -> list[WorkList]:
    """Return the lists of everything ``user`` must do now, most pressing first."""
    lists = [found for provider in _providers for found in provider(user)]
    return sorted(lists, key=lambda found: found.order)


def first_page(request, context: dict) -> dict:
    """Give the admin's first page its content (the skin calls this)."""
    lists = work_of(request.user)
    posts = Appointment.objects.in_force().filter(user=request.user).select_related("unit", "area")
    return context | {
        "title": _("My work"),
        "work_lists": [found for found in lists if not found.figure_only],
        "work_figures": lists,
        "work_links": [found for provider in _link_providers for found in provider(request.user)],
        "my_posts": [f"{row.get_role_display()} · {row.unit} · {row.area}" for row in posts],
    }
