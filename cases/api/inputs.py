"""Bodies of requests about cases, checked before any service is called."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from cases.models import CaseCategory, CaseSource, FilingStandard, Solved
from governance.api.fields import PhotosField, PlaceSerializer
from governance.models.person import phone_validator


class CaseInput(PlaceSerializer):
    """A new case. ``condition_code`` with ``category`` names a filing standard (``GET standards/``)."""

    source = serializers.ChoiceField(CaseSource.choices)
    description = serializers.CharField(max_length=4000)
    category = serializers.CharField(required=False, max_length=20, default="", help_text=_("Code of a category."))
    condition_code = serializers.CharField(required=False, max_length=20, default="")
    reporter_name = serializers.CharField(required=False, allow_blank=True, max_length=60, default="")
    reporter_phone = serializers.CharField(
        required=False, allow_blank=True, max_length=16, default="", validators=[phone_validator]
    )
    photos = PhotosField()

    def validate(self, attrs):
        attrs = super().validate(attrs)
        category, condition = attrs.pop("category"), attrs.pop("condition_code")
        if condition and not category:
            raise serializers.ValidationError({"category": [_("A condition needs its category.")]}, "required")
        if condition:
            standard = _standard(category, condition)
            return attrs | {"standard": standard, "category": standard.category}
        return attrs | {"category": _category(category) if category else None}


def _standard(category: str, condition: str) -> FilingStandard:
    rows = FilingStandard.objects.filter(is_active=True, category__is_active=True).select_related("category")
    found = list(rows.filter(category__code=category, condition_code=condition)[:2])
    if len(found) != 1:
        raise serializers.ValidationError(
            {"condition_code": [_("The category has no one such condition.")]}, "does_not_exist"
        )
    return found[0]


def _category(code: str) -> CaseCategory:
    found = list(CaseCategory.objects.filter(code=code, is_active=True)[:2])
    if len(found) != 1:
        raise serializers.ValidationError({"category": [_("There is no one such category.")]}, "does_not_exist")
    return found[0]


class PublicReportInput(PlaceSerializer):
    """What anybody may report. A place is needed: coordinates, an area or an address."""

    text = serializers.CharField(min_length=5, max_length=2000)
    name = serializers.CharField(required=False, allow_blank=True, max_length=60, default="")
    phone = serializers.CharField(
        required=False, allow_blank=True, max_length=16, default="", validators=[phone_validator]
    )
    photos = PhotosField(images_only=True)

    def validate(self, attrs):
        attrs = super().validate(attrs)
        if not any(attrs[name] is not None for name in ("longitude", "latitude", "area")) and not attrs["address"]:
            raise serializers.ValidationError({"place": [_("Say where: a place, an area or an address.")]}, "required")
        return attrs


class RatingInput(serializers.Serializer):
    """A reporter's answer after closing."""

    score = serializers.IntegerField(min_value=1, max_value=5)
    solved = serializers.ChoiceField(Solved.choices)
    comment = serializers.CharField(required=False, allow_blank=True, max_length=500, default="")


class ReopenInput(serializers.Serializer):
    """Why it is not solved."""

    reason = serializers.CharField(max_length=2000)
    photos = PhotosField(images_only=True)
