"""Bodies by which device profiles are entered, changed, tried and published; and what a trial found."""

import json

from django.db import models
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases.models import FilingStandard, Scene
from devices.api.inputs import CategoryField, FiniteField
from devices.models import DeviceProfile, ProfileCommand, ProfileMetric, ProfileStatus, ProfileTrial
from devices.profile_content import COMMAND, METRIC, PARTS, PROFILE, STATUS
from devices.profiles import MOST_DAYS, USUAL_DAYS, is_tried, lost_alarms
from governance.api.venue_inputs import CodedField

MOST_ROWS = 100


@extend_schema_field({"type": "string", "maxLength": 60, "nullable": True})
class StandardField(serializers.Field):
    """A filing standard in use as ``<category>/<condition code>``, where only one scheme has it."""

    default_error_messages = {"does_not_exist": _("There is no one such filing standard.")}

    def to_internal_value(self, data):
        if not isinstance(data, str) or "\0" in data:
            self.fail("does_not_exist")
        category, _slash, condition = data.partition("/")
        rows = FilingStandard.objects.filter(is_active=True, category__is_active=True).select_related("category")
        found = list(rows.filter(category__code=category, condition_code=condition)[:2])
        if len(found) != 1:
            self.fail("does_not_exist")
        return found[0]


@extend_schema_field({"type": "object", "additionalProperties": {}})
class ShapeField(serializers.JSONField):
    """A JSON object that the database can hold."""

    default_error_messages = {"not_an_object": _("This is not an object.")}

    def to_internal_value(self, data):
        value = super().to_internal_value(data)
        if not isinstance(value, dict):
            self.fail("not_an_object")
        if "\\u0000" in json.dumps(value):
            self.fail("invalid")
        return value


# Of a new row it is needed, which the service says.
STAYS = {"label": {"required": False}}


class RowInput(serializers.ModelSerializer):
    """Base of what is said of a row: what is left out stays, or is what new rows have."""

    serializer_field_mapping = serializers.ModelSerializer.serializer_field_mapping | {models.FloatField: FiniteField}


class ProfileStatusInput(RowInput):
    """A status word; ``standard`` is `<category>/<condition code>` or null."""

    standard = StandardField(required=False, allow_null=True)

    class Meta:
        model = ProfileStatus
        fields = list(STATUS)
        extra_kwargs = STAYS


class ProfileMetricInput(RowInput):
    """A figure with its unit and limits; ``alarm`` is the status word it raises."""

    class Meta:
        model = ProfileMetric
        fields = list(METRIC)
        extra_kwargs = STAYS


class ProfileCommandInput(RowInput):
    """A command; ``parameters`` is the JSON Schema of what goes with it."""

    parameters = ShapeField(required=False)

    class Meta:
        model = ProfileCommand
        fields = list(COMMAND)
        extra_kwargs = STAYS


class ProfileInput(RowInput):
    """A new profile, all of it or without its rows yet."""

    category = CategoryField()
    scene = CodedField(queryset=Scene.objects.order_by("code"), required=False, allow_null=True)
    chatter_category = CategoryField(required=False, allow_null=True)
    statuses = ProfileStatusInput(many=True, required=False, max_length=MOST_ROWS)
    metrics = ProfileMetricInput(many=True, required=False, max_length=MOST_ROWS)
    commands = ProfileCommandInput(many=True, required=False, max_length=MOST_ROWS)

    class Meta:
        model = DeviceProfile
        fields = ["code", *PROFILE, "statuses", "metrics", "commands"]
        validators = []

    def split(self) -> tuple[dict, dict]:
        """Return what is said of the profile itself, and the rows of its parts."""
        values = dict(self.validated_data)
        parts = {related: values.pop(related) for related, _key, _names in PARTS if related in values}
        return values, parts


class ProfileChangeInput(ProfileInput):
    """What is given is changed. ``statuses``, ``metrics`` and ``commands`` are all rows of their kind: those not named
    are removed; what a row does not say of itself stays.
    """

    class Meta(ProfileInput.Meta):
        fields = [*PROFILE, "statuses", "metrics", "commands"]

    def get_fields(self):
        fields = super().get_fields()
        for field in fields.values():
            field.required = False
        return fields


class ProfileTryInput(serializers.Serializer):
    """Over the readings of how many days, 1 to 90."""

    days = serializers.IntegerField(default=USUAL_DAYS, min_value=1, max_value=MOST_DAYS)


class ProfilePublishInput(serializers.Serializer):
    """``reason``: needed where the draft was not tried as it is now."""

    reason = serializers.CharField(required=False, allow_blank=True, max_length=2000, default="")


class ProfileTrialTypeSerializer(serializers.Serializer):
    """The figures of one alarm type."""

    alarm_type = serializers.CharField()
    label = serializers.CharField()
    were = serializers.IntegerField()
    would = serializers.IntegerField()
    confirmed = serializers.IntegerField()
    lost = serializers.IntegerField()


class ProfileTrialSerializer(serializers.ModelSerializer):
    """What a draft would have made of past readings: ``were`` alarms would be ``would``; of the ``confirmed`` ones that
    people handled and closed ``lost`` would not have been raised (``lost_alarms``: some of them, as the caller sees
    them). ``cut``: there were more readings than were looked at. ``current``: it is of the rules the draft has now.
    """

    code = serializers.CharField(source="profile.code")
    version = serializers.IntegerField(source="profile.version")
    run_by = serializers.CharField(source="run_by.username")
    by_type = serializers.SerializerMethodField()
    lost_alarms = serializers.SerializerMethodField()
    current = serializers.SerializerMethodField()

    class Meta:
        model = ProfileTrial
        fields = ["code", "version", "days", "devices", "readings", "cut", "were", "would", "confirmed", "lost",
                  "by_type", "lost_alarms", "run_at", "run_by", "current"]  # fmt: skip
        read_only_fields = fields

    def get_by_type(self, trial) -> ProfileTrialTypeSerializer(many=True):
        names = ("were", "would", "confirmed", "lost")
        return [
            {"alarm_type": word, "label": trial.profile.label_of(word)} | dict(zip(names, figures, strict=True))
            for word, figures in trial.by_type.items()
        ]

    def get_lost_alarms(self, trial) -> list[int]:
        return [alarm.pk for alarm in lost_alarms(trial, self.context["request"].user)]

    def get_current(self, trial) -> bool:
        return is_tried(trial.profile) and trial.pk == trial.profile.trials.first().pk
