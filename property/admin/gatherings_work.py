"""Neighbours' events on the first page: those to prepare and hold, those to settle."""

from datetime import timedelta
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.admin.my_work import WorkList, WorkRow, provides_work, work_list
from governance.scoping import roles_of, visible_q
from property.gatherings.looks import EVENT_TONES
from property.gatherings.querysets import RUN_BY, RUNS
from property.models import EventCostLine, NeighbourEvent

PREPARED = timedelta(days=14)  # events of so many days to come are shown to be prepared [J]
LIVING = ("draft", "published", "closed", "under_way", "postponed")


def event_row(event: NeighbourEvent) -> WorkRow:
    """Show an event."""
    return WorkRow(
        url=reverse("admin:property_neighbourevent_change", args=[event.pk]), title=event.title,
        text=event.get_kind_display(), place=event.for_text, badge=event.get_state_display(),
        tone=EVENT_TONES[event.state], note=event.time_text,
        warning=_("venue not booked") if event.venue_missing else "",
    )  # fmt: skip


@provides_work
def gatherings_work(user) -> list[WorkList]:
    """What the person has to prepare and to settle."""
    if not roles_of(user) & set(RUN_BY):
        return []
    mine = NeighbourEvent.objects.filter(visible_q(RUNS, user)).with_rows()
    coming = mine.filter(state__in=LIVING, starts_at__lte=timezone.now() + PREPARED).order_by("starts_at", "pk")
    spent = EventCostLine.objects.values("event_id")
    called_off = Q(state="cancelled", settled_at=None, pk__in=spent)
    held = mine.filter(Q(state="held") | called_off).order_by("held_at", "pk")
    base = reverse("admin:property_neighbourevent_changelist")
    return [
        work_list("gatherings", _("Events to prepare and hold"), coming, event_row,
                  f"{base}?{urlencode({'state__exact': 'published'})}", order=17),
        work_list("gatherings-settle", _("Events to settle"), held, event_row,
                  f"{base}?{urlencode({'state__exact': 'held'})}", order=24),
    ]  # fmt: skip
