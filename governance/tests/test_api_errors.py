"""One error shape, whatever goes wrong under ``/api/``."""

import json

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.test import RequestFactory
from django.test.utils import override_settings
from django.urls import get_resolver, path
from django_fsm import TransitionNotAllowed
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.test import APIClient

from governance.api import errors
from governance.api.fields import MomentField
from governance.api.views import ApiView
from governance.errors import Conflict, Invalid, NotPermitted, UnknownTransition
from governance.models import User

ME = "/api/v1/me/"
REPORTS = "/api/v1/public/reports/"


@pytest.fixture(autouse=True)
def _no_requests_yet():
    """Rate limits of the tests before do not count."""
    cache.clear()


def error_of(response, status, kind="client_error"):
    """Check shape and status, and return the first error."""
    assert response.status_code == status, response.content
    assert response.headers["Content-Type"] == "application/json"
    content = json.loads(response.content)
    assert content.keys() == {"type", "errors"}
    assert content["type"] == kind
    assert all(error.keys() == {"code", "detail", "attr"} for error in content["errors"])
    return content["errors"][0]


class Raises(ApiView):
    """A view that raises what the test gives it."""

    permission_classes = [AllowAny]
    problem: Exception = RuntimeError("the password is hunter2")

    def get(self, request):
        raise self.problem


urlpatterns = [path("api/raises/", Raises.as_view())]


@pytest.mark.parametrize(
    ("problem", "status", "kind", "code", "attr"),
    [
        (NotPermitted("no"), 403, "client_error", "permission_denied", None),
        (NotPermitted("no", field="area"), 403, "client_error", "permission_denied", "area"),
        (UnknownTransition("no"), 404, "client_error", "unknown_transition", None),
        (Conflict("no"), 409, "client_error", "conflict", None),
        (Conflict("no", field="version", code="stale"), 409, "client_error", "stale", "version"),
        (Invalid("no", field="area", code="outside"), 400, "validation_error", "outside", "area"),
        (Invalid("no"), 400, "validation_error", "invalid", "non_field_errors"),
        (TransitionNotAllowed(), 409, "client_error", "conflict", None),
        (PermissionDenied(), 403, "client_error", "permission_denied", None),
        (SuspiciousOperation("odd"), 400, "client_error", "parse_error", None),
        (DjangoValidationError({"name": ["no"]}), 400, "validation_error", "invalid", "name"),
        (DjangoValidationError("no", code="odd"), 400, "validation_error", "odd", "non_field_errors"),
    ],
)
def test_what_a_view_raises(monkeypatch, problem, status, kind, code, attr):
    monkeypatch.setattr(Raises, "problem", problem)
    with override_settings(ROOT_URLCONF=__name__):
        error = error_of(APIClient().get("/api/raises/"), status, kind)
    assert (error["code"], error["attr"]) == (code, attr)


def test_a_defect_of_ours_says_nothing_about_itself():
    with override_settings(ROOT_URLCONF=__name__):
        response = APIClient(raise_request_exception=False).get("/api/raises/")
    assert error_of(response, 500, "server_error")["code"] == "error"
    assert "hunter2" not in response.content.decode()


@pytest.mark.parametrize(
    "address", ["/api/", "/api/v1/", "/api/v1/nothing/", "/api/v1/cases", "/api/v2/cases/", "/api/%00/"]
)
@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "options"])
def test_an_unknown_address(address, method):
    assert error_of(getattr(APIClient(), method)(address), 404)["code"] == "not_found"


def test_a_wrong_method(db):
    user = User.objects.create_user("anna")
    client = APIClient()
    client.force_authenticate(user)
    assert error_of(client.delete(ME), 405)["code"] == "method_not_allowed"
    assert error_of(APIClient().get(REPORTS), 405)["code"] == "method_not_allowed"


