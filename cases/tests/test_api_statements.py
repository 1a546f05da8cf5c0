"""How many SQL statements the API needs, sign-in and idempotency counted, BEGIN and COMMIT not."""

import re

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings
from knox.models import get_token_model

from cases.models import Case
from cases.tests.api import CASES, client_of, in_state, press, url_of
from governance.models import User

TRANSACTION = re.compile(r"^\s*(BEGIN|COMMIT|SAVEPOINT|RELEASE|ROLLBACK)", re.IGNORECASE)
MOST_FOR_CREATE, MOST_FOR_LIST = 12, 6
DATABASE_CACHE = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "governance_cache"}}


class Counted(CaptureQueriesContext):
    """Counts statements but those of transaction control."""

    def __init__(self):
        super().__init__(connection)

    def __str__(self):
        return "\n".join(self.statements)

    @property
    def statements(self) -> list[str]:
        return [query["sql"] for query in self.captured_queries if not TRANSACTION.match(query["sql"])]


@pytest.fixture
def warm(city):
    """System actors exist, as in any database in use."""
    for name in ("public", "dispatch", "devices", "timers"):
        User.objects.system(name)
    return city


@pytest.mark.parametrize("named", [{}, {"area": "grid"}], ids=["coordinates", "area and coordinates"])
def test_creating_a_case_takes_at_most_twelve_statements(warm, named):
    client = client_of(warm.user("registrar"))
    body = {
        "source": "hotline", "description": "井盖歪了", "category": "0101", "condition_code": "tilted",
        **{name: getattr(warm, area).code for name, area in named.items()},
        "longitude": warm.point[0], "latitude": warm.point[1],
        "reporter_name": "王女士", "reporter_phone": "13900000001",
    }  # fmt: skip
    with Counted() as counted:
        response = client.post(CASES, body, headers={"Idempotency-Key": "a"})
    assert response.status_code == 201
    assert any("governance_idempotencyrecord" in sql for sql in counted.statements)
    assert any("django_session" in sql for sql in counted.statements)
    assert len(counted.statements) <= MOST_FOR_CREATE, str(counted)


def test_a_machine_with_a_token_creates_within_twelve_statements(warm):
    _row, token = get_token_model().objects.create(warm.user("registrar"))
    client = client_of()
    body = {"source": "hotline", "description": "井盖歪了", "category": "0101", "area": warm.grid.code}
    headers = {"Authorization": f"Token {token}", "Idempotency-Key": "a"}
    with Counted() as counted:
        response = client.post(CASES, body, headers=headers)
    assert response.status_code == 201
    assert len(counted.statements) <= MOST_FOR_CREATE, str(counted)


def test_a_public_report_takes_at_most_twelve_statements(warm):
    body = {"text": "井盖歪了很危险", "longitude": warm.point[0], "latitude": warm.point[1], "phone": "13800001234"}
    with override_settings(CACHES=DATABASE_CACHE):
        call_command("createcachetable")
        with Counted() as counted:
            response = client_of().post("/api/v1/public/reports/", body, headers={"Idempotency-Key": "a"})
    assert response.status_code == 201, response.json()
    assert any("governance_cache" in sql for sql in counted.statements)
    assert len(counted.statements) <= MOST_FOR_CREATE, str(counted)


ROLES = ["administrator", "operations_centre", "registrar", "dispatcher", "handler", "supervisor", "grid_worker",
         "community_staff"]  # fmt: skip


def test_lists_take_the_same_few_statements_whatever_the_number_of_rows_and_the_role(warm):
    # given five cases in different states
    states = ("dispatched", "handling", "submitted", "reworked", "closed")
    for state in states:
        in_state(warm, state)
    clients = {role: client_of(warm.user(role)) for role in ROLES}

    def statements_of_lists(rows):
        found = {}
        for role, client in clients.items():
            with Counted() as counted:
                response = client.get(CASES)
            assert len(response.json()["results"]) == rows, role
            assert len(counted.statements) <= MOST_FOR_LIST, f"{role}: {counted}"
            found[role] = len(counted.statements)
        return found

    # when everybody reads the list, with five rows and with fifty
    few = statements_of_lists(5)
    for _ in range(45):
        warm.open()
    many = statements_of_lists(50)
    # then the statements are as many
    assert few == many
    assert Case.objects.count() == 50


def test_a_filtered_list_stays_within_the_limit(warm):
    in_state(warm, "dispatched")
    client = client_of(warm.user("registrar"))
    query = f"area={warm.street.code}&unit=urban&lead_unit=municipal&category=01&state=dispatched&review=false&text=井"
    with Counted() as counted:
        assert len(client.get(f"{CASES}?{query}").json()["results"]) == 1
    assert len(counted.statements) <= MOST_FOR_LIST, str(counted)


@pytest.mark.parametrize("path", ["areas/", "units/", "categories/", "standards/", "me/"])
def test_reference_lists_stay_within_the_limit(warm, path):
    client = client_of(warm.user("registrar"))
    with Counted() as counted:
        assert client.get(f"/api/v1/{path}").status_code == 200
    assert len(counted.statements) <= MOST_FOR_LIST, str(counted)


def test_the_detail_does_not_grow_with_what_gathers_around_a_case(warm):
    case = in_state(warm, "reopened")
    client = client_of(warm.user("registrar"))

    def statements(path):
        with Counted() as counted:
            assert client.get(path).status_code == 200
        return len(counted.statements)

    before = statements(url_of(case)), statements(url_of(case, "timeline/"))
    for number in range(5):
        press(warm.user("registrar"), case, "note", {"reason": f"第 {number} 次"})
    assert (statements(url_of(case)), statements(url_of(case, "timeline/"))) == before
    assert before[0] <= 10 and before[1] <= 10
