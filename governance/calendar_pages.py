"""``/calendar/<token>.ics``: the calendar behind a private link, for calendar programs, without signing in."""

from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import View
from icalendar import Calendar, Event, Timezone

from governance.api.throttling import SharedThrottle
from governance.calendar_feeds import AHEAD, PAST, Entry, entries_of, feed_of
from governance.clock import SHANGHAI
from governance.models import CalendarFeed

PRODUCT = "-//Jiceng//Venues and bookings//ZH"
# How often programs that ask are told to look again.
REFRESH = timedelta(minutes=30)


class CalendarView(View):
    """Answers with iCalendar (RFC 5545); 404 for a token that is none or was revoked."""

    http_method_names = ["get", "head"]
    throttle_scope = "calendar-feed"

    def get(self, request, token):
        request.user = AnonymousUser()  # the link says who reads, whoever is signed in to this browser
        throttle = SharedThrottle()
        if not throttle.allow_request(request, self):
            wait = {"Retry-After": str(int(throttle.wait() or 60) + 1)}
            return HttpResponse(
                _("Too many requests."), status=429, content_type="text/plain; charset=utf-8", headers=wait
            )
        feed = feed_of(token)
        if feed is None:
            raise Http404
        return HttpResponse(
            calendar_text(feed),
            content_type="text/calendar; charset=utf-8",
            headers={
                "Cache-Control": "private, no-store",
                "Content-Disposition": 'inline; filename="jiceng.ics"',
                "Referrer-Policy": "no-referrer",
                "X-Robots-Tag": "noindex, nofollow",
            },
        )


def calendar_text(feed: CalendarFeed) -> bytes:
    """Return the calendar as iCalendar text, times with the zone Asia/Shanghai."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", str(feed))
    calendar.add("x-wr-timezone", SHANGHAI.key)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", REFRESH)
    today = timezone.localdate()
    calendar.add_component(Timezone.from_tzinfo(SHANGHAI, SHANGHAI.key, today - 2 * PAST, today + 2 * AHEAD))
    for entry in entries_of(feed):
        calendar.add_component(_event(entry))
    return calendar.to_ical()


def _event(entry: Entry) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("summary", entry.summary)
    event.add("dtstart", entry.starts_at.astimezone(SHANGHAI))
    event.add("dtend", entry.ends_at.astimezone(SHANGHAI))
    event.add("dtstamp", entry.changed_at)
    event.add("last-modified", entry.changed_at)
    event.add("sequence", entry.sequence)
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if entry.cancelled else "OPAQUE")
    if entry.location:
        event.add("location", entry.location)
    return event
