"""Three devices and a gateway for the tests, standing in the small city of the root conftest."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from conftest import City
from devices.ingest import readings_ingest
from devices.keys import Credential, key_issue
from devices.models import Device, DeviceProfile, Gateway, ProfileMetric, ProfileStatus
from devices.parcels import IngestResult
from governance.models import User

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    """Return NOW plus some minutes."""
    return NOW + timedelta(minutes=minutes)


@dataclass
class Fleet:
    """``cover`` and ``bin`` stand in the first street behind ``gateway``, ``far`` in the other street.

    All belong to the municipal unit. A cover knows tilted (tilt 15/10) and missing; a bin full (fill 0.8/0.6) and
    battery_low (20/25, which opens no case).
    """

    city: City
    cover_profile: DeviceProfile
    gateway: Gateway
    cover: Device
    bin: Device
    far: Device

    def ingest(self, *messages, owner=None, received_at=NOW) -> IngestResult:
        """Send messages as the gateway, or as ``owner``."""
        return readings_ingest(credential=credential(owner or self.gateway), messages=messages, received_at=received_at)


def message(minutes: float = 0, device: str = "MC-001", **said) -> dict:
    """Return a message measured ``minutes`` after NOW."""
    return {"device": device, "at": at(minutes).isoformat()} | said


def credential(owner: Device | Gateway) -> Credential:
    """Return what a device or gateway is recognised as."""
    part = "device_id" if isinstance(owner, Device) else "gateway_id"
    return Credential(0, **{part: owner.pk})


def key_of(owner: Device | Gateway) -> str:
    """Return the secret of a new key."""
    return key_issue(owner, actor=User.objects.system("test"))[1]


def build_fleet(city: City) -> Fleet:
    """Make the fleet in the current database."""
    cover = DeviceProfile.objects.create(
        code="manhole_cover", name="智能井盖", reporting_interval=300, category=city.category
    )
    for code, label, standard in [("tilted", "井盖倾斜", city.standard), ("missing", "井盖缺失", city.roleless)]:
        ProfileStatus.objects.create(profile=cover, code=code, label=label, severity="high", standard=standard)
    ProfileMetric.objects.create(
        profile=cover, metric="tilt", label="倾角", unit="°", high=15, clear=10, alarm="tilted"
    )
    waste = DeviceProfile.objects.create(code="trash_bin", name="垃圾桶", category=city.category)
    ProfileStatus.objects.create(profile=waste, code="full", label="垃圾满溢", severity="medium")
    ProfileStatus.objects.create(profile=waste, code="battery_low", label="电量低", severity="low", opens_case=False)
    ProfileMetric.objects.create(profile=waste, metric="fill", label="满溢度", high=0.8, clear=0.6, alarm="full")
    ProfileMetric.objects.create(
        profile=waste, metric="battery", label="电量", unit="%", low=20, clear=25, alarm="battery_low"
    )
    gateway = Gateway.objects.create(code="GW-1", name="东街网关", area=city.grid)

    def device(code, profile, area, point, **more):
        return Device.objects.create(
            code=code, name=f"{profile.name}{code[-3:]}", profile=profile, area=area, longitude=point[0],
            latitude=point[1], unit=city.municipal, address="中山路100号", **more,
        )  # fmt: skip

    return Fleet(
        city,
        cover,
        gateway,
        device("MC-001", cover, city.grid, city.point, gateway=gateway),
        device("TB-001", waste, city.grid, city.point, gateway=gateway),
        device("MC-900", cover, city.other_grid, city.other_point),
    )
