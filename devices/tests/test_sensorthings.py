"""SensorThings: what is read, by whom, how it is asked for."""

from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.tests.api import client_of
from devices.models import Alarm, Datastream, Device, Reading
from devices.profiles import profile_draft, profile_publish
from devices.tests.fleet import key_of
from devices.tests.things import ROOT, ask, follow, names, stream, with_readings

STAFF = [
    "administrator", "operations_centre", "registrar", "dispatcher", "handler", "grid_worker", "community_staff",
]  # fmt: skip


@pytest.fixture
def things(fleet):
    return with_readings(fleet)


@pytest.fixture
def client(things):
    return client_of(things.city.user("dispatcher"))


# What is there


def test_the_root_names_the_collections(client):
    for address in (ROOT, f"{ROOT}/"):
        body = client.get(address).json()
        for row in body["value"]:
            assert client.get(urlsplit(row["url"]).path).status_code == 200
        assert len(body["value"]) == 7 and body["serverSettings"]["conformance"]


def test_a_thing_and_all_that_belongs_to_it(things, client):
    own = f"Things({things.cover.pk})"
    thing = ask(client, own)
    assert (thing["@iot.id"], thing["name"], thing["properties"]["code"]) == (things.cover.pk, "智能井盖001", "MC-001")
    assert thing["@iot.selfLink"] == f"http://testserver/v1.1/{own}"
    assert follow(client, thing["Datastreams@iot.navigationLink"])["value"][1]["properties"] == {"metric": "tilt"}
    place = ask(client, f"{own}/Locations")["value"][0]
    assert place["location"] == {"type": "Point", "coordinates": list(things.city.point)}
    tilt = ask(client, f"Datastreams({stream(things.cover).pk})")
    assert tilt["unitOfMeasurement"]["symbol"] == "°" and tilt["observationType"].endswith("OM_Measurement")
    assert follow(client, tilt["Thing@iot.navigationLink"]) == thing
    assert follow(client, tilt["Sensor@iot.navigationLink"])["properties"]["code"] == "manhole_cover"
    assert follow(client, tilt["ObservedProperty@iot.navigationLink"])["name"] == "倾角"
    newest = follow(client, tilt["Observations@iot.navigationLink"])["value"][0]
    assert (newest["phenomenonTime"], newest["result"]) == ("2026-11-23T07:50:00Z", 5)
    assert follow(client, newest["@iot.selfLink"]) == newest
    assert follow(client, newest["Datastream@iot.navigationLink"]) == tilt
    feature = follow(client, newest["FeatureOfInterest@iot.navigationLink"])
    assert feature["feature"] == place["location"]
    assert len(follow(client, feature["Observations@iot.navigationLink"])["value"]) == 7
    words = ask(client, f"Datastreams({stream(things.cover, 'status').pk})/Observations")["value"]
    assert [row["result"] for row in words] == ["normal"]


@pytest.mark.parametrize(
    ("rest", "shown"),
    [
        ("name", {"name": "智能井盖001"}),
        ("name/$value", "智能井盖001"),
        ("Datastreams/$ref", 2),
    ],
)
def test_properties_values_and_references(things, client, rest, shown):
    response = client.get(f"{ROOT}/Things({things.cover.pk})/{rest}")
    if rest.endswith("$value"):
        assert response.content.decode() == shown
    elif rest.endswith("$ref"):
        assert [list(row) for row in response.json()["value"]] == [["@iot.selfLink"]] * shown
    else:
        assert response.json() == shown


@pytest.mark.parametrize(
    "path",
    ["Nothing", "Things(0)", "Things(x)", "Things(1)(2)", "Things/Datastreams", "Datastreams(99)", "Things(1)/Name",
     "Observations('1-tilt-5')", "Observations('x')", "Observations('1-tilt-999999999999999999999')", "Things(1)/$ref",
     "Things/name", "Datastreams(100000000000000000000000)", "Things(1)/../admin", "%00"],
)  # fmt: skip
def test_nothing_is_at_other_addresses(things, client, path):
    body = ask(client, path.replace("(1)", f"({things.cover.pk})"), 404)
    assert body["error"]["code"] == "not_found" and body["error"]["message"]


