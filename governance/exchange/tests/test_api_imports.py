"""The imports in the API: report first, confirm, cancel; every role; nobody reads the runs of others."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from governance.exchange.runs import carry_out
from governance.exchange.tests.material import text
from governance.models import Event, ImportRun, OrgUnit

BASE = "/api/v1/imports/"
GOOD = [["code", "name", "kind", "area"], ["u1", "甲局", "department", "990100"]]
BAD = [["code", "name", "kind", "area"], ["u1", "甲局", "无此类", "990100"]]


def api(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def bring(client, rows=GOOD, **more):
    file = SimpleUploadedFile("units.csv", text(rows).content)
    return client.post(BASE, {"importer": "governance.orgunit", "file": file, **more}, format="multipart")


def test_a_dry_run_is_the_default_and_stores_nothing(city):
    response = bring(api(city.user("administrator")))
    assert response.status_code == 201
    told = response.json()
    assert (told["state"], told["lines"], told["adds"], told["errors"]) == ("checked", 1, 1, [])
    assert told["rows"] == [{"line": 2, "action": "add", "title": "甲局"}]
    assert not OrgUnit.objects.filter(code="u1").exists()


def test_bad_lines_are_told_and_never_stored(city):
    client = api(city.user("administrator"))
    told = bring(client, BAD, dry_run="false").json()
    assert told["state"] == "checked" and told["error_count"] == 1
    assert [(error["line"], error["column"]) for error in told["errors"]] == [(2, "kind")]
    assert client.post(f"{BASE}{told['id']}/confirm/").status_code == 400
    assert ImportRun.objects.get().state == "checked"


@pytest.mark.django_db(transaction=True)
def test_confirm_store_and_look(city):
    client = api(city.user("administrator"))
    number = bring(client).json()["id"]
    assert client.post(f"{BASE}{number}/confirm/").json()["state"] == "running"
    assert client.post(f"{BASE}{number}/confirm/").status_code == 409
    carry_out(number)
    told = client.get(f"{BASE}{number}/").json()
    assert (told["state"], told["percent"], told["rows"]) == ("done", 100, [])
    assert OrgUnit.objects.filter(code="u1").exists()
    assert [row["id"] for row in client.get(BASE).json()["results"]] == [number]


def test_without_a_dry_run_a_good_file_is_queued_at_once(city):
    assert bring(api(city.user("administrator")), dry_run="false").json()["state"] == "running"


def test_the_same_key_brings_the_file_once(city):
    client = api(city.user("administrator"))
    client.credentials(HTTP_IDEMPOTENCY_KEY="k1")
    assert bring(client).json()["id"] == bring(client).json()["id"]
    assert ImportRun.objects.count() == 1


@pytest.mark.parametrize("role", ["operations_centre", "registrar", "dispatcher", "handler", "supervisor",
                                  "grid_worker", "community_staff", "resident"])  # fmt: skip
def test_others_may_not_and_see_nothing(city, role):
    number = bring(api(city.user("administrator"))).json()["id"]
    client = api(city.user(role))
    before = Event.objects.count()
    assert bring(client).status_code == 403
    for name in ("", "confirm/", "cancel/"):
        method = client.post if name else client.get
        assert method(f"{BASE}{number}/{name}").status_code in ((403, 404) if role == "resident" else (404,)), name
    listed = client.get(BASE)
    assert listed.status_code == 403 if role == "resident" else listed.json()["results"] == []
    assert Event.objects.count() == before and ImportRun.objects.get().state == "checked"


def test_what_is_wrong_is_a_validation_error_with_its_field(city):
    client = api(city.user("administrator"))
    missing = bring(client, importer="cases.catalogue")
    assert missing.status_code == 400 and missing.json()["errors"][0]["attr"] == "scheme"
    assert bring(client, [["x"], ["1"]]).json()["errors"][0]["attr"] == "file"
    assert bring(client, importer="no.such").status_code == 404
    assert client.post(BASE, {"importer": "governance.orgunit"}).status_code in (400, 415)
    assert not ImportRun.objects.exists()


def test_cancel(city):
    client = api(city.user("administrator"))
    number = bring(client).json()["id"]
    assert client.post(f"{BASE}{number}/cancel/").json()["state"] == "cancelled"
    assert client.post(f"{BASE}{number}/cancel/").status_code == 409


def test_the_list_needs_the_same_statements_for_any_number_of_runs(city, django_assert_max_num_queries):
    client = api(city.user("administrator"))
    for _ in range(4):
        bring(client)
    with django_assert_max_num_queries(3):
        assert len(client.get(BASE).json()["results"]) == 4
