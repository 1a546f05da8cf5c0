"""OpenAPI: what the views say of themselves, the errors each may answer with, Idempotency-Key, and transitions."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from drf_standardized_errors.openapi import AutoSchema

from governance.api import transitions
from governance.api.serializers import ErrorsSerializer

BODY_STATUSES = ("409", "413")
STATUSES = ("400", "401", "403", "404", "405", "406", "409", "413", "415", "429", "500")


class Schema(AutoSchema):
    """Which errors an operation may answer with is drf-standardized-errors' judgement; their shape is one component."""

    def _get_allowed_error_status_codes(self):
        return list(STATUSES)

    def _should_add_error_response(self, responses, status_code):
        if status_code in responses:
            return False
        if status_code in BODY_STATUSES:
            return self.method != "GET"
        if status_code == "400":
            return self._should_add_parse_error_response() or self._should_add_validation_error_response()
        return getattr(self, f"_should_add_http{status_code}_error_response")()

    def _get_error_response_serializer(self, status_code):
        return ErrorsSerializer

    def _handler(self):
        """The view's method that this operation calls."""
        return getattr(self.view, getattr(self.view, "action", None) or self.method.lower(), None)

    def _is_transition(self) -> bool:
        return getattr(self.view, "action", None) == "transition"

    def get_override_parameters(self):
        if not getattr(self._handler(), "idempotent", False):
            return []
        text = _(
            "Chosen by the client, new for each intended effect: the same request sent again has no second effect."
        )
        return [OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, description=text)]

    def get_description(self):
        if self._is_transition():
            return f"{super().get_description()}\n\n{transitions.described(self.view.queryset.model)}"
        return super().get_description()

    def get_request_serializer(self):
        if not self._is_transition():
            return super().get_request_serializer()
        bodies = list(transitions.body_schemas(self.view.queryset.model).values())
        photos = {"photos": {"type": "array", "items": {"type": "string", "format": "binary"}}}
        with_photos = [body | {"properties": body["properties"] | photos} for body in bodies]
        return {"application/json": {"anyOf": bodies}, "multipart/form-data": {"anyOf": with_photos}}
