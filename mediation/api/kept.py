"""Entering and changing what is kept in the administration, by REST: one service, the same refusals."""

from django.utils.translation import gettext as _
from rest_framework import serializers, status
from rest_framework.response import Response

from governance.configuration import configuration_save
from governance.models import Area


def area_named(code: str | None) -> Area:
    """Return the area of a code in use. Raises ValidationError naming ``area``."""
    found = Area.objects.filter(code=code, is_active=True).first() if code else None
    if found is None:
        raise serializers.ValidationError({"area": [_("There is no such area.")]}, "does_not_exist")
    return found


class KeptRows:
    """A viewset whose rows are saved by ``configuration_save``, as the administration saves them."""

    def enter(self, input_class) -> Response:
        """Enter a new row and answer with it."""
        return self._saved(self.queryset.model(), self._given(input_class), status.HTTP_201_CREATED)

    def amend(self, input_class) -> Response:
        """Change a row the caller sees (what is given), and answer with it as it is then."""
        row = self.get_object()
        return self._saved(row, self._given(input_class, partial=True), status.HTTP_200_OK)

    def _given(self, input_class, *, partial: bool = False) -> dict:
        given = input_class(data=self.request.data, partial=partial)
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        return values | {"area": area_named(values["area"])} if "area" in values else values

    def _saved(self, row, values: dict, code: int) -> Response:
        for name, value in values.items():
            setattr(row, name, value)
        configuration_save(row, actor=self.request.user, changed=sorted(values))
        return Response(self.get_serializer(self.queryset.get(pk=row.pk)).data, status=code)
