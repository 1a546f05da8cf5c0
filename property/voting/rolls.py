"""The owners' roll: drawn from the registry for one decision, mended by hand, frozen with the announcement.

One head for one owner, however many dwellings; the developer's unsold ones are one head together; co-owners vote as one
through the voter they named [最高法《建筑物区分所有权司法解释》2020, 8-9].
"""

import random
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.errors import REASON_NEEDED, Conflict, Invalid, NotPermitted
from governance.models import Dwelling, Ownership, User
from governance.scoping import Grant, grant_for
from governance.transactions import atomically
from property.models import (
    AreaSource,
    HeadBy,
    Holder,
    OwnersRoll,
    Resolution,
    ResolutionState,
    RollEntry,
    RuleSet,
)
from property.voting.workflow import RUNS

DRAWABLE = (ResolutionState.PROPOSED, ResolutionState.DELIBERATING)


def roll_draw(resolution: Resolution, *, actor: User, developer: str = "",
              occurred_at: datetime | None = None) -> OwnersRoll:  # fmt: skip
    """Draw the roll of a decision anew from the registry; what was mended by hand in an earlier one is gone.

    ``developer``: the owner's name under which unsold dwellings are registered. Raises NotPermitted, Conflict once the
    vote was announced, Invalid when there is no dwelling.
    """
    with atomically():
        locked, grant = _locked(resolution, actor)
        entries = list(_entries(locked, developer.strip()))
        if not entries:
            raise Invalid(_("There is no dwelling in this place."), field="estate", code="empty")
        former = locked.roll
        roll = OwnersRoll.objects.create(
            area=locked.area, estate=locked.estate, building=locked.building, entrance=locked.entrance,
            developer=developer.strip(), drawn_at=occurred_at or timezone.now(),
        )  # fmt: skip
        for entry in entries:
            entry.roll = roll
        RollEntry.objects.bulk_create(entries)
        _sum_up(roll, locked.rule_set)
        locked.roll, locked.version = roll, locked.version + 1
        locked.save(update_fields=["roll", "version"])
        if former is not None:
            former.delete()
        events.record(
            "roll.drawn", locked, actor=actor, grant=grant, payload=_figures(roll, entries), occurred_at=occurred_at
        )  # fmt: skip
    return roll


def _locked(resolution: Resolution, actor: User) -> tuple[Resolution, Grant]:
    """Return the resolution, locked, and the grant to work on its roll while it is not frozen."""
    locked = Resolution.objects.lock(resolution.pk)
    grant = grant_for(RUNS, locked, actor)
    if grant is None:
        raise NotPermitted(_("You may not keep the roll of this decision."))
    if locked.state not in DRAWABLE or locked.noticed_at is not None:
        raise Conflict(_("The vote was announced: its roll stands."), code="frozen")
    return locked, grant


def heads_of(entries: QuerySet[RollEntry], rule: RuleSet) -> int:
    """Return how many heads entries of a roll are under a rule."""
    return entries.values("head").distinct().count() if rule.head_by == HeadBy.OWNER else entries.count()


def dwellings_of(resolution: Resolution):
    """Return the dwellings in use that a decision is about, by code."""
    rows = Dwelling.objects.filter(is_active=True, building__is_active=True).order_by("code")
    for field, path in {"entrance": "entrance", "building": "building", "estate": "building__estate"}.items():
        if getattr(resolution, f"{field}_id") is not None:
            return rows.filter(**{path: getattr(resolution, f"{field}_id")})
    return rows.filter(area__path__startswith=resolution.area.path)


def _entries(resolution: Resolution, developer: str) -> Iterable[RollEntry]:
    dwellings = list(dwellings_of(resolution))
    owners = defaultdict(list)
    current = Ownership.objects.current().filter(dwelling__in=dwellings).select_related("user").order_by("id")
    for ownership in current:
        owners[ownership.dwelling_id].append(ownership)
    people, heads = People(current, developer), {}
    for number, dwelling in enumerate(dwellings, 1):
        own = owners[dwelling.pk]
        voter = next((row for row in own if row.is_voter), None)
        holder, key = people.holder_of(dwelling, own, voter)
        yield RollEntry(
            number=number, dwelling=dwelling, use=dwelling.use, floor_area=dwelling.floor_area, holder=holder,
            head=heads.setdefault(key, len(heads) + 1), ownership=voter, voter=voter and voter.user,
            owner_name="、".join(row.owner_name for row in ([voter] if voter else own))[:60],
            counts=dwelling.use in resolution.rule_set.uses,
        )  # fmt: skip


class People:
    """Tells which owners are the same: by account, else by name and phone; a name alone tells nobody apart."""

    def __init__(self, ownerships: Iterable[Ownership], developer: str):
        self.developer = developer
        self.accounts = {
            (row.owner_name, row.owner_phone): row.user_id for row in ownerships if row.user_id and row.owner_phone
        }

    def key_of(self, ownership: Ownership) -> tuple:
        """Return what stands for the owner."""
        if self.developer and ownership.owner_name == self.developer:
            return ("developer",)
        if ownership.user_id:
            return ("account", ownership.user_id)
        named = (ownership.owner_name, ownership.owner_phone)
        if not ownership.owner_phone:
            return ("ownership", ownership.pk)
        return ("account", self.accounts[named]) if named in self.accounts else ("person", *named)

    def holder_of(self, dwelling: Dwelling, owners: list[Ownership], voter: Ownership | None) -> tuple[str, tuple]:
        """Return as whom a dwelling votes and what stands for its head. Co-owners who named nobody are one head."""
        if not owners:
            return Holder.UNKNOWN, ("dwelling", dwelling.pk)
        keys = {self.key_of(row) for row in ([voter] if voter else owners)}
        if keys == {("developer",)}:
            return Holder.DEVELOPER, ("developer",)
        if len(keys) == 1:
            return Holder.OWNER if voter else Holder.CO_OWNERS, keys.pop()
        return Holder.CO_OWNERS, ("together", frozenset(keys))