def test_ids_outlive_versions_of_the_profile(things, client):
    before = {row.metric: row.pk for row in Datastream.objects.filter(device=things.cover)}
    draft = profile_draft(things.cover_profile, actor=things.city.user("administrator"))
    draft.metrics.create(metric="depth", label="水深", unit="m")
    profile_publish(draft, actor=things.city.user("administrator"), reason="新增水深")
    after = {row.metric: row.pk for row in Datastream.objects.filter(device=things.cover)}
    assert before.items() <= after.items() and after.keys() - before.keys() == {"depth"}


# How it is asked for


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("Things", "name eq '智能井盖001'", ["智能井盖001"]),
        ("Things", "properties/code ne 'MC-001' and not (properties/code eq 'TB-001')", ["智能井盖900"]),
        (
            "Things",
            "startswith(properties/code,'MC') or contains(name, '桶')",
            ["智能井盖001", "垃圾桶001", "智能井盖900"],
        ),
        ("Things", "substringof('桶', name)", ["垃圾桶001"]),
        ("Things", "properties/code in ('MC-900', 'TB-001')", ["垃圾桶001", "智能井盖900"]),
        ("Things", "Locations/name eq '无此地'", []),
        ("Things", "tolower(properties/code) eq 'mc-001'", ["智能井盖001"]),
        ("Things", "length(properties/code) gt 6", []),
        ("Datastreams", "Thing/properties/code eq 'MC-001' and unitOfMeasurement/symbol eq '°'", ["智能井盖001 倾角"]),
        ("Datastreams", "ObservedProperty/properties/metric eq 'fill'", ["垃圾桶001 满溢度"]),
        ("Datastreams", "ObservedProperty/name eq '满溢度'", ["垃圾桶001 满溢度"]),
        ("Datastreams", "ObservedProperty/name eq 'status' and Thing/name eq '垃圾桶001'", ["垃圾桶001 status"]),
        ("Sensors", "properties/code eq 'trash_bin'", ["垃圾桶"]),
        ("ObservedProperties", "name eq '倾角'", ["倾角"]),
    ],
)
def test_filters(client, path, text, found):
    assert names(ask(client, path, filter=text)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("result gt 3", [5, 4]),
        ("result ge 1 and result le 2", [2, 1]),
        ("phenomenonTime lt 2026-11-23T07:15:00Z", [1, 0]),
        ("phenomenonTime ge 2026-11-23T15:40:00+08:00", [5, 4]),
        ("phenomenonTime ge 2026-11-23T07:50:00", [5]),
        ("minute(phenomenonTime) eq 30 and hour(phenomenonTime) eq 7", [3]),
        ("result mul 2 eq 8", [4]),
        ("resultQuality eq null and result eq 0", [0]),
        ("result eq 'tilted'", []),
        ("Datastream/Thing/properties/code eq 'TB-001'", []),
    ],
)
def test_filters_of_observations(things, client, text, found):
    body = ask(client, f"Datastreams({stream(things.cover).pk})/Observations", filter=text)
    assert [row["result"] for row in body["value"]] == found


def test_observations_of_one_datastream_by_filter(things, client):
    one = stream(things.cover).pk
    for name in ("Datastream/id", "Datastream/@iot.id"):
        body = ask(client, "Observations", filter=f"{name} eq {one} and result lt 2", orderby="phenomenonTime asc")
        assert [row["result"] for row in body["value"]] == [0, 1]
    body = ask(client, "Observations", filter="Datastream/properties/metric eq 'battery'")
    assert [row["result"] for row in body["value"]] == [80]
    assert ask(client, "Observations", filter="result eq 'normal'")["value"][0]["result"] == "normal"


