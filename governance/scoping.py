"""Who may see and touch what: grants, relations, and the one read path ``visible_to(user)``.

A *grant* is one appointment in force: a role, in a unit, for an area. A *relation* ties an object to a grant (it lies
in the grant's area, it is led by the grant's unit, it is the person's own). Each relation has two forms that must agree
(``governance.testing`` checks it): ``q`` for lists and ``holds`` for one object. A rule is ``{role: relation}``.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import F, OuterRef, Q
from django.db.models.functions import JSONObject

from governance.models.organisation import Appointment, Role
from governance.models.person import User

Found = TypeVar("Found")
EVERYWHERE = "/"
GRANT_COLUMNS = ("role", "unit_id", "area_id", "area__path", "unit__estate_id")


@dataclass(frozen=True)
class Grant:
    """One role a person may act in. ``area_path`` is the materialised path of the area; ``/`` means everywhere.

    ``estate_id``: the one estate that the unit is for, where it is for one.
    """

    role: str
    unit_id: int | None = None
    area_id: int | None = None
    area_path: str = EVERYWHERE
    estate_id: int | None = None


def grants_of(user) -> tuple[Grant, ...]:
    """Return the roles ``user`` holds today; at most one statement, remembered on the user object for the request.

    Everybody signed in is also a resident (own reports only). A system actor has the one role ``system``.
    """
    if not user.is_authenticated or not user.is_active:
        return ()
    if not hasattr(user, "_grants"):
        loaded = getattr(user, "_appointed", None)
        rows = None if loaded is None else [[row[name] for name in GRANT_COLUMNS] for row in loaded]
        user._grants = tuple(_grants(user, rows))
    return user._grants


def forget_grants(user) -> None:
    """Drop the remembered roles, for processes that keep a user longer than one request."""
    for kept in ("_grants", "_appointed", "_remembered"):  # by attribute: a request's user is a lazy object
        if hasattr(user, kept):
            delattr(user, kept)


def remembered(user, key: Hashable, read: Callable[[], Found]) -> Found:
    """Return what ``read`` gives, called once under ``key`` for as long as the roles of ``user`` are remembered.

    For what a relation asks of every row of a list and an app above the kernel knows (what a unit has by contract).
    """
    if not hasattr(user, "_remembered"):
        user._remembered = {}
    if key not in user._remembered:
        user._remembered[key] = read()
    return user._remembered[key]


def people_with_grants() -> models.QuerySet[User]:
    """People, each loaded together with the appointments in force, so that ``grants_of`` needs no statement more."""
    held = Appointment.objects.in_force().filter(user=OuterRef("pk")).order_by("id")
    columns = {name: F(name) for name in GRANT_COLUMNS}
    return User.objects.annotate(_appointed=ArraySubquery(held.values(row=JSONObject(**columns))))


def read_grants(users: Collection[User]) -> None:
    """Read the roles of many people anew in one statement and remember them as ``grants_of`` does."""
    rows = defaultdict(list)
    appointments = Appointment.objects.in_force().filter(user__in=users).order_by("id")
    for user_id, *row in appointments.values_list("user_id", *GRANT_COLUMNS):
        rows[user_id].append(row)
    for user in users:
        forget_grants(user)
        user._grants = tuple(_grants(user, rows[user.pk])) if user.is_active else ()


def _grants(user: User, rows: Iterable[Sequence] | None = None):
    """Yield the grants of a user; ``rows`` are the appointments in force, read here when not given."""
    if user.is_system:
        yield Grant(Role.SYSTEM)
        return
    if user.is_superuser:
        yield Grant(Role.ADMINISTRATOR)
    if rows is None:
        rows = Appointment.objects.in_force().filter(user=user).order_by("id").values_list(*GRANT_COLUMNS)
    for role, *held in rows:
        if role != Role.RESIDENT:
            yield Grant(role, *held)
    yield Grant(Role.RESIDENT)


def roles_of(user) -> set[str]:
    """Return the names of the roles ``user`` holds today."""
    return {grant.role for grant in grants_of(user)}


class Relation:
    """How an object must stand to a grant. ``|`` and ``&`` combine relations."""

    def q(self, grant: Grant, user) -> Q:
        raise NotImplementedError  # pragma: no cover - each relation gives both forms

    def holds(self, obj: models.Model, grant: Grant, user) -> bool:
        raise NotImplementedError  # pragma: no cover - each relation gives both forms

    def __or__(self, other):
        return _Either(self, other)

    def __and__(self, other):
        return _Both(self, other)


@dataclass(frozen=True)
class _Either(Relation):
    left: Relation
    right: Relation

    def q(self, grant, user):
        return self.left.q(grant, user) | self.right.q(grant, user)

    def holds(self, obj, grant, user):
        return self.left.holds(obj, grant, user) or self.right.holds(obj, grant, user)


@dataclass(frozen=True)
class _Both(Relation):
    left: Relation
    right: Relation

    def q(self, grant, user):
        return self.left.q(grant, user) & self.right.q(grant, user)

    def holds(self, obj, grant, user):
        return self.left.holds(obj, grant, user) and self.right.holds(obj, grant, user)


@dataclass(frozen=True)
class Anywhere(Relation):
    """Any object at all: for system actors."""

    def q(self, grant, user):
        return Q(pk__isnull=False)

    def holds(self, obj, grant, user):
        return True


@dataclass(frozen=True)
class InArea(Relation):
    """The object's area (``field``, may span ``device__area``) is the grant's area or lies under it."""

    field: str = "area"

    def q(self, grant, user):
        if grant.area_path == EVERYWHERE:
            return Q(pk__isnull=False)
        return Q(**{f"{self.field}__path__startswith": grant.area_path})

    def holds(self, obj, grant, user):
        area = obj
        for part in self.field.split("__"):
            area = getattr(area, part)
        return area is not None and area.path.startswith(grant.area_path)


@dataclass(frozen=True)
class OfUnit(Relation):
    """A unit field of the object is the grant's unit."""

    field: str

    def q(self, grant, user):
        return Q(**{f"{self.field}_id": grant.unit_id}) if grant.unit_id else Q(pk__isnull=True)

    def holds(self, obj, grant, user):
        return grant.unit_id is not None and getattr(obj, f"{self.field}_id") == grant.unit_id