def _sum_up(roll: OwnersRoll, rule: RuleSet) -> None:
    counting = roll.entries.filter(counts=True)
    roll.heads = heads_of(counting, rule)
    roll.floor_area = counting.aggregate(total=Sum("floor_area"))["total"] or Decimal(0)
    roll.save(update_fields=["heads", "floor_area"])


def _figures(roll: OwnersRoll, entries: list[RollEntry]) -> dict:
    return {"roll": roll.pk, "dwellings": len(entries), "heads": roll.heads, "floor_area": str(roll.floor_area)}


def roll_entry_change(entry: RollEntry, *, actor: User, reason: str, floor_area: Decimal | None = None,
                      area_source: str = AreaSource.REGISTER, holder: str = "",
                      same_owner_as: int | None = None) -> RollEntry:  # fmt: skip
    """Mend an entry of a roll that is not frozen: area and where it is from, or whose head it is.

    ``holder`` ``developer``: one of the developer's unsold. ``same_owner_as``: the ballot number of another dwelling of
    the same owner. Raises NotPermitted, Conflict (frozen), Invalid (reason, area, number).
    """
    if not reason.strip():
        raise Invalid(REASON_NEEDED, field="reason", code="required")
    if floor_area is not None and floor_area <= 0:
        raise Invalid(_("The floor area must be above 0."), field="floor_area", code="too_small")
    if area_source not in AreaSource.values:
        raise Invalid(_("There is no such choice."), field="area_source", code="invalid_choice")
    with atomically():
        resolution, grant = _locked(Resolution.objects.get(roll=entry.roll_id), actor)
        fresh = RollEntry.objects.select_for_update().get(pk=entry.pk)
        if floor_area is not None:
            fresh.floor_area = floor_area
        fresh.area_source = area_source
        _regroup(fresh, holder, same_owner_as)
        fresh.save()
        _sum_up(resolution.roll, resolution.rule_set)
        payload = {
            "roll": fresh.roll_id, "number": fresh.number, "floor_area": str(fresh.floor_area or ""),
            "area_source": fresh.area_source, "holder": fresh.holder, "head": fresh.head,
        }  # fmt: skip
        events.record(
            "roll.entry_changed", resolution, actor=actor, grant=grant, payload=payload, text=reason.strip()
        )  # fmt: skip
    return fresh


def _regroup(entry: RollEntry, holder: str, same_owner_as: int | None) -> None:
    others = RollEntry.objects.filter(roll=entry.roll_id).exclude(pk=entry.pk)
    if same_owner_as is not None:
        other = others.filter(number=same_owner_as).first()
        if other is None:
            raise Invalid(_("There is no such ballot number."), field="same_owner_as", code="does_not_exist")
        entry.head = other.head
    elif holder == Holder.DEVELOPER:
        other = others.filter(holder=Holder.DEVELOPER).first()
        entry.holder = holder
        entry.head = other.head if other else _free_head(others)
    elif holder:
        raise Invalid(_("There is no such choice."), field="holder", code="invalid_choice")


def _free_head(others) -> int:
    return max(others.values_list("head", flat=True), default=0) + 1


def roll_freeze(resolution: Resolution, *, actor: User, grant: Grant, at: datetime | None = None) -> OwnersRoll:
    """Freeze the roll of a locked resolution; in a secret vote the ballot numbers are drawn by lot first.

    Raises Conflict: nothing that counts, a dwelling without area where area counts.
    """
    roll = resolution.roll
    counting = roll.entries.filter(counts=True)
    if not counting.exists():
        raise Conflict(_("No dwelling on the roll counts under this rule."), code="empty")
    bare = list(counting.filter(floor_area=None).values_list("number", flat=True)[:10])
    if bare and resolution.rule_set.counts_area:
        numbers = "、".join(map(str, bare))
        raise Conflict(_("Enter the floor area of: %(numbers)s") % {"numbers": numbers}, code="no_area")
    if resolution.is_secret:
        _draw_numbers(roll)
    roll.frozen_at = at or timezone.now()
    roll.save(update_fields=["frozen_at"])
    payload = {"roll": roll.pk, "heads": roll.heads, "floor_area": str(roll.floor_area)}
    events.record("roll.frozen", resolution, actor=actor, grant=grant, payload=payload, occurred_at=at)
    return roll


def _draw_numbers(roll: OwnersRoll) -> None:
    """Give the entries other numbers by lot; first out of the way, as two entries never have the same."""
    entries = list(roll.entries.order_by("pk"))
    numbers = list(range(1, len(entries) + 1))
    random.SystemRandom().shuffle(numbers)
    for offset in (len(entries), 0):
        for entry, number in zip(entries, numbers, strict=True):
            entry.number = number + offset
        RollEntry.objects.bulk_update(entries, ["number"])


def roll_questions(roll: OwnersRoll) -> list[tuple[str, int, str]]:
    """Return what should be looked at before a roll is frozen: text, number of dwellings, filter of the list."""
    counting = roll.entries.filter(counts=True)
    asked = [
        (_("Owner not known: one head each, nobody votes for them online"), {"holder": Holder.UNKNOWN}),
        (_("Co-owners who named no voter"), {"holder": Holder.CO_OWNERS}),
        (_("Without a floor area"), {"floor_area__isnull": True}),
    ]
    found = [
        (text, counting.filter(**only).count(), "&".join(f"{k}={v}" for k, v in only.items())) for text, only in asked
    ]
    return [question for question in found if question[1]]
