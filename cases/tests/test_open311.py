"""Open311 GeoReport v2: what anybody reads, what a client with a key files, what is never told."""

from datetime import timedelta
from threading import Thread
from urllib.parse import urlencode
from wsgiref.simple_server import make_server
from xml.etree import ElementTree

import httpx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from georeport import GeoReport

from cases.intake.keys import key_issue, key_revoke
from cases.models import Case, CaseReporter, CaseState, OpenRequest, SourceHour
from cases.tests.api import client_of, in_state
from cases.tests.sources import key_of, make_source
from conftest import build_city
from governance.testing import assert_relation_forms_agree

BASE = "/open311/v2"
ROOTS = {"discovery", "services", "service_definition", "service_requests", "errors"}


@pytest.fixture
def source(city):
    return make_source(city, code="city-app", kind="resident", mapping={}, files_at_once=False)


def get(path, **arguments):
    return Client().get(f"{BASE}/{path}", arguments)


def post(key, path="requests.json", **arguments):
    given = {"service_code": "0101", "lat": "28.205", "long": "112.905", "api_key": key} | arguments
    body = urlencode({name: value for name, value in given.items() if value is not None}, doseq=True)
    return Client().post(f"{BASE}/{path}", body, content_type="application/x-www-form-urlencoded; charset=utf-8")


def spark(element: ElementTree.Element):
    """Turn XML into JSON by the rule of the specification, written anew here: the two must say the same."""
    children = list(element)
    if not children:
        return element.text
    if len({child.tag for child in children}) == 1 and f"{children[0].tag}s" == element.tag.replace("service_", ""):
        return [spark(child) for child in children]
    return {child.tag: spark(child) for child in children}


