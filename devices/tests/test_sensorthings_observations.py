"""Observations that come in as SensorThings says: singly, many at once, by MQTT; who may send them."""

import json
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.tests.api import client_of
from devices.models import Alarm, DeviceProfile, Reading
from devices.mqtt.reading import parcels_of
from devices.mqtt.senders import Senders
from devices.profile_rules import forget_rules
from devices.sensorthings.observations import messages_of, sender_of, streams_of
from devices.tests.fleet import at, key_of
from devices.tests.things import post, stream, with_readings
from devices.wire import NotReadable


@pytest.fixture
def things(fleet):
    return with_readings(fleet)


def test_an_observation_is_stored_and_judged(things):
    one = stream(things.cover).pk
    body = {"phenomenonTime": at(0).isoformat(), "result": 32.5}
    key = key_of(things.cover)
    response = post(None, f"Datastreams({one})/Observations", body, key)
    assert response.status_code == 201
    assert response["Location"] == response.json()["@iot.selfLink"]
    assert (response.json()["result"], response.json()["phenomenonTime"]) == (32.5, "2026-11-23T08:00:00Z")
    assert Alarm.objects.get().value == 32.5
    # again it is the same one
    again = post(None, "Observations", body | {"Datastream": {"@iot.id": one}}, key)
    assert (again.status_code, again["Location"]) == (201, response["Location"])
    assert Reading.objects.filter(metric="tilt").count() == 7
    client = client_of()
    client.credentials(HTTP_AUTHORIZATION=f"Device {key}")
    assert client.get(urlsplit(response["Location"]).path).json()["result"] == 32.5


def test_a_word_without_a_time_and_a_time_ahead(things):
    one = stream(things.cover, "status").pk
    response = post(things.cover, f"Datastreams({one})/Observations", {"result": "missing"})
    assert response.json()["result"] == "missing" and Alarm.objects.get().alarm_type == "missing"
    ahead = {"phenomenonTime": (Reading.objects.latest("at").at + timedelta(hours=2)).isoformat(), "result": 1}
    response = post(things.cover, f"Datastreams({stream(things.cover).pk})/Observations", ahead)
    assert response.status_code == 201 and response.json()["phenomenonTime"] < ahead["phenomenonTime"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "required"),
        ([], 400, "invalid_observation"),
        ({"result": "wet"}, 400, "invalid_value"),
        ({"result": True}, 400, "invalid_value"),
        ({"result": 1, "phenomenonTime": "yesterday"}, 400, "invalid_time"),
        ({"result": 1, "phenomenonTime": "2026-11-23T08:00:00"}, 400, "invalid_time"),
        ({"result": 1, "phenomenonTime": "2020-11-23T08:00:00Z"}, 400, "time_out_of_range"),
    ],
)
def test_what_is_wrong_with_an_observation_is_told(things, body, status, code):
    before = Reading.objects.count()
    response = post(things.cover, f"Datastreams({stream(things.cover).pk})/Observations", body)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert Reading.objects.count() == before


@pytest.mark.parametrize(
    ("metric", "body", "field"),
    [
        ("tilt", {"result": 1, "phenomenonTime": "xx"}, "phenomenonTime"),
        ("tilt", {"result": 1, "phenomenonTime": 5}, "phenomenonTime"),
        ("tilt", {"result": 1, "phenomenonTime": "2026-11-23T08:00:00"}, "phenomenonTime"),
        ("tilt", {"result": 1, "resultTime": "2026-11-23/2026-11-24"}, "resultTime"),
        ("tilt", {"result": 1, "phenomenonTime": "2020-11-23T08:00:00Z"}, "观测时间"),
        ("status", {"result": 5}, "“result”"),
    ],
)
def test_what_is_wrong_is_told_in_the_words_of_the_sender(things, metric, body, field):
    # when one observation, or the same among many, is refused
    one = stream(things.cover, metric)
    told = post(things.cover, f"Datastreams({one.pk})/Observations", body).json()["error"]["message"]
    group = {"Datastream": {"@iot.id": one.pk}, "components": list(body), "dataArray": [list(body.values())]}
    (many,) = post(things.cover, "CreateObservations", [group]).json()
    # then the field that was sent is named, none of the other protocol
    for words in (told, many):
        assert field in words and "“at”" not in words and "“status”" not in words


