"""JSON of the kernel's models."""

from rest_framework import serializers

from governance.models import Appointment, Area, OrgUnit, Role, User


class ErrorSerializer(serializers.Serializer):
    """One thing that is wrong. ``attr`` names the field or parameter to blame, if one is."""

    code = serializers.CharField()
    detail = serializers.CharField()
    attr = serializers.CharField(allow_null=True)


class ErrorsSerializer(serializers.Serializer):
    """The one error shape."""

    type = serializers.ChoiceField(["validation_error", "client_error", "server_error"])
    errors = ErrorSerializer(many=True)


class AreaSerializer(serializers.ModelSerializer):
    parent = serializers.CharField(source="parent.code", default=None, allow_null=True)

    class Meta:
        model = Area
        fields = ["code", "name", "kind", "parent", "is_active"]
        read_only_fields = fields


class UnitSerializer(serializers.ModelSerializer):
    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")
    estate = serializers.CharField(source="estate.code", default=None, allow_null=True)

    class Meta:
        model = OrgUnit
        fields = ["code", "name", "short_name", "kind", "area", "area_name", "estate", "is_active"]
        read_only_fields = fields


class AppointmentSerializer(serializers.ModelSerializer):
    """One role held today."""

    role = serializers.ChoiceField(Role.choices)
    role_label = serializers.CharField(source="get_role_display")
    unit = serializers.CharField(source="unit.code")
    unit_name = serializers.CharField(source="unit.name")
    area = serializers.CharField(source="area.code")
    area_name = serializers.CharField(source="area.name")

    class Meta:
        model = Appointment
        fields = ["role", "role_label", "unit", "unit_name", "area", "area_name", "valid_to"]
        read_only_fields = fields


class NameInput(serializers.Serializer):
    """What a resident is called."""

    name = serializers.CharField(min_length=2, max_length=60)


class PersonSerializer(serializers.ModelSerializer):
    """The signed-in person."""

    appointments = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ["username", "name", "is_superuser", "appointments"]
        read_only_fields = fields

    def get_appointments(self, user) -> AppointmentSerializer(many=True):
        rows = Appointment.objects.in_force().filter(user=user).select_related("unit", "area").defer("area__boundary")
        return AppointmentSerializer(rows, many=True).data
