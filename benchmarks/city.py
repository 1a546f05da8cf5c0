"""What a measurement needs in its database: the fictional city, staff with sessions, devices behind one gateway key.

Import it after ``Instance.adopt`` and ``django.setup``.
"""

from collections import defaultdict

from django.conf import settings
from django.db.models import Max
from django.test import Client

from cases.models import Case
from devices.keys import key_issue
from devices.models import Device, Gateway
from governance.config.preparation import demo_fixtures
from governance.config.preparation import load as load_fixtures
from governance.models import Appointment, Event, Role, User

key = ""


def load() -> None:
    """Load the fictional city and make the gateway that all devices of the measurement report through."""
    global key
    load_fixtures(demo_fixtures())
    model = Device.objects.filter(code__startswith="MC-", state="in_service").order_by("code").first()
    gateway = Gateway.objects.create(code="BENCH", name="bench", area=model.area)
    _row, key = key_issue(gateway, actor=User.objects.system("devices"))


def make_staff(count: int) -> list[str]:
    """Make people of the operations centre who see the whole city; return the Cookie header of each one's session."""
    model = Appointment.objects.filter(role=Role.OPERATIONS_CENTRE).select_related("unit", "area").first()
    cookies = []
    for number in range(count):
        user = User.objects.create_user(f"bench{number}", name=f"bench {number}", is_staff=True)
        Appointment.objects.create(user=user, unit=model.unit, role=model.role, area=model.area)
        client = Client()
        client.force_login(user, backend="governance.permissions.PersonBackend")
        cookies.append(f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}")
    return cookies


def make_devices(prefix: str, count: int) -> list[str]:
    """Make manhole covers like the city's own; return their codes."""
    models = list(Device.objects.filter(code__startswith="MC-", state="in_service").order_by("code"))
    gateway = Gateway.objects.get(code="BENCH")
    devices = []
    for number in range(count):
        like = models[number % len(models)]
        devices.append(
            Device(
                code=f"{prefix}-{number:05}",
                name=like.name,
                profile_id=like.profile_id,
                area_id=like.area_id,
                address=like.address,
                longitude=like.longitude,
                latitude=like.latitude,
                unit_id=like.unit_id,
                gateway=gateway,
            )  # fmt: skip
        )
    Device.objects.bulk_create(devices)
    return [device.code for device in devices]


def newest_event() -> int:
    """Return the id of the newest event."""
    return Event.objects.aggregate(newest=Max("id"))["newest"] or 0


def some_case() -> int:
    """Return the id of a case."""
    return Case.objects.values_list("pk", flat=True).first()


def events_since(mark: int) -> tuple[set[int], dict[str, list[int]]]:
    """Return the ids of all events after ``mark`` about cases and alarms, and those of each device's alarm."""
    devices = {pk: origin.get("device") for pk, origin in Case.objects.values_list("pk", "origin")}
    expected, of_device = set(), defaultdict(list)
    rows = Event.objects.filter(pk__gt=mark, subject_type__in=["cases.case", "devices.alarm"])
    for pk, subject_type, subject_id, payload in rows.values_list("pk", "subject_type", "subject_id", "payload"):
        expected.add(pk)
        code = devices.get(subject_id) if subject_type == "cases.case" else payload.get("device")
        if "bench" not in payload:
            of_device[code].append(pk)
    return expected, of_device
