"""Sessions in the calendars behind private links: of a unit that is asked, and of a person who is, or lives there."""

from collections.abc import Iterable

from django.db.models import Q
from django.utils.translation import gettext as _

from governance.calendar_feeds import Entry, Wanted, calendar_source
from governance.models.venue import FeedKind
from property.models import AssemblySession, Invitation


@calendar_source
def session_entries(wanted: Wanted) -> Iterable[Entry]:
    """Sessions noticed or planned that touch the span; those called off are shown as cancelled.

    The calendar of a venue shows its bookings already.
    """
    asked = Invitation.objects.exclude(state="withdrawn")
    rows = AssemblySession.objects.filter(starts_at__lt=wanted.end, ends_at__gt=wanted.start)
    if wanted.kind == FeedKind.UNIT:
        rows = rows.filter(pk__in=asked.filter(unit=wanted.subject).values("session_id"))
        rows = rows.filter(pk__in=AssemblySession.objects.visible_to(wanted.reader).values("pk"))
    elif wanted.kind == FeedKind.PERSON:
        own = Q(pk__in=asked.filter(person=wanted.subject).values("session_id"))
        at_home = AssemblySession.objects.of_residents(wanted.subject).values("pk")
        rows = rows.filter(own | Q(pk__in=at_home))
    else:
        return []
    rows = rows.exclude(state="draft").select_related("assembly", "venue").order_by("starts_at")
    return [_entry(session) for session in rows]


def _entry(session: AssemblySession) -> Entry:
    published = session.state in ("published", "archived")
    moments = (session.made_at, session.noticed_at, session.closed_at, session.published_at)
    return Entry(
        uid=f"assembly-session-{session.pk}",
        summary=_("%(session)s (minutes published)") % {"session": session} if published else str(session),
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        changed_at=max(at for at in moments if at is not None),
        sequence=session.version,
        location=session.place_text,
        cancelled=session.state in ("postponed", "inquorate", "cancelled"),
    )
