"""Handing one message to a service outside. Nothing here touches the database or writes an address into a log."""

from dataclasses import dataclass

import apprise
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from governance import sms
from governance.errors import Unavailable
from governance.models.notice import ChannelKind
from governance.notices import addresses

CONNECT_SECONDS, READ_SECONDS = 5.0, 10.0
SMS_LENGTH = 300  # characters of title and text together; more would be cut by the networks or cost many messages


class NotTaken(Exception):
    """The service did not take the message; the text says why, without secrets."""


@dataclass(frozen=True)
class Message:
    """What goes out. ``phone`` is empty for a group."""

    kind: str
    address: str
    title: str
    body: str
    phone: str = ""


def send(message: Message) -> None:
    """Send a message; returns when the service has taken it. Raises NotTaken."""
    if message.kind == ChannelKind.SMS and not message.address:
        _send_by_settings(message)
        return
    try:
        service = addresses.service(message.address, message.kind, phone=message.phone)
    except ValidationError as error:
        raise NotTaken(error.messages[0]) from error
    service.socket_connect_timeout, service.socket_read_timeout = CONNECT_SECONDS, READ_SECONDS
    service.request_rate_per_sec = 0  # the rate is the channel's, and holds for all workers
    title, body = _parts(message)
    try:
        taken = service.notify(title=title, body=body, notify_type=apprise.NotifyType.INFO)
    except (OSError, TypeError, ValueError) as error:
        raise NotTaken(_("The service could not be reached (%(why)s).") % {"why": type(error).__name__}) from error
    if not taken:
        raise NotTaken(_("The service did not take the message, or could not be reached."))


def _parts(message: Message) -> tuple[str, str]:
    if message.kind == ChannelKind.SMS:
        return "", _short(message)
    return message.title, message.body


def _short(message: Message) -> str:
    text = f"{message.title}\n{message.body}" if message.body else message.title
    return text if len(text) <= SMS_LENGTH else text[: SMS_LENGTH - 1] + "…"


def _send_by_settings(message: Message) -> None:
    values = {"title": message.title, "body": message.body}
    try:
        sms.gateway().send(message.phone, _short(message), values=values)
    except Unavailable as error:
        raise NotTaken(str(error.detail)) from error
