"""Fields of request bodies: places, codes, photos."""

import re

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from governance.api.errors import of_refusal
from governance.attachments import read_uploads
from governance.coordinates import SYSTEMS, CoordinateError, to_wgs84
from governance.errors import Invalid

COORDINATE_FIELDS = {"lon": "longitude", "lat": "latitude", "system": "coordinate_system"}


class DegreesField(serializers.FloatField):
    """A number of degrees; true and false, which Python counts as numbers, are none."""

    def to_internal_value(self, data):
        if isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


class MomentField(serializers.DateTimeField):
    """A date and time that somebody sends. At the ends of the calendar there is no such moment in UTC: that is a wrong
    value, which the field of the framework lets pass as an error of arithmetic."""

    def enforce_timezone(self, value):
        try:
            return super().enforce_timezone(value)
        except OverflowError:
            self.fail("overflow")


class RowByCode(serializers.SlugRelatedField):
    """A row of ``queryset`` by its code, or whatever names it (``slug_field``)."""

    def __init__(self, slug_field="code", **options):
        super().__init__(slug_field=slug_field, **options)

    def to_internal_value(self, data):
        if "\0" in str(data):  # no text of the database holds it, so it cannot even be asked for
            self.fail("does_not_exist", slug_name=self.slug_field, value=str(data))
        return super().to_internal_value(data)


@extend_schema_field({"type": "string", "maxLength": 15})
class AreaCodeField(serializers.Field):
    """What can be the code of an area; the service that gets it looks it up. An empty text is no area."""

    default_error_messages = {"does_not_exist": _("There is no such area.")}

    def to_internal_value(self, data):
        if data == "":
            return None
        if not (isinstance(data, str) and re.fullmatch(r"[0-9]{6,15}", data)):
            self.fail("does_not_exist")
        return data


@extend_schema_field({"type": "array", "items": {"type": "string", "format": "binary"}, "maxItems": 9})
class PhotosField(serializers.ListField):
    """Uploaded files of a multipart body, judged by content; cleaned to a list of ``Upload``.

    ``images_only``: no documents.
    """

    default_error_messages = {"images_only": _("Only photos can be sent here.")}

    def __init__(self, *, images_only=False, **options):
        self.images_only = images_only
        super().__init__(child=serializers.FileField(allow_empty_file=True), required=False, default=list, **options)

    def to_internal_value(self, data):
        files = super().to_internal_value(data)
        try:
            uploads = read_uploads(files, field=self.field_name)
        except Invalid as error:
            raise serializers.ValidationError(str(error.detail), error.code) from error
        if self.images_only and any(upload.kind != "image" for upload in uploads):
            self.fail("images_only")
        return uploads


class PlaceSerializer(serializers.Serializer):
    """Where: coordinates in the system they are in, an area, an address in words, or several of them.

    Cleaned coordinates are WGS-84.
    """

    longitude = DegreesField(required=False, allow_null=True, default=None)
    latitude = DegreesField(required=False, allow_null=True, default=None)
    coordinate_system = serializers.ChoiceField(SYSTEMS, default="wgs84")
    area = AreaCodeField(required=False, allow_null=True, default=None, help_text=_("Code of an area."))
    address = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)

    def validate(self, attrs):
        system = attrs.pop("coordinate_system")
        if attrs["longitude"] is not None and attrs["latitude"] is not None:
            try:
                attrs["longitude"], attrs["latitude"] = to_wgs84(attrs["longitude"], attrs["latitude"], system)
            except CoordinateError as error:
                field = COORDINATE_FIELDS[error.field]
                raise of_refusal(Invalid(error.detail, field=field, code=error.code)) from error
        return attrs
