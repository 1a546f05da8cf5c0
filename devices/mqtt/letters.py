"""What came by MQTT and could not be taken: kept as dead letters of a named source, where an operator sees them.

The source (``MQTT_SOURCE``) is made on its page like any other; its figures count every message of the bridge.
"""

import base64
from datetime import datetime

from cases.intake.health import count, heard
from cases.intake.receiving import message_refuse
from cases.models import IntakeSource

# Of one topic; what else it sends is counted, so that one mad device does not bury the others.
MOST_KEPT = 20
LONGEST = 16 * 1024  # bytes of a payload that are kept


def source_of(code: str) -> IntakeSource | None:
    """Return the source that keeps the letters."""
    return IntakeSource.objects.filter(code=code).first()


def keep(source: IntakeSource, topic: str, payload: bytes, errors: list[dict], *, at: datetime) -> None:
    """Keep a message with what is wrong with it (``{field, code, detail}``), and count it."""
    message: dict = {"topic": topic, "bytes": len(payload)}
    try:
        message["text"] = payload.decode()[:LONGEST]
    except UnicodeDecodeError:
        message["base64"] = base64.b64encode(payload[:LONGEST]).decode()
    message_refuse(source, topic, message, errors, at=at, most=MOST_KEPT)


def tell(source: IntakeSource, *, taken: int, repeated: int, at: datetime) -> None:
    """Add what was taken, and what said nothing new, to the figures of the source."""
    count(source, {"created": taken, "repeated": repeated}, at=at)
    heard(source, at=at)