@pytest.mark.parametrize(
    "content",
    ['{"text": ', "{'text': 1}", '{"text": NaN}', '{"text": 1e999}', '{"text": "\\ud800"}', "[" * 100_000, b"\xff\xfe",
     '{"a": 1} {"b": 2}', '{"n": ' + "9" * 5000 + "}"],
)  # fmt: skip
def test_a_body_that_is_no_json(db, content):
    error = error_of(APIClient().post(REPORTS, content, content_type="application/json"), 400)
    assert (error["code"], error["attr"]) == ("parse_error", None)


@pytest.mark.parametrize("content", ["[]", '"text"', "5", "null"])
def test_json_that_is_no_object(db, content):
    response = APIClient().post(REPORTS, content, content_type="application/json")
    error_of(response, 400, "validation_error")


@pytest.mark.parametrize(
    ("content_type", "status"),
    [("text/xml", 415), ("application/json; charset=zlib", 400), ("multipart/form-data", 400),
     ("multipart/form-data; boundary=", 400)],
)  # fmt: skip
def test_a_body_of_another_kind(db, content_type, status):
    error_of(APIClient().post(REPORTS, b"{}", content_type=content_type), status)


def test_a_body_that_is_too_large(db):
    field = "--b\r\nContent-Disposition: form-data; name=text\r\n\r\n" + "x" * 2000 + "\r\n--b--"
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=1000):
        for content, content_type in [
            (json.dumps({"text": "x" * 2000}), "application/json"),
            ("text=" + "x" * 2000, "application/x-www-form-urlencoded"),
            (field, "multipart/form-data; boundary=b"),
        ]:
            error = error_of(APIClient().post(REPORTS, content, content_type=content_type), 413)
            assert error["code"] == "request_too_large"


def test_too_many_fields(db):
    with override_settings(DATA_UPLOAD_MAX_NUMBER_FIELDS=3):
        content = "&".join(f"field{number}=x" for number in range(9))
        error_of(APIClient().post(REPORTS, content, content_type="application/x-www-form-urlencoded"), 400)


def test_nobody_signed_in(db):
    response = APIClient().get(ME)
    assert error_of(response, 401)["code"] == "not_authenticated"
    assert response.headers["WWW-Authenticate"] == "Token"


@pytest.mark.parametrize("header", ["Token wrong", "Token", "Token a b", "Token \xff\xfe", "Token " + "x" * 5000])
def test_a_wrong_token(db, header):
    response = APIClient().get(ME, HTTP_AUTHORIZATION=header)
    assert error_of(response, 401)["code"] == "authentication_failed"


def test_a_session_without_the_csrf_token(db):
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(User.objects.create_user("anna"))
    assert client.get(ME).status_code == 200
    assert error_of(client.post(REPORTS, {"text": "人行道井盖歪了"}), 403)["code"] == "permission_denied"


def test_a_wrong_host(db):
    error_of(APIClient().get(ME, HTTP_HOST="evil.example"), 400)
    page = APIClient().get("/", HTTP_HOST="evil.example")
    assert page.status_code == 400 and page.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("handler", "status", "kind"),
    [(lambda request: errors.permission_denied(request, None), 403, "client_error"),
     (lambda request: errors.not_found(request, None), 404, "client_error"),
     (errors.server_error, 500, "server_error")],
)  # fmt: skip
def test_what_django_answers_itself(handler, status, kind):
    error_of(handler(RequestFactory().get("/api/v1/x/")), status, kind)
    page = handler(RequestFactory().get("/page/"))
    assert page.status_code == status and page.headers["Content-Type"].startswith("text/html")


def test_every_moment_that_is_sent_is_judged_by_the_field_that_knows_the_ends_of_the_calendar():
    assert get_resolver().url_patterns  # loads every door

    def below(kind):
        return {kind}.union(*(below(child) for child in kind.__subclasses__()))

    plain = [
        f"{kind.__module__}.{kind.__name__}.{name}"
        for kind in below(serializers.Serializer)
        for name, field in kind._declared_fields.items()
        if kind.__name__.endswith("Input") and type(field) is serializers.DateTimeField
    ]
    assert plain == []
    for moment in ("0001-01-01T00:00:00", "9999-12-31T23:59:59-01:00", "x"):
        with pytest.raises(serializers.ValidationError):
            MomentField().run_validation(moment)
