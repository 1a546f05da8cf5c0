"""The entities of SensorThings: which rows of ours they are, how they read, what leads from one to the other.

A Thing is a device; its place is a Location and the FeatureOfInterest of what it observes. A Datastream is a metric of
a device, or its status word. A Sensor is a version of a device profile. An Observation is a reading.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db.models import CharField, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat
from django.utils.translation import gettext as _

from devices.keys import Credential
from devices.messages import STATUS
from devices.models import Datastream, Device, DeviceProfile, ObservedProperty, ProfileMetric, Quality, Reading
from devices.models.datastream import PROPERTIES

OM = "http://www.opengis.net/def/observationType/OGC-OM/2.0/"
GEOJSON = "application/geo+json"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Link:
    """A navigation property: to ``target``, one or many. Rows belong together where ``here`` (names of attributes of
    the row) equals ``there`` (look-ups of the target). ``path`` leads there in filters, where it can."""

    target: str
    many: bool
    here: tuple[str, ...]
    there: tuple[str, ...]
    path: str | None = None


@dataclass(frozen=True)
class Entity:
    """``rows(devices)``: those of these devices; ``content(row)``: its JSON without links; ``fields``: what may be
    filtered and ordered by, as a look-up; ``key``: the order of the rows that needs no sorting."""

    name: str
    rows: Callable[[QuerySet], QuerySet]
    content: Callable[[object], dict]
    links: dict[str, Link]
    fields: dict[str, str]
    identity: Callable[[object], int | str] = lambda row: row.pk
    key: tuple[str, ...] = field(default=("pk",))


def devices_of(user) -> QuerySet:
    """Return the devices a person sees, or those the key of a device or gateway is for."""
    rows = Device.objects.filter(**user.covers()) if isinstance(user, Credential) else Device.objects.visible_to(user)
    return rows.order_by()


def micros(moment: datetime) -> int:
    """Return a time as microseconds since 1970."""
    return (moment - EPOCH) // MICROSECOND


def time_of(number: int) -> datetime:
    """Return the time of so many microseconds since 1970. Raises OverflowError."""
    return EPOCH + number * MICROSECOND


def told(moment: datetime | None) -> str | None:
    """Return a time as it stands in the JSON."""
    return moment and moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def observation_id(reading: Reading) -> str:
    """Return the stable name of a reading: a text, for no whole number that programs can hold has room for it."""
    return f"{reading.device_id}-{reading.metric}-{micros(reading.at)}"


def _point(device: Device) -> dict:
    return {"type": "Point", "coordinates": [device.longitude, device.latitude]}


def _thing(device: Device) -> dict:
    return {
        "name": device.name,
        "description": f"{device.profile.name} {device.address}".strip(),
        "properties": {
            "code": device.code, "profile": device.profile.code, "area": device.area.code, "unit": device.unit.code,
            "state": device.state, "status": device.status, "lastSeen": told(device.last_seen_at),
        },
    }  # fmt: skip


def _location(device: Device) -> dict:
    name = device.address or device.name
    return {"name": name, "description": device.area.name, "encodingType": GEOJSON, "location": _point(device)}


def _feature(device: Device) -> dict:
    name = device.address or device.name
    return {"name": name, "description": device.area.name, "encodingType": GEOJSON, "feature": _point(device)}


def _sensor(profile: DeviceProfile) -> dict:
    return {
        "name": profile.name,
        "description": _("Device profile, version %(version)s") % {"version": profile.version},
        "encodingType": "application/json",
        "metadata": f"/api/v1/device-profiles/{profile.code}/?version={profile.version}",
        "properties": {"code": profile.code, "version": profile.version, "interval": profile.reporting_interval},
    }


def _property(row: ObservedProperty) -> dict:
    return {
        "name": row.title,
        "definition": f"urn:jiceng:metric:{row.word}",
        "description": row.title,
        "properties": {"metric": row.word},
    }


def _datastream(row: Datastream) -> dict:
    metric = row.profile_metric
    unit = metric.unit if metric else ""
    return {
        "name": row.title,
        "description": row.title,
        "observationType": OM + ("OM_Measurement" if metric else "OM_CategoryObservation"),
        "unitOfMeasurement": {"name": unit or None, "symbol": unit or None, "definition": None},
        "properties": {"metric": row.metric},
    }


def _observation(row: Reading) -> dict:
    shown = {
        "phenomenonTime": told(row.at),
        "resultTime": told(row.received_at),
        "result": row.text if row.metric == STATUS else row.value,
    }
    return shown | ({"resultQuality": str(Quality.BAD)} if row.quality else {})


def _datastreams(devices: QuerySet) -> QuerySet:
    label = Coalesce("profile_metric__label", Value(STATUS), output_field=CharField())
    title = Concat("device__name", Value(" "), label, output_field=CharField())
    return Datastream.objects.filter(device__in=devices).select_related("device", "profile_metric").annotate(
        title=title
    ).alias(property_title=_property_title("metric"))  # fmt: skip


def _property_title(word: str) -> Coalesce:
    """Return what an observed property is called: as the profiles in force call the metric, else its ``word``."""
    label = ProfileMetric.objects.filter(metric=OuterRef(word), profile__state="in_force").order_by("pk")
    return Coalesce(Subquery(label.values("label")[:1]), F(word), output_field=CharField())


def _properties(devices: QuerySet) -> QuerySet:
    seen = Datastream.objects.filter(device__in=devices).values("observed_property_id")
    return ObservedProperty.objects.filter(pk__in=seen).annotate(title=_property_title("word"))


def _places(devices: QuerySet) -> QuerySet:
    return devices.select_related("profile", "area", "unit").defer("area__boundary")


OF_DEVICE = {"id": "pk", "name": "name"}
ENTITIES = {
    entity.name: entity
    for entity in (
        Entity(
            "Things", _places, _thing,
            {
                "Locations": Link("Locations", True, ("pk",), ("pk",), ""),
                "Datastreams": Link("Datastreams", True, ("pk",), ("device_id",)),
            },
            OF_DEVICE | {
                "properties/code": "code", "properties/profile": "profile__code", "properties/area": "area__code",
                "properties/unit": "unit__code", "properties/state": "state", "properties/status": "status",
                "properties/lastSeen": "last_seen_at",
            },
        ),
        Entity("Locations", _places, _location, {"Things": Link("Things", True, ("pk",), ("pk",), "")},
               {"id": "pk", "name": "address"}),
        Entity(
            "Sensors", lambda devices: DeviceProfile.objects.filter(pk__in=devices.values("profile_id")), _sensor,
            {"Datastreams": Link("Datastreams", True, ("pk",), ("device__profile_id",))},
            {"id": "pk", "name": "name", "properties/code": "code", "properties/version": "version"},
        ),
        Entity(
            "ObservedProperties", _properties, _property,
            {"Datastreams": Link("Datastreams", True, ("pk",), ("observed_property_id",))},
            {"id": "pk", "name": "title", "properties/metric": "word"},
        ),
        Entity(
            "Datastreams", _datastreams, _datastream,
            {
                "Thing": Link("Things", False, ("device_id",), ("pk",), "device"),
                "Sensor": Link("Sensors", False, ("device.profile_id",), ("pk",), "device__profile"),
                "ObservedProperty": Link("ObservedProperties", False, ("observed_property_id",), ("pk",)),
                "Observations": Link("Observations", True, ("device_id", "metric"), ("device_id", "metric")),
            },
            {
                "id": "pk", "name": "title", "properties/metric": "metric",
                "ObservedProperty/id": "observed_property_id", "ObservedProperty/name": "property_title",
                "ObservedProperty/properties/metric": "metric", "unitOfMeasurement/symbol": "profile_metric__unit",
            },
            key=("device_id", "observed_property_id"),
        ),
        Entity(
            "Observations", lambda devices: Reading.objects.filter(device__in=devices), _observation,
            {
                "Datastream": Link("Datastreams", False, ("device_id", "metric"), ("device_id", "metric")),
                "FeatureOfInterest": Link("FeaturesOfInterest", False, ("device_id",), ("pk",), "device"),
            },
            {
                "phenomenonTime": "at", "resultTime": "received_at", "result": "value", "resultQuality": "quality",
                "Datastream/Thing": "device", "Datastream/properties/metric": "metric",
                "Datastream/ObservedProperty/properties/metric": "metric",
            },
            identity=observation_id, key=("device_id", "metric", "at"),
        ),
        Entity(
            "FeaturesOfInterest", _places, _feature,
            {"Observations": Link("Observations", True, ("pk",), ("device_id",))},
            {"id": "pk", "name": "address"},
        ),
    )
}  # fmt: skip


def by_id(entity: Entity, rows: QuerySet, written: str):
    """Return the row of an id as it stands in an address, or None."""
    if entity.name == "Observations":
        return rows.filter(**_reading_key(written)).first()
    number = int(written) if written.isdecimal() and len(written) < 19 else 0
    if entity.name == "Datastreams":
        # By its two parts: the view would be computed whole to find the sum.
        rows = rows.filter(device_id=number // PROPERTIES, observed_property_id=number % PROPERTIES)
        return rows.first()
    return rows.filter(pk=number).first()


def _reading_key(written: str) -> dict:
    device, _dash, rest = written.strip("'").partition("-")
    metric, _dash, moment = rest.rpartition("-")
    nothing = {"device_id": None}
    if not (device.isdecimal() and moment.isdecimal() and len(device) < 19):
        return nothing
    try:
        return {"device_id": int(device), "metric": metric, "at": time_of(int(moment))}
    except OverflowError:
        return nothing


def parts(row, names: tuple[str, ...]) -> tuple:
    """Return attributes of a row by their names; a dot goes one row further."""
    found = []
    for name in names:
        value = row
        for step in name.split("."):
            value = getattr(value, step)
        found.append(value)
    return tuple(found)
