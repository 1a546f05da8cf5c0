"""Reporting, listing and reading cases through the API."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from cases.models import Case
from cases.tests.api import CASES, client_of, in_state, url_of
from governance.coordinates import from_wgs84
from governance.models import Attachment, Event

KEYS = {
    "number", "state", "source", "category", "area", "lead_unit", "assisting_units", "supervising_unit", "due_at",
    "overdue", "origin", "transitions", "version", "description", "address", "longitude", "latitude", "reported_at",
    "promised_at", "review_reason", "state_label",
}  # fmt: skip


def photo(name="a.jpg") -> SimpleUploadedFile:
    content = BytesIO()
    Image.new("RGB", (8, 8), "red").save(content, "JPEG")
    return SimpleUploadedFile(name, content.getvalue(), "image/jpeg")


def body(city, **given) -> dict:
    """A hotline call about a place in the grid."""
    return {
        "source": "hotline",
        "description": "路灯不亮",
        "longitude": city.point[0],
        "latitude": city.point[1],
    } | given


def numbers(response) -> set[str]:
    assert response.status_code == 200, response.json()
    return {row["number"] for row in response.json()["results"]}


def test_a_registrar_reports_a_case_with_its_standard(city):
    # when a registrar reports with category, condition, reporter and an address
    given = {"category": "0101", "condition_code": "tilted", "address": "新街"}
    reporter = {"reporter_name": "李四", "reporter_phone": "13900001111"}
    response = client_of(city.user("registrar")).post(CASES, body(city, **given, **reporter))
    # then the case is there, in the grid that holds the place
    assert response.status_code == 201, response.json()
    made = response.json()
    assert made.keys() >= KEYS
    assert (made["state"], made["category"], made["category_name"]) == ("reported", "0101", "井盖")
    assert (made["condition_code"], made["area"], made["address"]) == ("tilted", city.grid.code, "新街")
    assert set(made["transitions"]) == {
        "accept", "reject", "correct", "cancel", "note", "contact", "assign_task", "merge", "attach",
    }  # fmt: skip
    case = Case.objects.get(number=made["number"])
    assert case.standard == city.standard
    assert case.reporters.get().phone == "13900001111"
    event = Event.objects.get(subject_type="cases.case", subject_id=case.pk)
    assert (event.name, event.role, event.actor) == ("case.reported", "registrar", city.user("registrar"))
    assert "13900001111" not in str(event.payload)


def test_photos_come_as_multipart(city):
    response = client_of(city.user("grid_worker")).post(
        CASES, body(city, source="patrol", photos=[photo(), photo()]), format="multipart"
    )
    assert response.status_code == 201, response.json()
    assert Attachment.objects.count() == 2
    detail = client_of(city.user("grid_worker")).get(f"{CASES}{response.json()['number']}/").json()
    assert [found["purpose"] for found in detail["photos"]] == ["report", "report"]


@pytest.mark.parametrize("system", ["wgs84", "cgcs2000", "gcj02", "bd09"])
def test_coordinates_are_stored_in_wgs84(city, system):
    longitude, latitude = from_wgs84(*city.point, system)
    response = client_of(city.user("registrar")).post(
        CASES, body(city, longitude=longitude, latitude=latitude, coordinate_system=system)
    )
    case = Case.objects.get(number=response.json()["number"])
    assert (case.longitude, case.latitude) == pytest.approx(city.point, abs=1e-6)


# role: sources that a person of that role may state (cases.md, "Sources"); everybody is a resident too
SOURCES = {
    "operations_centre": {"resident", "hotline", "grid_worker", "patrol", "department", "video", "steward", "assembly"},
    "registrar": {"resident", "hotline", "grid_worker", "patrol", "department", "video", "steward", "assembly"},
    "dispatcher": {"resident", "hotline", "grid_worker", "patrol", "department", "video", "steward", "assembly"},
    "community_staff": {"resident", "grid_worker", "patrol", "steward", "assembly"},
    "grid_worker": {"grid_worker", "patrol", "resident"},
    "handler": {"department", "resident"},
    "supervisor": set(),
    "administrator": set(),
}


@pytest.mark.parametrize("role", SOURCES)
def test_who_may_report_from_which_source(city, role):
    client = client_of(city.user(role))
    for source in (
        "resident",
        "hotline",
        "grid_worker",
        "patrol",
        "department",
        "video",
        "steward",
        "assembly",
        "sensor",
    ):
        before = Case.objects.count()
        response = client.post(CASES, body(city, source=source))
        if source in SOURCES[role]:
            assert response.status_code == 201, (source, response.json())
        else:
            assert response.status_code == (400 if SOURCES[role] else 403), (source, response.json())
            assert Case.objects.count() == before


def test_nobody_reports_outside_their_area(city):
    for role, source in [("grid_worker", "patrol"), ("grid_worker", "resident"), ("registrar", "resident"),
                         ("community_staff", "patrol"), ("handler", "department")]:  # fmt: skip
        response = client_of(city.outsider(role)).post(CASES, body(city, source=source))
        assert response.status_code in (400, 403), (role, source)
    assert client_of(city.user("resident")).post(CASES, body(city)).status_code == 403
    assert client_of().post(CASES, body(city)).status_code == 401
    assert not Case.objects.exists() and not Event.objects.exists()


BAD = [
    ({"description": ""}, "description"),
    ({"description": 5e400}, None),
    ({"description": {"a": 1}}, "description"),
    ({"description": "x" * 4001}, "description"),
    ({"description": "a\x00b"}, "description"),
    ({"source": "moon"}, "source"),
    ({"source": "sensor"}, "source"),
    ({"category": "9999"}, "category"),
    ({"category": 1}, "category"),
    ({"condition_code": "tilted"}, "category"),
    ({"category": "0101", "condition_code": "melted"}, "condition_code"),
    ({"area": "nowhere"}, "area"),
    ({"area": "990102002001001"}, "longitude"),
    ({"longitude": 100.0, "latitude": 20.0}, "longitude"),
    ({"longitude": 200.0}, "longitude"),
    ({"latitude": "north"}, "latitude"),
    ({"longitude": True}, "longitude"),
    ({"longitude": "nan"}, "longitude"),
    ({"latitude": None}, "latitude"),
    ({"coordinate_system": "mars"}, "coordinate_system"),
    ({"address": "x" * 201}, "address"),
    ({"reporter_phone": "12345"}, "reporter_phone"),
    ({"photos": ["a.jpg"]}, "photos.0"),
    ({"photos": "a.jpg"}, "photos"),
]


@pytest.mark.parametrize(("given", "attr"), BAD)
def test_wrong_input_is_named_and_nothing_is_stored(city, given, attr):
    content = body(city, **given)
    if attr is None:  # Infinity is no JSON: the client of the tests would write it all the same
        text = '{"source": "hotline", "description": "x", "longitude": Infinity}'
        response = client_of(city.user("registrar")).post(CASES, text, content_type="application/json")
        assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "parse_error")
        return
    response = client_of(city.user("registrar")).post(CASES, content)
    assert response.status_code == 400, response.json()
    assert response.json()["type"] == "validation_error"
    assert attr in [error["attr"] for error in response.json()["errors"]]
    assert not Case.objects.exists() and not Event.objects.exists()


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"<script>alert(1)</script>", "not_allowed_type"), (b"", "empty"), (b"\xff\xd8\xff\xe0 broken", "damaged")],
)
def test_what_is_no_photo_is_refused_whatever_it_is_called(city, content, code):
    fake = SimpleUploadedFile("a.jpg", content, "image/jpeg")
    response = client_of(city.user("registrar")).post(CASES, body(city, photos=[photo(), fake]), format="multipart")
    assert response.status_code == 400
    assert [(error["attr"], error["code"]) for error in response.json()["errors"]] == [("photos", code)]
    assert not Case.objects.exists() and not Attachment.objects.exists()


def test_too_many_photos_are_refused(city):
    photos = [photo() for _ in range(10)]
    response = client_of(city.user("registrar")).post(CASES, body(city, photos=photos), format="multipart")
    assert (response.status_code, response.json()["errors"][0]["attr"]) == (400, "photos")


def test_the_list_shows_each_person_their_own_cases_newest_first(city):
    # given a case of the grid with municipal, and one in the other grid nobody has taken up
    ours = in_state(city, "dispatched")
    theirs = city.report(longitude=city.other_point[0], latitude=city.other_point[1])
    # then everybody sees those of their area and unit
    assert numbers(client_of(city.user("registrar")).get(CASES)) == {ours.number, theirs.number}
    for role in ("grid_worker", "community_staff", "handler", "supervisor"):
        assert numbers(client_of(city.user(role)).get(CASES)) == {ours.number}, role
    for role in ("grid_worker", "community_staff", "registrar"):
        assert numbers(client_of(city.outsider(role)).get(CASES)) == {theirs.number}, role
    assert numbers(client_of(city.outsider("handler")).get(CASES)) == set()
    assert client_of().get(CASES).status_code == 401
    rows = client_of(city.user("registrar")).get(CASES).json()["results"]
    assert [row["number"] for row in rows] == [theirs.number, ours.number]
    assert all(row.keys() >= KEYS for row in rows)


def test_a_row_names_units_area_and_origin(city):
    case = city.open(origin={"device": "MC-001", "alarm": 12})
    row = client_of(city.user("dispatcher")).get(CASES).json()["results"][0]
    assert (row["lead_unit"], row["assisting_units"], row["supervising_unit"]) == ("municipal", ["water"], "urban")
    assert (row["lead_unit_name"], row["supervising_unit_name"]) == ("municipal单位", "urban单位")
    assert (row["origin"]["device"], row["source"], row["area"]) == ("MC-001", "sensor", city.grid.code)
    assert row["due_at"] == row["promised_at"] and row["overdue"] is False
    detail = client_of(city.user("dispatcher")).get(url_of(case)).json()
    assert {key: detail[key] for key in row} == row
    assert "井盖倾斜" in detail["dispatches"][0]["reason"]


def test_filters(city):
    dispatched, returned = in_state(city, "dispatched"), in_state(city, "returned")
    plain = city.report(longitude=city.other_point[0], latitude=city.other_point[1], description="路灯不亮")
    late = city.report(description="很久以前", occurred_at=timezone.now() - timedelta(days=30))
    every = {case.number for case in (dispatched, returned, plain, late)}
    month = (timezone.now() - timedelta(days=10)).isoformat()
    expected = {
        "": every,
        "state=dispatched": {dispatched.number},
        "state=dispatched&state=returned": {dispatched.number, returned.number},
        "category=0101": {dispatched.number, returned.number},
        "category=01": {dispatched.number, returned.number},
        f"area={city.city.code}": every,
        f"area={city.street.code}": every - {plain.number},
        f"area={city.other_grid.code}": {plain.number},
        "unit=urban": {dispatched.number},
        "unit=water": {dispatched.number},
        "lead_unit=municipal": {dispatched.number},
        "lead_unit=urban": set(),
        "source=resident": every,
        "source=sensor": set(),
        "overdue=true": {late.number},
        "overdue=false": every - {late.number},
        "review=true": {returned.number},
        "review=0": every - {returned.number},
        f"reported_before={month}": {late.number},
        f"reported_after={month}": every - {late.number},
        "reported_after=2020-01-01": every,
        f"due_before={month}": {late.number},
        "text=路灯": {plain.number},
        f"text={late.number[1:].lower()}": {late.number},
        f"area={city.street.code}&unit=urban&category=01&lead_unit=municipal&state=dispatched": {dispatched.number},
    }
    client = client_of(city.user("registrar"))
    for query, found in expected.items():
        assert numbers(client.get(f"{CASES}?{query.replace('+', '%2B')}")) == found, query


@pytest.mark.parametrize(
    "query",
    ["state=moon", "source=moon", "category=9", "area=nowhere", "unit=nobody", "lead_unit=nobody", "overdue=maybe",
     "review=2", "reported_after=yesterday", "reported_before=x", "due_before=2026-13-01", "text=%00", "page_size=0",
     "page_size=201", "page_size=many", "cursor=%21%21", "cursor=cD1hYmM=", "cursor=bz1hYmM="],
)  # fmt: skip
def test_a_filter_value_that_cannot_be_meant_is_named(city, query):
    response = client_of(city.user("registrar")).get(f"{CASES}?{query}")
    assert response.status_code == 400, response.json()
    assert response.json()["type"] == "validation_error"
    assert [error["attr"] for error in response.json()["errors"]] == [query.partition("=")[0]]


def test_pages_follow_each_other_without_gaps_while_cases_are_added(city):
    made = [city.report().number for _ in range(5)]
    client = client_of(city.user("registrar"))
    first = client.get(f"{CASES}?page_size=2").json()
    city.report()
    second = client.get(first["next"]).json()
    third = client.get(second["next"]).json()
    read = [row["number"] for page in (first, second, third) for row in page["results"]]
    assert read == made[::-1]
    assert third["next"] is None and first["previous"] is None and "count" not in first
    assert [row["number"] for row in client.get(third["previous"]).json()["results"]] == made[::-1][2:4]


@pytest.mark.parametrize("role", SOURCES)
def test_the_reporter_is_shown_to_those_who_need_it_and_masked_for_others(city, role):
    case = in_state(city, "dispatched")
    response = client_of(city.user(role)).get(url_of(case))
    reporter = response.json()["reporters"][0]
    if role in ("supervisor", "administrator"):
        assert reporter == {"name": "张**", "phone": "138****1234", "masked": True}
    else:
        assert reporter == {"name": "张小明", "phone": "13800001234", "masked": False}
    assert "13800001234" not in client_of(city.user(role)).get(CASES).content.decode()
    assert case.token not in response.content.decode()


def test_the_assisting_unit_s_handler_gets_the_reporter_masked(city):
    case = in_state(city, "dispatched")
    assistant = city.outsider("handler")
    assistant.appointments.update(area=city.city)
    assert client_of(assistant).get(url_of(case)).json()["reporters"][0]["masked"] is True


def test_the_timeline_tells_who_did_what_and_why(city):
    case = in_state(city, "returned")
    response = client_of(city.user("registrar")).get(url_of(case, "timeline/"))
    assert response.status_code == 200
    entries = response.json()
    assert [entry["name"] for entry in entries] == [
        "case.reported",
        "case.accepted",
        "case.dispatched",
        "case.returned",
    ]
    assert (entries[-1]["text"], entries[-1]["actor"], entries[-1]["role"]) == ("不归我们管", "handler员", "handler")
