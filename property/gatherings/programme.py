"""The programme of an event, and the tasks for which it wants volunteers."""

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from governance.errors import Invalid
from governance.models import User
from governance.transactions import atomically
from governance.workflow import carries_out
from property.gatherings.acting import carry
from property.models import NeighbourEvent, ProgrammeItem, VolunteerTask

EVENT = "property.neighbourevent"
# So many items a programme has at most [J].
MOST_ITEMS = 200


@carries_out(EVENT, "add_item")
def item_add(event: NeighbourEvent, *, actor: User, title: str, minutes: int, performers: str = "",
             position: int | None = None, **given) -> NeighbourEvent:  # fmt: skip
    """Add an item at ``position`` (default: the end); those from there on move one further. Raises Invalid."""
    with atomically():
        locked = NeighbourEvent.objects.lock(event.pk)
        rows = ProgrammeItem.objects.filter(event=locked)
        count = rows.count()
        if count >= MOST_ITEMS:
            raise Invalid(_("A programme has at most 200 items."), field="title", code="too_many")
        position = min(position or count + 1, count + 1)
        _moved(locked, position, 1)
        ProgrammeItem.objects.create(
            event=locked, position=position, title=title.strip(), performers=performers.strip(), minutes=minutes
        )
        return carry(locked, "add_item", actor=actor, payload={"position": position, "minutes": minutes}, **given)


@carries_out(EVENT, "drop_item")
def item_drop(event: NeighbourEvent, *, actor: User, position: int, **given) -> NeighbourEvent:
    """Take the item at ``position`` off; those behind move up. Raises Invalid where there is none."""
    with atomically():
        locked = NeighbourEvent.objects.lock(event.pk)
        gone, _rows = ProgrammeItem.objects.filter(event=locked, position=position).delete()
        if not gone:
            raise Invalid(_("There is no such item."), field="position", code="does_not_exist")
        _moved(locked, position, -1)
        return carry(locked, "drop_item", actor=actor, payload={"position": position}, **given)


def _moved(event: NeighbourEvent, position: int, by: int) -> None:
    """Renumber the items from ``position`` on; far away first, as no two may have one number at any moment."""
    rows = ProgrammeItem.objects.filter(event=event, position__gte=position)
    keys = list(rows.values_list("pk", flat=True))
    with transaction.atomic():
        ProgrammeItem.objects.filter(pk__in=keys).update(position=F("position") + 1000)
        ProgrammeItem.objects.filter(pk__in=keys).update(position=F("position") - 1000 + by)


@carries_out(EVENT, "add_task")
def task_add(event: NeighbourEvent, *, actor: User, title: str, wanted: int, about: str = "", **given):
    """Add a task for volunteers and say how many hands it wants."""
    with atomically():
        locked = NeighbourEvent.objects.lock(event.pk)
        task = VolunteerTask.objects.create(event=locked, title=title.strip(), about=about.strip(), wanted=wanted)
        return carry(locked, "add_task", actor=actor, payload={"task": task.pk, "wanted": wanted}, **given)