def as_text(value):
    if isinstance(value, dict):
        return {name: as_text(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [as_text(inner) for inner in value] or None
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("path", ["discovery", "services", "services/0101", "requests", "services/none"])
def test_xml_and_json_say_the_same(city, path):
    city.open()
    in_json, in_xml = get(f"{path}.json"), get(f"{path}.xml")
    assert in_json["Content-Type"] == "application/json; charset=utf-8"
    assert in_xml["Content-Type"] == "text/xml; charset=utf-8"
    assert in_xml.content.startswith(b"<?xml version='1.0' encoding='utf-8'?>")
    document = ElementTree.fromstring(in_xml.content)
    assert document.tag in ROOTS
    assert spark(document) == as_text(in_json.json())


def test_xml_is_the_default_and_accept_may_ask_otherwise(city):
    kinds = {
        None: "text/xml", "text/html,*/*": "text/xml", "application/json": "application/json",
        "application/xml": "application/xml", "text/plain": "text/xml",
    }  # fmt: skip
    for accept, expected in kinds.items():
        headers = {"Accept": accept} if accept else {}
        answer = Client().get(f"{BASE}/services", headers=headers)
        assert answer["Content-Type"] == f"{expected}; charset=utf-8"


def test_services_are_the_sub_categories_in_use(city):
    city.category.parent.name = "公用 & 设施"
    city.category.parent.save()
    only = get("services.json").json()
    assert only == [
        {
            "service_code": "0101", "service_name": "井盖", "description": "井盖破损；井盖倾斜", "metadata": True,
            "type": "realtime", "keywords": "井盖, 公用 & 设施", "group": "公用 & 设施",
        }
    ]  # fmt: skip
    (attribute,) = get("services/0101.json").json()["attributes"]
    assert (attribute["code"], attribute["datatype"], attribute["required"]) == ("condition", "singlevaluelist", False)
    assert {"key": "tilted", "name": "井盖倾斜"} in attribute["values"]
    city.category.is_active = False
    city.category.save()
    assert get("services.json").json() == []
    assert get("services/0101.json").status_code == 404


def test_a_client_with_a_key_files_a_request(source, city):
    # when an app sends all that the specification knows
    answer = post(
        key_of(source), "requests.xml", description="井盖翘起\n<b>小心</b>", address_string="中山路1号",
        first_name="三", last_name="张", phone="138 0000-1234", email="zhang@example.com", device_id="tt222111",
        account_id="42", media_url="https://example.com/1.jpg", jurisdiction_id="990100",
        **{"attribute[condition]": "tilted"},
    )  # fmt: skip
    # then it is a case that waits for a registrar, and the answer has its number and nothing else
    assert answer.status_code == 201, answer.content
    case = Case.objects.get()
    (made,) = spark(ElementTree.fromstring(answer.content))
    assert made["service_request_id"] == case.number and made["account_id"] == "42" and "token" not in made
    assert (case.state, case.source, case.standard, case.area) == ("reported", "resident", city.standard, city.grid)
    assert (case.longitude, case.latitude, case.address) == (112.905, 28.205, "中山路1号")
    assert case.description == "井盖翘起\n<b>小心</b>"
    # and who sent it stands in rows of their own
    reporter, sent = CaseReporter.objects.get(), OpenRequest.objects.get()
    assert (reporter.name, reporter.phone) == ("张三", "13800001234")
    assert (sent.email, sent.device, sent.account, sent.media_url) == (
        "zhang@example.com", "tt222111", "42", "https://example.com/1.jpg",
    )  # fmt: skip
    assert SourceHour.objects.get().accepted == 1


def test_a_source_that_files_at_once_has_the_case_dispatched(city):
    source = make_source(city, mapping={})
    answer = post(key_of(source), **{"attribute[condition][]": "tilted"})
    assert (
        answer.json()[0]["service_notice"] == "处置时限：2 紧急工作时（全天）。" or answer.json()[0]["service_notice"]
    )
    assert Case.objects.get().state == CaseState.DISPATCHED


def test_a_place_may_be_an_address_or_a_registered_one(source, city):
    key = key_of(source)
    assert post(key, lat=None, long=None, address_string="文化路口").status_code == 201
    assert post(key, lat=None, long=None, address_id=city.street.code).status_code == 201
    assert list(Case.objects.order_by("id").values_list("area__code", "address")) == [
        ("990100", "文化路口"), (city.street.code, ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "status", "named"),
    [
        ({"service_code": None}, 400, "service_code"),
        ({"service_code": "9999"}, 404, "service_code"),
        ({"jurisdiction_id": "sfgov.org"}, 404, "jurisdiction_id"),
        ({"lat": None, "long": None}, 400, "address_string"),
        ({"lat": None}, 400, "lat"),
        ({"long": "east"}, 400, "long"),
        ({"lat": "91"}, 400, "lat"),
        ({"lat": "20", "long": "100"}, 400, "long"),
        ({"address_id": "nowhere"}, 400, "address_id"),
        ({"description": "x" * 4001}, 400, "description"),
        ({"media_url": "javascript:alert(1)"}, 400, "media_url"),
        ({"attribute[condition]": "none"}, 400, "attribute[condition]"),
        ({"attribute[colour]": "red"}, 400, "colour"),
        ({"api_key": None}, 403, "api_key"),
        ({"api_key": "wrong"}, 403, "api_key"),
        ({"api_key": "井盖"}, 403, "api_key"),
        ({"address_id": "a\0"}, 400, "address_id"),
        ({"jurisdiction_id": "\0"}, 404, "jurisdiction_id"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_stored(source, given, status, named):
    answer = post(key_of(source), **given)
    (error,) = answer.json()
    assert (answer.status_code, error["code"]) == (status, status)
    assert named in error["description"]
    assert not Case.objects.exists() and not OpenRequest.objects.exists()
    in_xml = ElementTree.fromstring(post(key_of(source), "requests.xml", **given).content)
    assert in_xml.find("error/code").text == str(status)


def test_a_photo_sent_as_a_file_is_passed_over_and_a_file_for_a_text_is_refused(source):
    given = {"service_code": "0101", "lat": "28.205", "long": "112.905", "api_key": key_of(source)}
    photo = SimpleUploadedFile("a.jpg", b"no words", "image/jpeg")
    answer = Client().post(f"{BASE}/requests.json", given | {"media": photo})
    assert (answer.status_code, Case.objects.count()) == (201, 1)
    for name in ("description", "api_key"):
        wrong = given | {name: SimpleUploadedFile("a.jpg", b"no words", "image/jpeg")}
        answer = Client().post(f"{BASE}/requests.json", wrong)
        assert (answer.status_code, Case.objects.count()) == (400, 1)
        assert name in answer.json()[0]["description"]


@pytest.mark.parametrize(
    ("path", "given", "status", "named"),
    [
        ("requests.json", {"start_date": "9999-12-31T00:00:00Z"}, 400, "start_date"),
        ("requests.json", {"end_date": "0001-01-01T00:00:00Z"}, 400, "end_date"),
        ("requests.json", {"start_date": "9999-12-30T00:00:00-12:00", "end_date": "9999-12-31T23:00:00-12:00"}, 400,
         "start_date"),
        ("requests.json", {"service_code": "\0"}, 404, "service_code"),
    ],
)  # fmt: skip
def test_what_lies_beyond_the_calendar_or_cannot_be_looked_up_is_told(city, path, given, status, named):
    answer = get(path, **given)
    assert answer.status_code == status
    assert named in answer.json()[0]["description"]
    assert get("requests.json", service_request_id="C1\0").json() == []


def test_a_key_that_ended_files_nothing(source, city):
    key, secret = key_issue(source, actor=city.user("administrator"))
    key_revoke(key, actor=city.user("administrator"))
    assert post(secret).status_code == 403
    assert not Case.objects.exists()


def test_other_ways_are_errors_of_the_same_shape(city):
    client = Client()
    for answer, status in [
        (client.delete(f"{BASE}/services.json"), 400), (client.get(f"{BASE}/nothing"), 404),
        (client.post(f"{BASE}/services.xml"), 400), (client.get(f"{BASE}/services.yaml"), 404),
        (client.post(f"{BASE}/requests.xml?api_key=x", "{}", content_type="application/json"), 403),
    ]:  # fmt: skip
        assert answer.status_code == status, answer.content
        assert b"<errors><error><code>" in answer.content or answer.json()[0]["code"] == status


def test_requests_are_told_without_anything_personal(source, city):
    # given a resident's report with words, name and telephone, carried through to its end
    case = in_state(city, "closed")
    body = get(f"requests/{case.number}.json").json()
    # then it is told by what it is filed as, where, who has it and when
    (told,) = body
    assert (told["status"], told["status_notes"], told["service_code"]) == ("closed", "已结案", "0101")
    assert (told["agency_responsible"], told["address"]) == (
        "municipal单位", "grid区, community区, street区, district区, city区",
    )  # fmt: skip
    assert (told["lat"], told["long"]) == city.point[::-1]
    assert told["updated_datetime"] == timezone.localtime(case.closed_at).isoformat(timespec="seconds")
    # and never by what somebody wrote
    text = get(f"requests/{case.number}.xml").content.decode() + str(body)
    for private in ("张小明", "13800001234", "井盖歪了", "已扶正", case.token):
        assert private not in text


def test_the_place_of_an_event_is_told_roughly(city):
    city.category.kind = "event"
    city.category.save()
    city.open(longitude=112.90461, latitude=28.20539)
    (told,) = get("requests.json").json()
    assert (told["long"], told["lat"]) == (112.905, 28.205)


def test_what_is_not_filed_yet_or_not_in_use_is_not_told(city):
    unfiled, told = city.report(), city.open()
    assert [row["service_request_id"] for row in get("requests.json").json()] == [told.number]
    assert get(f"requests/{unfiled.number}.json").status_code == 404
    assert get(f"tokens/{unfiled.token}.json").status_code == 404
    assert get(f"tokens/{told.token}.json").json() == [{"service_request_id": told.number, "token": told.token}]


def test_lists_are_narrowed_and_never_wider_than_ninety_days(city):
    now = timezone.now()
    old = city.open(occurred_at=now - timedelta(days=100))
    recent, over = city.open(), in_state(city, "rejected")
    over.category = city.category
    over.save()

    def numbers(**arguments):
        return {row["service_request_id"] for row in get("requests.json", **arguments).json()}

    assert numbers() == {recent.number, over.number}
    assert numbers(status="open") == {recent.number} and numbers(status="closed") == {over.number}
    assert numbers(status="open,closed", service_code="0101") == {recent.number, over.number}
    long_ago = (now - timedelta(days=101)).isoformat()
    assert numbers(start_date=long_ago) == {old.number}
    assert numbers(start_date=long_ago.replace("+00:00", "Z")) == {old.number}
    # the ids given go before everything else
    both = f"{old.number}, {recent.number},none"
    assert numbers(service_request_id=both, status="closed", start_date="nonsense") == {old.number, recent.number}
    for arguments in (
        {"start_date": long_ago, "end_date": now.isoformat()}, {"start_date": "2026-01-01T00:00:00"},
        {"end_date": "yesterday"}, {"start_date": now.isoformat(), "end_date": long_ago}, {"status": "new"},
    ):  # fmt: skip
        assert get("requests.json", **arguments).status_code == 400
    assert get("requests.json", service_code="9999").status_code == 404


def test_a_long_list_asks_no_more_than_a_short_one(city):
    city.open()

    def asked():
        with CaptureQueriesContext(connection) as queries:
            assert get("requests.json").status_code == 200
        return len(queries)

    before = asked()
    for _number in range(3):
        city.open()
    assert asked() == before <= 8


def test_who_sees_the_senders_of_requests(source, city):
    post(key_of(source), email="a@example.com")
    address = "/admin/cases/openrequest/"
    for role in ("administrator", "operations_centre", "registrar", "dispatcher"):
        assert "a@example.com" in client_of(city.user(role)).get(address).content.decode()
    for role in ("handler", "supervisor", "grid_worker", "community_staff"):
        assert client_of(city.user(role)).get(address).status_code == 403
    assert "a@example.com" not in client_of(city.outsider("registrar")).get(address).content.decode()
    assert_relation_forms_agree(OpenRequest.objects.select_related("case__area"), city.people.values())


@pytest.fixture
def address(transactional_db):
    """The base address of a real HTTP server on this database."""
    with make_server("127.0.0.1", 0, get_wsgi_application()) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}{BASE}"
        server.shutdown()
        thread.join()


def test_a_client_written_elsewhere_reads_all_of_it_over_http(address):
    # given a city with a case, and somebody else's client of the specification
    city = build_city()
    key, case = key_of(make_source(city, mapping={})), city.open()
    for form in ("xml", "json"):
        client = GeoReport(address, jurisdiction="990100", output_format=form)
        assert case.number in str(client.get_service_requests(service_request_id=case.number))
        assert client.get_service_request(case.number)["status"] == "open"
        assert client.get_service_definition("0101")["service_code"] == "0101"
        assert "井盖" in str(client.get_service_list())
    # when a form is sent as the specification writes it
    sent = {"api_key": key, "service_code": "0101", "lat": "28.205", "long": "112.905", "description": "路面塌陷"}
    made = httpx.post(f"{address}/requests.json", data=sent).json()[0]
    found = GeoReport(address).get_service_request(made["service_request_id"])
    assert found["service_code"] == "0101"