def test_a_key_writes_for_its_own_device_only(things):
    before = Reading.objects.count()
    body = {"result": 1}
    far = stream(things.far).pk
    assert post(things.cover, f"Datastreams({far})/Observations", body).status_code == 404
    response = post(things.cover, "Observations", body | {"Datastream": {"@iot.id": far}})
    assert (response.status_code, response.json()["error"]["code"]) == (403, "foreign_device")
    for wrong in ({"@iot.id": "1"}, {"@iot.id": True}, None, 5):
        response = post(things.cover, "Observations", body | {"Datastream": wrong})
        assert (response.status_code, response.json()["error"]["code"]) == (400, "required")
    for number in (99, -1, 10**30):
        response = post(things.cover, "Observations", body | {"Datastream": {"@iot.id": number}})
        assert (response.status_code, response.json()["error"]["code"]) == (404, "unknown_datastream")
    assert post(things.cover, "Things", {"name": "x"}).status_code == 405
    assert Reading.objects.count() == before


def test_many_observations_at_once(things):
    body = [
        {
            "Datastream": {"@iot.id": stream(things.cover).pk},
            "components": ["phenomenonTime", "result", "FeatureOfInterest/id"],
            "dataArray@iot.count": 3,
            "dataArray": [[at(1).isoformat(), 3, 1], [at(2).isoformat(), "wet", 1], [at(3).isoformat(), 4, 1]],
        },
        {
            "Datastream": {"@iot.id": stream(things.bin, "fill").pk},
            "components": ["result", "phenomenonTime"],
            "dataArray": [[0.3, at(1).isoformat()], [0.4]],
        },
        {"Datastream": {"@iot.id": stream(things.far).pk}, "components": ["result"], "dataArray": [[1]]},
        {"Datastream": {"@iot.id": 99}, "components": ["result"], "dataArray": [[1]]},
    ]
    response = post(things.gateway, "CreateObservations", body)
    assert response.status_code == 201
    told = [answer.partition(":")[0] for answer in response.json()]
    assert told == ["http", "error", "http", "http", "error", "error", "error"]
    assert Reading.objects.filter(at__gte=at(0)).count() == 3


@pytest.mark.parametrize(
    ("group", "code"),
    [
        ({"components": ["phenomenonTime"], "dataArray": []}, "invalid"),
        ({"components": "result", "dataArray": []}, "invalid"),
        ({"components": ["result"], "dataArray": {}}, "not_a_list"),
        ({"components": ["result"], "dataArray": [[1]] * 1001}, "max_length"),
    ],
)
def test_a_body_that_is_no_data_array_is_refused_whole(things, group, code):
    before = Reading.objects.count()
    good = {"Datastream": {"@iot.id": stream(things.cover).pk}, "components": ["result"], "dataArray": [[1]]}
    response = post(things.cover, "CreateObservations", [good, good | group])
    assert (response.status_code, response.json()["error"]["code"]) == (400, code)
    for body in ({}, [5], [{}]):
        assert post(things.cover, "CreateObservations", body).status_code == 400
    assert Reading.objects.count() == before


def test_what_is_too_much_is_told_when_to_come_again(things):
    # given a cover that may send once a minute
    DeviceProfile.objects.filter(code="manhole_cover").update(most_per_minute=1)
    forget_rules()
    now, number = timezone.now(), stream(things.cover).pk
    said = [{"phenomenonTime": (now + timedelta(seconds=n)).isoformat(), "result": n} for n in range(4)]
    before = Reading.objects.count()
    # when it sends within a second what it may send in minutes, singly and as an array
    answers = [post(things.cover, f"Datastreams({number})/Observations", one) for one in said[:3]]
    rows = [[said[3]["phenomenonTime"], 3]]
    many = post(things.cover, "CreateObservations", [
        {"Datastream": {"@iot.id": number}, "components": ["phenomenonTime", "result"], "dataArray": rows}
    ])  # fmt: skip
    forget_rules()
    # then the excess is refused, told when it may come again, and not stored
    assert [answer.status_code for answer in answers] == [201, 429, 429]
    assert answers[1].json()["error"]["code"] == "rate_limited" and int(answers[1]["Retry-After"]) > 0
    assert many.status_code == 201 and many.json()[0].startswith("error: ") and int(many["Retry-After"]) > 0
    assert Reading.objects.count() == before + 1


def said_by(number, payload, **given):
    return messages_of(streams_of([number])[number], payload, **given)


def test_an_mqtt_message_is_one_of_its_device(things):
    number = stream(things.cover).pk
    said = said_by(number, f'{{"phenomenonTime": "{at(1).isoformat()}", "result": 3}}'.encode())
    assert said == [{"device": "MC-001", "at": at(1).isoformat(), "metrics": {"tilt": 3}}]
    assert sender_of(number) == "MC-001" and sender_of(5) is None
    for wrong in (b"{", b"\xff", b'{"result": NaN}', b"5", b"{}"):
        with pytest.raises(NotReadable):
            said_by(number, wrong)
    assert streams_of([number, 5]).keys() == {number}


