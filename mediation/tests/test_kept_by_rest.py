"""Types of disputes, watches of early warning and sources of signals are kept by REST as in the administration."""

import json

import pytest

from cases.tests.api import client_of
from governance.models import Event
from mediation.models import DisputeType, SignalSource, WarningWatch

pytestmark = pytest.mark.django_db
BASE = "/api/v1/mediation/"
# Whoever is no administrator keeps none of them; some of these read them.
DENIED = ["village_mediator", "township_mediator", "county_centre", "operations_centre", "grid_worker",
          "judges_clerk", "counsellor", "joint_department", "respected_helper", "neighbour", "dispatcher"]  # fmt: skip
DOORS = {
    "types": (DisputeType, {"code": "beekeeping", "name": "养蜂纠纷", "order": 90, "title_to_property": True}),
    "warning-watches": (
        WarningWatch, {"code": "linjiang-2", "name": "临江预警", "yellow_days": 120, "orange_days": 400}
    ),
    "signal-sources": (SignalSource, {"code": "hotline-2", "name": "热线二", "channel": "hotline",
                                      "mapping": {"fields": {"text": {"path": "留言"}}}}),
}  # fmt: skip
TOLD = {"types": {"name": "蜂群纠纷", "is_active": False}, "warning-watches": {"yellow_days": 150},
        "signal-sources": {"mapping": {"fields": {"text": {"path": "诉求"}}}, "is_active": False}}  # fmt: skip


def given(county, door: str, area: str = "district") -> dict:
    body = dict(DOORS[door][1])
    return body if door == "types" else body | {"area": county.area(area).code}


def stored(county, door: str, area: str = "district"):
    model, body = DOORS[door]
    return model.objects.create(**body, **({} if door == "types" else {"area": county.area(area)}))


@pytest.mark.parametrize("door", DOORS)
def test_an_administrator_enters_and_changes_it(county, door):
    client, model, body = client_of(county.user("administrator")), DOORS[door][0], given(county, door)
    # when it is entered
    made = client.post(f"{BASE}{door}/", body, "json")
    assert made.status_code == 201, made.content
    assert {name: made.json()[name] for name in body} == body
    row = model.objects.get(code=body["code"])
    # then it is recorded as in the administration, and what is changed by code is changed alone
    assert Event.objects.filter(name="config.changed", subject_id=row.pk, subject_type=model._meta.label_lower).exists()
    changed = client.patch(f"{BASE}{door}/{row.code}/", TOLD[door] | {"code": "other"}, "json")
    assert changed.status_code == 200, changed.content
    now = body | TOLD[door]
    assert {name: changed.json()[name] for name in now} == now
    assert client.get(f"{BASE}{door}/{row.code}/").json()["name"] == changed.json()["name"]
    assert client.put(f"{BASE}{door}/{row.code}/", body, "json").status_code == 405
    assert client.delete(f"{BASE}{door}/{row.code}/").status_code == 405


@pytest.mark.parametrize("door", DOORS)
def test_others_are_refused_and_nothing_changes(county, door):
    row, model = stored(county, door), DOORS[door][0]
    before, rows = model.objects.filter(pk=row.pk).values().get(), model.objects.count()
    for role in DENIED:
        client = client_of(county.user(role))
        made = client.post(f"{BASE}{door}/", given(county, door) | {"code": "another"}, "json")
        changed = client.patch(f"{BASE}{door}/{row.code}/", TOLD[door], "json")
        assert (made.status_code, changed.status_code) == (403, 403), role
    assert client_of().post(f"{BASE}{door}/", given(county, door), "json").status_code in (401, 403)
    assert model.objects.count() == rows and model.objects.filter(pk=row.pk).values().get() == before
    assert not Event.objects.filter(name="config.changed", subject_type=model._meta.label_lower).exists()


@pytest.mark.parametrize("door", ["warning-watches", "signal-sources"])
def test_an_administrator_keeps_those_of_the_own_area_only(county, door):
    # given an administrator of one county, and a row of the other
    row, model = stored(county, door, "other_district"), DOORS[door][0]
    person = county.user("administrator")
    person.appointments.update(area=county.area("district"))
    client = client_of(person)
    # then the other county's is not found, and neither made there nor moved there
    assert client.patch(f"{BASE}{door}/{row.code}/", TOLD[door], "json").status_code == 404
    body = given(county, door) | {"code": "mine"}
    elsewhere = body | {"area": county.area("other_district").code}
    assert client.post(f"{BASE}{door}/", elsewhere, "json").status_code == 403
    assert client.post(f"{BASE}{door}/", body, "json").status_code == 201
    assert client.patch(f"{BASE}{door}/mine/", {"area": elsewhere["area"]}, "json").status_code == 403
    assert model.objects.get(code="mine").area == county.area("district")


def test_types_are_the_whole_citys(county):
    person = county.user("administrator")
    person.appointments.update(area=county.area("district"))
    client = client_of(person)
    assert client.post(f"{BASE}types/", given(county, "types"), "json").status_code == 403
    assert client.patch(f"{BASE}types/neighbours/", {"name": "x"}, "json").status_code == 403
    assert not DisputeType.objects.filter(name="x").exists()


@pytest.mark.parametrize(("door", "wrong"), [
    ("types", {"code": "neighbours"}), ("types", {"code": "a b"}), ("types", {"name": ""}), ("types", {"order": -1}),
    ("types", {"name": "坏\0字"}), ("warning-watches", {"yellow_days": 500}), ("warning-watches", {"area": "999999"}),
    ("warning-watches", {"area": ""}), ("warning-watches", {"orange_days": 10**9}),
    ("signal-sources", {"channel": "tv"}), ("signal-sources", {"mapping": {"fields": {"colour": {"path": "x"}}}}),
    ("signal-sources", {"mapping": []}),
    ("signal-sources", {"mapping": {"fields": {"text": {"path": "\ud800"}}}}), ("signal-sources", {"code": "A"}),
])  # fmt: skip
def test_what_is_wrong_is_named_and_nothing_is_stored(county, door, wrong):
    model, client = DOORS[door][0], client_of(county.user("administrator"))
    rows = model.objects.count()
    body = json.dumps(given(county, door) | wrong)  # escaped: half a character is none that a client could encode
    answer = client.post(f"{BASE}{door}/", body, content_type="application/json")
    assert answer.status_code == 400, answer.content
    assert model.objects.count() == rows


def test_a_type_out_of_use_is_not_listed(county):
    client = client_of(county.user("administrator"))
    assert client.patch(f"{BASE}types/neighbours/", {"is_active": False}, "json").status_code == 200
    assert "neighbours" not in {row["code"] for row in client.get(f"{BASE}types/").json()["results"]}
    assert client.patch(f"{BASE}types/neighbours/", {"is_active": True}, "json").status_code == 200
    assert "neighbours" in {row["code"] for row in client.get(f"{BASE}types/").json()["results"]}
