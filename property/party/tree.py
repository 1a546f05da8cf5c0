"""The four levels of a community as one tree: who looks after which building and household, and what is missing.

All of it is read by a fixed number of statements, however many organisations there are; the dwellings of one estate
only, since a community has thousands.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import models
from django.db.models import Count, Q

from governance.models import Building, Dwelling, DwellingUse, Estate
from governance.scoping import visible_q
from property.models import HouseholdCare, PartyLevel, PartyMembership, PartyOrganisation, PartyPost
from property.party.querysets import SEES_ESTATES

POSTS = (PartyPost.SECRETARY, PartyPost.DEPUTY, PartyPost.COMMITTEE_MEMBER)


@dataclass
class Staffed:
    """An organisation with who holds its posts today, and how many members it has."""

    organisation: PartyOrganisation
    officers: list[PartyMembership] = field(default_factory=list)
    full: int = 0
    probation: int = 0

    @property
    def secretary(self) -> PartyMembership | None:
        """The secretary in force, or None: the post is vacant."""
        return next((row for row in self.officers if row.post == PartyPost.SECRETARY), None)


@dataclass
class HouseholdRow:
    """A centre household and the dwellings it looks after, its own among them."""

    staffed: Staffed
    dwellings: list[Dwelling] = field(default_factory=list)


@dataclass
class BuildingRow:
    """A building with its group, its centre households, and the dwellings nobody looks after."""

    building: Building
    group: Staffed | None = None
    households: list[HouseholdRow] = field(default_factory=list)
    dwellings: int = 0
    uncovered: list[Dwelling] = field(default_factory=list)

    @property
    def covered(self) -> int:
        return self.dwellings - len(self.uncovered)


@dataclass
class EstateRow:
    """An estate of the community with its branch and figures."""

    estate: Estate
    branch: Staffed | None
    buildings: int
    groups: int
    households: int


@dataclass
class Tree:
    """The tree of one committee. ``rows`` are the buildings of ``estate``, the one that is shown in full."""

    committee: Staffed
    estates: list[EstateRow]
    estate: Estate | None = None
    rows: list[BuildingRow] = field(default_factory=list)

    @property
    def dwellings(self) -> int:
        return sum(row.dwellings for row in self.rows)

    @property
    def uncovered(self) -> int:
        return sum(len(row.uncovered) for row in self.rows)


def staffed(organisations: Iterable[PartyOrganisation]) -> dict[int, Staffed]:
    """Return each organisation with its posts and figures of today, by id; one statement."""
    found = {one.pk: Staffed(one) for one in organisations}
    rows = PartyMembership.objects.in_force().filter(organisation__in=found).select_related("person").order_by("pk")
    for row in rows:
        one = found[row.organisation_id]
        one.full += row.is_full
        one.probation += not row.is_full
        if row.post in POSTS:
            one.officers.append(row)
    for one in found.values():
        one.officers.sort(key=lambda row: POSTS.index(row.post))
    return found


def committees_of(user) -> list[PartyOrganisation]:
    """Return the committees in use that the person sees."""
    rows = PartyOrganisation.objects.visible_to(user).filter(level=PartyLevel.COMMITTEE, is_active=True)
    return list(rows.with_place().order_by("code"))


def estates_of(committee: PartyOrganisation, user) -> models.QuerySet[Estate]:
    """Return the estates in use below ``committee`` of which ``user`` is told; of a company or committee their own."""
    seen = visible_q(SEES_ESTATES, user)
    rows = Estate.objects.filter(area__path__startswith=committee.area.path, is_active=True).order_by("code")
    return rows.none() if seen is None else rows.filter(seen)


def tree_of(committee: PartyOrganisation, *, user, estate: Estate | None = None) -> Tree:
    """Return the tree below ``committee`` as ``user`` may see it; ``estate`` is shown with its dwellings."""
    seen = PartyOrganisation.objects.visible_to(user).filter(area__path__startswith=committee.area.path, is_active=True)
    organisations = list(seen.with_place().order_by("code"))
    people = staffed(organisations)
    estates = _estates(committee, user, organisations, people)
    chosen = estate or (estates[0].estate if estates else None)
    tree = Tree(people.get(committee.pk) or Staffed(committee), estates, chosen)
    if chosen is not None:
        tree.rows = _buildings(chosen, user, organisations, people)
    return tree


def _estates(committee, user, organisations, people) -> list[EstateRow]:
    branches = {one.estate_id: people[one.pk] for one in organisations if one.level == PartyLevel.BRANCH}
    groups, households = defaultdict(int), defaultdict(int)
    for one in organisations:
        if one.level == PartyLevel.GROUP:
            groups[one.building.estate_id] += 1
        elif one.level == PartyLevel.HOUSEHOLD:
            households[one.dwelling.building.estate_id] += 1
    rows = estates_of(committee, user).annotate(buildings_count=Count("buildings", filter=Q(buildings__is_active=True)))
    return [
        EstateRow(row, branches.get(row.pk), row.buildings_count, groups[row.pk], households[row.pk]) for row in rows
    ]


def _buildings(estate: Estate, user, organisations, people) -> list[BuildingRow]:
    buildings = Building.objects.visible_to(user).filter(estate=estate, is_active=True).select_related("estate")
    rows = {one.pk: BuildingRow(one) for one in buildings.order_by("pk")}
    for one in organisations:
        if one.level == PartyLevel.GROUP and one.building_id in rows:
            rows[one.building_id].group = people[one.pk]
    households = {
        one.pk: HouseholdRow(people[one.pk])
        for one in organisations
        if one.level == PartyLevel.HOUSEHOLD and one.dwelling.building_id in rows
    }
    for household in households.values():
        rows[household.staffed.organisation.dwelling.building_id].households.append(household)
    _dwellings(rows, households)
    return list(rows.values())


def _dwellings(rows: dict[int, BuildingRow], households: dict[int, HouseholdRow]) -> None:
    """Give each dwelling that is lived in to its centre household, or to those nobody looks after."""
    looked_after = dict(
        HouseholdCare.objects.filter(household__in=households).values_list("dwelling_id", "household_id")
    )
    looked_after |= {row.staffed.organisation.dwelling_id: key for key, row in households.items()}
    dwellings = Dwelling.objects.filter(building__in=rows, is_active=True, use=DwellingUse.RESIDENTIAL)
    for dwelling in dwellings.with_address().order_by("floor", "code"):
        row = rows[dwelling.building_id]
        row.dwellings += 1
        if household := households.get(looked_after.get(dwelling.pk)):
            household.dwellings.append(dwelling)
        else:
            row.uncovered.append(dwelling)
