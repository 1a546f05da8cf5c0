"""What tests of SensorThings share: a fleet with readings of an hour, and its door."""

from urllib.parse import urlsplit

from cases.tests.api import client_of
from devices.models import Datastream
from devices.tests.fleet import key_of, message

ROOT = "/v1.1"


def with_readings(fleet):
    """Let the fleet report for an hour: a tilt every ten minutes, and a word; return it."""
    fleet.ingest(
        *[message(-60 + 10 * n, metrics={"tilt": n}) for n in range(6)],
        message(-5, status="normal"),
        message(-5, "TB-001", metrics={"fill": 0.2, "battery": 80}),
    )
    return fleet


def stream(device, metric="tilt") -> Datastream:
    return Datastream.objects.get(device=device, metric=metric)


def ask(client, path, expected=200, **options):
    given = {f"${name}": value for name, value in options.items()}
    response = client.get(f"{ROOT}/{path}", given)
    assert response.status_code == expected, response.content
    return response.json()


def names(body) -> list:
    return [row["name"] for row in body["value"]]


def follow(client, link) -> dict:
    parts = urlsplit(link)
    response = client.get(f"{parts.path}?{parts.query}")
    assert response.status_code == 200, response.content
    return response.json()


def post(owner, path, body, key=None):
    client = client_of()
    client.credentials(HTTP_AUTHORIZATION=f"Device {key or key_of(owner)}")
    return client.post(f"{ROOT}/{path}", body, format="json")
