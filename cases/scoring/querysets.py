"""Reads of facts, formulas, periods, lines and appeals; every list starts from ``visible_to(user)``."""

from dataclasses import dataclass

from django.db import models
from django.db.models import F, Q

from governance.models.organisation import Role
from governance.querysets import NaturalCodeQuerySet
from governance.scoping import EVERYWHERE, Anywhere, InArea, OfUnit, Relation, ScopedQuerySet
from governance.workflow import WorkflowQuerySet

# Who sees all figures of their area; everybody else at work sees those of their unit and what is published.
WATCHERS = (Role.ADMINISTRATOR, Role.OPERATIONS_CENTRE)
OTHERS = (
    Role.REGISTRAR, Role.DISPATCHER, Role.HANDLER, Role.SUPERVISOR, Role.GRID_WORKER, Role.COMMUNITY_STAFF,
)  # fmt: skip
IN_AREA = InArea()


def seen_by(watchers: Relation, others: Relation) -> dict:
    """Return a rule: how rows must stand to who watches an area, and to everybody else who works here."""
    return {Role.SYSTEM: Anywhere()} | dict.fromkeys(WATCHERS, watchers) | dict.fromkeys(OTHERS, others)


@dataclass(frozen=True)
class Around(Relation):
    """The object's area lies in the grant's area or holds it: a period of the whole city concerns every grid."""

    field: str = "area"

    def q(self, grant, user):
        if grant.area_path == EVERYWHERE:
            return Q(pk__isnull=False)
        above = [f"{part}/" for part in _prefixes(grant.area_path)]
        return Q(**{f"{self.field}__path__startswith": grant.area_path}) | Q(**{f"{self.field}__path__in": above})

    def holds(self, obj, grant, user):
        area = obj
        for part in self.field.split("__"):
            area = getattr(area, part)
        return area.path.startswith(grant.area_path) or grant.area_path.startswith(area.path)


def _prefixes(path: str) -> list[str]:
    parts = path.strip("/").split("/")
    return ["/" + "/".join(parts[: count + 1]) for count in range(len(parts))]


@dataclass(frozen=True)
class Published(Relation):
    """The period (at the end of ``field``) was published."""

    field: str = ""

    def q(self, grant, user):
        return Q(**{f"{self.field}__state" if self.field else "state": "published"})

    def holds(self, obj, grant, user):
        return (getattr(obj, self.field) if self.field else obj).state == "published"


class FactQuerySet(ScopedQuerySet):
    """Facts, narrowed the way figures need it."""

    def counted(self):
        """Facts that count: the case is not left out."""
        return self.filter(excluded="")

    def under(self, area):
        """Facts of an area and all under it."""
        return self.filter(area__path__startswith=area.path)

    def within(self, moment: str, start, end):
        """Facts whose ``moment`` lies from ``start`` (included) to ``end`` (not)."""
        return self.filter(**{f"{moment}__gte": start, f"{moment}__lt": end})


class SpellFactQuerySet(FactQuerySet):
    VISIBLE = seen_by(IN_AREA, IN_AREA & OfUnit("unit"))


class CaseFactQuerySet(FactQuerySet):
    VISIBLE = seen_by(
        IN_AREA,
        IN_AREA
        & (OfUnit("reporting_unit") | OfUnit("filing_unit") | OfUnit("dispatching_unit") | OfUnit("contact_unit")),
    )


class FormulaQuerySet(models.QuerySet):
    def get_by_natural_key(self, key, version):
        return self.get(key=key, version=version)

    visible_to = NaturalCodeQuerySet.visible_to

    def in_force(self, day):
        """Formulas in use on a day, of each key the newest version."""
        rows = self.filter(is_active=True, valid_from__lte=day)
        return rows.order_by("key", "-version").distinct("key")


class PeriodQuerySet(WorkflowQuerySet):
    VISIBLE = seen_by(IN_AREA, Published() & Around())


class LineQuerySet(ScopedQuerySet):
    VISIBLE = seen_by(InArea("period__area"), Published("period") & Around("period__area"))

    def current(self):
        """Lines that no correction has taken the place of."""
        return self.filter(correction__isnull=True)

    def ranked(self):
        """By rank; lines without one last, by name."""
        return self.order_by(F("rank").asc(nulls_last=True), "name", "pk")


class AppealQuerySet(WorkflowQuerySet):
    VISIBLE = seen_by(IN_AREA, OfUnit("unit"))

    def open(self):
        """Appeals that nobody has decided yet."""
        return self.exclude(state__in=["upheld", "refused"])
