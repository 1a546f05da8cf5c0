"""The native-async HTTP door of devices, in the live process: ``POST /api/v1/devices/readings/`` with group commit.

Same address, key, body and answer as the door of the web process (``devices.api.readings``, which says why neither
looks at ``Idempotency-Key``); many requests share one transaction. A full queue, or a database that is away, answers
429 or 503 with Retry-After; nothing was stored then.
"""

import asyncio
import logging
from collections import OrderedDict
from http import HTTPStatus

from django.conf import settings
from django.db import DatabaseError
from django.utils.translation import gettext as _
from msgspec.json import encode

from devices.commands import Outgoing, handed_out, told_with
from devices.group_commit import Committer, KeyGoneError, QueueFullError
from devices.keys import Credential, credential_of
from devices.parcels import IngestResult, Parcel
from devices.refusals import note_unreadable
from devices.wire import NotReadable, decoded
from governance.access_keys import digest_of
from governance.live.mailbox import Mailbox, Slot
from governance.live.threads import in_thread

log = logging.getLogger(__name__)
PATH = "/api/v1/devices/readings/"
MAX_MESSAGES = 1000
MOST_KEYS = 50_000
RETRY_AFTER = ((b"retry-after", b"1"),)


class Refusal(Exception):
    """An answer that is not 202, in the API's one error shape."""

    def __init__(self, status: int, code: str, detail: str, attr: str | None = None, headers=()):
        super().__init__(detail)
        self.status, self.headers = status, headers
        kind = "server_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "client_error"
        kind = "validation_error" if attr else kind
        self.body = {"type": kind, "errors": [{"code": code, "detail": detail, "attr": attr}]}


class IngestDoor:
    """ASGI application of the one address."""

    def __init__(self, committer: Committer | None = None):
        self.committer = committer or Committer()
        # Recognised once: whether a key still holds is asked in the transaction that stores.
        self._known: OrderedDict[str, Credential] = OrderedDict()
        self._mailbox: Mailbox | None = None

    def start(self) -> None:
        """Begin to take requests."""
        self.committer.start()

    async def stop(self) -> None:
        """Store what waits; new requests are answered 429."""
        await asyncio.to_thread(self.committer.stop)

    async def __call__(self, scope, receive, send) -> None:
        headers: tuple = ()
        try:
            result, commands = await self._take(scope, receive)
            status, body = HTTPStatus.ACCEPTED, result.told() | told_with(commands)
            if result.retry_after:
                headers = ((b"retry-after", str(result.retry_after).encode()),)
        except Refusal as refusal:
            status, body, headers = refusal.status, refusal.body, refusal.headers
        except Exception:
            log.exception("a request of readings failed")
            refusal = Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "error", _("A server error occurred."))
            status, body = refusal.status, refusal.body
        content = encode(body)
        sent = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode()), *headers]
        await send({"type": "http.response.start", "status": status, "headers": sent})
        await send({"type": "http.response.body", "body": content})

    async def _take(self, scope, receive) -> tuple[IngestResult, list[Outgoing]]:
        if scope["method"] != "POST":
            raise Refusal(405, "method_not_allowed", _("Only POST is answered here."), headers=((b"allow", b"POST"),))
        given = dict(scope["headers"])
        credential = await self._credential(given.get(b"authorization", b""))
        if given.get(b"content-type", b"").partition(b";")[0].strip().lower() != b"application/json":
            raise Refusal(415, "unsupported_media_type", _("Send application/json."))
        messages = await self._messages(credential, await _body(receive))
        try:
            result = await self.committer.submit(Parcel(credential, messages), self._slot()).waiter
            return result, await in_thread(handed_out, result) if result.commanded else []
        except QueueFullError as error:
            raise Refusal(
                429, "throttled", _("Too much waits to be stored. Try again."), headers=RETRY_AFTER
            ) from error
        except KeyGoneError as error:
            raise Refusal(401, "invalid_key", str(error), headers=((b"www-authenticate", b"Device"),)) from error
        except DatabaseError as error:
            log.warning("readings wait for the database: %s", error)
            raise Refusal(503, "unavailable", _("The database is away. Try again."), headers=RETRY_AFTER) from error

    async def _messages(self, credential: Credential, body: bytes) -> list:
        """Return the messages of a body; what cannot be read is counted."""
        try:
            return _messages(body)
        except Refusal as refusal:
            error = refusal.body["errors"][0]
            await in_thread(note_unreadable, credential, (error["code"], error["detail"], ""))
            raise

    def _slot(self) -> Slot:
        """Return a place for an answer of the committer."""
        loop = asyncio.get_running_loop()
        if self._mailbox is None or self._mailbox.loop is not loop:
            self._mailbox = Mailbox(loop)
        return self._mailbox.slot()

    async def _credential(self, header: bytes) -> Credential:
        scheme, _space, secret = header.partition(b" ")
        found = None
        if scheme.lower() == b"device" and secret and secret.isascii():
            digest = digest_of(secret.decode())
            found = self._known.get(digest)
            if found is None:
                found = await self._ask(secret.decode(), digest)
        if found is None:
            code = "invalid_key" if scheme.lower() == b"device" else "not_authenticated"
            detail = _("This key is unknown, expired or revoked.")
            raise Refusal(401, code, detail, headers=((b"www-authenticate", b"Device"),))
        return found

    async def _ask(self, secret: str, digest: str) -> Credential | None:
        try:
            found = await in_thread(credential_of, secret)
        except DatabaseError as error:
            raise Refusal(503, "unavailable", _("The database is away. Try again."), headers=RETRY_AFTER) from error
        if found is not None:
            self._known[digest] = found
            if len(self._known) > MOST_KEYS:
                self._known.popitem(last=False)
        return found


async def _body(receive) -> bytes:
    """Read the body, at most ``DATA_UPLOAD_MAX_MEMORY_SIZE`` bytes of it."""
    parts, size = [], 0
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise Refusal(400, "parse_error", _("The request ended early."))
        parts.append(event.get("body", b""))
        size += len(parts[-1])
        if size > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise Refusal(413, "request_too_large", _("The request is too large."))
        if not event.get("more_body"):
            return b"".join(parts)


def _messages(body: bytes) -> list:
    try:
        messages = decoded(body)
    except NotReadable as error:
        raise Refusal(400, error.code, error.detail, error.attr) from error
    if len(messages) > MAX_MESSAGES:
        raise Refusal(400, "max_length", _("At most 1000 messages in one request."), "readings")
    return messages
