"""What a warning says to its reader: one sentence, and its events as far as each reader may open them."""

from dataclasses import dataclass
from datetime import date, datetime, time
from math import floor

from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.clock import SHANGHAI
from governance.models import Area, User
from mediation.models import EarlyWarning, Hazard, Signal, SignalChannel, WarningEvent, WarningMethod

# Events shown of one warning.
MOST = 200


@dataclass(frozen=True)
class Told:
    """One event without words: its number, day, place and channel; ``url`` where the reader may open it."""

    number: str
    kind: str
    day: date
    place: str
    channel: str
    url: str = ""


def told(warning: EarlyWarning) -> str:
    """Return what a warning says, in the active language."""
    values = {
        "area": warning.area, "first": warning.first_day, "last": warning.last_day, "observed": warning.observed,
        "expected": f"{warning.expected:.1f}", "type": warning.type, "stream": warning.get_stream_display(),
        "chance": chance_told(warning),
    }  # fmt: skip
    return _("%(area)s, “%(type)s”: %(observed)s events from %(first)s to %(last)s, %(expected)s expected "
             "(%(stream)s). "
             "Chance alone gives that once in %(chance)s.") % values  # fmt: skip


def days_told(warning: EarlyWarning) -> str:
    """Return once in how many days chance alone gives it, rounded as everywhere; of "or more" never up."""
    days = warning.recurrence_days
    return f"{floor(days) if warning.recurrence_at_least else round(days):,}"


def chance_told(warning: EarlyWarning) -> str:
    """Return the same in words, with the "or more" of what is rarer than anything simulated."""
    text = _("%(days)s days or more") if warning.recurrence_at_least else _("about %(days)s days")
    return text % {"days": days_told(warning)}


def events_told(warning: EarlyWarning, user: User) -> list[Told]:
    """Return the events of its days, the newest first; reads those the person may open in two statements. A warning
    that went on may have begun anew, or show in another stream or at other places: events of days before, of other ways
    and from elsewhere are linked still, but are none of those it counts."""
    since = datetime.combine(warning.first_day, time(), SHANGHAI)
    rows = list(
        WarningEvent.objects.filter(warning=warning)
        .filter(Q(signal__event_date__gte=warning.first_day) | Q(hazard__seen_at__gte=since), _of(warning.stream),
                _at(warning))
        .select_related("signal__area", "signal__hazard__area", "hazard__area")
        .defer("signal__area__boundary", "signal__hazard__area__boundary", "hazard__area__boundary", "signal__text",
               "signal__hazard__words", "hazard__words")[:MOST]
    )  # fmt: skip
    signals = Signal.objects.visible_to(user).filter(pk__in=[row.signal_id for row in rows if row.signal_id])
    hazards = Hazard.objects.visible_to(user).filter(pk__in=[row.hazard_id for row in rows if row.hazard_id])
    mine = {("signal", pk) for pk in signals.values_list("pk", flat=True)}
    mine |= {("hazard", pk) for pk in hazards.values_list("pk", flat=True)}
    return sorted((_told(row, mine) for row in rows), key=lambda row: (row.day, row.number), reverse=True)


def _of(stream: str) -> Q:
    """Return which linked events a stream counts."""
    if stream in SignalChannel.values:
        return Q(signal__channel=stream) | Q(hazard__source=stream)
    return Q()


def _at(warning: EarlyWarning) -> Q:
    """Return which linked events lie at its communities, or in the township it was judged for."""
    if warning.method == WarningMethod.SCAN:
        paths = Area.objects.filter(code__in=warning.places).values_list("path", flat=True)
    else:
        paths = [warning.area.path]
    found = Q()
    for path in paths:
        # Of a signal that became a hazard, where that was reported: it is counted there.
        signal = Q(signal__hazard=None, signal__area__path__startswith=path)
        signal |= Q(signal__hazard__area__path__startswith=path)
        found |= signal | Q(hazard__area__path__startswith=path)
    return found


def _told(row: WarningEvent, mine: set[tuple[str, int]]) -> Told:
    if row.signal_id:
        one, kind, day, channel = row.signal, "signal", row.signal.event_date, row.signal.get_channel_display()
        where = (one.hazard or one).area
        channel = channel if one.withdrawn_at is None else _("%(channel)s, withdrawn") % {"channel": channel}
    else:
        one, kind, channel = row.hazard, "hazard", row.hazard.get_source_display()
        where = one.area
        day = timezone.localtime(one.seen_at).date()
    return Told(one.number, kind, day, where.name, channel, _page(kind, one.pk) if (kind, one.pk) in mine else "")


def _page(kind: str, pk: int) -> str:
    try:
        return reverse(f"admin:mediation_{kind}_change", args=[pk])
    except NoReverseMatch:
        return ""


def places_of(warning: EarlyWarning) -> list[Area]:
    """Return the communities of a warning, with their boundaries."""
    return list(Area.objects.filter(code__in=warning.places).order_by("code"))
