"""Addresses of channels: which ones are allowed, and which hosts the server may call for them.

Each kind has its own apprise services, so that no address makes the server read a file, run a program or speak another
protocol. Services with a host of their own in the address (mail, webhooks) must not lead into the server's own network
unless the setting NOTICE_INTERNAL_HOSTS names the host.
"""

import re
import socket
from ipaddress import ip_address
from urllib.parse import parse_qsl, quote, urlsplit

import apprise
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from governance.models.notice import ChannelKind

PHONE = "{phone}"
LONGEST = 1000
SAMPLE_PHONE = "+8613800000000"
SCHEMES = {
    ChannelKind.WECOM: {"wecombot"},
    ChannelKind.DINGTALK: {"dingtalk"},
    ChannelKind.FEISHU: {"feishu"},
    ChannelKind.MAIL: {"mailto", "mailtos"},
    ChannelKind.WEBHOOK: {"json", "jsons"},
    # Services whose hosts are fixed in apprise, and the operator's own relay.
    ChannelKind.SMS: {"twilio", "vonage", "sinch", "clickatell", "msgbird", "bulksms", "plivo", "d7sms", "json",
                      "jsons"},
}  # fmt: skip
OWN_HOST = {"json", "jsons", "mailto", "mailtos"}
# Settings in an address that neither name files nor other hosts; of webhooks also those with a leading + - : (headers,
# query, fields of the body).
OPTIONS = {
    ChannelKind.MAIL: {"to", "from", "name", "cc", "bcc", "reply", "mode", "user", "pass", "smtp", "format"},
    ChannelKind.DINGTALK: {"to", "token", "secret"},
    ChannelKind.SMS: {"to", "from", "key", "secret", "sid", "method"},
    ChannelKind.WEBHOOK: {"method"},
}
# What the robots' own pages give to copy, and the same as apprise writes it.
COPIED = [
    (re.compile(r"https://qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=([\w-]+)"), "wecombot://{0}/"),
    (re.compile(r"https://oapi\.dingtalk\.com/robot/send\?access_token=(\w+)"), "dingtalk://{0}/"),
    (re.compile(r"https://open\.feishu\.cn/open-apis/bot/v2/hook/([\w-]+)"), "feishu://{0}/"),
]
_asset = apprise.AppriseAsset(http_redirects=False, secure_logging=True, app_id="Jiceng")


def normal(address: str) -> str:
    """Return an address as apprise writes it; the robots' own web addresses are understood."""
    address = address.strip()
    for pattern, written in COPIED:
        if match := pattern.fullmatch(address):
            return written.format(*match.groups())
    return address


def masked(address: str) -> str:
    """Return what people may see of an address: its service, and nothing of the secret."""
    return f"{address.partition('://')[0]}://****" if address else ""


def check(address: str, kind: str) -> None:
    """Raise ValidationError for an address that a channel of this kind may not have; never repeats the address."""
    if kind == ChannelKind.SMS and not address:
        return
    if len(address) > LONGEST or re.search(r"[\s\x00-\x1f]", address):
        raise ValidationError(_("This is no address of such a channel."), code="invalid")
    if kind == ChannelKind.SMS and PHONE not in address:
        raise ValidationError(_("Write {phone} where the number goes."), code="no_phone")
    service(address, kind, phone=SAMPLE_PHONE)


def service(address: str, kind: str, *, phone: str = "") -> apprise.NotifyBase:
    """Return apprise's object that sends to the address. Raises ValidationError as ``check`` does."""
    unfit = ValidationError(_("This is no address of such a channel."), code="invalid")
    if address.partition("://")[0].lower() not in SCHEMES.get(kind, ()):
        raise unfit
    options = parse_qsl(urlsplit(address).query, keep_blank_values=True)
    known = OPTIONS.get(kind, set())
    # A plus is read as a space by everything that reads queries.
    free = ("+", " ", "-", ":") if kind in (ChannelKind.WEBHOOK, ChannelKind.SMS) else ()
    for name, _value in options:
        if name.lower() not in known and not name.startswith(free):
            forbidden = _("“%(name)s” may not stand in the address.")
            raise ValidationError(forbidden, code="forbidden_option", params={"name": name[:20]})
    made = apprise.Apprise.instantiate(address.replace(PHONE, quote(phone)), asset=_asset)
    if made is None or not _schemes(made) & SCHEMES[kind]:
        raise unfit
    if _schemes(made) & OWN_HOST:
        check_host(getattr(made, "smtp_host", None) or made.host)
    return made


def _schemes(made) -> set[str]:
    found = set()
    for given in (made.protocol, made.secure_protocol):
        found |= {given} if isinstance(given, str) else set(given or ())
    return found


def check_host(host: str) -> None:
    """Raise ValidationError for a host inside the server's own network that the settings do not name.

    A name that cannot be looked up passes: sending asks again, and will not reach it either.
    """
    host = host.strip("[]")
    if host in settings.NOTICE_INTERNAL_HOSTS:
        return
    try:
        found = {row[4][0] for row in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        found = set()
    if any(not ip_address(address.partition("%")[0]).is_global for address in found):
        inside = _("This host lies inside the server's own network; NOTICE_INTERNAL_HOSTS does not name it.")
        raise ValidationError(inside, code="internal_host")
