"""The door of SensorThings: everything under ``/v1.1/``.

People who work here read what they may see of devices (``visible_to``); the key of a device or gateway
(``Authorization: Device <key>``) reads and writes for its devices. Errors: ``{"error": {"code", "message"}}``.
"""

from django.db import DataError, OperationalError, ProgrammingError, connection, transaction
from django.http import Http404, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from drf_spectacular.utils import extend_schema
from psycopg.errors import QueryCanceled
from rest_framework import exceptions
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from devices.api.authentication import DeviceAuthentication, IsDevice
from devices.api.command_answers import waiting_headers
from devices.keys import Credential
from devices.sensorthings.answers import Answers
from devices.sensorthings.creation import create_many, create_one
from devices.sensorthings.entities import ENTITIES, devices_of
from devices.sensorthings.failure import BAD, MISSING, TOO_MUCH, Failure
from devices.sensorthings.options import options_of
from devices.sensorthings.pages import OBSERVATIONS, stream_of
from devices.sensorthings.paths import REF, VALUE, Place, nothing, place_of
from devices.wire import NotReadable
from governance.api.authentication import AUTHENTICATION
from governance.api.parsers import BoundedJSONParser
from governance.errors import Refused
from governance.permissions import RoleBackend

# A question that takes longer is too large: nobody waits for it, and the database has other work.
PATIENCE = "5s"
SPECIFICATION = "http://www.opengis.net/spec/iot_sensing/1.1/req/"
CONFORMANCE = [
    SPECIFICATION + name
    for name in (
        "datamodel/thing", "datamodel/location", "datamodel/datastream", "datamodel/sensor",
        "datamodel/observed-property", "datamodel/observation", "datamodel/feature-of-interest",
        "resource-path/resource-path-to-entities", "request-data", "data-array/data-array",
    )
]  # fmt: skip
CREATE_MANY = "CreateObservations"


def answer_error(error: Exception, context: dict) -> Response | None:
    """Exception handler of these views; what it does not know is a fault of the program and goes on."""
    headers = {}
    if isinstance(error, Failure):
        status, code, detail = error.status, error.code, error.detail
        if error.retry_after is not None:
            headers["Retry-After"] = str(error.retry_after)
    elif isinstance(error, NotReadable):
        status, code, detail = BAD, error.code, f"{error.attr}: {error.detail}" if error.attr else str(error.detail)
    elif isinstance(error, Http404):
        status, code, detail = MISSING, "not_found", _("There is nothing at this address.")
    elif isinstance(error, exceptions.APIException):
        status, code, detail = error.status_code, str(error.default_code), str(error.detail)
        if getattr(error, "auth_header", None):
            headers["WWW-Authenticate"] = error.auth_header
    elif isinstance(error, Refused):
        status, code, detail = BAD, error.code, str(error.detail)
    else:
        return None
    return Response({"error": {"code": code, "message": detail}}, status=status, headers=headers)


class SeesDevices(BasePermission):
    """The caller is a device, or holds a role that may view devices."""

    def has_permission(self, request, view):
        if isinstance(request.user, Credential):
            return True
        return RoleBackend().has_perm(request.user, "devices.view_device")


@extend_schema(exclude=True)
@method_decorator(never_cache, name="dispatch")
class SensorThingsView(APIView):
    """All addresses; what is at them is found by ``devices.sensorthings.paths``."""

    authentication_classes = [DeviceAuthentication, *AUTHENTICATION]
    parser_classes = [BoundedJSONParser]
    renderer_classes = [JSONRenderer]
    metadata_class = None

    def get_exception_handler(self):
        return answer_error

    def get_permissions(self):
        may = IsDevice if self.request.method == "POST" else SeesDevices
        return [IsAuthenticated(), may()]

    def get(self, request, path: str = ""):
        """Answer a question; nothing is looked at beyond the time it may take."""
        root = request.build_absolute_uri("/v1.1")
        if not path.strip("/"):
            return Response(self._index(root))
        try:
            with timezone.override("UTC"), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [PATIENCE])
                return self._answer(request, root, path)
        except (DataError, ProgrammingError) as error:
            # The only text of the caller that becomes part of a statement is what $filter compares.
            if not request.query_params.get("$filter") and "$filter" not in request.query_params.get("$expand", ""):
                raise
            raise Failure(BAD, "invalid_option", "$filter: " + _("It compares what cannot be compared.")) from error
        except OperationalError as error:
            if not isinstance(error.__cause__, QueryCanceled):
                raise
            raise Failure(TOO_MUCH, "too_much", _("This takes too long: ask for less.")) from error

    def post(self, request, path: str = ""):
        """Take observations; what waits for their devices is told of in headers, for the body is the standard's."""
        root = request.build_absolute_uri("/v1.1")
        path = path.strip("/")
        if path == CREATE_MANY:
            found, result = create_many(request.user, request.data, root)
            headers = {"Retry-After": str(result.retry_after)} if result.retry_after else {}
            return Response(found, status=201, headers=headers | waiting_headers(request, result))
        number = None
        if path != OBSERVATIONS:
            place = place_of(path, devices_of(request.user))
            if place.entity.name != OBSERVATIONS or not stream_of(place.parent) or place.row is not None:
                raise Failure(405, "method_not_allowed", _("Only observations are taken, at their datastream."))
            number = place.parent.pk
        found, address, result = create_one(request.user, number, request.data, root)
        return Response(found, status=201, headers={"Location": address} | waiting_headers(request, result))

    def _index(self, root: str) -> dict:
        return {
            "value": [{"name": name, "url": f"{root}/{name}"} for name in ENTITIES],
            "serverSettings": {"conformance": CONFORMANCE},
        }

    def _answer(self, request, root: str, path: str):
        given = _given(request.query_params)
        place = place_of(path, devices_of(request.user))
        answers = Answers(root, devices_of(request.user))
        if place.property:
            return _property(place)
        options = options_of(given)
        if place.row is None:
            return Response(
                answers.collection(place, options, stream=stream_of(place.parent), refs=place.end == REF)
            )  # fmt: skip
        if place.end == REF:
            raise nothing()
        return Response(answers.one(place.entity, place.row, options))


def _given(query: QueryDict) -> dict[str, str]:
    twice = next((name for name in query if len(query.getlist(name)) > 1), None)
    if twice:
        raise Failure(BAD, "invalid_option", f"{twice}: " + _("It is given twice."))
    return query.dict()


def _property(place: Place):
    value = place.entity.content(place.row)[place.property]
    if place.end != VALUE:
        return Response({place.property: value})
    if isinstance(value, dict | list):
        raise Failure(BAD, "invalid_address", _("This property has no plain value."))
    return HttpResponse("" if value is None else str(value), content_type="text/plain; charset=utf-8")
