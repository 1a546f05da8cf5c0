"""The OpenAPI document: complete without warnings, and true of the API."""

from io import StringIO

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from knox.models import get_token_model
from rest_framework.throttling import SimpleRateThrottle
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from cases.models import Case
from cases.tests.api import client_of, in_state
from governance.workflow import steps_of

CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
ALL = settings(
    max_examples=4,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)


def test_the_schema_is_made_without_warnings():
    out = StringIO()
    call_command("spectacular", fail_on_warn=True, validate=True, stdout=out)
    assert "openapi: 3" in out.getvalue()


def test_schema_and_docs_are_served_without_a_cdn(db):
    client = client_of()
    assert client.get("/api/schema/").status_code == 200
    docs = client.get("/api/docs/").content.decode()
    assert "drf_spectacular_sidecar/swagger-ui" in docs
    assert "https://" not in docs and "//cdn" not in docs


def test_each_transition_is_described_with_its_fields():
    operation = SchemaGenerator().get_schema(public=True)["paths"]["/api/v1/cases/{number}/transitions/{name}/"]["post"]
    bodies = {
        body["title"]: body for body in operation["requestBody"]["content"]["application/json"]["schema"]["anyOf"]
    }
    assert set(bodies) == {name for name, step in steps_of(Case).items() if not step.quiet}
    assert all(f"| `{name}` |" in operation["description"] for name in bodies)
    assert bodies["submit"]["required"] == ["result"]
    assert bodies["reject"]["required"] == ["reason"]
    assert bodies["dispatch"]["properties"]["assisting_units"]["type"] == "array"
    assert {"200", "400", "401", "403", "404", "409", "413"} <= set(operation["responses"])
    assert any(parameter["name"] == "Idempotency-Key" for parameter in operation["parameters"])


@pytest.fixture
def _kept_connection():
    """The requests run in the transaction of the test, whose connection Django would close after each."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


NOTHING_TO_SEND = {
    "/api/v1/me/", "/api/v1/auth/", "/api/v1/auth/sign-out/", "/api/v1/auth/sessions/end-others/",
    "/api/v1/me/notices/read-all/", "/api/v1/scores/indicators/",
    "GET /api/v1/me/notice-preferences/", "GET /api/v1/me/dwellings/", "GET /api/v1/me/estates/",
    "GET /api/v1/me/skill-categories/",
    "GET /api/v1/me/parcels/", "GET /api/v1/me/charges/", "GET /api/v1/me/estates/{code}/records/",
    "GET /api/v1/me/projects/fitting/",
    "GET /api/v1/mediation/helpers/figures/", "GET /api/v1/mediation/suggestions/",
    "GET /api/v1/me/steward-teams/", "GET /api/v1/me/surveys/{code}/", "GET /api/v1/me/surveys/{code}/results/",
}  # fmt: skip


@pytest.mark.usefixtures("_kept_connection")
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_answers_are_as_the_schema_says_whatever_is_sent(city, monkeypatch, mode):
    # given an API with a case in it, and no limits on how often it is asked
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", dict.fromkeys(SimpleRateThrottle.THROTTLE_RATES))
    case = in_state(city, "submitted")
    known = {"number": case.number, "token": case.token, "name": "note"}
    _row, token = get_token_model().objects.create(city.user("operations_centre"))
    schema = schemathesis.openapi.from_wsgi("/api/schema/?format=json", get_wsgi_application())
    asked = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        if mode is GenerationMode.NEGATIVE and NOTHING_TO_SEND & {operation.path, operation.label}:
            continue  # nothing can be sent there

        @ALL
        @given(made=operation.as_strategy(generation_mode=mode), real=st.booleans())
        def ask(made, real):
            # when anything the schema allows (or forbids) is sent, half of the time about the case there is
            nonlocal asked
            for name in made.path_parameters if real else ():
                made.path_parameters[name] = known.get(name, made.path_parameters[name])
            headers = {"Authorization": f"Token {token}"}
            # then there is no server error, and the answer is documented
            made.call_and_validate(headers=headers, checks=CHECKS)
            asked += 1

        ask()
    assert asked >= 40
