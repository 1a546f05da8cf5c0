"""Neighbours' events in the calendars behind private links: of the unit that organises, and of residents."""

from collections.abc import Iterable

from django.db.models import Q

from governance.calendar_feeds import Entry, Wanted, calendar_source
from governance.models.venue import FeedKind
from property.models import NeighbourEvent, SignUp, Volunteering


@calendar_source
def gathering_entries(wanted: Wanted) -> Iterable[Entry]:
    """Published events that touch the span: what a person signed up or helps to, and what is open to all at home.

    An event people sign up to stands in nobody's calendar who did not. The calendar of a venue shows its bookings.
    """
    rows = NeighbourEvent.objects.filter(starts_at__lt=wanted.end, ends_at__gt=wanted.start).exclude(published_at=None)
    if wanted.kind == FeedKind.UNIT:
        rows = rows.filter(unit=wanted.subject)
        rows = rows.filter(pk__in=NeighbourEvent.objects.visible_to(wanted.reader).values("pk"))
    elif wanted.kind == FeedKind.PERSON:
        held = SignUp.objects.filter(person=wanted.subject).holding().values("event_id")
        helps = Volunteering.objects.filter(person=wanted.subject).exclude(state="cancelled").values("event_id")
        at_home = NeighbourEvent.objects.of_residents(wanted.subject).filter(places=0).values("pk")
        rows = rows.filter(Q(pk__in=held) | Q(pk__in=helps) | Q(pk__in=at_home))
    else:
        return []
    return [_entry(event) for event in rows.select_related("venue").order_by("starts_at")]


def _entry(event: NeighbourEvent) -> Entry:
    return Entry(
        uid=f"neighbour-event-{event.pk}",
        summary=event.title,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        changed_at=max(at for at in (event.published_at, event.begun_at, event.held_at) if at is not None),
        sequence=event.version,
        location=event.place_text,
        cancelled=event.state in ("postponed", "cancelled"),
    )
