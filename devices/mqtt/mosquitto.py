"""Files by which a Mosquitto without a plugin lets in the bridge, devices and gateways: ``passwords`` and ``acl``.

Of a key only its hash is kept, and not the one Mosquitto reads: a line of ``passwords`` is made when the key is shown.
Its salt is made of the key's hash, so it can be told later which key a line is of, and whether that is in force still.
Who may speak where is what a broker that asks is told too (``devices.mqtt.access``).
"""

import base64
import hashlib
import os
import shutil
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext as _

from devices.keys import Credential, credential_of, credentials_in_force
from devices.models import Device, DeviceKey, Gateway
from devices.mqtt import topics
from devices.mqtt.access import bridge_account, may_connect
from devices.mqtt.senders import senders_of
from governance.access_keys import digest_of
from governance.errors import Invalid

PASSWORDS, ACL = "passwords", "acl"
ROUNDS = 101  # Mosquitto's own number; keys are long and random, so more would not make them safer
SALT_BYTES = 12


@dataclass
class Written:
    """How many names the files know, and which lost their line because its key is not in force."""

    names: int = 0
    removed: list[str] = field(default_factory=list)


def files_write(folder: Path, secrets: Iterable[str] = ()) -> Written:
    """Bring both files of ``folder`` up to date: keys just made are added, what is in force no more goes.

    Lines of names that are neither the bridge's nor a device's or gateway's stay as they are. Raises Invalid for a key
    that lets nobody in, and where the bridge has no account (``MQTT_URL``).
    """
    account = bridge_account()
    if account is None:
        raise Invalid(_("The bridge needs a user name and a password."), field="MQTT_URL")
    lines = _lines(folder / PASSWORDS)
    owned = _owned()
    written = Written(
        removed=[name for name, line in lines.items() if name in owned and _salt(line) not in owned[name]]
    )
    for name in written.removed:
        del lines[name]
    lines[account[0]] = password_line(*account)
    for secret in secrets:
        name = _name_of(secret)
        lines[name] = password_line(name, secret)
    written.removed = sorted(set(written.removed) - lines.keys())
    written.names = len(lines)
    _replace(folder / PASSWORDS, "".join(f"{line}\n" for _name, line in sorted(lines.items())))
    _replace(folder / ACL, acl(account[0], {name for name in owned if owned[name]}))
    return written


def password_line(name: str, secret: str) -> str:
    """Return the line of ``passwords`` (PBKDF2 with SHA-512, as ``mosquitto_passwd`` makes it)."""
    salt = _salt_of(digest_of(secret))
    digest = hashlib.pbkdf2_hmac("sha512", secret.encode(), base64.b64decode(salt), ROUNDS)
    return f"{name}:$7${ROUNDS}${salt}${base64.b64encode(digest).decode()}"


def acl(bridge: str, names: Collection[str]) -> str:
    """Return the text of ``acl``: the topics of the bridge and of each of the devices and gateways."""
    found = [f"user {bridge}", *(f"topic read {one}" for one in topics.filters())]
    found.append(f"topic write {topics.commands_topic('+')}")
    spoken_for = _spoken_for(senders_of(names))
    own = topics.topics_of({code for codes in spoken_for.values() for code in codes})
    for name, codes in sorted(spoken_for.items()):
        found += ["", f"user {name}"]
        for code in sorted(codes):
            found += [f"topic write {one}" for one in own[code]]
            found.append(f"topic read {topics.commands_topic(code)}")
    return "\n".join(found) + "\n"


def _spoken_for(senders: dict[str, Credential]) -> dict[str, set[str]]:
    """Return the codes for which each sender may speak: its own, a gateway also for the devices behind it."""
    behind = defaultdict(set)
    gateways = {one.gateway_id for one in senders.values() if one.gateway_id}
    for gateway, code in Device.objects.filter(gateway__in=gateways).values_list("gateway", "code"):
        behind[gateway].add(code)
    spoken = {name: {name} | behind[one.gateway_id] for name, one in senders.items()}
    return {
        name: {code for code in codes if topics.is_code(code)} for name, codes in spoken.items() if topics.is_code(name)
    }


def _owned() -> dict[str, set[str]]:
    """Return the salts of the keys in force by the name of their owner; without any where none is."""
    codes = {*Device.objects.values_list("code", flat=True), *Gateway.objects.values_list("code", flat=True)}
    found = {code: set() for code in codes}
    senders = senders_of(codes)
    may = credentials_in_force(set(senders.values()))
    owners = {(one.device_id, one.gateway_id): code for code, one in senders.items() if one in may}
    for device, gateway, digest in DeviceKey.objects.in_force().values_list("device", "gateway", "digest"):
        if (device, gateway) in owners:
            found[owners[device, gateway]].add(_salt_of(digest))
    return found


def _name_of(secret: str) -> str:
    """Return the name that goes with a key. Raises Invalid where it lets nobody in."""
    credential = credential_of(secret)
    if credential is not None:
        model, pk = (Device, credential.device_id) if credential.device_id else (Gateway, credential.gateway_id)
        code = model.objects.values_list("code", flat=True).get(pk=pk)
        if may_connect(code, secret):
            return code
    raise Invalid(_("This key is unknown, expired or revoked."), field="keys", code="invalid_key")


def _salt_of(digest: str) -> str:
    return base64.b64encode(hashlib.sha256(f"mosquitto:{digest}".encode()).digest()[:SALT_BYTES]).decode()


def _salt(line: str) -> str | None:
    parts = line.partition(":")[2].split("$")
    return parts[3] if len(parts) == 5 else None


def _lines(path: Path) -> dict[str, str]:
    """Return the lines of ``passwords`` by name; none where there is no file yet."""
    text = path.read_text() if path.exists() else ""
    return {line.partition(":")[0]: line for line in text.splitlines() if ":" in line}


def _replace(path: Path, text: str) -> None:
    """Write a file at once, so that Mosquitto never reads half of it; who may read it stays as it was."""
    fresh = path.with_name(f".{path.name}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    if path.exists():
        shutil.copymode(path, fresh)
        if os.geteuid() == 0:
            os.chown(fresh, path.stat().st_uid, path.stat().st_gid)
    fresh.replace(path)
