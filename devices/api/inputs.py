"""Bodies by which devices and gateways are entered and changed, put up on site, and alarms are dealt with together."""

from math import isfinite

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from cases.models import CaseCategory
from devices.models import DeviceProfile, Gateway
from devices.models.device import code_validator
from devices.models.retention import FEWEST_DAYS, MOST_DAYS
from governance.api.errors import of_refusal
from governance.api.fields import COORDINATE_FIELDS, DegreesField, MomentField, PhotosField, RowByCode
from governance.api.venue_inputs import CodedField
from governance.coordinates import SYSTEMS, CoordinateError, to_wgs84
from governance.errors import Invalid
from governance.models import Area, OrgUnit

MOST_AT_ONCE = 200
BIGGEST = 2**63 - 1


class FiniteField(serializers.FloatField):
    """A number: no true or false, and none of those a form can write that are none (``nan``, ``inf``)."""

    def to_internal_value(self, data):
        if isinstance(data, bool):
            self.fail("invalid")
        number = super().to_internal_value(data)
        if not isfinite(number):
            self.fail("invalid")
        return number


class CategoryField(RowByCode):
    """A category in use, by its code, where only one scheme has it."""

    def __init__(self, **options):
        super().__init__(queryset=CaseCategory.objects.filter(is_active=True), **options)

    def to_internal_value(self, data):
        if not isinstance(data, str) or "\0" in data:
            self.fail("does_not_exist", slug_name=self.slug_field, value=str(data)[:40])
        found = list(self.get_queryset().filter(code=data)[:2])
        if len(found) != 1:
            self.fail("does_not_exist", slug_name=self.slug_field, value=data[:40])
        return found[0]


class PointInput(serializers.Serializer):
    """A point in the system it is in; cleaned to WGS-84. Both coordinates, or neither where they may be left out."""

    longitude = DegreesField()
    latitude = DegreesField()
    coordinate_system = serializers.ChoiceField(SYSTEMS, required=False)

    def validate(self, attrs):
        system = attrs.pop("coordinate_system", "wgs84")
        missing = {"longitude", "latitude"} - attrs.keys()
        if len(missing) == 1:
            raise serializers.ValidationError({missing.pop(): [_("Give both longitude and latitude.")]}, "required")
        if not missing:
            try:
                attrs["longitude"], attrs["latitude"] = to_wgs84(attrs["longitude"], attrs["latitude"], system)
            except CoordinateError as error:
                field = COORDINATE_FIELDS[error.field]
                raise of_refusal(Invalid(error.detail, field=field, code=error.code)) from error
        return attrs


class DeviceChangeInput(PointInput):
    """What of a device may change; what is left out stays. Its code stays; its ``profile`` can change only while the
    device is registered."""

    longitude = DegreesField(required=False)
    latitude = DegreesField(required=False)
    name = serializers.CharField(max_length=60, required=False)
    profile = RowByCode(queryset=DeviceProfile.objects.in_force(), required=False)
    area = CodedField(queryset=Area.objects.filter(is_active=True), required=False)
    address = serializers.CharField(max_length=200, required=False, allow_blank=True)
    unit = CodedField(queryset=OrgUnit.objects.filter(is_active=True), required=False)
    gateway = CodedField(queryset=Gateway.objects.select_related("area"), required=False, allow_null=True)


class DeviceInput(PointInput):
    """A new device. ``in_place``: it hangs where it should and is judged at once; false: it waits to be put up."""

    code = serializers.CharField(max_length=30, validators=[code_validator])
    name = serializers.CharField(max_length=60)
    profile = RowByCode(queryset=DeviceProfile.objects.in_force())
    area = CodedField(queryset=Area.objects.filter(is_active=True))
    address = serializers.CharField(max_length=200, required=False, allow_blank=True)
    unit = CodedField(queryset=OrgUnit.objects.filter(is_active=True))
    gateway = CodedField(queryset=Gateway.objects.select_related("area"), required=False, allow_null=True)
    in_place = serializers.BooleanField(default=True)