def test_observations_by_mqtt_take_as_many_statements_for_any_number(things):
    topics = [f"v1.1/Datastreams({stream(*of).pk})/Observations" for of in [(things.cover,), (things.bin, "fill")]]

    def taken(number: int) -> int:
        said = [(topics[n % 2], json.dumps({"result": n}).encode(), False) for n in range(number)]
        said.append(("v1.1/Datastreams(5)/Observations", b"{}", False))
        with CaptureQueriesContext(connection) as statements:
            *parcels, unknown = parcels_of(said, Senders())
        assert unknown.errors[0]["code"] == "unknown_device"
        of = [parcel.messages[0]["device"] for parcel in parcels]
        assert of == [("MC-001", "TB-001")[n % 2] for n in range(number)]
        return len(statements)

    assert taken(50) == taken(2) == 3


def test_of_an_interval_the_end_counts_and_of_none_the_time_of_the_result(things):
    one = f"Datastreams({stream(things.cover).pk})/Observations"
    for minute, said in [
        (1, {"phenomenonTime": f"{at(-9).isoformat()}/{at(1).isoformat()}"}),
        (2, {"resultTime": at(2).isoformat()}),
        (3, {"phenomenonTime": at(3).isoformat(), "resultTime": at(4).isoformat()}),
    ]:
        response = post(things.cover, one, said | {"result": minute})
        assert response.status_code == 201, response.content
        assert Reading.objects.filter(metric="tilt", value=minute, at=at(minute)).count() == 1
    before = Reading.objects.count()
    for wrong in (f"{at(1).isoformat()}/{at(-1).isoformat()}", "a/b", f"{at(1).isoformat()}/PT1H", "/",
                  f"2026-11-23T08:00:00/{at(1).isoformat()}", "2026-11-23T07:00:00/2026-11-23T07:30:00"):  # fmt: skip
        response = post(things.cover, one, {"phenomenonTime": wrong, "result": 1})
        told = response.json()["error"]
        assert (response.status_code, told["code"]) == (400, "invalid_time") and "“at”" not in told["message"], wrong
    assert Reading.objects.count() == before


def test_what_the_broker_delivers_again_without_a_time_is_stored_once(things):
    number, word = stream(things.cover).pk, stream(things.cover, "status").pk
    for one, result in ((number, "12.5"), (word, '"missing"')):
        payload = f'{{"result": {result}}}'.encode()
        (first,) = said_by(one, payload)
        things.ingest(first, received_at=timezone.now())
        # when it comes once more because it was not acknowledged, then it has the time it was stored with
        (again,) = said_by(one, payload, again=True)
        assert things.ingest(again, received_at=timezone.now()).duplicate == 1
        # what is not said to come again is another, and so is one that was never stored
        assert said_by(one, payload)[0]["at"] > first["at"]
    assert said_by(number, b'{"result": 13}', again=True)[0]["at"] > first["at"]
    timed = f'{{"result": 12.5, "phenomenonTime": "{at(1).isoformat()}"}}'.encode()
    assert said_by(number, timed, again=True)[0]["at"] == at(1).isoformat()


def test_what_was_never_stored_is_not_taken_for_what_said_the_same_before(things):
    # given a cover that told it was tilted, and then normal
    word, number = stream(things.cover, "status").pk, stream(things.cover).pk
    now = timezone.now()
    for minutes, said in ((4, "tilted"), (2, "normal")):
        then = now - timedelta(minutes=minutes)
        things.ingest({"device": "MC-001", "at": then.isoformat(), "status": said}, received_at=then)
    before = Alarm.objects.get().count
    # when it is tilted again, but the bridge is killed before that is stored, and the broker delivers it once more
    (again,) = said_by(word, b'{"result": "tilted"}', again=True)
    # then it is told now, and the alarm is there again
    assert again["at"] >= now.isoformat()
    assert things.ingest(again, received_at=timezone.now()).accepted == 1
    assert (Alarm.objects.get().condition, Alarm.objects.get().count) == ("active", before + 1)
    # and a figure that came in longer ago is none that was delivered a moment ago: it counts again
    then = now - timedelta(minutes=6)
    things.ingest({"device": "MC-001", "at": then.isoformat(), "metrics": {"tilt": 12.5}}, received_at=then)
    assert said_by(number, b'{"result": 12.5}', again=True)[0]["at"] >= now.isoformat()
