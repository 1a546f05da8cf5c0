"""How the batteries of the fictional city run down: each at its own pace, replaced before its alarm would be raised."""

from datetime import UTC, datetime, timedelta
from zlib import crc32

from devices.battery import METRIC, forecasts_compute
from devices.ingest import readings_ingest
from devices.keys import Credential
from devices.models import Device
from devices.workflow import JUDGED

DAYS = 35
DAY = timedelta(days=1)
# Percent when new, and when replaced: above where alarms begin and end (20 and 25) [our judgement].
FRESH, REPLACED_AT = 98, 26
SOME_DAY = datetime(2020, 1, 1, tzinfo=UTC)


def battery_at(code: str, at: datetime) -> float:
    """Return the level of the battery of ``code`` at a time; whoever asks, so that its past fits its present."""
    number = crc32(code.encode())
    lasts = 60 + 40 * (number % 6)  # days
    age = ((at - SOME_DAY) / DAY + number % 1009) % lasts
    return round(FRESH - (FRESH - REPLACED_AT) * age / lasts, 1)


def load_batteries(*, now: datetime) -> int:
    """Let devices tell how their batteries ran down in the weeks before the last day, and forecast them as every night;
    return how many forecasts there are.
    """
    rows = Device.objects.filter(state__in=JUDGED, profile__metrics__metric=METRIC).order_by("code")
    for pk, code in rows.values_list("pk", "code"):
        times = [now - number * DAY for number in range(DAYS, 1, -1)]
        told = [{"device": code, "at": at.isoformat(), "metrics": {METRIC: battery_at(code, at)}} for at in times]
        result = readings_ingest(credential=Credential(key_id=0, device_id=pk), messages=told, received_at=now)
        if result.rejected:
            raise RuntimeError(f"readings of {code} were refused: {result.rejected[0]}")
    return forecasts_compute(now)
