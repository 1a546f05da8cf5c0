"""Signals come in: from a file or as messages, each judged by itself; repeats and duplicates found."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from governance import events
from governance.clock import SHANGHAI
from governance.errors import Invalid, NotPermitted
from governance.models import Area, AreaKind, User
from governance.scoping import Grant, grant_for
from mediation.models import DisputeType, Signal, SignalBatch, SignalChannel, SignalSource
from mediation.prevention.drafts import Draft
from mediation.prevention.duplicates import KnownEvents, events_of_source, known_events, who
from mediation.prevention.guessing import type_if_sure
from mediation.prevention.querysets import BRINGS, SMALL

NEW, DUPLICATE, REPEATED = "new", "duplicate", "repeated"
# Of a record: that it repeats another one of the run, whatever is stored.
WITHIN = "within"
# Of a record: that no community is known, so that it counts for no place.
UNPLACED = "unplaced"


@dataclass(frozen=True)
class Judged:
    """What becomes of a record. ``signal``: the new one, or the stored one it repeats (None: one of the same run).
    ``event``: the signal it is a duplicate of. ``told``: the one that may be told before anything is stored, and to a
    source: the former knows of the file alone, the latter of its own records, so that neither finds out who has
    complained elsewhere."""

    status: str
    signal: Signal | None = None
    event: Signal | None = None
    told: Signal | None = None


def one_at_a_time() -> None:
    """Wait until nobody else brings in, joins or reports signals, until the transaction ends: what is one event is
    judged over many rows, also over those that another would just add."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('mediation.signals', 0))")


