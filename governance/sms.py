"""Text messages: one interface, and the gateways an installation may choose with the setting ``SMS_GATEWAY``.

``log``              development: the text goes to the log, where whoever runs the product reads the code
``https://host/...`` a relay of the operator: each message is POSTed as signed JSON (docs/operations.md); mainland
                     providers want their own signatures and approved templates, which belong there
anything else        an apprise address of an SMS service with ``{phone}`` where the number goes

Production never writes a code into the log: without a gateway nothing is sent, and who asks is told so.
"""

import hashlib
import hmac
import json
import logging
import time
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import quote

import apprise
import httpx
from django.conf import settings
from django.core.checks import Tags, Warning, register
from django.utils.translation import gettext as _

from governance.errors import Unavailable
from governance.masking import masked_phone

log = logging.getLogger(__name__)

LOG = "log"
WEBHOOK = ("https://", "http://")
SECONDS = 5.0  # a gateway may take; somebody waits for the answer
SIGNATURE, SIGNED_AT = "X-Jiceng-Signature", "X-Jiceng-Timestamp"
PHONE = "{phone}"
UNSET = "governance.W001"


class SmsGateway(Protocol):
    """Sends one text to one number, or raises Unavailable. ``values`` are the parts that vary, for templates."""

    def send(self, phone: str, text: str, *, values: Mapping[str, str]) -> None: ...


class LogGateway:
    """Writes the text to the log; for development only."""

    def send(self, phone: str, text: str, *, values: Mapping[str, str]) -> None:
        log.info("SMS %s: %s", masked_phone(phone), text)


class NoGateway:
    """Nothing is set up: says so."""

    def send(self, phone: str, text: str, *, values: Mapping[str, str]) -> None:
        log.error("a text message could not be sent: SMS_GATEWAY is not set")
        raise Unavailable(_("Text messages are not set up here yet."), code="sms_not_configured")


class WebhookGateway:
    """POSTs ``{"phone", "text", "values"}`` to a relay of the operator, signed with ``SMS_GATEWAY_SECRET``.

    ``X-Jiceng-Signature: sha256=<hex>`` is the HMAC-SHA256 of the timestamp header, a full stop and the body. Any 2xx
    means accepted.
    """

    def __init__(self, address: str, secret: str):
        self.address = address
        self.secret = secret

    def send(self, phone: str, text: str, *, values: Mapping[str, str]) -> None:
        body = json.dumps({"phone": phone, "text": text, "values": dict(values)}, ensure_ascii=False).encode()
        at = str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            SIGNED_AT: at,
            SIGNATURE: f"sha256={signature(self.secret, at, body)}",
        }
        try:
            answer = httpx.post(self.address, content=body, headers=headers, timeout=SECONDS)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _failed(phone, type(error).__name__) from error
        if not answer.is_success:
            raise _failed(phone, f"HTTP {answer.status_code}")


class AppriseGateway:
    """Any SMS service apprise knows; the address has ``{phone}`` where the number goes."""

    def __init__(self, address: str):
        self.address = address

    def send(self, phone: str, text: str, *, values: Mapping[str, str]) -> None:
        services = apprise.Apprise()
        if not services.add(self.address.replace(PHONE, quote(phone))):
            raise _failed(phone, "SMS_GATEWAY is no address apprise knows")
        if not services.notify(body=text):
            raise _failed(phone, "refused by the service")


def signature(secret: str, at: str, body: bytes) -> str:
    """Return the hexadecimal HMAC-SHA256 of ``<at>.<body>``."""
    return hmac.new(secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()


def gateway() -> SmsGateway:
    """Return the gateway the settings name."""
    address = settings.SMS_GATEWAY
    if address == LOG and not settings.PRODUCTION:
        return LogGateway()
    if address in ("", LOG):
        return NoGateway()
    if address.startswith(WEBHOOK):
        return WebhookGateway(address, settings.SMS_GATEWAY_SECRET)
    return AppriseGateway(address)


def send_code(phone: str, text: str, *, values: Mapping[str, str] | None = None) -> None:
    """Send a text that must arrive now; raises Unavailable when the gateway does not take it."""
    gateway().send(phone, text, values=values or {})


def _failed(phone: str, why: str) -> Unavailable:
    """Log the failure with the number masked, and return what the person is told."""
    log.error("a text message to %s could not be sent: %s", masked_phone(phone), why)
    return Unavailable(_("The text message could not be sent. Please try again in a few minutes."), code="sms_failed")


@register(Tags.security, deploy=True)
def gateway_is_set(app_configs, **options) -> list[Warning]:
    """``check --deploy``: residents cannot sign in without text messages, and a webhook must be signed."""
    address = settings.SMS_GATEWAY
    wrong = None
    if address in ("", LOG):
        wrong = "SMS_GATEWAY is not set: residents get no sign-in codes."
    elif address.startswith(WEBHOOK):
        if not settings.SMS_GATEWAY_SECRET:
            wrong = "SMS_GATEWAY_SECRET is not set: the relay cannot tell our messages from others."
    elif PHONE not in address:
        wrong = "SMS_GATEWAY has no {phone}: every code would go to one number."
    return [Warning(wrong, id=UNSET)] if wrong else []
