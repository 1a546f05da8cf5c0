"""The one error shape of the API: ``{"type", "errors": [{"code", "detail", "attr"}]}``.

``type`` is ``validation_error`` (the input is wrong, ``attr`` names the field), ``client_error`` or ``server_error``.
drf-standardized-errors makes it; this adds what the kernel refuses with and what Django raises around a view.
"""

from http import HTTPStatus

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import defaults
from django_fsm import TransitionNotAllowed
from drf_standardized_errors.handler import ExceptionHandler
from rest_framework import exceptions
from rest_framework.settings import api_settings

from governance.errors import Conflict, NotPermitted, Refused, TooMany, Unavailable, UnknownTransition

API_PREFIX = "/api/"


class Conflicting(exceptions.APIException):
    """409: the object or the key is no longer free for this request."""

    status_code = HTTPStatus.CONFLICT
    default_code = "conflict"
    default_detail = gettext_lazy("The request no longer fits what is stored.")


class NotAvailable(exceptions.APIException):
    """503: something outside that is needed does not answer, or is not set up."""

    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    default_code = "unavailable"
    default_detail = gettext_lazy("This is not available at the moment.")


class TooLarge(exceptions.APIException):
    """413: the body is larger than ``DATA_UPLOAD_MAX_MEMORY_SIZE`` (files are counted one by one instead)."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_code = "request_too_large"
    default_detail = gettext_lazy("The request is too large.")


def of_refusal(refusal: Refused) -> exceptions.APIException:
    """Return the API error of a kernel refusal, with its code and the field to blame."""
    detail = {refusal.field: str(refusal.detail)} if refusal.field else str(refusal.detail)
    if isinstance(refusal, NotPermitted):
        return exceptions.PermissionDenied(detail, refusal.code)
    if isinstance(refusal, UnknownTransition):
        return exceptions.NotFound(detail, refusal.code)
    if isinstance(refusal, Conflict):
        return Conflicting(detail, refusal.code)
    if isinstance(refusal, Unavailable):
        return NotAvailable(detail, refusal.code)
    if isinstance(refusal, TooMany):
        return exceptions.Throttled(refusal.seconds)
    field = refusal.field or api_settings.NON_FIELD_ERRORS_KEY
    return exceptions.ValidationError({field: [str(refusal.detail)]}, refusal.code)


def of_form(form: forms.BaseForm) -> exceptions.ValidationError:
    """Return the API error of a Django form that is not valid, field by field."""
    return _of_messages(form.errors.as_data())


def _of_messages(by_field: dict[str, list[DjangoValidationError]]) -> exceptions.ValidationError:
    detail = {}
    for field, errors in by_field.items():
        name = api_settings.NON_FIELD_ERRORS_KEY if field == NON_FIELD_ERRORS else field
        detail[name] = [
            exceptions.ErrorDetail(message, error.code or "invalid") for error in errors for message in error.messages
        ]
    return exceptions.ValidationError(detail)


def _of_django(error: DjangoValidationError) -> exceptions.ValidationError:
    by_field = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
    return _of_messages(by_field)


CONVERSIONS = (
    (Refused, of_refusal),
    (TransitionNotAllowed, lambda error: Conflicting()),
    (DjangoValidationError, _of_django),
    (RequestDataTooBig, lambda error: TooLarge()),
    (SuspiciousOperation, lambda error: exceptions.ParseError(_("The request cannot be read."))),
    (MultiPartParserError, lambda error: exceptions.ParseError(str(error))),
)


class Handler(ExceptionHandler):
    """Turns whatever a view raises into the error shape."""

    def convert_known_exceptions(self, exc):
        for kind, convert in CONVERSIONS:
            if isinstance(exc, kind):
                return convert(exc)
        exc = super().convert_known_exceptions(exc)
        if isinstance(exc, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
            # Django REST framework answers 403 when sessions come first among the ways to sign in.
            exc.status_code = HTTPStatus.UNAUTHORIZED
            exc.auth_header = getattr(exc, "auth_header", None) or "Token"
        return exc

    def report_exception(self, exc, response):
        """What is merely not available was logged where it failed: no fault of the program, no traceback."""
        if not isinstance(exc, NotAvailable):
            super().report_exception(exc, response)


def handle(exc: Exception, context: dict):
    """Exception handler of Django REST framework (settings, ``EXCEPTION_HANDLER``)."""
    return Handler(exc, context).run()


def _answer(status: HTTPStatus, kind: str, code: str, detail: str) -> JsonResponse:
    return JsonResponse({"type": kind, "errors": [{"code": code, "detail": detail, "attr": None}]}, status=status)


def bad_request(request, exception):
    """``handler400``: requests Django refuses before any view (wrong Host, broken headers)."""
    if request.path.startswith(API_PREFIX):
        return _answer(HTTPStatus.BAD_REQUEST, "client_error", "bad_request", _("The request cannot be read."))
    return defaults.bad_request(request, exception)


def permission_denied(request, exception):
    """``handler403``."""
    if request.path.startswith(API_PREFIX):
        detail = str(exceptions.PermissionDenied.default_detail)
        return _answer(HTTPStatus.FORBIDDEN, "client_error", "permission_denied", detail)
    return defaults.permission_denied(request, exception)


def not_found(request, exception):
    """``handler404``."""
    if request.path.startswith(API_PREFIX):
        return _answer(HTTPStatus.NOT_FOUND, "client_error", "not_found", str(exceptions.NotFound.default_detail))
    return defaults.page_not_found(request, exception)


def server_error(request):
    """``handler500``: says nothing about the cause; the log has it."""
    if request.path.startswith(API_PREFIX):
        detail = str(exceptions.APIException.default_detail)
        return _answer(HTTPStatus.INTERNAL_SERVER_ERROR, "server_error", "error", detail)
    return defaults.server_error(request)
