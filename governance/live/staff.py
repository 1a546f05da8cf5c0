"""``/ws/v1/events/?after=<cursor>``: staff follow what happens to everything they may see.

Messages to the client, JSON:
    {"type": "hello", "cursor"}     first; without ``after`` the present, with it the same cursor again
    {"type": "event", "id", "name", "label", "at", "subject": {"type", "id", "number"}, "payload", "cursor", ...}
                                    and what ``governance.live.describe`` adds (for a case: state, place, unit, url ...)
    {"type": "events", "events": [...], "cursor"}
                                    more than ten at once (an import, a long absence), or several at once in one area of
                                    what comes in storms (an alarm with its case): up to a hundred, each as above
    {"type": "update", "count", "names", "label", "area", "url", "ids", "subject", "subjects", "about"}
                                    many at once in one area of what comes in storms (alarms, cases, devices): ``url``
                                    lists them, the API and a new connection have each. Of such things there are four
                                    messages a second and area at most, of whatever type
    {"type": "cursor", "cursor"}    after everything since ``after`` was sent, and now and then when nothing happens
    {"type": "error", "code", "detail"}, then the socket is closed (codes: ``governance.live.sockets``)

An event may come more than once: clients drop repeats by ``id``. A client keeps the last cursor it got and connects
again with it.
"""

from collections.abc import Mapping, Sequence
from importlib import import_module
from urllib.parse import parse_qs

from channels.auth import get_user
from django.conf import settings

from governance.live import coalescing, journal
from governance.live.audience import View, encode
from governance.live.cursor import CursorError, Snapshot
from governance.live.journal import Occurrence
from governance.live.relay import Batch
from governance.live.sockets import BAD_CURSOR, NOT_STAFF, SIGNED_OUT, LiveSocket
from governance.live.threads import in_thread

SESSION_LOOK = 15.0  # seconds between two looks whether the person is still signed in
SINGLY, TOGETHER = 10, 100  # so many events are sent one by one; of more, so many share a message


class StaffSocket(LiveSocket):
    """One signed-in member of staff; needs ``scope["user"]`` and ``scope["session"]`` (AuthMiddlewareStack)."""

    async def connect(self):
        await self.accept()
        user = self.scope["user"]
        if not user.is_authenticated:
            await self.refuse(SIGNED_OUT, "not_authenticated", "sign in first")
        if not user.is_staff:
            await self.refuse(NOT_STAFF, "permission_denied", "for staff only")
        self.user_id, self.session_key = user.pk, self.scope["session"].session_key
        self.listener = (user.pk, self.language)
        self.looked_at = self.clock()
        await self.relay.where()
        after = await self._after()
        await self.join()
        self.number, reached = self.relay.position if after is None else self.relay.meeting_point()
        await self.say({"type": "hello", "cursor": str(after or reached)})
        self.cursor = reached
        if after is not None:
            await self._read_on(self.relay.trusted(after), reached)
            await self.say(self.sign_of_life())
        await self.follow()

    async def _after(self) -> Snapshot | None:
        """Return the client's cursor; refuse one that is none or lies in the future (of a database since replaced)."""
        given = parse_qs(self.scope["query_string"].decode("latin-1")).get("after")
        if not given:
            return None
        try:
            after = Snapshot.parse(given[-1])
        except CursorError as error:
            await self.refuse(BAD_CURSOR, "bad_cursor", str(error))
        _number, reached = self.relay.position
        if after.xmax > reached.xmax and after.xmax > (await in_thread(journal.now)).xmax:
            await self.refuse(BAD_CURSOR, "unknown_cursor", "this cursor is not from here")
        return after

    async def follow(self):
        if self.clock() - self.looked_at > SESSION_LOOK:
            await self._look_at_session()
        while self.number < self.relay.number:
            batch = self.relay.batches.get(self.number + 1)
            if batch is not None:
                await self._deliver(batch)
                self.number, self.cursor = batch.number, batch.end
            elif self.number < self.relay.position[0]:
                self.number, reached = self.relay.position
                await self._read_on(self.cursor, reached)
                await self.join()
            else:
                return  # inside one huge transaction; the relay has not come to its end yet

    def sign_of_life(self) -> dict:
        return {"type": "cursor", "cursor": str(self.cursor)}

    async def _deliver(self, batch: Batch) -> None:
        seen = await self._seen(batch.events, batch.view)
        together, whole = coalescing.parted(seen, batch.view.places)
        for place, events in together.items():
            await self.say(coalescing.update(place, events, batch.view.places[place], self.language))
        bundled = len(whole) > SINGLY or coalescing.crowded(whole)
        await self.pass_on(messages(whole, batch.view.texts[self.language], bundled=bundled))
        if together:
            # Not before all of the batch was sent: who loses the connection on the way gets it again.
            await self.say({"type": "cursor", "cursor": str(batch.events[-1].cursor)})

    async def _read_on(self, after: Snapshot, reached: Snapshot) -> None:
        """Send what lies between two cursors, read from the table piece by piece."""
        async for piece, view in self.relay.replays.between(after, reached):
            await self._show(piece.events, view)
        self.cursor = reached

    async def _show(self, events: Sequence[Occurrence], view: View) -> None:
        seen = await self._seen(events, view)
        await self.pass_on(messages(seen, view.texts[self.language], bundled=len(seen) > SINGLY))

    async def _seen(self, events: Sequence[Occurrence], view: View) -> list[Occurrence]:
        """Return those of the events that this person may see."""
        if not view.knows(self.listener):
            await in_thread(view.admit, [self.listener, *self.relay.listeners])
        if self.user_id not in view.visible:
            await self.refuse(SIGNED_OUT, "not_authenticated", "this account may not be here any more")
        ids = view.visible[self.user_id]
        return [event for event in events if event.id in ids]

    async def _look_at_session(self) -> None:
        """End with the session: expired, signed out, password changed, account closed, no longer staff."""
        self.looked_at = self.clock()
        store = import_module(settings.SESSION_ENGINE).SessionStore
        user = await get_user({"session": store(self.session_key)})
        if user.pk != self.user_id or not user.is_staff:
            await self.refuse(SIGNED_OUT, "not_authenticated", "sign in again")


def messages(events: Sequence[Occurrence], texts: Mapping[int, str], *, bundled: bool) -> list[str]:
    """Return what is sent for ``events``: one by one, or many in each message, because each costs both ends."""
    if not bundled:
        return [texts[event.id] for event in events]
    return [_bundle(events[place : place + TOGETHER], texts) for place in range(0, len(events), TOGETHER)]


def _bundle(events: Sequence[Occurrence], texts: Mapping[int, str]) -> str:
    inside = ",".join(texts[event.id] for event in events)
    return f'{{"type":"events","events":[{inside}],"cursor":{encode(str(events[-1].cursor))}}}'
