"""Follow-up items: given to an owner, worked on, handed in, accepted; and the cases they become."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import Case, CaseSource
from cases.services import case_report
from cases.states import ENDED
from governance import events
from governance.errors import Conflict, Invalid
from governance.models import OrgUnit, Role, User
from governance.scoping import Grant, grant_for
from governance.transactions import atomically
from governance.workflow import carries_out
from property.assembly.acting import carry, figures_of
from property.assembly.deadlines import follow_up_timers
from property.assembly.owners import people_of, units_of
from property.assembly.querysets import RUNS
from property.models import AgendaItem, Assembly, FollowUpItem

TOPIC, ITEM = "property.agendaitem", "property.followupitem"
TITLE = 200


def _check_owner(
    assembly: Assembly, owner_unit: OrgUnit | None, owner: User | None, due_on: date, at: datetime
) -> None:
    if owner_unit is None and owner is None:
        raise Invalid(_("Say which unit or who does it."), field="owner_unit", code="required")
    if owner_unit is not None and not owner_unit.is_active:
        raise Invalid(_("This unit is no longer in use."), field="owner_unit", code="inactive")
    if owner is not None and (owner.is_system or not owner.is_active):
        raise Invalid(_("This account is not in use."), field="owner", code="inactive")
    _check_place(assembly, owner_unit, owner)
    if due_on < timezone.localtime(at).date():
        raise Invalid(_("This day has passed."), field="due_on", code="past")


def _check_place(assembly: Assembly, unit: OrgUnit | None, person: User | None) -> None:
    """Refuse who has nothing to do with the place of the assembly."""
    if unit is not None and not units_of(assembly).filter(pk=unit.pk).exists():
        told = _("This unit has nothing to do with the place of the assembly.")
        raise Invalid(told, field="owner_unit", code="elsewhere")
    if person is not None and not people_of(assembly).filter(pk=person.pk).exists():
        told = _("This person has no post in the place of the assembly and no home there.")
        raise Invalid(told, field="owner", code="elsewhere")


@carries_out(TOPIC, "follow_up_with")
def topic_follow_up(topic: AgendaItem, *, actor: User, title: str, due_on: date, owner_unit: OrgUnit | None = None,
                    owner: User | None = None, occurred_at: datetime | None = None, **given) -> AgendaItem:  # fmt: skip
    """Give what was agreed to somebody to do by a day. Raises Invalid naming ``title``, ``owner_unit``, ``owner`` or
    ``due_on``.
    """
    at = occurred_at or timezone.now()
    if not title.strip() or len(title.strip()) > TITLE:
        raise Invalid(_("Say in at most 200 characters what is to be done."), field="title", code="length")
    _check_owner(topic.assembly, owner_unit, owner, due_on, at)
    with atomically():
        locked = AgendaItem.objects.lock(topic.pk)
        item = FollowUpItem.objects.create(
            assembly=locked.assembly, area=locked.area, agenda_item=locked, title=title.strip(), owner_unit=owner_unit,
            owner=owner, due_on=due_on, made_at=at,
        )  # fmt: skip
        fresh = carry(locked, "follow_up_with", actor=actor, occurred_at=at, payload={"item": item.number}, **given)
        payload = figures_of(item) | {"to": item.state, "unit": item.owner_unit_id, "owner": item.owner_id}
        grant = grant_for(RUNS, locked, actor)
        events.record("follow_up.assigned", item, actor=actor, grant=grant, payload=payload, occurred_at=at)
        follow_up_timers(item)
    return fresh


@carries_out(ITEM, "assign")
def follow_up_assign(item: FollowUpItem, *, actor: User, due_on: date, owner_unit: OrgUnit | None = None,
                     owner: User | None = None, occurred_at: datetime | None = None,
                     **given) -> FollowUpItem:  # fmt: skip
    """Give an item to another owner, or another day. Raises as ``topic_follow_up``."""
    at = occurred_at or timezone.now()
    _check_owner(item.assembly, owner_unit, owner, due_on, at)
    payload = {
        "unit": owner_unit.pk if owner_unit else None, "owner": owner.pk if owner else None,
        "new_due_on": due_on.isoformat(),
    }  # fmt: skip
    with atomically():
        fresh = carry(item, "assign", actor=actor, occurred_at=at, payload=payload, owner_unit=owner_unit, owner=owner,
                      due_on=due_on, **given)  # fmt: skip
        follow_up_timers(fresh)
    return fresh


@carries_out(ITEM, "submit")
def follow_up_submit(item: FollowUpItem, *, actor: User, result: str, **given) -> FollowUpItem:
    """Hand in what was done, with photos. Raises Invalid naming ``result``."""
    if not result.strip():
        raise Invalid(_("Say what was done."), field="result", code="required")
    return carry(item, "submit", actor=actor, result=result.strip(), submitted_by=actor, **given)


@carries_out(ITEM, "close")
def follow_up_close(item: FollowUpItem, *, actor: User, occurred_at: datetime | None = None, **given) -> FollowUpItem:
    """Accept the work."""
    at = occurred_at or timezone.now()
    return carry(item, "close", actor=actor, occurred_at=at, closed_at=at, **given)


@carries_out(ITEM, "open_case")
def follow_up_open_case(item: FollowUpItem, *, actor: User, occurred_at: datetime | None = None, photos=(),
                        **given) -> FollowUpItem:  # fmt: skip
    """Open a case for an item, with where it comes from; its end is told back (``handlers.py``).

    Raises Conflict while an earlier case of it goes on; otherwise as ``case_report``.
    """
    at = occurred_at or timezone.now()
    with atomically():
        locked = FollowUpItem.objects.lock(item.pk)
        if locked.case is not None and locked.case.state not in ENDED:
            raise Conflict(_("Case %(number)s goes on already.") % {"number": locked.case.number}, code="has_case")
        case = _reported(locked, actor, photos, at)
        payload = {"case": case.number}
        return carry(locked, "open_case", actor=actor, occurred_at=at, payload=payload, case=case, **given)


def _reported(item: FollowUpItem, actor: User, photos, at: datetime) -> Case:
    place = item.assembly.estate.address if item.assembly.estate else ""
    told = [item.title, item.agenda_item.outcome]
    return case_report(
        actor=actor, source=CaseSource.ASSEMBLY, description="\n".join(part for part in told if part), area=item.area,
        address=place, photos=photos, occurred_at=at,
        origin={"follow_up": item.number, "assembly": item.assembly.name},
    )  # fmt: skip


def case_ended(case: Case, *, event) -> None:
    """Tell the end of a case back to the item it was opened for, in the case's own transaction.

    Here the case is locked before the item. No service locks an existing case after an item, so nobody waits in a ring.
    """
    clock = User.objects.system("timers")
    for item in FollowUpItem.objects.filter(case=case).exclude(state="closed"):
        locked = FollowUpItem.objects.lock(item.pk)
        words = {"number": case.number}
        given = {"actor": clock, "occurred_at": event.occurred_at, "payload": {"case": case.number}}
        if event.name == "case.closed" and locked.state in ("accepted", "in_progress", "returned"):
            text = _("Case %(number)s was closed.") % words
            carry(locked, "submit", result=text, submitted_by=clock, **given)
        elif event.name in ("case.rejected", "case.cancelled") and locked.state in ("in_progress", "awaiting"):
            carry(locked, "give_back", **given)
        elif event.name == "case.reopened" and locked.state == "awaiting":
            carry(locked, "return", reason=_("Case %(number)s was reopened.") % words, **given)
        elif event.name == "case.merged" and case.merged_into_id:
            locked.case = case.merged_into
            locked.save(update_fields=["case"])
            payload = figures_of(locked) | {"case": case.merged_into.number, "merged": case.number}
            events.record("follow_up.case_merged", locked, actor=clock, grant=Grant(Role.SYSTEM), payload=payload,
                          occurred_at=event.occurred_at)  # fmt: skip
