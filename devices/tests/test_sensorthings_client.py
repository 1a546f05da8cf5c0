"""Somebody else's client of SensorThings (Fraunhofer's, for FROST) against ours, over real HTTP."""

from threading import Thread
from wsgiref.simple_server import make_server

import frost_sta_client as fsc
import pytest
from django.core.wsgi import get_wsgi_application
from frost_sta_client.service.auth_handler import AuthHandler
from requests.auth import AuthBase

from conftest import build_city
from devices.models import Datastream, Reading
from devices.tests.fleet import at, build_fleet, key_of, message


@pytest.fixture
def address(transactional_db):
    """The address of a real HTTP server on this database."""
    with make_server("127.0.0.1", 0, get_wsgi_application()) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1.1"
        server.shutdown()
        thread.join()


class DeviceKey(AuthHandler, AuthBase):
    """Signs requests with the key of a device or gateway."""

    def __init__(self, key: str):
        super().__init__()
        self.key = key

    def add_auth_header(self):
        return self

    def __call__(self, request):
        request.headers["Authorization"] = f"Device {self.key}"
        return request


def test_a_client_written_elsewhere_reads_and_writes(address):
    fleet = build_fleet(build_city())
    fleet.ingest(*[message(n, metrics={"tilt": n}) for n in range(5)], received_at=at(5))
    service = fsc.SensorThingsService(address, auth_handler=DeviceKey(key_of(fleet.gateway)))
    tilt = Datastream.objects.get(device=fleet.cover, metric="tilt").pk
    # things, with what belongs to them; pages follow each other
    things = service.things().query().filter("properties/code eq 'MC-001'").expand("Locations,Datastreams").list()
    (thing,) = list(things)
    assert (thing.id, thing.name, len(thing.datastreams.entities)) == (fleet.cover.pk, "智能井盖001", 2)
    assert thing.locations.entities[0].location["coordinates"] == list(fleet.city.point)
    assert [one.id for one in service.things().query().top(1).list()] == [fleet.cover.pk, fleet.bin.pk]
    # one by its id, and its observations
    stream = service.datastreams().find(tilt)
    assert stream.unit_of_measurement.symbol == "°"
    found = stream.get_observations().query().filter("result ge 2").orderby("phenomenonTime", "asc").top(2).list()
    assert [one.result for one in found] == [2, 3, 4]
    newest = service.observations().find(next(iter(stream.get_observations().query().list())).id)
    assert newest.result == 4
    assert service.observed_properties().query().filter("name eq '倾角'").count().list().count == 1
    assert {one.name for one in service.sensors().query().list()} == {"智能井盖", "垃圾桶"}
    # and what it creates is stored
    observation = fsc.Observation(result=7.5, datastream=fsc.Datastream(id=tilt))
    service.create(observation)
    assert Reading.objects.get(value=7.5).device == fleet.cover
    assert service.observations().find(observation.id).result == 7.5
