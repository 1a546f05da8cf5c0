"""Filters of the alarm console. An unknown value shows nothing rather than everything."""

from datetime import datetime

from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware, localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import DropdownFilter

from devices.alarm_figures import SLOT, chattering, standing_long
from devices.models import Condition, Device, DeviceProfile, Gateway, Inhibition, Severity
from devices.storm_figures import of_case
from devices.workflow import AlarmState


class ConsoleFilter(DropdownFilter):
    """What the console is looked at for."""

    title = gettext_lazy("condition")
    parameter_name = "condition"

    def lookups(self, request, model_admin):
        return [
            ("waiting", _("Active, not acknowledged")),
            ("active", _("Active")),
            ("unacknowledged", _("Not acknowledged")),
            ("awaiting", _("Awaiting verification")),
            ("held_back", _("Held back")),
            ("shelved", _("Shelved")),
            ("chattering", _("Chattering, shelved by itself")),
            ("suppressed", _("Held back: gateway lost")),
            ("stale", _("Standing for more than a day")),
            ("over", _("Over")),
        ]

    def queryset(self, request, queryset):
        value = self.value()
        unacknowledged = {"state": AlarmState.UNACKNOWLEDGED, "late": False}
        narrowed = {
            "waiting": {"cleared_at": None, "inhibited": "", **unacknowledged},
            "active": {"cleared_at": None},
            "unacknowledged": unacknowledged,
            "awaiting": {"condition": Condition.AWAITING},
            "held_back": {"cleared_at": None, "inhibited__gt": ""},
            "shelved": {"cleared_at": None, "inhibited": Inhibition.SHELVED},
            "suppressed": {"cleared_at": None, "inhibited": Inhibition.SUPPRESSED},
            "over": {"cleared_at__isnull": False},
        }
        if value in narrowed:
            return queryset.filter(**narrowed[value])
        if value in NARROWED:
            return NARROWED[value](queryset)
        return queryset.none() if value else queryset


NARROWED = {"chattering": chattering, "stale": standing_long}


class SeverityFilter(DropdownFilter):
    """Alarms of one severity."""

    title = gettext_lazy("severity")
    parameter_name = "severity"

    def lookups(self, request, model_admin):
        return Severity.choices

    def queryset(self, request, queryset):
        return queryset.filter(severity=self.value()) if self.value() else queryset


class AlarmTypeFilter(DropdownFilter):
    """Alarms of one type, whatever device."""

    title = gettext_lazy("alarm type")
    parameter_name = "alarm_type"

    def lookups(self, request, model_admin):
        rows = DeviceProfile.objects.visible_to(request.user).in_force().filter(statuses__isnull=False)
        labels = dict(rows.order_by("-code").values_list("statuses__code", "statuses__label"))
        return sorted(labels.items(), key=lambda choice: choice[1])

    def queryset(self, request, queryset):
        return queryset.filter(alarm_type=self.value()) if self.value() else queryset


class ToldFilter(DropdownFilter):
    """Alarms told of in time, or afterwards."""

    title = gettext_lazy("told of")
    parameter_name = "told"

    def lookups(self, request, model_admin):
        return [("in_time", _("As it happened")), ("late", _("Afterwards"))]

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        known = {"in_time": False, "late": True}
        return queryset.filter(late=known[self.value()]) if self.value() in known else queryset.none()


class LinkedFilter(DropdownFilter):
    """What only links ask for: shown while it is."""

    def lookups(self, request, model_admin):
        return [(self.value(), self.value_label(self.value()))] if self.value() else []

    def value_label(self, value: str) -> str:
        """Return what a person reads for the value."""
        return value


class PresentedFilter(LinkedFilter):
    """Alarms presented to operators: without those that a lost gateway stands for, or those alone."""

    title = gettext_lazy("presented to operators")
    parameter_name = "presented"

    def value_label(self, value):
        return {"yes": _("Yes"), "no": _("No, the gateway was lost")}.get(value, value)

    def queryset(self, request, queryset):
        if self.value() in ("yes", "no"):
            return queryset.presented(self.value() == "yes")
        return queryset.none() if self.value() else queryset


class DeviceFilter(LinkedFilter):
    """Alarms of one device, by its code."""

    title = gettext_lazy("device")
    parameter_name = "device"

    def queryset(self, request, queryset):
        found = Device.objects.filter(code=self.value())
        return queryset.filter(device__in=found) if self.value() else queryset


class GatewayFilter(LinkedFilter):
    """Alarms of the devices behind one gateway, by its code."""

    title = gettext_lazy("gateway")
    parameter_name = "gateway"

    def queryset(self, request, queryset):
        found = Gateway.objects.filter(code=self.value())
        return queryset.filter(device__gateway__in=found) if self.value() else queryset


class CaseWithPartsFilter(LinkedFilter):
    """Alarms of a case, by its number, and of the cases put under it."""

    title = gettext_lazy("case with its parts")
    parameter_name = "of_case"

    def queryset(self, request, queryset):
        return of_case(queryset, self.value()) if self.value() else queryset


class TenMinutesFilter(LinkedFilter):
    """Alarms raised within the ten minutes that begin at a moment."""

    title = gettext_lazy("ten minutes")
    parameter_name = "ten_minutes"

    def value_label(self, value):
        begin = self._begin(value)
        return f"{localtime(begin):%m-%d %H:%M}" if begin else value

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        begin = self._begin(self.value())
        if begin is None:
            return queryset.none()
        return queryset.filter(raised_at__gte=begin, raised_at__lt=begin + SLOT)

    @staticmethod
    def _begin(value: str) -> datetime | None:
        try:
            begin = parse_datetime(value)
        except ValueError:
            return None
        return begin if begin is not None and is_aware(begin) and 1 < begin.year < 9999 else None


class TooMuchFilter(DropdownFilter):
    """Devices that send, or do not send, more than they may: refused within a day."""

    title = gettext_lazy("sends too much")
    parameter_name = "too_much"

    def lookups(self, request, model_admin):
        return [("yes", _("Yes")), ("no", _("No"))]

    def queryset(self, request, queryset):
        if self.value() in ("yes", "no"):
            return queryset.sending_too_much(self.value() == "yes")
        return queryset.none() if self.value() else queryset
