"""Entering and changing what is kept in the administration, by REST: one service, the same refusals; and asking what of
it holds somewhere on a day."""

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers, status
from rest_framework.response import Response

from governance.api.fields import AreaCodeField
from governance.configuration import configuration_save
from governance.models import Area


def area_named(code: str | None) -> Area:
    """Return the area of a code in use. Raises ValidationError naming ``area``."""
    found = Area.objects.filter(code=code, is_active=True).first() if code else None
    if found is None:
        raise serializers.ValidationError({"area": [_("There is no such area.")]}, "does_not_exist")
    return found


IN_FORCE = [OpenApiParameter("area", OpenApiTypes.STR, required=True), OpenApiParameter("on", OpenApiTypes.DATE)]


class AskedInput(serializers.Serializer):
    """Where and when."""

    area = AreaCodeField()
    on = serializers.DateField(default=timezone.localdate)


def asked_in_force(request) -> tuple[Area, date]:
    """Return the area and the day (default: today) that are asked for. Raises ValidationError."""
    asked = AskedInput(data=request.query_params)
    asked.is_valid(raise_exception=True)
    return area_named(asked.validated_data["area"]), asked.validated_data["on"]


class KeptRows:
    """A viewset whose rows are saved by ``configuration_save``, as the administration saves them."""

    def enter(self, input_class) -> Response:
        """Enter a new row and answer with it."""
        return self.saved(self.queryset.model(), self.given(input_class))

    def amend(self, input_class) -> Response:
        """Change a row the caller sees (what is given), and answer with it as it is then."""
        row = self.get_object()
        return self.saved(row, self.given(input_class, partial=True))

    def given(self, input_class, *, partial: bool = False) -> dict:
        """Return the judged body, with the area itself in place of its code."""
        given = input_class(data=self.request.data, partial=partial)
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        return values | {"area": area_named(values["area"])} if "area" in values else values

    def saved(self, row, values: dict) -> Response:
        """Set the values, save the row, and answer with it as it is then: 201 for a new one."""
        code = status.HTTP_201_CREATED if row._state.adding else status.HTTP_200_OK
        for name, value in values.items():
            setattr(row, name, value)
        configuration_save(row, actor=self.request.user, changed=sorted(values))
        return Response(self.get_serializer(self.queryset.get(pk=row.pk)).data, status=code)
