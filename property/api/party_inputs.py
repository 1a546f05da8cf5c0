"""Bodies by which party organisations, members, households and cross-appointments are entered, changed and ended."""

from django.core.exceptions import ValidationError as DjangoValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from governance.api.fields import PhotosField
from governance.api.venue_inputs import CodedField
from governance.models import Area, Building, Dwelling, Estate, OrgUnit
from governance.registry.entries import AccountField
from property.models import CrossDirection, CrossProcedure, PartyLevel, PartyOrganisation, PartyPost
from property.models.party import PLACE_OF


@extend_schema_field({"type": "string", "minLength": 1, "maxLength": 60})
class AccountInputField(serializers.Field):
    """A person by phone or user name, cleaned to the account."""

    default_error_messages = {"does_not_exist": _("Nobody has an account with this phone or name.")}

    def to_internal_value(self, data):
        try:
            return AccountField(max_length=60).clean(data if isinstance(data, str) else "")
        except DjangoValidationError:
            self.fail("does_not_exist")


@extend_schema_field({"type": "string", "maxLength": 60, "nullable": True})
class BuildingField(serializers.Field):
    """A building as ``GZY/3``: code of its estate and number, of those the caller may see."""

    default_error_messages = {"does_not_exist": _("There is no such row in your area.")}

    def to_internal_value(self, data):
        if not isinstance(data, str) or "\0" in data:  # no text of the database holds it, as in ``RowByCode``
            self.fail("does_not_exist")
        estate, _slash, number = data.partition("/")
        rows = Building.objects.visible_to(self.context["request"].user).select_related("area")
        found = rows.filter(estate__code=estate, number=number).first()
        if found is None:
            self.fail("does_not_exist")
        return found


def _organisation(**options):
    return CodedField(queryset=PartyOrganisation.objects.with_place(), **options)


class OrganisationChangeInput(serializers.Serializer):
    """What of an organisation may change; its code and level stay."""

    name = serializers.CharField(max_length=80, required=False)
    parent = _organisation(required=False, allow_null=True, help_text=_("Code of the organisation one level up."))
    area = CodedField(
        queryset=Area.objects.defer("boundary"), required=False,
        help_text=_("Code of a community; of a committee only."),
    )  # fmt: skip
    estate = CodedField(
        queryset=Estate.objects.select_related("area"), required=False, allow_null=True,
        help_text=_("Code of the estate; of a branch only."),
    )  # fmt: skip
    building = BuildingField(
        required=False, allow_null=True, help_text=_("Estate and number such as GZY/3; of a group only.")
    )
    dwelling = CodedField(
        queryset=Dwelling.objects.select_related("area", "building__estate"), required=False, allow_null=True,
        help_text=_("Code of the dwelling; of a centre household only."),
    )  # fmt: skip
    is_active = serializers.BooleanField(required=False)


class OrganisationInput(OrganisationChangeInput):
    """A new organisation: its level, its parent one level up, and the place of that level."""

    code = serializers.CharField(max_length=30)
    name = serializers.CharField(max_length=80)
    level = serializers.ChoiceField(PartyLevel.choices)

    def validate(self, attrs):
        place = PLACE_OF[attrs["level"]]
        if attrs.get(place) is None:
            raise serializers.ValidationError({place: [_("Name what it serves.")]}, "required")
        return attrs


class MembershipChangeInput(serializers.Serializer):
    """A term is ended by its last day; another post is a new term."""

    is_full = serializers.BooleanField(required=False)
    valid_to = serializers.DateField(required=False, allow_null=True)


class MembershipInput(MembershipChangeInput):
    """A person's place in an organisation."""

    organisation = _organisation()
    person = AccountInputField(help_text=_("Phone or user name of the person"))
    post = serializers.ChoiceField(PartyPost.choices, default=PartyPost.MEMBER)
    is_full = serializers.BooleanField(default=True)
    valid_from = serializers.DateField(default=timezone.localdate)


class CrossAppointmentEndInput(serializers.Serializer):
    """An earlier last day."""

    valid_to = serializers.DateField()


class CrossAppointmentInput(CrossAppointmentEndInput):
    """A cross-appointment with the document it rests on (multipart)."""

    direction = serializers.ChoiceField(CrossDirection.choices)
    organisation = _organisation()
    unit = CodedField(queryset=OrgUnit.objects.select_related("area"))
    person = AccountInputField(help_text=_("Phone or user name of the person"))
    seat = serializers.CharField(max_length=60)
    held_post = serializers.CharField(max_length=60)
    procedure = serializers.ChoiceField(CrossProcedure.choices)
    decided_on = serializers.DateField()
    document_number = serializers.CharField(max_length=60)
    valid_from = serializers.DateField()
    documents = PhotosField()


class CareInput(serializers.Serializer):
    """Codes of all dwellings that a centre household looks after, beside its own."""

    dwellings = serializers.ListField(
        child=CodedField(queryset=Dwelling.objects.select_related("area", "building")), max_length=200
    )