@dataclass
class Taking:
    """One run that brings in signals as ``actor``. First ``foresee`` all, then ``judge`` each, then ``store``.

    ``counts``: how many of each status were judged so far, and of how many new ones no community is known. Call it
    inside a transaction: signals are brought in by one run at a time, so that two cannot miss each other's duplicates.
    """

    actor: User
    source: SignalSource | None = None
    counts: Counter = field(default_factory=Counter)

    def __post_init__(self):
        one_at_a_time()
        inside = Area.objects.filter(is_active=True).defer("boundary")
        if self.source is not None:
            inside = inside.filter(path__startswith=self.source.area.path)
        self.areas = {area.pk: area for area in inside}
        self.by_code = {area.code: area for area in self.areas.values()}
        names = Counter(area.name for area in self.areas.values())
        self.by_name = {area.name: area for area in self.areas.values() if names[area.name] == 1}
        types = list(DisputeType.objects.filter(is_active=True))
        self.types = {row.code: row for row in types} | {row.name: row for row in types}
        self.known, self.told, self.stored, self.met = KnownEvents(), KnownEvents(), {}, set()
        self.may: dict[int, Grant | None] = {}
        # What this run brings in is one batch, also where it is stored in several parts.
        self.batch: SignalBatch | None = None
        self.brought: dict[int, Area] = {}

    @property
    def sent(self) -> bool:
        """Whether a source sends by itself, with its key."""
        return self.source is not None and self.actor.is_system

    def foresee(self, drafts: Sequence[Draft]) -> None:
        """Load what the records may repeat; two statements, three where a source sends."""
        asked = (
            {draft.complainant for draft in drafts if draft.complainant},
            {draft.digest for draft in drafts if draft.digest and not draft.complainant},
            self._community_id,
        )
        self.known = known_events(*asked)
        if self.sent:
            self.told = events_of_source(self.source, *asked)
        numbers = {draft.external_id for draft in drafts if draft.external_id}
        if self.source is not None and numbers:
            rows = Signal.objects.filter(source=self.source, external_id__in=numbers)
            self.stored = {row.external_id: row for row in rows.only("external_id")}

    def judge(self, draft: Draft) -> Judged:
        """Return what becomes of a record. Raises Invalid naming the field, NotPermitted."""
        repeated = self._repeated(draft)
        if repeated is not None:
            self.counts[REPEATED] += 1
            return repeated
        area = self._area(draft)
        self._check_may(area)
        signal = Signal(
            source=self.source, external_id=draft.external_id, channel=self._channel(draft), area=area,
            place=draft.place, longitude=draft.longitude, latitude=draft.latitude, event_date=draft.event_date,
            received_at=draft.received_at, complainant=draft.complainant, text=draft.text, text_digest=draft.digest,
        )  # fmt: skip
        signal.type, signal.type_guessed = self._type(draft)
        key = who(draft.complainant, draft.digest), signal.type_id, self._community_id(area.pk)
        event, told = (events.of(*key, draft.event_date) for events in (self.known, self.told))
        for found, known in ((event, self.known), (told, self.told)):
            if found is None:
                known.add(*key, draft.event_date, signal)
        if draft.external_id:
            self.met.add(draft.external_id)
        status = NEW if event is None else DUPLICATE
        self.counts[status] += 1
        self.counts[WITHIN] += told is not None
        self.counts[UNPLACED] += area.kind not in SMALL
        return Judged(status, signal, event, told)

    def store(self, judged: Sequence[Judged]) -> list[Signal]:
        """Store what is not repeated, events before their duplicates, with one event for the history."""
        fresh = [one for one in judged if one.status != REPEATED]
        if not fresh:
            return []
        now = timezone.now()
        batch = self._batch([one.signal.area for one in fresh], now)
        for one in fresh:
            one.signal.imported_at, one.signal.batch = now, batch
        Signal.objects.bulk_create([one.signal for one in fresh if one.event is None])
        for one in fresh:
            if one.event is not None:
                one.signal.duplicate_of, one.signal.hazard_id = one.event, one.event.hazard_id
        Signal.objects.bulk_create([one.signal for one in fresh if one.event is not None])
        stored = [one.signal for one in fresh]
        self._record(stored, sum(one.event is not None for one in fresh))
        return stored

    def _batch(self, areas: Sequence[Area], now: datetime) -> SignalBatch:
        """Return what these are brought in with: what a source sends by itself on a day is one, else each run."""
        sent = self.sent
        known = SignalBatch.objects.filter(
            source=self.source, brought_by=self.actor, withdrawn_at=None,
            brought_at__gte=datetime.combine(timezone.localdate(now), time(), SHANGHAI),
        )  # fmt: skip
        batch = self.batch or (known.select_for_update().first() if sent else None)
        if batch is None:
            batch = SignalBatch(source=self.source, brought_by=self.actor, brought_at=now)
        if not sent:
            self.brought |= {area.pk: area for area in areas}
            batch.area = self.source.area if self.source else Area.objects.smallest_with(self.brought.values())
        elif batch.pk is None:
            batch.area = self.source.area
        batch.records += len(areas)
        batch.save()
        self.batch = batch
        return batch

    def _record(self, stored: list[Signal], duplicates: int) -> None:
        subject = self.source or stored[0]
        payload = {
            "source": self.source and self.source.code, "signals": len(stored), "duplicates": duplicates,
            "batch": stored[0].batch.pk,
        }  # fmt: skip
        grant = self.may[stored[0].area_id]
        events.record("signals.brought_in", subject, actor=self.actor, grant=grant, payload=payload)

    def _repeated(self, draft: Draft) -> Judged | None:
        number = draft.external_id
        if self.source is None or not number:
            return None
        if number in self.stored:
            return Judged(REPEATED, self.stored[number])
        return Judged(REPEATED) if number in self.met else None

    def _area(self, draft: Draft) -> Area:
        """Return where it is: the area named, narrowed by the position where a boundary holds it, else the source's."""
        named = self.by_code.get(draft.area) or self.by_name.get(draft.area)
        if draft.area and named is None:
            raise Invalid(_("There is no such area here."), field="area", code="does_not_exist")
        named = named or (self.source.area if self.source else None)
        if draft.longitude is not None:
            found = Area.objects.holding(draft.longitude, draft.latitude)
            if found is not None and (named is None or named.contains(found)):
                return self.areas.get(found.pk, named or found)
            if found is not None and draft.area:
                told = _("This place does not lie in %(area)s.") % {"area": named.name}
                raise Invalid(told, field="longitude", code="outside")
        if named is None:
            raise Invalid(_("Say where: a place or an area."), field="area", code="required")
        return named

    def _check_may(self, area: Area) -> None:
        if area.pk not in self.may:
            self.may[area.pk] = grant_for(BRINGS, Signal(area=area), self.actor)
        if self.may[area.pk] is None:
            raise NotPermitted(_("You may not bring in signals of this area."), field="area")

    def _channel(self, draft: Draft) -> str:
        if draft.channel not in SignalChannel.values:
            raise Invalid(_("Say by which channel it came."), field="channel", code="invalid")
        return draft.channel

    def _type(self, draft: Draft) -> tuple[DisputeType | None, bool]:
        """Return the type and whether it is only guessed; none for what is no dispute by its words."""
        if not draft.type:
            guess = type_if_sure(draft.text, self.types)
            return guess, guess is not None
        found = self.types.get(draft.type)
        if found is None:
            raise Invalid(_("There is no such dispute type in use."), field="type", code="does_not_exist")
        return found, False

    def _community_id(self, area_id: int) -> int:
        """Return the community of a grid, else the area itself."""
        area = self.areas.get(area_id)
        return area.parent_id if area is not None and area.kind == AreaKind.GRID else area_id
