"""What a version of a device profile says: as data (to compare and to stand for it) and in words for people."""

import hashlib
import json
from operator import itemgetter

from django.utils.translation import gettext as _

from devices.models import DeviceProfile, ProfileMetric, ProfileStatus

PROFILE = (
    "name", "reporting_interval", "category", "scene", "case_source", "claim_distance", "most_per_minute",
    "chatter_count", "chatter_window", "chatter_shelf", "chatter_category",
)  # fmt: skip
STATUS = (
    "code", "label", "severity", "standard", "opens_case", "on_delay", "off_delay", "samples_needed", "samples_of",
    "latched", "reopen_window", "over_after", "maintain_while_handled", "storm_count", "storm_window", "storm_pause",
)  # fmt: skip
METRIC = (
    "metric", "label", "unit", "high", "low", "clear", "critical", "critical_severity", "alarm", "valid_min",
    "valid_max", "relative_to_baseline",
)  # fmt: skip
COMMAND = ("name", "label", "parameters")
# What a version consists of: the relation, the field by which a row is the same row, what it says.
PARTS = (("statuses", "code", STATUS), ("metrics", "metric", METRIC), ("commands", "name", COMMAND))
# What of it does not judge: a trial stays one of the present rules when only this is changed.
ASIDE = {
    "name", "label", "unit", "reporting_interval", "category", "scene", "case_source", "standard", "opens_case",
    "storm_count", "storm_window", "storm_pause", "claim_distance", "maintain_while_handled",
}  # fmt: skip


def content_of(profile: DeviceProfile) -> dict:
    """Return all a version says, as JSON; uses its prefetched statuses and metrics (``with_rules``)."""
    return {
        **_values(profile, PROFILE),
        **{
            related: sorted((_values(row, names) for row in getattr(profile, related).all()), key=itemgetter(key))
            for related, key, names in PARTS
        },
    }


def _values(row, names: tuple[str, ...]) -> dict:
    found = {name: getattr(row, name) for name in names}
    keyed = {name: list(value.natural_key()) for name, value in found.items() if hasattr(value, "natural_key")}
    return found | keyed


def digest_of(profile: DeviceProfile) -> str:
    """Return what stands for how a version judges: the same for the same rules only."""
    content = content_of(profile)
    rules = [[{name: row[name] for name in sorted(row.keys() - ASIDE)} for row in content[part]]
             for part in ("statuses", "metrics")]  # fmt: skip
    return hashlib.sha256(json.dumps(rules, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def status_in_words(profile: DeviceProfile, status: ProfileStatus) -> list[str]:
    """Return sentences that say when the alarm of a status is raised, over, and what it opens."""
    metric = next((metric for metric in profile.metrics.all() if metric.alarm == status.code), None)
    told = [_raised(status, metric), *_delays(status, metric), *_over(status, metric)]
    if not status.opens_case:
        told.append(_("It opens no case."))
    elif status.standard:
        told.append(_("It opens a case under “%(standard)s”.") % {"standard": status.standard})
    else:
        told.append(_("It opens a case that waits for a dispatcher."))
    if status.opens_case and status.maintain_while_handled:
        told.append(_("While its case is handled all alarms of the device are held back, a day at most."))
    if status.opens_case and status.storm_count:
        words = {"count": status.storm_count, "minutes": f"{status.storm_window / 60:g}"}
        told.append(_("%(count)s of them in one grid within %(minutes)s minutes are one storm with one case.") % words)
    return told


def _raised(status: ProfileStatus, metric: ProfileMetric | None) -> str:
    if metric is None:
        return _("Raised when the device says so.")
    words = {"metric": metric.label, "limit": _figure(_edge(metric), metric), "clear": _figure(metric.clear, metric)}
    if metric.relative_to_baseline:
        return _("Raised when the device says so, or %(metric)s is %(limit)s from its baseline; normal again at "
                 "%(clear)s.") % words  # fmt: skip
    if metric.high is not None:
        return _("Raised when the device says so, or %(metric)s reaches %(limit)s; normal again at %(clear)s.") % words
    return _("Raised when the device says so, or %(metric)s falls to %(limit)s; normal again at %(clear)s.") % words


def _delays(status: ProfileStatus, metric: ProfileMetric | None) -> list[str]:
    told = []
    if metric is None:
        return told
    if status.samples_of > 1:
        words = {"needed": status.samples_needed, "of": status.samples_of}
        told.append(_("%(needed)s of the last %(of)s samples must be past the limit.") % words)
    if status.on_delay:
        told.append(_("It must stay there for %(seconds)s s.") % {"seconds": status.on_delay})
    if metric.critical is not None:
        words = {"limit": _figure(metric.critical, metric), "severity": metric.get_critical_severity_display()}
        told.append(_("From %(limit)s at once, with %(severity)s.") % words)
    if status.off_delay:
        told.append(_("It must stay normal for %(seconds)s s.") % {"seconds": status.off_delay})
    return told


def _over(status: ProfileStatus, metric: ProfileMetric | None) -> list[str]:
    told = []
    if metric is None and status.over_after is not None:
        words = {"minutes": f"{status.over_after / 60:g}"}
        told.append(_("A single event: over by itself %(minutes)s minutes after the device last said so.") % words)
    if status.latched:
        told.append(_("Latched: over only when somebody has looked."))
    elif status.reopen_window:
        words = {"minutes": f"{status.reopen_window / 60:g}"}
        told.append(_("Back within %(minutes)s minutes, it is the same alarm.") % words)
    return told


def _edge(metric: ProfileMetric) -> float:
    return metric.high if metric.high is not None else metric.low


def _figure(value: float, metric: ProfileMetric) -> str:
    return f"{value:g} {metric.unit}".strip()


def differences(old: DeviceProfile, new: DeviceProfile) -> list[tuple[str, str, str]]:
    """Return (what, value there, value here) of all in which two versions differ, in people's words."""
    told = _differing("", old, new, PROFILE)
    for related, key, names in PARTS:
        before = {getattr(row, key): row for row in getattr(old, related).all()}
        after = {getattr(row, key): row for row in getattr(new, related).all()}
        for word in sorted(before.keys() | after.keys()):
            if word not in after:
                told.append((str(before[word]), word, "—"))
            elif word not in before:
                told.append((str(after[word]), "—", word))
            else:
                told += _differing(f"{after[word]} · ", before[word], after[word], names)
    return told


def _differing(of: str, old, new, names: tuple[str, ...]) -> list[tuple[str, str, str]]:
    return [
        (f"{of}{old._meta.get_field(name).verbose_name}", _shown(old, name), _shown(new, name))
        for name in names
        if getattr(old, name) != getattr(new, name)
    ]


def _shown(row, name: str) -> str:
    field, value = row._meta.get_field(name), getattr(row, name)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value is None or value == "":
        return "—"
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    if isinstance(value, float):
        return f"{value:g}"
    return str(getattr(row, f"get_{name}_display")() if field.choices else value)
