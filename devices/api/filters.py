"""Filters of the lists of devices and alarms."""

import django_filters as filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models import Scene
from devices.alarm_figures import chattering, standing_long
from devices.models import (
    BATTERY_LOW,
    OFFLINE,
    Alarm,
    CollectionRound,
    Condition,
    Device,
    DeviceProfile,
    Gateway,
    Inhibition,
    Severity,
)
from devices.storm_figures import of_case
from devices.workflow import DeviceState
from governance.api.filters import AreaFilter, CodedFilterSet, CodeFilter, MomentFilter, YesNoFilter
from governance.models import OrgUnit


class DeviceFilters(CodedFilterSet):
    profile = CodeFilter("profile__code", model=DeviceProfile, label=_("Code of a device profile."))
    scene = CodeFilter("profile__scene__code", model=Scene, label=_("Code of a scene."))
    area = AreaFilter()
    unit = CodeFilter("unit__code", model=OrgUnit, label=_("Code of the owner unit."))
    status = filters.CharFilter("status", label=_("The newest status word."))
    state = filters.MultipleChoiceFilter(choices=DeviceState.choices)
    in_use = YesNoFilter(method="is_in_use", label=_("Not retired."))
    too_much = YesNoFilter(method="sending_too_much", label=_("Messages were refused as too many within a day."))
    offline = YesNoFilter(method="is_offline", label=_("Has an alarm that it is silent for too long."))
    battery_low = YesNoFilter(method="has_low_battery", label=_("Has an alarm of a low battery."))
    alarm = YesNoFilter(method="with_alarm", label=_("Has an active alarm."))
    text = filters.CharFilter(method="holding_text", label=_("Part of the code, name or address."))

    class Meta(CodedFilterSet.Meta):
        model = Device

    def is_in_use(self, queryset, name, value):
        return queryset.in_use() if value else queryset.filter(state=DeviceState.RETIRED)

    def sending_too_much(self, queryset, name, value):
        return queryset.sending_too_much(value)

    def is_offline(self, queryset, name, value):
        return self._with(OFFLINE, queryset, value)

    def has_low_battery(self, queryset, name, value):
        return self._with(BATTERY_LOW, queryset, value)

    def _with(self, alarm_type, queryset, value):
        found = queryset.with_open_alarm(alarm_type)
        return found if value else queryset.exclude(pk__in=found.order_by().values("pk"))

    def with_alarm(self, queryset, name, value):
        alarmed = Alarm.objects.active().values("device_id")
        return queryset.filter(pk__in=alarmed) if value else queryset.exclude(pk__in=alarmed)

    def holding_text(self, queryset, name, value):
        return queryset.filter(Q(code__icontains=value) | Q(name__icontains=value) | Q(address__icontains=value))


class GatewayFilters(CodedFilterSet):
    area = AreaFilter()
    lost = YesNoFilter(method="is_lost", label=_("All devices behind it are silent."))

    class Meta(CodedFilterSet.Meta):
        model = Gateway

    def is_lost(self, queryset, name, value):
        return queryset.lost(value)


class RoundFilters(CodedFilterSet):
    area = AreaFilter()
    unit = CodeFilter("unit__code", model=OrgUnit, label=_("Code of the unit."))
    active = YesNoFilter("is_active", label=_("In use."))

    class Meta(CodedFilterSet.Meta):
        model = CollectionRound


class AlarmFilters(CodedFilterSet):
    """Dates without a time begin at midnight, Asia/Shanghai."""

    device = filters.CharFilter("device__code", label=_("Code of the device."))
    gateway = filters.CharFilter("device__gateway__code", label=_("Code of the gateway of the device."))
    profile = CodeFilter("device__profile__code", model=DeviceProfile, label=_("Code of a device profile."))
    scene = CodeFilter("device__profile__scene__code", model=Scene, label=_("Code of a scene."))
    area = AreaFilter()
    type = filters.CharFilter("alarm_type", label=_("Alarm type: a status word."))
    severity = filters.MultipleChoiceFilter(choices=Severity.choices)
    active = YesNoFilter("cleared_at", "isnull", label=_("The condition still holds."))
    condition = filters.MultipleChoiceFilter(choices=Condition.choices)
    inhibited = filters.MultipleChoiceFilter(choices=Inhibition.choices)
    held_back = YesNoFilter(method="is_held_back", label=_("Held back, for whatever reason."))
    presented = YesNoFilter(
        method="is_presented", label=_("Presented to operators: not one that a lost gateway stands for.")
    )
    standing = YesNoFilter(method="stands_long", label=_("Not over for more than a day."))
    chattering = YesNoFilter(method="chatters", label=_("Shelved by itself because it chatters."))
    acknowledged = YesNoFilter("acknowledged_at", "isnull", exclude=True)
    late = YesNoFilter("late", label=_("Told of afterwards: history only."))
    case = filters.CharFilter("case__number", label=_("Number of the case it opened."))
    of_case = filters.CharFilter(
        method="with_parts", label=_("Number of a case: alarms of it and of the cases put under it.")
    )
    raised_after = MomentFilter("raised_at", "gte")
    raised_before = MomentFilter("raised_at", "lt")

    class Meta(CodedFilterSet.Meta):
        model = Alarm

    def with_parts(self, queryset, name, value):
        return of_case(queryset, value)

    def is_held_back(self, queryset, name, value):
        return queryset.exclude(inhibited="") if value else queryset.filter(inhibited="")

    def is_presented(self, queryset, name, value):
        return queryset.presented(value)

    def stands_long(self, queryset, name, value):
        return _narrowed(queryset, standing_long, value)

    def chatters(self, queryset, name, value):
        return _narrowed(queryset, chattering, value)


def _narrowed(queryset, narrow, value: bool):
    """Return the rows that ``narrow`` leaves, or the others."""
    return narrow(queryset) if value else queryset.exclude(pk__in=narrow(Alarm.objects.order_by()).values("pk"))
