"""The first page: what each role must do now."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.models import Case
from cases.tests.api import in_state

# Which lists each role has, written by hand from domain/cases.md.
LISTS = {
    "administrator": {"case-open", "case-overdue"},
    "operations_centre": {
        "case-open", "case-overdue", "case-dispatch", "case-accept", "case-inspect", "case-close",
        "case-arbitrate", "case-refuse_request", "case-review_appeal",
    },
    "registrar": {"case-accept", "case-close"},
    "dispatcher": {"case-dispatch", "case-close", "case-refuse_request"},
    "handler": {"case-sign", "case-start", "case-submit"},
    "supervisor": {"case-supervised", "case-inspect"},
    "grid_worker": {"case-verify", "case-inspect"},
    "community_staff": {"case-verify", "case-inspect"},
}  # fmt: skip


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def lists_of(user) -> dict:
    response = client_of(user).get("/admin/")
    assert response.status_code == 200
    return {found.key: found for found in response.context["work_figures"] if found.key.startswith("case-")}


@pytest.mark.parametrize("role", LISTS)
def test_each_role_has_its_lists(city, role):
    assert set(lists_of(city.user(role))) == LISTS[role]


def shown(user, key) -> list[str]:
    return [row.title for row in lists_of(user)[key].rows]


def test_a_case_is_listed_for_whoever_must_do_the_next_step(city):
    reported, waiting, led = in_state(city, "reported"), in_state(city, "accepted"), in_state(city, "dispatched")
    handled, submitted, inspected = (in_state(city, state) for state in ("handling", "submitted", "inspected"))
    assert shown(city.user("grid_worker"), "case-verify") == [reported.number]
    assert shown(city.user("registrar"), "case-accept") == [reported.number]
    assert shown(city.user("dispatcher"), "case-dispatch") == [waiting.number]
    assert shown(city.user("handler"), "case-start") == [led.number]
    assert shown(city.user("handler"), "case-submit") == [handled.number]
    assert shown(city.user("grid_worker"), "case-inspect") == [submitted.number]
    assert shown(city.user("supervisor"), "case-inspect") == [submitted.number]
    assert shown(city.user("registrar"), "case-close") == [inspected.number]
    # and for nobody elsewhere
    for role in LISTS:
        assert all(found.count == 0 for found in lists_of(city.outsider(role)).values()), role


def test_the_review_queue_says_why_the_hub_did_not_dispatch(city):
    in_state(city, "accepted")
    row = lists_of(city.user("dispatcher"))["case-dispatch"].rows[0]
    assert row.warning
    assert row.warning in client_of(city.user("dispatcher")).get("/admin/").content.decode()


def test_the_supervisor_sees_what_is_late_and_the_most_pressing_comes_first(city):
    late, later, calm = in_state(city, "handling"), in_state(city, "handling"), in_state(city, "handling")
    Case.objects.filter(pk=late.pk).update(due_at=timezone.now() - timedelta(hours=1))
    Case.objects.filter(pk=later.pk).update(due_at=timezone.now() - timedelta(hours=3))
    Case.objects.filter(pk=calm.pk).update(due_at=timezone.now() + timedelta(hours=3))
    assert shown(city.user("supervisor"), "case-supervised") == [later.number, late.number]
    assert shown(city.user("handler"), "case-submit") == [later.number, late.number, calm.number]


def test_lists_are_bounded_and_the_page_needs_the_same_statements_for_any_number_of_cases(city):
    def ask():
        with CaptureQueriesContext(connection) as caught:
            client.get("/admin/")
        return len(caught)

    # given eleven reports: more than one list shows
    for _ in range(11):
        city.report()
    client = client_of(city.user("operations_centre"))
    client.get("/admin/")
    few = ask()
    # when there are more
    for _ in range(6):
        city.report()
    # then the list still shows ten, counts all, links to the rest, and asks no more
    assert ask() == few
    found = lists_of(city.user("operations_centre"))["case-accept"]
    assert (len(found.rows), found.count) == (10, 17)
    assert "state=reported" in found.url and client.get(found.url).status_code == 200