@dataclass(frozen=True)
class Own(Relation):
    """A person field of the object is the person."""

    field: str

    def q(self, grant, user):
        return Q(**{f"{self.field}_id": user.pk})

    def holds(self, obj, grant, user):
        return getattr(obj, f"{self.field}_id") == user.pk


Rule = Mapping[str, Relation]


def visible_q(rule: Rule, user) -> Q | None:
    """Return the filter of what ``user`` may see under ``rule``; None when nothing."""
    parts = [rule[grant.role].q(grant, user) for grant in grants_of(user) if grant.role in rule]
    if not parts:
        return None
    combined = parts[0]
    for part in parts[1:]:
        combined |= part
    return combined


def grant_for(rule: Rule, obj: models.Model, user) -> Grant | None:
    """Return the first grant of ``user`` that ``rule`` accepts for ``obj``, or None."""
    for grant in grants_of(user):
        if grant.role in rule and rule[grant.role].holds(obj, grant, user):
            return grant
    return None


class ScopedQuerySet(models.QuerySet):
    """A queryset whose model states who sees its rows in ``VISIBLE`` (role → relation)."""

    VISIBLE: Rule = {}

    def visible_to(self, user):
        """Rows that ``user`` may see; the start of every list."""
        found = visible_q(self.VISIBLE, user)
        return self.none() if found is None else self.filter(found)

    def is_visible(self, obj, user) -> bool:
        """The same rule asked of one loaded object."""
        return grant_for(self.VISIBLE, obj, user) is not None
