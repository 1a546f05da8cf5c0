"""Every transition × every role through the API, checked against a table written by hand."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections, transaction

from cases.models import Case
from cases.tests.api import SOON, client_of, in_state, press, url_of
from governance.models import Event
from governance.testing import snapshot
from governance.workflow import steps_of

CENTRE = {"operations_centre"}
ON_SITE = {"grid_worker", "community_staff"}
IN_CITY = {
    "administrator", "operations_centre", "registrar", "dispatcher", "grid_worker", "community_staff",
}  # fmt: skip
PARTS = {"handler", "supervisor"}

# Stands for the number of another case in the same grid.
OTHER = "other"

# transition: (state it starts from, what is sent, state it ends in, who may); from domain/cases.md, not from the code.
TABLE = {
    "verify": ("reported", {}, "verified", ON_SITE),
    "accept": ("verified", {"category": "0101"}, "accepted", CENTRE | {"registrar"}),
    "reject": ("reported", {"reason": "不属实"}, "rejected", CENTRE | {"registrar"}),
    "correct": ("accepted", {"reason": "门牌", "address": "新街1号"}, "accepted", CENTRE | {"registrar", "dispatcher"}),
    "dispatch": (
        "accepted",
        {"lead_unit": "water", "limit_amount": 1, "limit_unit": "work_day", "reason": "管线"},
        "dispatched",
        CENTRE | {"dispatcher"},
    ),
    "recall": ("dispatched", {"reason": "派错"}, "accepted", CENTRE | {"dispatcher"}),
    "start": ("dispatched", {}, "handling", {"handler"}),
    "return": ("handling", {"reason": "不归我们管"}, "returned", {"handler"}),
    "submit": ("handling", {"result": "已扶正"}, "submitted", {"handler"}),
    "inspect": ("submitted", {}, "inspected", CENTRE | ON_SITE | {"supervisor"}),
    "rework": ("submitted", {"reason": "没修好"}, "reworked", CENTRE | ON_SITE | {"supervisor"}),
    "close": ("inspected", {}, "closed", CENTRE | {"registrar", "dispatcher"}),
    "reopen": ("closed", {"reason": "又坏了"}, "reopened", CENTRE | {"registrar", "community_staff", "resident"}),
    "cancel": ("reported", {"reason": "重复"}, "cancelled", CENTRE | {"registrar", "resident"}),
    "urge": ("handling", {"reason": "快一点"}, "handling", CENTRE | {"supervisor"}),
    "note": ("handling", {"reason": "已到现场"}, "handling", IN_CITY | PARTS),
    "sign": ("dispatched", {}, "dispatched", {"handler"}),
    "assign_task": (
        "submitted", {"worker": "grid_worker"}, "submitted", CENTRE | {"registrar", "dispatcher", "community_staff"},
    ),
    "contact": ("handling", {}, "handling", IN_CITY - {"administrator"} | {"handler"}),
    "finish_part": ("handling", {}, "handling", set()),  # the assisting unit's: test_handling.py
    "hand_over": ("handling", {"lead_unit": "water", "reason": "管线"}, "handling", CENTRE | {"dispatcher"}),
    "dispose": ("reported", {"category": "0101", "result": "当场扶正"}, "closed", ON_SITE),
    "ask_extension": (
        "handling", {"amount": 1, "counted_in": "work_day", "reason": "下雨"}, "handling", {"handler"},
    ),
    "extend": ("extension_asked", {}, "handling", CENTRE | {"dispatcher"}),
    "ask_suspension": ("handling", {"until": SOON, "reason": "等材料"}, "handling", {"handler"}),
    "suspend": ("suspension_asked", {}, "suspended", CENTRE | {"dispatcher"}),
    "refuse_request": ("extension_asked", {"reason": "来得及"}, "handling", CENTRE | {"dispatcher"}),
    "resume": ("suspended", {}, "handling", CENTRE | {"dispatcher", "handler"}),
    "refer": ("returned", {"reason": "互相推"}, "arbitration", CENTRE | {"registrar", "dispatcher"}),
    "arbitrate": (
        "arbitration",
        {"lead_unit": "water", "limit_amount": 1, "limit_unit": "work_day", "reason": "管线归水务"},
        "dispatched",
        CENTRE,
    ),
    "appeal": ("handling", {"ground": "overdue", "reason": "断电"}, "handling", {"handler"}),
    "review_appeal": ("appealed", {"upholds": "no", "reason": "能做到"}, "handling", CENTRE),
    "merge": ("reported", {"into": OTHER}, "merged", CENTRE | {"registrar", "dispatcher"}),
    "attach": ("handling", {"parent": OTHER}, "handling", CENTRE | {"registrar", "dispatcher"}),
}  # fmt: skip
ROLES = sorted(IN_CITY | PARTS | {"resident"})


def prepared(city, name: str) -> tuple[Case, dict]:
    """Return a case in the state the transition starts from, and what is sent."""
    state, data, *_rest = TABLE[name]
    other = city.report().number if OTHER in data.values() else ""
    return in_state(city, state), {key: other if value == OTHER else value for key, value in data.items()}


def sees(role: str, case: Case) -> bool:
    """By hand: units take part from dispatch to return or recall; everybody else of the table always sees the case."""
    return role not in PARTS or case.state not in (
        "reported", "verified", "accepted", "returned", "arbitration", "merged",
    )  # fmt: skip


def test_the_table_names_every_transition_people_may_do():
    assert set(TABLE) == {name for name, step in steps_of(Case).items() if not step.quiet}


@pytest.mark.parametrize("name", TABLE)
def test_each_transition_is_open_to_its_roles_and_to_no_others(city, name):
    # given a case in the state the transition starts from
    _state, _data, target, allowed = TABLE[name]
    case, data = prepared(city, name)
    before = snapshot(case)
    for role in ROLES:
        if role in allowed:
            # when somebody who may presses the button, then the case is where the table says, with one event more
            with transaction.atomic():
                response = press(city.user(role), case, name, data)
                assert response.status_code == 200, (role, response.json())
                assert response.json()["state"] == target, role
                after = snapshot(case)
                assert after["version"] > before["version"] and after["_events"] > before["_events"], role
                transaction.set_rollback(True)
        else:
            # when somebody who may not presses it, then it is refused and nothing has changed
            response = press(city.user(role), case, name, data)
            assert response.status_code == (403 if sees(role, case) else 404), (role, response.json())
            assert response.json()["type"] == "client_error"
            assert snapshot(case) == before, role


@pytest.mark.parametrize("name", TABLE)
def test_nobody_outside_the_area_or_unit_sees_or_touches_the_case(city, name):
    case, data = prepared(city, name)
    before = snapshot(case)
    for role in ROLES:
        outsider = city.outsider(role)
        # when a person with the same role elsewhere tries
        response = press(outsider, case, name, data)
        # then the case does not exist for them
        assert response.status_code == 404, role
        assert client_of(outsider).get(url_of(case)).status_code in (403, 404), role
        assert client_of(outsider).get(url_of(case, "timeline/")).status_code in (403, 404), role
        assert snapshot(case) == before, role
    # when nobody is signed in
    response = press(None, case, name, data)
    # then they are asked to sign in
    assert response.status_code == 401
    assert response.json()["errors"][0]["code"] == "not_authenticated"
    assert snapshot(case) == before


@pytest.mark.parametrize("state", sorted({row[0] for row in TABLE.values()}))
def test_transitions_of_the_case_are_those_the_table_allows(city, state):
    case = in_state(city, state)
    for role in ROLES:
        response = client_of(city.user(role)).get(url_of(case))
        if role == "resident" or not sees(role, case):
            assert response.status_code in (403, 404)
            continue
        may = {name for name, (start, *_rest, allowed) in TABLE.items() if start == state and role in allowed}
        assert may <= set(response.json()["transitions"]), state
        assert all(role in TABLE[name][3] for name in response.json()["transitions"]), state


def test_a_transition_that_does_not_exist_is_404(city):
    case = in_state(city, "reported")
    response = press(city.user("registrar"), case, "explode")
    assert (response.status_code, response.json()["errors"][0]["code"]) == (404, "unknown_transition")


def test_a_process_s_own_transition_is_refused(city):
    case = in_state(city, "accepted")
    before = snapshot(case)
    quiet = next(name for name, step in steps_of(Case).items() if step.quiet)
    assert press(city.user("operations_centre"), case, quiet).status_code == 403
    assert snapshot(case) == before


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if "reason" in row[1] and name != "dispatch"])
def test_a_missing_reason_is_named(city, name):
    state, data, _target, allowed = TABLE[name]
    case = in_state(city, state)
    before = snapshot(case)
    role = sorted(allowed - {"resident"})[0]
    for reason in ({}, {"reason": "  "}):
        response = press(city.user(role), case, name, {key: data[key] for key in data if key != "reason"} | reason)
        assert response.status_code == 400
        error = response.json()
        assert error["type"] == "validation_error"
        assert [(found["attr"], found["code"]) for found in error["errors"]] == [("reason", "required")]
    assert snapshot(case) == before


def test_a_stale_version_or_the_wrong_state_is_a_conflict(city):
    # given a case that somebody has changed since the caller read it
    case = in_state(city, "submitted")
    before = snapshot(case)
    # when the old version is sent, then it is a conflict
    response = press(city.user("grid_worker"), case, "inspect", {"version": case.version - 1})
    assert (response.status_code, response.json()["errors"][0]["attr"]) == (409, "version")
    # and so is a button of another state, whatever else is missing
    response = press(city.user("handler"), case, "submit", {})
    assert (response.status_code, response.json()["type"]) == (409, "client_error")
    assert snapshot(case) == before
    # when the right version is sent, then it goes through
    assert press(city.user("grid_worker"), case, "inspect", {"version": case.version}).status_code == 200


ONE_DAY = {"limit_amount": 1, "limit_unit": "work_day"}
BAD_BODIES = [
    ("submit", "handling", "handler", {"result": 5}, "result"),
    ("submit", "handling", "handler", {"result": {"a": 1}}, "result"),
    ("submit", "handling", "handler", {"result": "x", "version": "abc"}, "version"),
    ("submit", "handling", "handler", {"result": "x", "version": True}, "version"),
    ("submit", "handling", "handler", {"result": "x", "photos": ["a.jpg"]}, "photos"),
    ("submit", "handling", "handler", {"result": "字" * 2001}, "result"),
    ("submit", "handling", "handler", {"result": "nul \x00"}, "result"),
    ("submit", "handling", "handler", ["result"], "non_field_errors"),
    ("submit", "handling", "handler", {"result": "x", "remark": "门锁着"}, "remark"),
    ("submit", "handling", "handler", {"result": "x", "remark": None}, "remark"),
    ("dispatch", "accepted", "dispatcher", ONE_DAY | {"lead_unit": "nobody"}, "lead_unit"),
    ("dispatch", "accepted", "dispatcher", ONE_DAY | {"lead_unit": "inactive"}, "lead_unit"),
    ("dispatch", "accepted", "dispatcher", ONE_DAY | {"lead_unit": ["water"]}, "lead_unit"),
    ("dispatch", "accepted", "dispatcher", ONE_DAY | {"lead_unit": "water", "assisting_units": 1}, "assisting_units"),
    ("dispatch", "accepted", "dispatcher", ONE_DAY | {"lead_unit": "water", "limit_amount": -1}, "limit_amount"),
    ("dispatch", "accepted", "dispatcher", ONE_DAY | {"lead_unit": "water", "limit_unit": "moon"}, "limit_unit"),
    ("dispatch", "accepted", "dispatcher", {"lead_unit": "water"}, "limit_amount"),
    ("accept", "reported", "registrar", {}, "standard"),
    ("accept", "reported", "registrar", {"category": "9999"}, "category"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "state", "role", "body", "attr"), BAD_BODIES)
def test_wrong_input_is_named_and_changes_nothing(city, name, state, role, body, attr):
    case = in_state(city, state)
    before = snapshot(case)
    response = press(city.user(role), case, name, body)
    assert response.status_code == 400, response.json()
    assert response.json()["type"] == "validation_error"
    assert attr in [error["attr"] for error in response.json()["errors"]]
    assert snapshot(case) == before


def test_the_handler_who_returns_a_case_gets_its_answer_though_it_is_gone_from_their_list(city):
    case = in_state(city, "dispatched")
    response = press(city.user("handler"), case, "return", {"reason": "不归我们管"})
    assert (response.status_code, response.json()["state"], response.json()["lead_unit"]) == (200, "returned", None)
    assert response.json()["transitions"] == []
    assert client_of(city.user("handler")).get(url_of(case)).status_code == 404


def test_two_people_pressing_the_same_button_at_once(transactional_db, city):
    # given a submitted case and two people who may pass the inspection
    case = in_state(city, "submitted")
    events = Event.objects.filter(subject_type="cases.case", subject_id=case.pk, name="case.inspected")
    barrier = threading.Barrier(2, timeout=20)

    def race(role):
        try:
            client = client_of(city.user(role))
            barrier.wait()
            return client.post(url_of(case, "transitions/inspect/"), {}, format="json")
        finally:
            connections.close_all()

    # when both press at once
    with ThreadPoolExecutor(2) as pool:
        responses = list(pool.map(race, ["grid_worker", "operations_centre"]))
    # then one wins, the other gets a clear conflict, and there is one event
    assert sorted(response.status_code for response in responses) == [200, 409]
    loser = next(response for response in responses if response.status_code == 409)
    assert loser.json()["errors"][0]["code"] == "conflict"
    assert events.count() == 1
