"""How alarms and devices look to staff: colours, figures with their units."""

from functools import partial

from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.timesince import timesince
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from devices.lag import lag_of
from devices.models import (
    BATTERY_LOW,
    NORMAL,
    UNKNOWN,
    Alarm,
    Condition,
    Device,
    DeviceProfile,
    LatestValue,
    ProfileMetric,
    Quality,
    Reading,
    Severity,
)
from devices.workflow import AlarmState, DeviceState
from governance.templatetags.jiceng import badge

TONES = {Severity.HIGH: "red", Severity.MEDIUM: "amber", Severity.LOW: "blue"}
STATUS_TONES = {NORMAL: "green", UNKNOWN: "grey"}


def status_badge(device: Device) -> str:
    """Return the newest status word of a device as a badge; one that its profile does not know is told as such."""
    word = device.status
    if word in STATUS_TONES:
        return badge(device.profile.label_of(word), STATUS_TONES[word])
    if any(status.code == word for status in device.profile.statuses.all()):
        return badge(device.profile.label_of(word), "red")
    return badge(_("%(word)s (not in the profile)") % {"word": word}, "grey")


DEVICE_TONES = {
    DeviceState.REGISTERED: "blue",
    DeviceState.IN_SERVICE: "green",
    DeviceState.MAINTENANCE: "amber",
    DeviceState.DISABLED: "grey",
    DeviceState.RETIRED: "grey",
}


def condition(alarm: Alarm) -> str:
    """Return where the alarm's condition stands, as a badge: red unacknowledged, amber acknowledged, grey over."""
    return condition_badge(alarm.condition, alarm.state)


def condition_badge(where: str, state: str) -> str:
    """Return the badge of a condition and whether somebody has acknowledged it, as they are stored."""
    if where == Condition.CLEARED:
        return badge(_("Over"), "grey")
    return badge(Condition(where).label, "red" if state == AlarmState.UNACKNOWLEDGED else "amber")


def reserves(alarm: Alarm) -> str:
    """Return what else is to be known of an alarm that is not over, as badges: held back and why, stale, bad.

    Stale, bad and chattering are shown of rows loaded by ``with_rows``.
    """
    if not alarm.active:
        return ""
    found = [(badge(alarm.get_inhibited_display(), "violet"),)] if alarm.inhibited else []
    if getattr(alarm, "chatters", False):
        found.append((badge(_("Chatters"), "violet"),))
    if getattr(alarm, "stale", False):
        found.append((badge(_("Stale: the device is offline"), "grey"),))
    if getattr(alarm, "bad", False):
        found.append((badge(_("Newest figure bad: cannot be"), "amber"),))
    return format_html_join(" ", "{}", found)


# What profiles call the unit of a share of a whole; people read it in per cent.
SHARE = "0-1"


def amount(metric: ProfileMetric, value: float) -> str:
    """Return a figure with its unit."""
    return f"{value * 100:.4g}%" if metric.unit == SHARE else f"{value:g}{metric.unit}"


def figure(profile: DeviceProfile, name: str, value: float | None, text: str) -> tuple[str, str]:
    """Return label and value of a reading, as people read them."""
    if name == "status":
        return _("status"), profile.label_of(text)
    metric = profile.metric_named(name)
    return (metric.label, amount(metric, value)) if metric else (name, f"{value:g}")


def flagged(profile: DeviceProfile, row: LatestValue | Reading) -> tuple[str, str]:
    """Return label and value of a reading, with a flag where it is bad."""
    label, value = figure(profile, row.metric, row.value, row.text)
    if row.quality == Quality.BAD:
        value = format_html("{} {}", value, badge(_("Bad: cannot be"), "red"))
    return label, value


def latest_text(device: Device) -> str:
    """Return the newest figures of a device in one line; reads the prefetched ``latest``."""
    return " · ".join(f"{label} {value}" for label, value in latest_parts(device))


def latest_parts(device: Device) -> list[tuple[str, str]]:
    """Return label and value of the newest figures of a device, bad ones with a question mark: first what an alarm is
    raised by, the battery last of that; reads the prefetched ``latest``."""
    rows = sorted((row for row in device.latest.all() if row.metric != "status"), key=partial(_rank, device.profile))
    found = [(*figure(device.profile, row.metric, row.value, row.text), row.quality == Quality.BAD) for row in rows]
    return [(label, f"{value}?" if bad else value) for label, value, bad in found]


def _rank(profile: DeviceProfile, row: LatestValue) -> tuple[int, str]:
    metric = profile.metric_named(row.metric)
    alarm = metric.alarm if metric else ""
    return (1 if alarm == BATTERY_LOW else 0) if alarm else 2, row.metric


def behind(device: Device) -> str:
    """Say how far behind a device is (``lag_of``), or nothing."""
    lag, now = lag_of(device), timezone.now()
    return _("Its clock or its line is %(lag)s behind") % {"lag": timesince(now - lag, now)} if lag else ""


def moment(at) -> str:
    """Return a time in short, with its seconds."""
    return format_html('<span class="jc-when">{}</span>', localtime(at).strftime("%m-%d %H:%M:%S")) if at else "—"
