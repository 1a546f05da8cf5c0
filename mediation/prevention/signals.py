"""What is done with a signal: its type or its area put right, or reported as a hazard."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Conflict, Invalid, NotPermitted
from governance.models import Area, User
from governance.scoping import grant_for
from governance.transactions import atomically
from mediation.models import DisputeType, Hazard, Signal
from mediation.prevention.duplicates import community_ids, known_events, who
from mediation.prevention.querysets import KEEPS, READS_SIGNALS
from mediation.prevention.reporting import LONGEST, hazard_report, point_within
from mediation.prevention.taking import one_at_a_time

# Who reports hazards of signals: the mediators of the place.
REPORTS_SIGNALS = {role: READS_SIGNALS[role] for role in KEEPS}


def _locked(signal: Signal) -> Signal:
    """Return the signal as it is now; nobody changes it or those that are one event with it meanwhile."""
    one_at_a_time()
    return Signal.objects.with_rows().select_for_update(of=("self",)).get(pk=signal.pk)


def family_of(signal: Signal):
    """The signals that are one event with this one, it among them."""
    head = signal.duplicate_of_id or signal.pk
    return Signal.objects.filter(Q(pk=head) | Q(duplicate_of=head))


def _held(signal: Signal) -> list[Signal]:
    """The family of a signal, locked."""
    return list(family_of(signal).select_for_update(of=("self",)).order_by("pk"))


def signal_type_set(signal: Signal, *, actor: User, type: DisputeType | None) -> Signal:
    """Put the type right (None: no dispute at all) of a signal and those that are one event with it.

    Where that makes them one with another event, the hazard of either is that of all: what became a dispute is one in
    all its records. Raises NotPermitted for who does not read signals there, Conflict where both are hazards already.
    """
    with atomically():
        locked = _locked(signal)
        grant = grant_for(READS_SIGNALS, locked, actor)
        if grant is None:
            raise NotPermitted(_("You may not change signals of this area."))
        head = locked.duplicate_of or locked
        members = _held(locked)
        event = _event_before(head, type, head.area_id)
        own = [row.pk for row in members]
        Signal.objects.filter(pk__in=own).update(type=type, type_guessed=False)
        if event is not None:
            _join(members, event)
        payload = {"type": type and type.code, "signals": len(own), "joined": event and event.number}
        events.record("signal.typed", locked, actor=actor, grant=grant, payload=payload)
    return Signal.objects.with_rows().get(pk=locked.pk)


def signal_area_set(signal: Signal, *, actor: User, area: Area) -> Signal:
    """Put the area right of a signal and those that are one event with it: of many only the county is known, which
    counts them for no place and gives them to no mediator. Who reads the signal where it lies and would read it there
    may: so the county hands one to a community, and a township only within itself.

    Where that makes them one with another event, they join it as where the type is put right. Raises NotPermitted,
    Invalid naming ``area``, Conflict: it is a hazard already, and counts where that was reported.
    """
    with atomically():
        locked = _locked(signal)
        grant = grant_for(READS_SIGNALS, locked, actor)
        if grant is None:
            raise NotPermitted(_("You may not change signals of this area."))
        if not area.is_active or grant_for(READS_SIGNALS, Signal(area=area), actor) is None:
            raise Invalid(_("There is no such area here."), field="area", code="does_not_exist")
        members = _held(locked)
        if any(row.hazard_id is not None for row in members):
            raise Conflict(_("This signal is a hazard already."), code="already")
        head = locked.duplicate_of or locked
        event = _event_before(head, head.type, area.pk)
        own = [row.pk for row in members]
        Signal.objects.filter(pk__in=own).update(area=area)
        if event is not None:
            _join(members, event)
        payload = {"area": area.code, "signals": len(own), "joined": event and event.number}
        events.record("signal.placed", locked, actor=actor, grant=grant, payload=payload)
    return Signal.objects.with_rows().get(pk=locked.pk)


def _join(members: Sequence[Signal], event: Signal) -> None:
    """Make members of one event members of another; all have the one hazard there is. Raises Conflict."""
    both = [*members, *_held(event)]
    hazards = {row.hazard_id for row in both} - {None}
    if len(hazards) > 1:
        told = _("It would be one event with %(number)s, and both are hazards already.")
        raise Conflict(told % {"number": event.number}, code="already")
    Signal.objects.filter(pk__in=[row.pk for row in members]).update(duplicate_of=event)
    if hazards:
        Signal.objects.filter(pk__in=[row.pk for row in both]).update(hazard=hazards.pop())


def _event_before(head: Signal, type: DisputeType | None, area_id: int) -> Signal | None:
    """Return the event that the signal is a duplicate of under the other type or in the other area, or None."""
    community = community_ids()
    digests = [] if head.complainant or not head.text_digest else [head.text_digest]
    known = known_events([head.complainant] if head.complainant else [], digests, community)
    found = known.of(who(head.complainant, head.text_digest), type and type.pk, community(area_id),
                     head.event_date)  # fmt: skip
    return None if found is None or found.pk == head.pk else found


def signal_report(signal: Signal, *, actor: User, area: Area | None = None, words: str = "",
                  occurred_at: datetime | None = None) -> Hazard:  # fmt: skip
    """Report what a signal tells as a hazard of a community or grid in its area; duplicates go with it.

    ``area`` is needed where the signal knows none so small; the signal's position goes along where it lies in it.
    Raises NotPermitted, Conflict (it is one already), Invalid.
    """
    at = occurred_at or timezone.now()
    with atomically():
        locked = _locked(signal)
        if grant_for(REPORTS_SIGNALS, locked, actor) is None:
            raise NotPermitted(_("You do not report hazards here."))
        members = _held(locked)
        if any(row.hazard_id is not None for row in members):
            raise Conflict(_("This signal is a hazard already."), code="already")
        where = area or locked.area
        longitude, latitude = point_within(where, locked.longitude, locked.latitude)
        hazard = hazard_report(
            actor=actor, area=where, place=locked.place, source=locked.channel, type=locked.type,
            longitude=longitude, latitude=latitude, words=(words.strip() or locked.text)[:LONGEST], origin=locked,
            occurred_at=at,
        )  # fmt: skip
        Signal.objects.filter(pk__in=[row.pk for row in members], hazard=None).update(hazard=hazard)
        grant = grant_for(REPORTS_SIGNALS, locked, actor)
        payload = {"signal": locked.number, "hazard": hazard.number}
        events.record("signal.became_hazard", locked, actor=actor, grant=grant, payload=payload, occurred_at=at)
    return hazard
