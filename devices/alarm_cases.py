"""The cases that alarms open, and what they are told. Everything here runs inside the transaction of the alarm."""

import logging
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from cases.models import Case, FilingStandard
from cases.services import case_open
from devices.alarm_changes import Change
from devices.models import Alarm, Device, DeviceProfile
from devices.rules import Rules
from governance.errors import Invalid
from governance.models import User

log = logging.getLogger(__name__)


def filing(profile: int, standard: int | None) -> dict:
    """Return category, standard and source of a case, read anew: they may have changed since the rules were read."""
    row = DeviceProfile.objects.select_related("category").get(pk=profile)
    found = FilingStandard.objects.select_related("category").get(pk=standard) if standard else None
    return {
        "source": row.case_source,
        "category": found.category if found else row.category,
        "standard": found,
    }


def case_at(device: Device, **what) -> Case:
    """Open a case where a device stands; without its place where the boundaries no longer have it."""
    what |= {"area": device.area, "address": device.address}
    try:
        with transaction.atomic():  # a savepoint: the reading stays when the place is refused
            return case_open(**what, longitude=device.longitude, latitude=device.latitude)
    except Invalid as error:
        # Boundaries may have been redrawn since the device was registered; its area still says who must go.
        log.warning("place of device %s not taken for the case: %s", device.code, error)
        return case_open(**what)


def open_case(alarm: Alarm, device: Device, rules: Rules, change: Change, *, actor: User, at: datetime) -> Case:
    """Open the alarm's case; the hub dispatches it as the filing standard says."""
    return case_at(
        device, actor=actor, description=_description(device, rules, change), occurred_at=at,
        origin={"device": device.code, "alarm": alarm.pk, "profile": rules.profile.code},
        **filing(rules.profile.pk, rules.statuses[alarm.alarm_type].standard_id),
    )  # fmt: skip


def measured(rules: Rules, metrics: dict[str, float]) -> list[str]:
    """Return figures with the names and units of the profile."""
    return [
        f"{metric.label} {metrics[name]:g}{metric.unit}" for name, metric in rules.metrics.items() if name in metrics
    ]


def label_in(rules: Rules, alarm_type: str) -> str:
    """Return what people read for an alarm type; the word itself where the profile no longer has it."""
    status = rules.statuses.get(alarm_type)
    return status.label if status else alarm_type


def evidence_of(change: Change, device: Device, rules: Rules) -> dict:
    """Return what a case keeps of a change: device, alarm and figures."""
    alarm = change.alarm
    data = {"device": device.code, "alarm": alarm.pk, "alarm_type": alarm.alarm_type}
    data |= {"count": change.count, **change.metrics} | ({"status": change.status} if change.status else {})
    return data | {"label": label_in(rules, alarm.alarm_type), "measured": measured(rules, change.metrics)}


def _description(device: Device, rules: Rules, change: Change) -> str:
    """Return the case's text in the language of the installation, with the figures there are."""
    words = {"name": device.name, "code": device.code, "label": rules.statuses[change.alarm.alarm_type].label}
    figures = measured(rules, change.metrics)
    with translation.override(settings.LANGUAGE_CODE):
        if not figures:
            return _("%(name)s (%(code)s) reports “%(label)s”.") % words
        words["figures"] = "、".join(figures)
        return _("%(name)s (%(code)s) reports “%(label)s”. Measured: %(figures)s.") % words