class GatewayChangeInput(serializers.Serializer):
    """What of a gateway may change; what is left out stays. ``category`` is that of the case a loss opens, or null."""

    name = serializers.CharField(max_length=60, required=False)
    area = CodedField(queryset=Area.objects.filter(is_active=True), required=False)
    is_active = serializers.BooleanField(required=False)
    category = CategoryField(required=False, allow_null=True)


class GatewayInput(GatewayChangeInput):
    """A new gateway."""

    code = serializers.CharField(max_length=30, validators=[code_validator])
    name = serializers.CharField(max_length=60)
    area = CodedField(queryset=Area.objects.filter(is_active=True))


class RoundChangeInput(PointInput):
    """What of a collection round may change; what is left out stays. The point is where it starts and unloads."""

    longitude = DegreesField(required=False)
    latitude = DegreesField(required=False)
    name = serializers.CharField(max_length=60, required=False)
    unit = CodedField(queryset=OrgUnit.objects.filter(is_active=True), required=False)
    area = CodedField(queryset=Area.objects.filter(is_active=True), required=False)
    depot = serializers.CharField(max_length=100, required=False)
    starts_at = serializers.TimeField(required=False)
    days_between = serializers.IntegerField(required=False, min_value=1, max_value=14)
    capacity = serializers.IntegerField(required=False, min_value=1, max_value=300)
    detour = FiniteField(required=False, min_value=1, max_value=3)
    margin_hours = serializers.IntegerField(required=False, min_value=0, max_value=24)
    is_active = serializers.BooleanField(required=False)


class RoundInput(RoundChangeInput):
    """A new collection round; what is left out is as in the administration's form."""

    code = serializers.CharField(max_length=30, validators=[code_validator])
    name = serializers.CharField(max_length=60)
    unit = CodedField(queryset=OrgUnit.objects.filter(is_active=True))
    area = CodedField(queryset=Area.objects.filter(is_active=True))
    depot = serializers.CharField(max_length=100)
    longitude = DegreesField()
    latitude = DegreesField()


class RetentionChangeInput(serializers.Serializer):
    """What of a rule that does not hold yet may change."""

    starts_on = serializers.DateField(required=False)
    raw_days = serializers.IntegerField(required=False, min_value=FEWEST_DAYS, max_value=MOST_DAYS)


class RetentionInput(RetentionChangeInput):
    """From which day raw readings are kept for how many days, 90 at least."""

    starts_on = serializers.DateField()
    raw_days = serializers.IntegerField(min_value=FEWEST_DAYS, max_value=MOST_DAYS)


class DeviceClaimInput(PointInput):
    """Where somebody stands at a device, with a photo of it in its place. ``accuracy``: metres, as the phone says;
    ``correct_place``: the place is right and the register is wrong, for who keeps devices.
    """

    accuracy = FiniteField(required=False, min_value=0, max_value=1_000_000)
    correct_place = serializers.BooleanField(default=False)
    photos = PhotosField(images_only=True)


class DeviceCommissionInput(serializers.Serializer):
    """The version of the device as read before, if a change meanwhile is to be a conflict."""

    version = serializers.IntegerField(required=False, min_value=0, max_value=2**31 - 1)


class AlarmsInput(serializers.Serializer):
    """Which alarms, each for itself; ``reason`` is a remark."""

    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=BIGGEST), min_length=1, max_length=MOST_AT_ONCE
    )
    reason = serializers.CharField(required=False, allow_blank=True, max_length=2000)


class AlarmsShelveInput(AlarmsInput):
    """Which alarms, until when (a week at most) and why."""

    until = MomentField()
    reason = serializers.CharField(max_length=2000)


def given_by(view, input_class) -> dict:
    """Return the judged body of a view's request."""
    given = input_class(data=view.request.data, context=view.get_serializer_context())
    given.is_valid(raise_exception=True)
    return given.validated_data
