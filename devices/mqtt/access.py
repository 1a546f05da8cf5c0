"""What a broker asks us: may this client sign in, may it publish or subscribe there.

The code of a device or gateway is its user name, its key the password. It may publish on its own topics, a gateway also
on those of the devices behind it; it may subscribe to its own ``commands``, a gateway also to those of its devices, by
their whole names: no wildcards. The bridge is known by the user name and password of ``MQTT_URL``.
"""

import hmac
from urllib.parse import unquote, urlsplit

from django.conf import settings

from devices.keys import Credential, credential_of, credentials_in_force
from devices.models import Device
from devices.mqtt.senders import senders_of
from devices.mqtt.topics import filters, listener_of, route_of

PUBLISH, SUBSCRIBE = "publish", "subscribe"


def may_connect(username: str, password: str) -> bool:
    """Tell whether this is the bridge, or a device or gateway with a key in force of its own."""
    if (bridge := bridge_account()) and username == bridge[0]:
        return _same(password, bridge[1])
    credential = credential_of(password) if password else None
    named = senders_of({username}).get(username)
    return None not in (credential, named) and _owner(credential) == _owner(named)


def may_act(username: str, action: str, topic: str) -> bool:
    """Tell whether a client that is signed in may ``publish`` on, or ``subscribe`` to, a topic."""
    if (bridge := bridge_account()) and username == bridge[0]:
        return _bridge_may(action, topic)
    named = senders_of({username}).get(username)
    if named is None or not credentials_in_force({named}):
        return False
    code = _publisher(topic) if action == PUBLISH else listener_of(topic)
    return code is not None and _speaks_for(named, code)


def _publisher(topic: str) -> str | None:
    known = route_of(topic)
    return known[0].sender(known[1]) if known else None


def _speaks_for(named: Credential, code: str) -> bool:
    meant = senders_of({code}).get(code)
    if meant is None:
        return False
    if _owner(meant) == _owner(named):
        return True
    return named.gateway_id is not None and meant.device_id is not None and Device.objects.filter(
        pk=meant.device_id, gateway=named.gateway_id
    ).exists()  # fmt: skip


def _owner(credential: Credential) -> tuple:
    return credential.device_id, credential.gateway_id


def bridge_account() -> tuple[str, str] | None:
    """Return the user name and password of the bridge (``MQTT_URL``), where it has both."""
    try:
        parts = urlsplit(settings.MQTT_URL)
    except ValueError:
        return None
    return (unquote(parts.username), unquote(parts.password)) if parts.username and parts.password else None


def _bridge_may(action: str, topic: str) -> bool:
    if action == PUBLISH:
        return listener_of(topic) is not None
    wanted = topic.split("/", 2)[2] if topic.startswith("$share/") and topic.count("/") > 2 else topic
    # Some brokers ask again for each message they pass on.
    return wanted in filters() or route_of(wanted) is not None


def _same(given: str, known: str) -> bool:
    return hmac.compare_digest(given.encode(), known.encode())
