"""Sittings in the calendars behind private links: of the mediator and of the unit that handles the dispute.

A calendar lies on other people's servers: it tells the number of the dispute and the place, no name and no word.
"""

from collections.abc import Iterable

from django.db.models import Q
from django.utils.translation import gettext as _

from governance.calendar_feeds import Entry, Wanted, calendar_source
from governance.models.venue import FeedKind
from mediation.models import Sitting


@calendar_source
def sitting_entries(wanted: Wanted) -> Iterable[Entry]:
    """Sittings that touch the span, of disputes that the reader may see now; cancelled ones too."""
    rows = Sitting.objects.visible_to(wanted.reader)
    rows = rows.filter(starts_at__lt=wanted.end, ends_at__gt=wanted.start)
    if wanted.kind == FeedKind.UNIT:
        rows = rows.filter(dispute__unit=wanted.subject)
    elif wanted.kind == FeedKind.PERSON:
        rows = rows.filter(Q(dispute__mediator=wanted.subject) | Q(planned_by=wanted.subject))
    else:
        return []
    return [_entry(sitting) for sitting in rows.with_rows().order_by("starts_at")]


def _entry(sitting: Sitting) -> Entry:
    return Entry(
        uid=f"sitting-{sitting.pk}",
        summary=_("Mediation %(number)s") % {"number": sitting.dispute.number},
        starts_at=sitting.starts_at,
        ends_at=sitting.ends_at,
        changed_at=sitting.held_at or sitting.planned_at,
        sequence=sitting.version,
        location=str(sitting.venue) if sitting.venue else "",
        cancelled=sitting.state == "cancelled",
        stands_for=f"booking-{sitting.booking.uid}" if sitting.booking else "",
    )
