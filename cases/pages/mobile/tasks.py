"""What a person has to do today, as the phone's first page shows it. Apps above add their own.

An app registers ``function(user) -> iterable of TaskCard`` with ``phone_tasks``, and of ``PhoneButton`` (something to
begin, such as a report) with ``phone_buttons``. Every list is cut off at ``ASKED``. What may be begun on a round under
way, ``function(user, patrol) -> iterable of PhoneButton`` with ``round_buttons``.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case as Case_
from django.db.models import F, OuterRef, Subquery, When
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.models import Case, CaseUnit, Patrol, StageClock, UnitPart
from cases.patrol_querysets import TEAM_ROLES
from cases.permissions import REPORTERS
from governance.models import Role
from governance.scoping import grants_of, roles_of, visible_q
from governance.workflow import steps_of

MOST = 30  # cards shown of a group
ASKED = MOST + 1  # how many a source is asked for: one more tells that there are more
# Steps of a case that are done on the spot.
ON_THE_SPOT = ("verify", "inspect", "sign", "start", "submit", "finish_part")
# Those of them that are dated tasks of one person on site (``cases.site_tasks``).
OF_ONE_PERSON = ("verify", "inspect")


@dataclass(frozen=True)
class TaskCard:
    """One thing to do. Cards of one ``group`` stand under its title, groups by ``order``; ``tone`` is blue, amber,
    green, red, violet or grey."""

    group: str
    title: str
    url: str
    text: str = ""
    place: str = ""
    badge: str = ""
    tone: str = "grey"
    due_at: datetime | None = None
    order: int = 50


@dataclass(frozen=True)
class PhoneButton:
    """Something a person may begin from the first page."""

    title: str
    url: str
    order: int = 50


@dataclass(frozen=True)
class TaskGroup:
    """Cards under one title; ``count`` says so where there are more than are shown."""

    title: str
    cards: list[TaskCard]
    count: str


TaskSource = Callable[..., Iterable[TaskCard]]
ButtonSource = Callable[..., Iterable[PhoneButton]]
_tasks: list[TaskSource] = []
_buttons: list[ButtonSource] = []
_round_buttons: list[ButtonSource] = []


def phone_tasks(source: TaskSource) -> TaskSource:
    """Ask ``source(user)`` for cards whenever the first page is shown."""
    if source not in _tasks:
        _tasks.append(source)
    return source


def phone_buttons(source: ButtonSource) -> ButtonSource:
    """Ask ``source(user)`` for buttons whenever the first page is shown."""
    if source not in _buttons:
        _buttons.append(source)
    return source


def round_buttons(source: ButtonSource) -> ButtonSource:
    """Ask ``source(user, patrol)`` for buttons whenever the page of a round under way is shown to who walks it."""
    if source not in _round_buttons:
        _round_buttons.append(source)
    return source


def tasks_of(user) -> list[TaskGroup]:
    """Return the groups of cards of a person."""
    cards = sorted((card for source in _tasks for card in source(user)), key=lambda card: card.order)
    groups: dict[str, list[TaskCard]] = {}
    for card in cards:
        groups.setdefault(card.group, []).append(card)
    return [
        TaskGroup(title, found[:MOST], str(len(found)) if len(found) <= MOST else f"{MOST}+")
        for title, found in groups.items()
    ]


def buttons_of(user) -> list[PhoneButton]:
    """Return the buttons of a person."""
    return sorted((button for source in _buttons for button in source(user)), key=lambda button: button.order)


def round_buttons_of(user, patrol: Patrol) -> list[PhoneButton]:
    """Return the buttons of a round."""
    return sorted((button for source in _round_buttons for button in source(user, patrol)), key=lambda one: one.order)


PATROL_TONES = {"planned": "violet", "under_way": "blue"}


@phone_tasks
def rounds(user) -> list[TaskCard]:
    """Rounds of today that the person may walk."""
    if not roles_of(user) & set(TEAM_ROLES):
        return []
    rows = Patrol.objects.to_walk(user).of_today().with_rows().order_by("-state", "starts_at", "pk")[:ASKED]
    return [
        TaskCard(
            group=_("Rounds of today"),
            title=patrol.route.name,
            url=reverse("phone:patrol", args=[patrol.pk]),
            text=patrol.hours,
            place=str(patrol.area),
            badge=patrol.get_state_display(),
            tone=PATROL_TONES[patrol.state],
            order=10,
        )
        for patrol in rows
    ]


@phone_tasks
def cases_on_the_spot(user) -> list[TaskCard]:
    """Cases on which the person may do the next step on the spot, the most pressing first."""
    titles = {
        "verify": _("To verify on site"),
        "inspect": _("To inspect"),
        "sign": _("To sign for"),
        "start": _("To begin"),
        "submit": _("Being handled"),
        "finish_part": _("We help"),
    }
    return [
        card for order, name in enumerate(ON_THE_SPOT, start=20) for card in _cards(user, name, titles[name], order)
    ]


def _cards(user, name: str, title: str, order: int) -> list[TaskCard]:
    step = steps_of(Case)[name]
    rule = {role: found for role, found in step.allow.items() if role not in (Role.SYSTEM, Role.OPERATIONS_CENTRE)}
    found = visible_q(rule, user)
    if found is None:
        return []
    rows = Case.objects.filter(found, state__in=step.sources).select_related("area", "category")
    if name == "sign":
        rows = rows.unsigned()
    elif name == "start":
        rows = rows.to_begin()
    elif name == "finish_part":
        units = {grant.unit_id for grant in grants_of(user) if grant.role in rule}
        parts = CaseUnit.objects.filter(unit__in=units, part=UnitPart.ASSISTING, done_at=None)
        rows = rows.filter(pk__in=parts.values("case_id"))
    task = StageClock.objects.filter(case=OuterRef("pk"), ended_at=None)
    rows = rows.annotate(task_of=Subquery(task.values("assignee_id")[:1]))
    rows = rows.annotate(others=Case_(When(task_of=None, then=0), When(task_of=user.pk, then=0), default=1))
    rows = rows.defer("area__boundary").order_by("others", F("due_at").asc(nulls_last=True), "id")
    return [
        TaskCard(
            group=title,
            title=str(case.category or case.number),
            url=reverse("phone:case", args=[case.number]),
            text=case.description[:60],
            place=case.address or str(case.area),
            badge=_("Your task") if name in OF_ONE_PERSON and case.task_of == user.pk else case.get_state_display(),
            tone="red" if case.overdue else "grey" if case.others else "amber",
            due_at=case.due_at,
            order=order,
        )
        for case in rows[:ASKED]
    ]


@phone_buttons
def report_button(user) -> list[PhoneButton]:
    """The way to the report form, for those who may report."""
    may = roles_of(user) & REPORTERS
    return [PhoneButton(_("Report a case"), reverse("phone:report"), order=10)] if may else []
