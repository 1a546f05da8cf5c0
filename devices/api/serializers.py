"""JSON of devices and alarms. A key that names a row holds its code; ``<key>_name`` stands beside it."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from devices.lag import lag_of
from devices.models import OFFLINE, Alarm, Device, Quality, Severity
from governance.workflow import available


class LatestValueSerializer(serializers.Serializer):
    """The newest reading of a metric. Status words are the ``text`` of the metric ``status``. ``quality``: bad outside
    of what can be, else stale while the device is offline.
    """

    metric = serializers.CharField()
    label = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
    text = serializers.CharField()
    unit = serializers.CharField()
    at = serializers.DateTimeField()
    quality = serializers.ChoiceField(Quality.choices)


class ActiveAlarmSerializer(serializers.Serializer):
    """An alarm of a device whose condition holds."""

    id = serializers.IntegerField()
    alarm_type = serializers.CharField()
    label = serializers.CharField()
    severity = serializers.ChoiceField(Severity.choices)
    raised_at = serializers.DateTimeField()


class DeviceSerializer(serializers.ModelSerializer):
    """A device with its newest values and active alarms; coordinates in WGS-84. ``transitions``: names of what the
    caller may do now.
    """

    profile = serializers.CharField(source="profile.code")
    profile_name = serializers.CharField(source="profile.name")
    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")
    unit = serializers.CharField(source="unit.code")
    unit_name = serializers.CharField(source="unit.name")
    gateway = serializers.CharField(source="gateway.code", default=None, allow_null=True)
    state_label = serializers.CharField(source="get_state_display")
    maintenance_case = serializers.CharField(source="maintenance_case.number", default=None, allow_null=True)
    status_label = serializers.SerializerMethodField()
    behind_seconds = serializers.SerializerMethodField()
    latest = serializers.SerializerMethodField()
    active_alarms = serializers.SerializerMethodField()
    transitions = serializers.SerializerMethodField()

    class Meta:
        model = Device
        fields = [
            "code", "name", "profile", "profile_name", "area", "area_name", "address", "longitude", "latitude", "unit",
            "unit_name", "gateway", "state", "state_label", "in_service_at", "maintenance_until",
            "maintenance_case", "retired_at",
            "status", "status_label", "last_seen_at", "clock_skewed", "behind_seconds", "latest", "active_alarms",
            "version", "transitions",
        ]  # fmt: skip
        read_only_fields = fields

    def get_status_label(self, device) -> str:
        return device.profile.label_of(device.status)

    def get_behind_seconds(self, device) -> int | None:
        lag = lag_of(device)
        return int(lag.total_seconds()) if lag else None

    def get_latest(self, device) -> LatestValueSerializer(many=True):
        rows, offline = [], any(alarm.alarm_type == OFFLINE for alarm in device.active_alarms)
        for row in sorted(device.latest.all(), key=lambda row: row.metric):
            metric = device.profile.metric_named(row.metric)
            label, unit = (metric.label, metric.unit) if metric else (row.metric, "")
            quality = row.quality or (Quality.STALE if offline else Quality.GOOD)
            rows.append(
                {"metric": row.metric, "label": label, "value": row.value, "text": row.text, "unit": unit, "at": row.at,
                 "quality": quality}
            )  # fmt: skip
        return LatestValueSerializer(rows, many=True).data

    def get_active_alarms(self, device) -> ActiveAlarmSerializer(many=True):
        rows = [
            {
                "id": alarm.pk,
                "alarm_type": alarm.alarm_type,
                "label": device.profile.label_of(alarm.alarm_type),
                "severity": alarm.severity,
                "raised_at": alarm.raised_at,
            }
            for alarm in device.active_alarms
        ]
        return ActiveAlarmSerializer(rows, many=True).data

    def get_transitions(self, device) -> list[str]:
        return [step.name for step in available(device, self.context["request"].user)]


class AlarmSerializer(serializers.ModelSerializer):
    """One occurrence. ``state`` is the acknowledgement, ``active`` whether the condition holds; ``value`` the figure at
    raising, in the profile's unit; ``stale``: its device is offline, so nobody knows how it is now; ``quality`` of
    what is known of it: bad where the newest figure of what raises it cannot be, else stale, else good;
    ``transitions``: names of what the caller may do now.
    """

    device = serializers.CharField(source="device.code")
    device_name = serializers.CharField(source="device.name")
    profile = serializers.CharField(source="device.profile.code")
    label = serializers.CharField()
    severity_label = serializers.CharField(source="get_severity_display")
    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")
    state_label = serializers.CharField(source="get_state_display")
    active = serializers.BooleanField()
    stale = serializers.BooleanField()
    quality = serializers.SerializerMethodField()
    condition_label = serializers.CharField(source="get_condition_display")
    acknowledged_by = serializers.SerializerMethodField()
    case = serializers.CharField(source="case.number", default=None, allow_null=True)
    transitions = serializers.SerializerMethodField()

    class Meta:
        model = Alarm
        fields = [
            "id", "device", "device_name", "profile", "alarm_type", "label", "severity", "severity_label", "area",
            "area_name", "active", "stale", "quality", "condition", "condition_label", "inhibited", "critical", "state",
            "state_label", "device_at", "received_at", "raised_at", "cleared_at", "last_at", "count", "value", "late",
            "acknowledged_at", "acknowledged_by", "case", "version", "transitions",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(Quality.choices))
    def get_quality(self, alarm) -> str:
        return Quality.BAD if alarm.bad else Quality.STALE if alarm.stale else Quality.GOOD

    def get_acknowledged_by(self, alarm) -> str | None:
        return str(alarm.acknowledged_by) if alarm.acknowledged_by else None

    def get_transitions(self, alarm) -> list[str]:
        return [step.name for step in available(alarm, self.context["request"].user)]


class BaselineInput(serializers.Serializer):
    """A metric judged by its distance from the baseline, and the baseline; without it the newest value reported."""

    metric = serializers.CharField(max_length=40)
    value = serializers.FloatField(required=False)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=500)
