"""A named source for the tests, and messages as it sends them."""

import json

from cases.intake.keys import key_issue
from cases.models import IntakeSource
from cases.tests.api import client_of
from governance.models import User

MAPPING = {
    "fields": {
        "external_id": {"path": "单号"},
        "description": {"path": "join('：', [event.title, event.text])"},
        "standard": {"path": "event.kind", "values": {"A01": "0101/tilted", "*": ""}},
        "area": {"path": "place.street", "values": {"东街": "990102001", "西街": "990102002"}},
        "address": {"path": "place.address"},
        "longitude": {"path": "place.lng"},
        "latitude": {"path": "place.lat"},
        "coordinate_system": {"default": "wgs84"},
        "occurred_at": {"path": "at", "format": "%Y/%m/%d %H:%M"},
        "reporter_phone": {"path": "caller"},
    },
}


def make_source(city, **given) -> IntakeSource:
    """A source of the municipal unit for the whole test city."""
    values = {
        "code": "municipal-app", "name": "市政工单系统", "kind": "department", "unit": city.municipal,
        "area": city.city, "mapping": MAPPING, "files_at_once": True,
    }  # fmt: skip
    return IntakeSource.objects.create(**(values | given))


def said(number="GD-1", **more) -> dict:
    """A message that makes a case of the tilted cover in the grid."""
    return {
        "单号": number,
        "event": {"title": "井盖倾斜", "text": "人行道上", "kind": "A01"},
        "place": {"address": "中山路1号", "lng": 112.905, "lat": "28.205"},
        "caller": "13800001234",
    } | more


def key_of(source) -> str:
    return key_issue(source, actor=User.objects.system("test"))[1]


def post(body, key=None, code="municipal-app", **options):
    """POST a body (text as it is, anything else as JSON) with a key."""
    headers = {"Authorization": f"Source {key}"} if key is not None else {}
    data = body if isinstance(body, str | bytes) else json.dumps(body)
    return client_of().post(
        f"/api/v1/intake/{code}/", data, content_type=options.pop("content_type", "application/json"), headers=headers
    )