@pytest.mark.parametrize(
    ("path", "options", "code"),
    [
        ("Things", {"filter": "name eq"}, "invalid_option"),
        ("Things", {"filter": "secret eq 'x'"}, "invalid_option"),
        ("Things", {"filter": "unit__appointments eq 1"}, "invalid_option"),
        ("Things", {"filter": "name gt 5 add"}, "invalid_option"),
        ("Things", {"filter": "name"}, "invalid_option"),
        ("Things", {"filter": "id eq 'x'"}, "invalid_option"),
        ("Things", {"filter": "contains(id, 5)"}, "invalid_option"),
        ("Things", {"filter": "geo.distance(name, name) lt 5"}, "invalid_option"),
        ("Things", {"filter": "matchesPattern(name, '(a+)+$')"}, "invalid_option"),
        ("Things", {"filter": "Datastreams/any(d: d/id eq 5)"}, "invalid_option"),
        ("Things", {"filter": "name eq '" + "x" * 5000 + "'"}, "invalid_option"),
        ("Observations", {"filter": "phenomenonTime sub duration'P99999999999D' gt now()"}, "invalid_option"),
        ("Things", {"orderby": "name sideways"}, "invalid_option"),
        ("Things", {"orderby": "secret"}, "invalid_option"),
        ("Things", {"top": "-1"}, "invalid_option"),
        ("Things", {"top": "many"}, "invalid_option"),
        ("Things", {"skip": "10001"}, "invalid_option"),
        ("Things", {"count": "perhaps"}, "invalid_option"),
        ("Things", {"select": "name,secret"}, "invalid_option"),
        ("Things", {"expand": "Secrets"}, "invalid_option"),
        ("Things", {"expand": "Datastreams("}, "invalid_option"),
        ("Things", {"expand": "Datastreams(top)"}, "invalid_option"),
        ("Things", {"expand": "Datastreams/Thing/Datastreams/Thing/Datastreams/Thing"}, "invalid_option"),
        ("Things", {"skiptoken": "x"}, "invalid_option"),
        ("Things", {"search": "x"}, "invalid_option"),
        ("Things", {"resultFormat": "dataArray"}, "invalid_option"),
        ("Observations", {"orderby": "phenomenonTime desc"}, "invalid_option"),
        ("Observations", {"filter": "Datastream/id gt 5"}, "invalid_option"),
        ("FeaturesOfInterest", {"expand": "Observations"}, "invalid_option"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_told(client, path, options, code):
    body = ask(client, path, 400, **options)
    assert body["error"]["code"] == code
    assert body["error"]["message"].startswith(f"${next(iter(options))}:")


@pytest.mark.parametrize(
    ("path", "options"),
    [
        ("Things", {}),
        ("Things", {"orderby": "name desc"}),
        ("Datastreams", {}),
        ("Datastreams", {"filter": "id gt 0", "orderby": "name"}),
        ("Observations", {}),
        ("Datastreams({tilt})/Observations", {}),
        ("Datastreams({tilt})/Observations", {"orderby": "phenomenonTime asc"}),
        ("Datastreams({tilt})/Observations", {"orderby": "result desc", "filter": "result gt 0"}),
    ],
)
def test_pages_follow_each_other(things, client, path, options):
    path = path.format(tilt=stream(things.cover).pk)
    whole = ask(client, path, **options)["value"]
    body = ask(client, path, top=2, count="true", **options)
    assert body["@iot.count"] == len(whole)
    found = body["value"]
    while link := body.get("@iot.nextLink"):
        body = follow(client, link)
        assert 0 < len(body["value"]) <= 2
        found += body["value"]
    assert found == whole and len(whole) > 2
    assert ask(client, path, skip=1, top=1, **options)["value"] == whole[1:2]


def test_select_and_expand(things, client):
    body = ask(
        client, "Things", filter="properties/code eq 'MC-001'", select="name,id,Datastreams",
        expand="Datastreams($select=name;$filter=properties/metric eq 'tilt';$expand=ObservedProperty($select=name),"
        "Observations($top=2;$orderby=phenomenonTime desc;$select=result)),Locations/Things",
    )  # fmt: skip
    (thing,) = body["value"]
    assert thing.keys() == {"@iot.id", "name", "Datastreams", "Locations"}
    (one,) = thing["Datastreams"]
    assert one["name"] == "智能井盖001 倾角" and one["ObservedProperty"] == {"name": "倾角"}
    assert one["Observations"] == [{"result": 5}, {"result": 4}]
    more = follow(client, one["Observations@iot.nextLink"])
    assert [row["result"] for row in more["value"]] == [3, 2]
    assert thing["Locations"][0]["Things"][0]["@iot.id"] == things.cover.pk


def test_of_many_each_has_its_own_rows(things, client):
    body = ask(client, "Sensors", expand="Datastreams($top=1;$orderby=id desc)")
    for row in body["value"]:
        assert len(row["Datastreams"]) == 1 and "Datastreams@iot.nextLink" in row
    body = ask(client, "Observations", expand="Datastream/Thing,FeatureOfInterest")
    assert {(row["result"], row["Datastream"]["Thing"]["properties"]["code"]) for row in body["value"]} >= {
        (5, "MC-001"), (80, "TB-001"), ("normal", "MC-001")
    }  # fmt: skip
    assert all(row["FeatureOfInterest"]["@iot.id"] for row in body["value"])


def test_statements_do_not_grow_with_rows(things, client):
    taken = []
    asked = {"expand": "Locations,Datastreams($expand=Observations($top=3),ObservedProperty)", "count": "true"}
    for turn in range(2):
        with CaptureQueriesContext(connection) as queries:
            ask(client, "Things", **asked)
        taken.append(len(queries))
        for n in range(5):
            Device.objects.create(
                code=f"X-{turn}-{n}", name="x", profile=things.cover_profile, area=things.city.grid, longitude=1,
                latitude=1, unit=things.city.municipal,
            )  # fmt: skip
    assert taken[0] == taken[1]


def test_what_takes_too_long_is_given_up(client, monkeypatch):
    monkeypatch.setattr("devices.sensorthings.views.PATIENCE", "1ms")
    monkeypatch.setattr(
        "devices.sensorthings.pages.Listing.count",
        lambda self: self.rows.extra(where=["pg_sleep(5) IS NOT NULL"]).count(),
    )
    assert ask(client, "Things", 503, count="true")["error"]["code"] == "too_much"


# Who


@pytest.mark.parametrize("role", STAFF)
def test_people_read_what_they_may_see_of_devices(things, role):
    client = client_of(things.city.user(role))
    in_city = role not in ("grid_worker", "community_staff")
    seen = {row["properties"]["code"] for row in ask(client, "Things")["value"]}
    assert seen == {"MC-001", "TB-001"} | ({"MC-900"} if in_city else set())
    far = 200 if in_city else 404
    ask(client, f"Things({things.far.pk})", far)
    ask(client, f"Datastreams({stream(things.far).pk})", far)
    streams = ask(client, "Datastreams")["value"]
    assert len(streams) == (7 if in_city else 5)


def test_a_device_reads_itself_and_nobody_else_anything(things):
    key = client_of()
    key.credentials(HTTP_AUTHORIZATION=f"Device {key_of(things.far)}")
    assert names(ask(key, "Things")) == ["智能井盖900"]
    assert ask(key, "Observations")["value"] == []
    ask(key, f"Things({things.cover.pk})/Datastreams", 404)
    gateway = client_of()
    gateway.credentials(HTTP_AUTHORIZATION=f"Device {key_of(things.gateway)}")
    assert len(ask(gateway, "Things")["value"]) == 2
    assert ask(client_of(things.city.user("resident")), "Things", 403)["error"]["code"] == "permission_denied"
    assert client_of().get(f"{ROOT}/Things").status_code == 401
    assert client_of().get(ROOT).status_code == 401


@pytest.mark.parametrize("role", ["administrator", "operations_centre", "resident", None])
def test_only_devices_write(things, role):
    before = Reading.objects.count()
    client = client_of(role and things.city.user(role))
    body = {"result": 99, "Datastream": {"@iot.id": stream(things.cover).pk}}
    for path in ("Observations", "CreateObservations", f"Datastreams({stream(things.cover).pk})/Observations"):
        response = client.post(f"{ROOT}/{path}", body, format="json")
        assert response.status_code == (403 if role else 401)
    assert Reading.objects.count() == before and not Alarm.objects.exists()
