"""How the bridge reaches its broker, from the settings (``governance.config.settings``)."""

import ssl
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from governance.errors import Invalid

PORTS = {"mqtt": 1883, "mqtts": 8883}
VERSIONS = ("5", "3.1.1")
# What MQTT allows as receive maximum; zero is forbidden.
MOST_IN_FLIGHT = 65_535


@dataclass(frozen=True)
class Options:
    """``in_flight``: messages that may be on their way between broker and commit; ``group``: that of a shared
    subscription, or nothing; ``source``: code of the named source that keeps what could not be taken."""

    host: str
    port: int
    username: str | None
    password: str | None
    tls: ssl.SSLContext | None
    version: str
    client_id: str
    group: str
    in_flight: int
    source: str

    @classmethod
    def from_settings(cls) -> "Options":
        """Return what the settings say; raises Invalid, whose ``field`` is the name of the setting."""
        parts = _parts(settings.MQTT_URL)
        version = settings.MQTT_VERSION
        if version not in VERSIONS:
            raise Invalid(_("The version of MQTT is 5 or 3.1.1."), field="MQTT_VERSION")
        if settings.MQTT_SHARED_GROUP and version != "5":
            raise Invalid(_("A shared subscription needs MQTT 5."), field="MQTT_SHARED_GROUP")
        if set(settings.MQTT_SHARED_GROUP) & set("/+#"):
            raise Invalid(_("The name of a group has no “/”, “+” or “#”."), field="MQTT_SHARED_GROUP")
        return cls(
            parts.hostname, parts.port or PORTS[parts.scheme],
            unquote(parts.username) if parts.username else None, unquote(parts.password) if parts.password else None,
            _tls() if parts.scheme == "mqtts" else None, version, settings.MQTT_CLIENT_ID,
            settings.MQTT_SHARED_GROUP, _in_flight(settings.MQTT_IN_FLIGHT), settings.MQTT_SOURCE,
        )  # fmt: skip


def _parts(url: str):
    try:
        parts = urlsplit(url)
        usable = parts.scheme in PORTS and parts.hostname and parts.port != 0
    except ValueError:  # a port that is none
        usable = False
    if not usable:
        raise Invalid(_("The address of a broker is mqtt://user:password@host:1883 or mqtts://…."), field="MQTT_URL")
    return parts


def _in_flight(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MOST_IN_FLIGHT:
        raise Invalid(_("This is a number from 1 to 65535."), field="MQTT_IN_FLIGHT")
    return int(text)


def _tls() -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=settings.MQTT_CA_FILE or None)
    except OSError as error:
        raise Invalid(
            _("The certificates cannot be read: %(reason)s") % {"reason": error}, field="MQTT_CA_FILE"
        ) from error
